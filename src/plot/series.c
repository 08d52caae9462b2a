// Lines, bands and markers: see series.h.
#include "plot/series.h"

#include <math.h>

#include "base/sort.h"
#include "plot/frame.h"

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

// Whether a curve passes through the point: one at iteration 0 outside of the panel is left to the panel's note, a line
// to it would be a stroke through all that is no data.
static bool passes(const lb_panel* p, const lb_series* s, int i) {
  bool start = s->iteration && s->iteration[i] == 0 && side_of(p, s->y[i]) != 0;
  return is_drawable(p, s, i) && !is_far(p, s->y[i]) && !start;
}

// The data of one series, x y low high, a blank line at a gap.
static void add_curve_data(lb_text* script, const lb_panel* p, const lb_series* s, int panel, int number) {
  lb_text_add(script, "$d%d_%d << EOD\n", panel, number);
  bool gap = false, any = false;
  for (int i = 0; i < s->n; i++) {
    if (!passes(p, s, i)) {
      gap = any;
      continue;
    }
    if (gap) lb_text_add(script, "\n");
    gap = false;
    any = true;
    bool interval = has_interval(s, i);
    lb_text_add(script, "%.10g %.10g %.10g %.10g\n", s->x[i], s->y[i], interval ? s->low[i] : s->y[i],
                interval ? s->high[i] : s->y[i]);
  }
  lb_text_add(script, "EOD\n");
}

// A value as a length along its axis, and back.
static double length_of(bool log_axis, double value) {
  return log_axis ? log(fmax(value, 1e-300)) : value;
}
static double value_of(bool log_axis, double length) {
  return log_axis ? exp(length) : length;
}

// Where the edge of a band from y[0] to y[1] crosses the bottom and the top of the panel, as shares of the way.
static int add_crossings(double* at, int n, const lb_panel* p, double y0, double y1) {
  double edges[2] = {length_of(p->log_y, p->y_low), length_of(p->log_y, p->y_high)};
  double from = length_of(p->log_y, y0), to = length_of(p->log_y, y1);
  for (int k = 0; k < 2; k++) {
    if ((from < edges[k]) != (to < edges[k])) at[n++] = (edges[k] - from) / (to - from);
  }
  return n;
}

static void add_band_point(lb_text* script, const lb_panel* p, double x, double low, double high) {
  lb_text_add(script, "%.10g %.10g %.10g\n", x, clamp(low, p->y_low, p->y_high), clamp(high, p->y_low, p->y_high));
}

// The points of a band between points i and i + 1 at which one of its edges leaves the panel.
static void add_band_crossings(lb_text* script, const lb_panel* p, const lb_series* s, int i) {
  double at[4];
  int n = add_crossings(at, add_crossings(at, 0, p, s->low[i], s->low[i + 1]), p, s->high[i], s->high[i + 1]);
  lb_sort(at, n);
  const double* const ends[3] = {&s->x[i], &s->low[i], &s->high[i]};
  for (int k = 0; k < n; k++) {
    double v[3];
    for (int c = 0; c < 3; c++) {
      bool log_axis = c == 0 ? p->log_x : p->log_y;
      double from = length_of(log_axis, ends[c][0]), to = length_of(log_axis, ends[c][1]);
      v[c] = value_of(log_axis, from + at[k] * (to - from));
    }
    add_band_point(script, p, v[0], v[1], v[2]);
  }
}

// The band of one series, x low high, cut exactly at the edges of the panel (gnuplot 5.4 fills beyond a band whose
// first point lies above the panel); a blank line where the curve or its interval has a gap.
static void add_band_data(lb_text* script, const lb_panel* p, const lb_series* s, int panel, int number) {
  lb_text_add(script, "$b%d_%d << EOD\n", panel, number);
  bool before = false, any = false;
  for (int i = 0; i < s->n; i++) {
    bool here = passes(p, s, i) && has_interval(s, i);
    if (here && before) add_band_crossings(script, p, s, i - 1);
    if (here && !before && any) lb_text_add(script, "\n");
    if (here) add_band_point(script, p, s->x[i], s->low[i], s->high[i]);
    any = any || here;
    before = here;
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

void lb_series_data(lb_text* script, const lb_panel* p, int panel) {
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind == LB_SERIES_FLAT) continue;
    add_curve_data(script, p, &p->series[i], panel, i);
    if (p->series[i].kind == LB_SERIES_LINE) add_band_data(script, p, &p->series[i], panel, i);
    add_edge_data(script, p, &p->series[i], panel, i);
  }
}

// How many points of a curve are drawn.
static int drawn_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n; i++) n += passes(p, s, i);
  return n;
}

// How many points a band has; one alone has no width.
static int band_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n && s->kind == LB_SERIES_LINE; i++) n += passes(p, s, i) && has_interval(s, i);
  return n;
}

// How many triangles on the edges stand for points of a curve.
static int edge_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n; i++) n += edge_side(p, s, i) != 0;
  return n;
}

void lb_series_flat(lb_text* script, const lb_panel* p, const lb_series* s) {
  double y = s->n > 0 ? s->y[0] : NAN;
  if (!(y >= p->y_low && y <= p->y_high)) return;
  const char* color = lb_frame_color(s->color);
  if (has_interval(s, 0)) {
    lb_text_add(script,
                "set object rect from graph 0, first %.17g to graph 1, first %.17g behind fs transparent solid 0.15 "
                "noborder fc rgb '%s'\n",
                clamp(s->low[0], p->y_low, p->y_high), clamp(s->high[0], p->y_low, p->y_high), color);
  }
  lb_text_add(script, "set arrow from graph 0, first %.17g to graph 1, first %.17g nohead lw 1.4 dt %s lc rgb '%s'\n",
              y, y, lb_frame_flat_dashes[s->dash], color);
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

// A curve, its markers so many points apart that they can be told.
static void add_line(lb_text* script, const lb_panel* p, int panel, int number) {
  const lb_series* s = &p->series[number];
  int rank, crowd, points = drawn_points(p, s);
  place_among(p, number, &rank, &crowd);
  int above = crowd - 1 - rank, stride = points / 26 + 1;
  if (p->log_x && points > 60) stride = points / 9 + 1;  // they crowd at the right
  if (crowd > 1 && points >= 2 * crowd) stride *= crowd < 5 ? crowd : 5;
  const char* color = lb_frame_color(s->color);
  // A lower one is half transparent, so that one of the same colour shows on it.
  lb_text_add(script, "$d%d_%d using 1:2 with lines lw %.1f dt %s lc rgb '#%s%s'", panel, number,
              2 + 1.6 * (above < 4 ? above : 4), lb_frame_dashes[s->dash], above > 0 ? "80" : "", color + 1);
  if (s->bare) return;
  lb_text_add(script, ", \\\n     ");
  lb_text_add(script, "$d%d_%d every %d::%d using 1:2 with points pt %d ps 0.6 lc rgb '%s'", panel, number, stride,
              stride > 1 ? rank % stride : 0, lb_frame_mark(s), color);
}

// The triangles of all curves.
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

void lb_series_plot(lb_text* script, const lb_panel* p, int panel) {
  bool any = false;
  int lines = 0;
  for (int i = 0; i < p->n; i++) lines += p->series[i].kind == LB_SERIES_LINE;
  for (int pass = 0; pass < 2; pass++) {  // all bands lie behind all lines
    for (int i = 0; i < p->n; i++) {
      const lb_series* s = &p->series[i];
      if (s->kind == LB_SERIES_FLAT || drawn_points(p, s) == 0) continue;
      if (pass == 0 && band_points(p, s) < 2) continue;
      lb_text_add(script, "%s", any ? ", \\\n     " : "plot ");
      any = true;
      if (pass == 0) {
        lb_text_add(script, "$b%d_%d using 1:2:3 with filledcurves fs transparent solid %.2f noborder lc rgb '%s'",
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
