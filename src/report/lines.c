// Lines, bands and markers: see lines.h.
#include "report/lines.h"

#include <math.h>

#include "report/frame.h"

static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static bool has_interval(const lb_series* s, int i) {
  return s->low && s->high && isfinite(s->low[i]) && isfinite(s->high[i]);
}

// Whether a point can be drawn at all.
static bool is_drawable(const lb_panel* p, const lb_series* s, int i) {
  return isfinite(s->x[i]) && isfinite(s->y[i]) && !(p->log_y && s->y[i] <= 0) && !(p->log_x && s->x[i] <= 0);
}

// 1 above the panel, -1 below, 0 within.
static int side_of(const lb_panel* p, double y) {
  return y > p->y_high ? 1 : y < p->y_low ? -1 : 0;
}

// Whether a point lies so far outside that a line to it would be a vertical stroke: the line breaks there, and a small
// triangle on the edge stands for the point.
static bool is_far(const lb_panel* p, double y) {
  enum { HEIGHTS = 3 };
  if (p->log_y) return y > p->y_high * pow(p->y_high / p->y_low, HEIGHTS);
  return y > p->y_high + HEIGHTS * (p->y_high - p->y_low) || y < p->y_low - HEIGHTS * (p->y_high - p->y_low);
}

// The data of one series: x y low high, a blank line at a gap. Intervals are cut at a little more than the panel, so
// that no terminal has to draw to 1e7 where 56 is the edge.
static void add_curve_data(lb_text* script, const lb_panel* p, const lb_series* s, int panel, int number) {
  double room = p->log_y ? 0 : p->y_high - p->y_low;
  double least = p->log_y ? p->y_low / 2 : p->y_low - room, most = p->log_y ? 2 * p->y_high : p->y_high + room;
  lb_text_add(script, "$d%d_%d << EOD\n", panel, number);
  bool gap = false, any = false;
  for (int i = 0; i < s->n; i++) {
    if (!is_drawable(p, s, i) || is_far(p, s->y[i])) {
      gap = any;
      continue;
    }
    if (gap) lb_text_add(script, "\n");
    gap = false;
    any = true;
    bool interval = has_interval(s, i);
    lb_text_add(script, "%.10g %.10g %.10g %.10g\n", s->x[i], s->y[i],
                clamp(interval ? s->low[i] : s->y[i], least, most),
                clamp(interval ? s->high[i] : s->y[i], least, most));
  }
  lb_text_add(script, "EOD\n");
}

// A height inside the panel, as a share of it from the bottom.
static double height_in(const lb_panel* p, double share) {
  return p->log_y ? p->y_low * pow(p->y_high / p->y_low, share) : p->y_low + share * (p->y_high - p->y_low);
}

// On which edge a triangle stands for a point, 0: on none. Where all begin far off the note says so.
static int edge_side(const lb_panel* p, const lb_series* s, int i) {
  bool start = s->iteration && s->iteration[i] == 0;
  return s->kind == LB_SERIES_LINE && !start && is_drawable(p, s, i) ? side_of(p, s->y[i]) : 0;
}

// Points outside the panel, moved to its edge; those of later series a little further inside.
static void add_edge_data(lb_text* script, const lb_panel* p, const lb_series* s, int panel, int number) {
  int n = 0, rank = number % 6;
  for (int i = 0; i < s->n; i++) {
    int side = edge_side(p, s, i);
    if (side == 0) continue;
    if (n++ == 0) lb_text_add(script, "$e%d_%d << EOD\n", panel, number);
    double inside = 0.02 + 0.03 * rank;
    lb_text_add(script, "%.10g %.10g %d\n", s->x[i], height_in(p, side > 0 ? 1 - inside : inside), side > 0 ? 9 : 11);
  }
  if (n > 0) lb_text_add(script, "EOD\n");
}

void lb_lines_data(lb_text* script, const lb_panel* p, int panel) {
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind == LB_SERIES_FLAT) continue;
    add_curve_data(script, p, &p->series[i], panel, i);
    add_edge_data(script, p, &p->series[i], panel, i);
  }
}

static int drawn_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n; i++) n += is_drawable(p, s, i) && !is_far(p, s->y[i]);
  return n;
}

static int edge_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n; i++) n += edge_side(p, s, i) != 0;
  return n;
}

void lb_lines_flat(lb_text* script, const lb_panel* p, const lb_series* s) {
  double y = s->n > 0 ? s->y[0] : NAN;
  if (!(y >= p->y_low && y <= p->y_high)) return;
  const char* color = lb_frame_color(s->color);
  if (has_interval(s, 0)) {
    lb_text_add(script,
                "set object rect from graph 0, first %.17g to graph 1, first %.17g behind fs transparent solid 0.15 "
                "noborder fc rgb '%s'\n",
                clamp(s->low[0], p->y_low, p->y_high), clamp(s->high[0], p->y_low, p->y_high), color);
  }
  lb_text_add(script,
              "set arrow from graph 0, first %.17g to graph 1, first %.17g nohead lw 1.4 dt (5,3) lc rgb '%s'\n", y, y,
              color);
}

// Whether two lines lie on top of each other wherever both are in the panel.
static bool coincide(const lb_panel* p, const lb_series* a, const lb_series* b) {
  if (a->kind != LB_SERIES_LINE || b->kind != LB_SERIES_LINE || a->n != b->n) return false;
  int both = 0;
  for (int i = 0; i < a->n; i++) {
    if (!is_drawable(p, a, i) || !is_drawable(p, b, i) || side_of(p, a->y[i]) || side_of(p, b->y[i])) continue;
    double apart = p->log_y ? fabs(log(a->y[i] / b->y[i])) / log(p->y_high / p->y_low)
                            : fabs(a->y[i] - b->y[i]) / (p->y_high - p->y_low);
    if (apart > 0.02 || fabs(a->x[i] - b->x[i]) > 0.02 * (p->x_high - p->x_low)) return false;
    both++;
  }
  return both > 0;
}

// How a line stands among those that it coincides with: lower lines are wider, so that all of them show, and their
// markers take turns.
static void place_among(const lb_panel* p, int number, int* rank, int* crowd) {
  *rank = 0;
  *crowd = 1;
  for (int i = 0; i < p->n; i++) {
    if (i == number || !coincide(p, &p->series[i], &p->series[number])) continue;
    *crowd += 1;
    *rank += i < number;
  }
}

static void add_line(lb_text* script, const lb_panel* p, int panel, int number) {
  const lb_series* s = &p->series[number];
  int rank, crowd, points = drawn_points(p, s);
  place_among(p, number, &rank, &crowd);
  int above = crowd - 1 - rank, stride = points / 26 + 1;
  if (p->log_x && points > 60) stride = points / 9 + 1;  // they crowd at the right
  if (crowd > 1 && points >= 2 * crowd) stride *= crowd < 5 ? crowd : 5;
  const char* color = lb_frame_color(s->color);
  lb_text_add(script, "$d%d_%d using 1:2 with lines lw %.1f dt %s lc rgb '%s'", panel, number,
              2 + 1.6 * (above < 4 ? above : 4), lb_frame_dashes[s->dash], color);
  if (s->bare) return;
  lb_text_add(script, ", \\\n     ");
  lb_text_add(script, "$d%d_%d every %d::%d using 1:2 with points pt %d ps 0.6 lc rgb '%s'", panel, number, stride,
              stride > 1 ? rank % stride : 0, lb_frame_mark(s), color);
}

static void add_edge_marks(lb_text* script, const lb_panel* p, bool* any, int panel) {
  for (int i = 0; i < p->n; i++) {
    const lb_series* s = &p->series[i];
    if (edge_points(p, s) == 0) continue;
    lb_text_add(script, "%s$e%d_%d using 1:2:3 with points pt variable ps 0.5 lc rgb '%s'",
                *any ? ", \\\n     " : "plot ", panel, i, lb_frame_color(s->color));
    *any = true;
  }
}

// Fainter where many lie on top of each other.
static double band_opacity(const lb_panel* p, int lines) {
  return lines <= 2 ? 0.17 : lines <= 4 ? 0.12 : p->counts ? 0.14 : 0.08;
}

void lb_lines_plot(lb_text* script, const lb_panel* p, int panel) {
  bool any = false;
  int lines = 0;
  for (int i = 0; i < p->n; i++) lines += p->series[i].kind == LB_SERIES_LINE;
  for (int pass = 0; pass < 2; pass++) {  // all bands lie behind all lines
    for (int i = 0; i < p->n; i++) {
      const lb_series* s = &p->series[i];
      int points = drawn_points(p, s);
      if (s->kind == LB_SERIES_FLAT || points == 0) continue;
      if (pass == 0 && (s->kind != LB_SERIES_LINE || points < 2)) continue;
      lb_text_add(script, "%s", any ? ", \\\n     " : "plot ");
      any = true;
      if (pass == 0) {
        lb_text_add(script, "$d%d_%d using 1:3:4 with filledcurves fs transparent solid %.2f noborder lc rgb '%s'",
                    panel, i, band_opacity(p, lines), lb_frame_color(s->color));
      } else if (s->kind == LB_SERIES_LINE) {
        add_line(script, p, panel, i);
      } else if (s->kind == LB_SERIES_THIN) {
        lb_text_add(script, "$d%d_%d using 1:2 with lines lw 1.2 dt (2,3) lc rgb '%s'", panel, i,
                    lb_frame_color(s->color));
      } else {
        lb_text_add(script, "$d%d_%d using 1:2:3:4 with yerrorbars lw 1 pt %d ps 0.7 lc rgb '%s'", panel, i,
                    lb_frame_mark(s), lb_frame_color(s->color));
      }
    }
  }
  add_edge_marks(script, p, &any, panel);
  lb_text_add(script, any ? "\n" : "plot NaN\n");
}
