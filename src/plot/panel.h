// What a picture shows: panels of curves or of bars, with their colours, dashes and markers.
//
// Colours: the palette of Okabe and Ito (2008) without black and yellow, told apart by all common kinds of colour
// vision, and two that are darker than all of them; line dashes and markers tell the same curves apart in black and
// white.
#ifndef LB_PLOT_PANEL_H_
#define LB_PLOT_PANEL_H_

#include <stdbool.h>

// The neutral colours, as the SVG files spell them for lines and for text.
#define LB_GNUPLOT_INK "rgb( 28,  31,  35)"
#define LB_GNUPLOT_INK_TEXT "rgb(28,31,35)"
#define LB_GNUPLOT_SOFT "rgb( 91,  98, 107)"
#define LB_GNUPLOT_SOFT_TEXT "rgb(91,98,107)"
#define LB_GNUPLOT_GRID "rgb(230, 232, 234)"

enum { LB_PALETTE = 8, LB_COLOR_INK = -1, LB_COLOR_SOFT = -2, LB_DASHES = 4, LB_MARKS = 6 };

typedef enum lb_series_kind {
  LB_SERIES_LINE,     // a line with markers and a shaded interval
  LB_SERIES_THIN,     // a thin dashed line without markers, interval or legend
  LB_SERIES_MARKERS,  // open markers with error bars
  LB_SERIES_FLAT,     // a horizontal line at y[0] with its interval, over the whole width
} lb_series_kind;

// One seed of a curve.
typedef struct lb_seed_line {
  int n;
  const double* x;
  const double* y;
} lb_seed_line;

typedef struct lb_series {
  lb_series_kind kind;
  const char* label;
  int color;  // 0..LB_PALETTE-1, LB_COLOR_INK, LB_COLOR_SOFT
  int dash;   // 0 solid, 1 dashed, 2 dash-dotted, 3 with two dots; of a horizontal line finer ones
  int mark;   // 0..LB_MARKS-1
  bool bare;  // a line without markers
  int n;
  const double* x;
  const double* y;    // NaN: a gap
  const double* low;  // NULL or NaN: no interval
  const double* high;
  const int* iteration;       // of each point, for notes; NULL for MARKERS
  const int* seeds;           // of each point, how many it is the mean of; NULL: not said
  const lb_seed_line* lines;  // [n_lines] the seeds one by one, which only pages draw
  int n_lines;
} lb_series;

typedef struct lb_panel {
  const char* title;  // what is drawn upwards, printed above the panel
  const char* axis;   // a short name of the x axis, equal in panels that a page switches together; NULL: none
  const char* x_label;
  const char* note;  // small, below the title
  bool log_x, log_y;
  bool counts;  // the x axis counts things: ticks are 50k and 1M, not 0.5e5 and 10^6; bands are darker
  double x_low, x_high, y_low, y_high;
  const double* x_ticks;  // [n_x_ticks] where the x axis has its ticks; n_x_ticks = 0: where it is usual
  int n_x_ticks;
  lb_series* series;
  int n;
  // A panel of stacked horizontal bars instead, when bars > 0.
  int bars, parts;
  const char** bar_labels;   // [bars]
  const char** part_labels;  // [parts], at most 4
  const double* values;      // [bars][parts], NaN counts as 0
  const char** bar_notes;    // [bars], printed at a bar's end
} lb_panel;

#endif  // LB_PLOT_PANEL_H_
