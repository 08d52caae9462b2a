// Figures drawn by gnuplot, which is looked for when the report is made: panels of curves or bars become a script, one
// run of gnuplot turns it into SVG and PNG files. The script stays beside the figures, so that they can be restyled.
//
// Colours: the palette of Okabe and Ito (2008) without black and yellow, told apart by all common kinds of colour
// vision, and two that are darker than all of them; line dashes and markers tell the same curves apart in black and
// white.
#ifndef LB_REPORT_GNUPLOT_H_
#define LB_REPORT_GNUPLOT_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"

// The neutral colours, as the SVG files spell them for lines and for text.
#define LB_GNUPLOT_INK "rgb( 28,  31,  35)"
#define LB_GNUPLOT_INK_TEXT "rgb(28,31,35)"
#define LB_GNUPLOT_SOFT "rgb( 91,  98, 107)"
#define LB_GNUPLOT_SOFT_TEXT "rgb(91,98,107)"
#define LB_GNUPLOT_GRID "rgb(230, 232, 234)"

enum { LB_PALETTE = 8, LB_COLOR_INK = -1, LB_COLOR_SOFT = -2, LB_DASHES = 3, LB_MARKS = 6 };

typedef enum lb_series_kind {
  LB_SERIES_LINE,     // a line with markers and a shaded interval
  LB_SERIES_THIN,     // a thin dashed line without markers, interval or legend
  LB_SERIES_MARKERS,  // open markers with error bars
  LB_SERIES_FLAT,     // a horizontal line at y[0] with its interval, over the whole width
} lb_series_kind;

typedef struct lb_series {
  lb_series_kind kind;
  const char* label;
  int color;  // 0..LB_PALETTE-1, LB_COLOR_INK, LB_COLOR_SOFT
  int dash;   // 0 solid, 1 dashed, 2 dash-dotted; of a horizontal line finer ones
  int mark;   // 0..LB_MARKS-1
  bool bare;  // a line without markers
  int n;
  const double* x;
  const double* y;    // NaN: a gap
  const double* low;  // NULL or NaN: no interval
  const double* high;
  const int* iteration;  // of each point, for notes; NULL for MARKERS
} lb_series;

typedef struct lb_panel {
  const char* title;  // what is drawn upwards, printed above the panel
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

// Points above or below a panel stand as small triangles on its edge. Lines that lie on top of each other all show: the
// lower ones are wider and their markers take turns.

// Appends the commands that draw one panel, with its legend at its right, as <name>.svg and <name>.png.
void lb_gnuplot_single(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panel);

// The same for several panels side by side, four a row, lettered, with one legend below for all of them.
void lb_gnuplot_overview(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panels, int n);

// Writes the script to <folder>/plots.gp and runs `program` (usually "gnuplot", searched in PATH) on it there. *found
// is false, and nothing is drawn, when there is no such program; that gnuplot reports an error is LB_IO with its words.
lb_status lb_gnuplot_run(bool* found, const char* program, const char* folder, const lb_text* script);

#endif  // LB_REPORT_GNUPLOT_H_
