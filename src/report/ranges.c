// Ranges of panels, and the words about what lies outside of them: see ranges.h.
#include "report/ranges.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "base/sort.h"

// Markers carry no iterations; their first point is taken for iteration 0.
static bool is_start(const lb_series* s, int i) {
  return s->n > 1 && (s->iteration ? s->iteration[i] == 0 : i == 0);
}

// Thin and horizontal lines take the room that there is.
static bool decides(const lb_series* s) {
  return s->kind == LB_SERIES_LINE || s->kind == LB_SERIES_MARKERS;
}

// The means of all lines after iteration 0, sorted; when there are none, those of iteration 0. Returns how many.
static int gather(lb_arena* arena, const lb_panel* p, double** out) {
  int most = 1, n = 0;
  for (int k = 0; k < p->n; k++) most += p->series[k].n;
  double* v = LB_TAKE(arena, double, most);
  for (int start = 0; start < 2 && n == 0; start++) {
    for (int k = 0; k < p->n; k++) {
      const lb_series* s = &p->series[k];
      for (int i = 0; decides(s) && i < s->n; i++) {
        if (isfinite(s->y[i]) && is_start(s, i) == start) v[n++] = s->y[i];
      }
    }
  }
  lb_sort(v, n);
  *out = v;
  return n;
}

bool lb_ranges_span(const lb_panel* p, double factor, bool ends_only) {
  double low = INFINITY, high = 0;
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    for (int i = ends_only && s->n ? s->n - 1 : 0; i < s->n && s->kind == LB_SERIES_LINE; i++) {
      if (is_start(s, i) || isnan(s->y[i])) continue;
      if (!(s->y[i] > 0)) return false;
      low = fmin(low, s->y[i]);
      high = fmax(high, s->y[i]);
    }
  }
  return high > factor * low;
}

// Intervals may widen a range by at most this share of it, on either side.
static void widen_for_intervals(const lb_panel* p, double* low, double* high) {
  double room = 0.5 * (*high - *low), least = *low - room, most = *high + room;
  double new_low = *low, new_high = *high;
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    for (int i = 0; s->low && i < s->n; i++) {
      bool shown = s->kind == LB_SERIES_LINE && s->y[i] >= *low && s->y[i] <= *high && !is_start(s, i);
      if (!shown || isnan(s->low[i])) continue;
      new_low = fmin(new_low, s->low[i]);
      new_high = fmax(new_high, s->high[i]);
    }
  }
  *low = fmax(new_low, least);
  *high = fmin(new_high, most);
}

// The expert and what imitates it are the measure of the other rows, however far above them: a return's panel shows
// all.
static void take_in_flat(const lb_panel* p, double* low, double* high) {
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    if (s->kind != LB_SERIES_FLAT || s->n == 0 || !isfinite(s->y[0])) continue;
    *low = fmin(*low, s->y[0]);
    *high = fmax(*high, s->y[0]);
  }
}

// The point that a line, thin ones too, ends with; -1 when it has none after its start.
static int end_of(const lb_series* s) {
  int last = s->n - 1;
  while (last >= 0 && !isfinite(s->y[last])) last--;
  return s->kind != LB_SERIES_FLAT && last >= 0 && !is_start(s, last) ? last : -1;
}

// What lines end with, which is what tables show, is in as far as that leaves the others a tenth of the height: the
// next one out, then the next.
static void take_in_ends(const lb_panel* p, double* low, double* high) {
  enum { FAR = 10 };
  for (bool more = true; more;) {
    double nearest = INFINITY, end = NAN;
    for (int k = 0; k < p->n; k++) {
      int last = end_of(&p->series[k]);
      double y = last >= 0 ? p->series[k].y[last] : NAN, out = fmax(y - *high, *low - y);
      if (!(out > 0) || out >= nearest) continue;
      nearest = out;
      end = y;
    }
    more = nearest < FAR * (*high - *low);
    if (!more) continue;
    *low = fmin(*low, end);
    *high = fmax(*high, end);
  }
}

static void fit_linear(lb_arena* arena, lb_panel* p, const lb_curve_spec* spec) {
  const double* focus = spec->focus;
  double* v;
  int n = gather(arena, p, &v);
  double center = focus && isfinite(*focus) ? *focus : n ? v[n / 2] : 0;
  double* away = LB_TAKE(arena, double, n + 1);
  for (int i = 0; i < n; i++) away[i] = fabs(v[i] - center);
  lb_sort(away, n);
  int surely = spec->whole || spec->zero ? 9 * n / 10 : n / 4;  // so many are near enough,
  double most = n ? 100 * away[n / 2] : 0;                      // unless they would squeeze the others to a hundredth
  while (surely > n / 4 && most > 0 && away[surely] > most) surely--;
  double reach = n ? away[surely] : 0;
  for (int i = surely; i < n && (away[i] <= 4 * reach || reach == 0) && away[i] <= fmax(most, reach); i++)
    reach = away[i];
  double low = focus && isfinite(*focus) ? center : INFINITY, high = focus && isfinite(*focus) ? center : -INFINITY;
  for (int i = 0; i < n; i++) {
    if (fabs(v[i] - center) > reach) continue;
    low = fmin(low, v[i]);
    high = fmax(high, v[i]);
  }
  if (spec->whole) take_in_flat(p, &low, &high);
  if (spec->zero) {
    low = fmin(low, 0);
    high = fmax(high, 0);
  }
  take_in_ends(p, &low, &high);
  if (!(low <= high)) low = high = center;
  if (high - low <= 1e-12 * fabs(high)) {
    double room = high != 0 ? 0.05 * fabs(high) : 1;
    low -= room;
    high += room;
  }
  bool from_zero = low >= 0 && !(lb_metric_at(spec->metric)->flags & LB_METRIC_SIGNED);
  widen_for_intervals(p, &low, &high);
  double edge = 0.06 * (high - low);
  p->y_low = (from_zero || low >= 0) && low - edge < 0 ? 0 : low - edge;
  p->y_high = high + edge;
}

static void fit_log(lb_arena* arena, lb_panel* p) {
  static const double WIDEST = 1e30;
  enum { FAR = 30 };  // iteration 0, horizontal lines and ends of thin ones count when they are no further away
  double* v;
  int n = gather(arena, p, &v);
  double low = INFINITY, high = 0;
  for (int i = 0; i < n; i++) {
    if (v[i] <= 0) continue;
    low = fmin(low, v[i]);
    high = fmax(high, v[i]);
  }
  double bottom = low, top = high;
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    for (int i = 0; i < s->n; i++) {
      bool counts = s->kind == LB_SERIES_FLAT || (s->kind == LB_SERIES_LINE && is_start(s, i)) ||
                    (s->kind == LB_SERIES_THIN && i == end_of(s));
      if (!counts || !(s->y[i] < FAR * top && s->y[i] > bottom / FAR)) continue;
      low = fmin(low, s->y[i]);
      high = fmax(high, s->y[i]);
    }
  }
  if (!(low < high)) {
    low = high > 0 ? high / 3 : 0.1;
    high = high > 0 ? high * 3 : 10;
  }
  low = fmax(low, high / WIDEST);
  double edge = pow(high / low, 0.05);
  p->y_low = low / edge;
  p->y_high = high * edge;
}

// A logarithmic axis only where the lines end decades apart.
static void fit_x(lb_panel* p, bool is_iteration) {
  double low = INFINITY, high = 0, least_end = INFINITY, most_end = 0;
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    double end = NAN;
    for (int i = 0; s->kind != LB_SERIES_FLAT && i < s->n; i++) {
      if (!isfinite(s->x[i]) || isnan(s->y[i])) continue;
      high = fmax(high, s->x[i]);
      if (s->x[i] > 0) low = fmin(low, s->x[i]);
      end = s->x[i];
    }
    if (s->kind != LB_SERIES_LINE || !(end > 0)) continue;
    least_end = fmin(least_end, end);
    most_end = fmax(most_end, end);
  }
  if (!(high > 0)) high = 1;
  p->log_x = !is_iteration && most_end > 10 * least_end;
  p->x_low = p->log_x ? low / pow(high / low, 0.03) : 0;
  p->x_high = p->log_x ? high * pow(high / low, 0.03) : high * 1.02;
}

// "Learner data only (3.1e5 to 2e6)" for a line that leaves the panel; "" for one that does not.
static const char* off_scale(lb_arena* arena, const lb_panel* p, const lb_series* s) {
  int outside = 0, inside = 0;
  double least = INFINITY, most = -INFINITY;
  for (int i = 0; i < s->n; i++) {
    if (isnan(s->y[i]) || is_start(s, i)) continue;
    bool out = s->y[i] > p->y_high || s->y[i] < p->y_low;
    outside += out;
    inside += !out;
    if (!out) continue;
    least = fmin(least, s->y[i]);
    most = fmax(most, s->y[i]);
  }
  if (!outside) return "";
  const char* from = lb_format_number(arena, least, 0.1 * fabs(least));
  const char* to = outside > 1 ? lb_format_text(arena, " to %s", lb_format_number(arena, most, 0.1 * fabs(most))) : "";
  return lb_format_text(arena, "%s%s (%s%s)", lb_format_name(arena, s->label), inside ? " in part" : "", from, to);
}

// What is off of the lines' starts, which the range does not heed: "iteration 0 (up to 6.8e7)"; where they are below,
// or left of a logarithmic axis, likewise. "" where none is.
static const char* starts_off_scale(lb_arena* arena, const lb_panel* p) {
  double most = -INFINITY, least = INFINITY;
  bool left = false;
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    for (int i = 0; i < s->n && s->kind == LB_SERIES_LINE; i++) {
      if (!is_start(s, i) || !isfinite(s->y[i])) continue;
      left = left || (p->log_x && !(s->x[i] > 0));
      if (s->y[i] > p->y_high) most = fmax(most, s->y[i]);
      if (s->y[i] < p->y_low) least = fmin(least, s->y[i]);
    }
  }
  const char *up = "", *down = "";
  if (isfinite(most)) up = lb_format_text(arena, "up to %s", lb_format_number(arena, most, 0.1 * fabs(most)));
  if (isfinite(least)) down = lb_format_text(arena, "down to %s", lb_format_number(arena, least, 0.1 * fabs(least)));
  if (up[0] || down[0]) {
    return lb_format_text(arena, "iteration 0 (%s%s%s)", up, up[0] && down[0] ? ", " : "", down);
  }
  return left ? "iteration 0 (the axis is logarithmic)" : "";
}

static void write_note(lb_arena* arena, lb_panel* p) {
  const char *note = starts_off_scale(arena, p), *means = p->log_y ? "Geometric means" : "";
  for (int k = 0; k < p->n; k++) {
    const lb_series* s = &p->series[k];
    if (s->kind != LB_SERIES_LINE && s->kind != LB_SERIES_FLAT) continue;
    const char* words = off_scale(arena, p, s);
    if (words[0]) note = lb_format_text(arena, "%s%s%s", note, note[0] ? "; " : "", words);
  }
  if (note[0]) note = lb_format_text(arena, "%s: %s", means[0] ? "off the scale" : "Off the scale", note);
  p->note = means[0] && note[0] ? lb_format_text(arena, "%s; %s", means, note) : means[0] ? means : note;
}

void lb_ranges_share(lb_arena* arena, lb_panel* panel, const lb_panel* with) {
  panel->y_low = with->y_low;
  panel->y_high = with->y_high;
  write_note(arena, panel);
}

void lb_ranges_fit(lb_arena* arena, lb_panel* panel, const lb_curve_spec* spec) {
  fit_x(panel, spec->axis == LB_AXIS_ITERATION);
  panel->log_y = spec->log;
  if (panel->log_y) {
    fit_log(arena, panel);
  } else {
    fit_linear(arena, panel, spec);
  }
  write_note(arena, panel);
}
