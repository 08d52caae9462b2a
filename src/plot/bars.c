// Stacked bars: see bars.h.
#include "plot/bars.h"

#include <math.h>

#include "plot/frame.h"

static const char* const part_colors[4] = {"#c9ced4", "#3f4a55", "#8b96a1", "#e3e6e9"};

static void add_bars(lb_text* script, const lb_panel* p, const lb_frame* f) {
  lb_frame_begin(script, f);
  lb_frame_label(script, f, 14, f->top - 44, "left", LB_FRAME_FONT + 1, lb_frame_ink, p->title);
  lb_frame_label(script, f, 0.5 * (f->left + f->right), f->bottom + 42, "center", LB_FRAME_FONT, lb_frame_ink,
                 p->x_label);
  lb_frame_range(script, "x", p->x_low, p->x_high, false, 5, false);
  lb_text_add(script, "unset logscale y\nset yrange [%g:-0.5]\nset grid xtics noytics\nset ytics scale 0 (",
              p->bars - 0.5);
  for (int b = 0; b < p->bars; b++) lb_text_add(script, "%s'' %d", b ? ", " : "", b);
  lb_text_add(script, ")\n");
  double step = (f->bottom - f->top) / p->bars;
  double x = f->left;
  for (int k = 0; k < p->parts; k++) {
    double sx = x / f->width, sy = 1 - (f->top - 16) / f->height, w = 12 / f->width, h = 6 / f->height;
    lb_text_add(script, "set object rect from screen %.6f,%.6f to screen %.6f,%.6f fs solid noborder fc rgb '%s'\n", sx,
                sy - h, sx + w, sy + h, part_colors[k]);
    lb_frame_label(script, f, x + 18, f->top - 16, "left", 12, lb_frame_ink, p->part_labels[k]);
    x += 34 + lb_frame_text_width(p->part_labels[k], 12);
  }
  for (int b = 0; b < p->bars; b++) {
    double from = 0;
    for (int k = 0; k < p->parts; k++) {
      double value = p->values[b * p->parts + k];
      if (!(value > 0)) continue;
      lb_text_add(script, "set object rect from first %.10g,%g to first %.10g,%g fs solid noborder fc rgb '%s'\n", from,
                  b - 0.32, from + value, b + 0.32, part_colors[k]);
      from += value;
    }
    double y = f->top + (b + 0.5) * step;
    lb_frame_label(script, f, f->left - 10, y, "right", 12, lb_frame_ink, p->bar_labels[b]);
    lb_frame_label(script, f, f->left + from / (p->x_high - p->x_low) * (f->right - f->left) + 6, y, "left",
                   LB_FRAME_SMALL, lb_frame_soft, p->bar_notes[b]);
  }
  lb_text_add(script, "plot NaN\n");
}

void lb_bars_draw(lb_text* script, const char* name, const lb_panel* p) {
  double longest = 0;
  for (int b = 0; b < p->bars; b++) longest = fmax(longest, lb_frame_text_width(p->bar_labels[b], 12));
  lb_frame f = {.width = 640, .height = 136 + 26.0 * p->bars, .left = 30 + longest, .right = 620, .top = 72};
  f.bottom = f.height - 60;
  for (int png = 0; png < 2; png++) {
    lb_frame_output(script, name, &f, png);
    add_bars(script, p, &f);
  }
  lb_text_add(script, "unset output\n");
}
