// What all pictures of gnuplot.c stand on: positions on a canvas, colours, labels, ticks, output files. All positions
// are pixels of the SVG, from the upper left corner; the PNG has twice as many of each (and 3/4 of twice the font size,
// which counts in points there).
#ifndef LB_PLOT_FRAME_H_
#define LB_PLOT_FRAME_H_

#include "base/text.h"
#include "plot/panel.h"
#include "plot/ticks.h"

enum { LB_FRAME_FONT = 13, LB_FRAME_SMALL = 11 };

extern const char lb_frame_ink[], lb_frame_soft[];
extern const char* const lb_frame_dashes[LB_DASHES];
extern const char* const lb_frame_flat_dashes[LB_DASHES];  // of horizontal lines

// The frame of a panel on a canvas, in pixels.
typedef struct lb_frame {
  double width, height;             // of the canvas
  double left, right, top, bottom;  // of the axes
} lb_frame;

const char* lb_frame_color(int color);
int lb_frame_mark(const lb_series* s);  // gnuplot's number of the marker of a series

// A single-quoted gnuplot string: nothing in it is interpreted.
void lb_frame_quote(lb_text* script, const char* text);
void lb_frame_label(lb_text* script, const lb_frame* f, double x, double y, const char* align, int size,
                    const char* color, const char* text);
// About how many pixels a text takes.
double lb_frame_text_width(const char* text, int size);
// Copies a text, cut with "..." to what fits into so many pixels of small print.
void lb_frame_shorten(char* out, size_t size, const char* text, double pixels);

// Range and ticks of an axis, "x" or "y".
void lb_frame_axis(lb_text* script, const char* axis, double low, double high, bool log, const lb_ticks* ticks);

// Resets everything and sets what all panels share.
void lb_frame_begin(lb_text* script, const lb_frame* f);
void lb_frame_output(lb_text* script, const char* name, const lb_frame* f, bool png);

#endif  // LB_PLOT_FRAME_H_
