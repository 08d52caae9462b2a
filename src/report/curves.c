// From results to what a panel shows: see curves.h.
#include "report/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/sort.h"
#include "base/text.h"

// ---------------------------------------------------------------------------------------------------------------------
// Means and intervals over seeds

// The mean of the axis' metric over the seeds that have a value of the drawn one.
static double mean_axis(const lb_results_row* row, const lb_curve_spec* spec, int iteration) {
  if (spec->axis == LB_AXIS_ITERATION || row->flat) return iteration;
  double sum = 0;
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double x = lb_results_run_value(row->runs[i], spec->axis, iteration);
    if (isnan(x) || isnan(lb_results_run_value(row->runs[i], spec->metric, iteration))) continue;
    sum += x;
    n++;
  }
  return n ? sum / n : NAN;
}

// One seed of a reference has no interval over seeds; that of its rollouts stands in.
static void interval_of_rollouts(const lb_results_row* row, const lb_curve_spec* spec, double* low, double* high,
                                 double y) {
  int metric_se = lb_metric_se(spec->metric);
  if (!row->flat || row->n_runs != 1 || metric_se < 0) return;
  double reach = 1.96 * lb_results_run_last(row, row->runs[0], metric_se);
  *low = y - reach;
  *high = y + reach;
}

// The interval of two seeds is 6 times as wide as they are apart, and would be all that a figure shows: their range
// stands in.
static lb_stats_summary range_of_two(lb_stats_summary s) {
  if (s.n == 2) {
    s.low = s.min;
    s.high = s.max;
  }
  return s;
}

// Mean and interval of the logarithms over the seeds, raised again: the geometric mean. Nothing where a value is not
// positive.
static lb_stats_summary geometric(const lb_results_row* row, const lb_curve_spec* spec, int iteration) {
  double* x = malloc(sizeof(double) * (size_t)(row->n_runs + 1));
  if (!x) abort();
  int n = 0;
  bool positive = true;
  for (int i = 0; i < row->n_runs; i++) {
    double value = lb_results_run_value(row->runs[i], spec->metric, iteration) - spec->floor;
    if (isnan(value)) continue;
    positive = positive && value > 0;
    x[n++] = value > 0 ? log(value) : 0;
  }
  lb_stats_summary s = range_of_two(lb_stats_summarise(x, positive ? n : 0, 0.95));
  free(x);
  s.mean = exp(s.mean);
  s.low = exp(s.low);
  s.high = exp(s.high);
  return s;
}

// Mean and interval over the seeds.
static lb_stats_summary arithmetic(const lb_results_row* row, const lb_curve_spec* spec, int iteration) {
  lb_stats_summary s = range_of_two(lb_results_row_at(row, spec->metric, iteration));
  s.mean -= spec->floor;
  s.low -= spec->floor;
  s.high -= spec->floor;
  return s;
}

// A row that counts by its runs' ends has one value.
static lb_series end_of_row(lb_arena* arena, const lb_results_row* row, const lb_curve_spec* spec) {
  double* v = LB_TAKE(arena, double, 4);
  lb_stats_summary s = range_of_two(lb_results_row_final(row, spec->metric));
  v[1] = s.mean - spec->floor;
  v[2] = s.low - spec->floor;
  v[3] = s.high - spec->floor;
  interval_of_rollouts(row, spec, &v[2], &v[3], v[1]);
  return (lb_series){
      .kind = LB_SERIES_FLAT, .label = row->title, .n = 1, .x = v, .y = v + 1, .low = v + 2, .high = v + 3};
}

// Every seed's own curve.
static const lb_seed_line* seed_lines(lb_arena* arena, const lb_results_row* row, const lb_curve_spec* spec) {
  lb_seed_line* lines = LB_TAKE(arena, lb_seed_line, row->n_runs + 1);
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    double *x = LB_TAKE(arena, double, run->n_points + 1), *y = LB_TAKE(arena, double, run->n_points + 1);
    for (int p = 0; p < run->n_points; p++) {
      x[p] = spec->axis == LB_AXIS_ITERATION ? run->iterations[p] : lb_results_value(run, p, spec->axis);
      y[p] = lb_results_value(run, p, spec->metric) - spec->floor;
    }
    lines[i] = (lb_seed_line){run->n_points, x, y};
  }
  return lines;
}

lb_series lb_curves_of_row(lb_arena* arena, const lb_results_row* row, const lb_curve_spec* spec) {
  if (row->by_end) return end_of_row(arena, row, spec);
  int n = row->n_iterations;
  double *x = LB_TAKE(arena, double, n + 1), *y = LB_TAKE(arena, double, n + 1);
  double *low = LB_TAKE(arena, double, n + 1), *high = LB_TAKE(arena, double, n + 1);
  int* seeds = LB_TAKE(arena, int, n + 1);
  for (int i = 0; i < n; i++) {
    int iteration = row->iterations[i];
    lb_stats_summary s = spec->log ? geometric(row, spec, iteration) : arithmetic(row, spec, iteration);
    x[i] = mean_axis(row, spec, iteration);
    y[i] = s.mean;
    low[i] = s.low;
    high[i] = s.high;
    seeds[i] = s.n;
    interval_of_rollouts(row, spec, &low[i], &high[i], y[i]);
  }
  return (lb_series){.kind = row->flat ? LB_SERIES_FLAT : LB_SERIES_LINE,
                     .label = row->title,
                     .n = n,
                     .x = x,
                     .y = y,
                     .low = low,
                     .high = high,
                     .iteration = row->iterations,
                     .seeds = seeds,
                     .lines = spec->seeds && !row->flat ? seed_lines(arena, row, spec) : NULL,
                     .n_lines = spec->seeds && !row->flat ? row->n_runs : 0};
}

// ---------------------------------------------------------------------------------------------------------------------
// Ranges, and words about what lies outside of them

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

bool lb_curves_span(const lb_panel* p, double factor, bool ends_only) {
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

// A linear range about the focus or the median: see curves.h.
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

// A logarithmic range: all after iteration 0, and what is near it.
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

// Writes the panel's note.
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

void lb_curves_share_range(lb_arena* arena, lb_panel* panel, const lb_panel* with) {
  panel->y_low = with->y_low;
  panel->y_high = with->y_high;
  write_note(arena, panel);
}

void lb_curves_fit_ranges(lb_arena* arena, lb_panel* panel, const lb_curve_spec* spec) {
  fit_x(panel, spec->axis == LB_AXIS_ITERATION);
  panel->log_y = spec->log;
  if (panel->log_y) {
    fit_log(arena, panel);
  } else {
    fit_linear(arena, panel, spec);
  }
  write_note(arena, panel);
}

// ---------------------------------------------------------------------------------------------------------------------
// Whether bands part

const char* lb_curves_by_letter(lb_arena* arena, const char* const* texts, int n) {
  lb_text notes = {0};
  for (int i = 0; i < n; ++i) {
    bool first = texts[i][0];
    for (int k = 0; k < i; ++k) first = first && strcmp(texts[k], texts[i]) != 0;
    if (!first) continue;
    lb_text_add(&notes, " (%c", 'a' + i);
    for (int k = i + 1; k < n; ++k) {
      if (strcmp(texts[k], texts[i]) == 0) lb_text_add(&notes, ", %c", 'a' + k);
    }
    lb_text_add(&notes, ") %s.", texts[i]);
  }
  const char* kept = lb_format_text(arena, "%s", notes.data ? notes.data : "");
  lb_text_free(&notes);
  return kept;
}

// Whether a point has an interval that can be compared.
static bool has_band(const lb_panel* p, const lb_series* s, int i) {
  if (!s->low || !s->high || !isfinite(s->y[i]) || !isfinite(s->low[i]) || !isfinite(s->high[i])) return false;
  return !p->log_y || (s->low[i] > 0 && s->y[i] > 0);
}

// A height as distances are taken.
static double scaled(const lb_panel* p, double y) {
  return p->log_y ? log(y) : y;
}

// Takes in a pair of points: what distance of their means would part their intervals.
static void compare(lb_parting* out, const lb_panel* p, const lb_series* a, int i, const lb_series* b, int k) {
  double ya = scaled(p, a->y[i]), yb = scaled(p, b->y[k]);
  const lb_series *over = ya > yb ? a : b, *under = ya > yb ? b : a;
  int above = ya > yb ? i : k, below = ya > yb ? k : i;
  double needed = scaled(p, over->y[above]) - scaled(p, over->low[above]) + scaled(p, under->high[below]) -
                  scaled(p, under->y[below]);
  out->pairs += 1;
  out->parts = out->parts || fabs(ya - yb) > needed;
  if (isnan(out->largest) || fabs(ya - yb) > out->largest) out->largest = fabs(ya - yb);
  if (!isnan(out->least) && needed >= out->least) return;
  out->least = needed;
  out->iteration = a->iteration[i];
}

static bool is_curve(const lb_series* s) {
  return s->kind == LB_SERIES_LINE && s->iteration;
}

// Two curves at the iterations that they share; both ascend.
static void compare_curves(lb_parting* out, const lb_panel* p, const lb_series* a, const lb_series* b) {
  for (int i = 0, k = 0; i < a->n && k < b->n;) {
    if (a->iteration[i] == b->iteration[k]) {
      if (has_band(p, a, i) && has_band(p, b, k)) compare(out, p, a, i, b, k);
      i += 1;
      k += 1;
    } else if (a->iteration[i] < b->iteration[k]) {
      i += 1;
    } else {
      k += 1;
    }
  }
}

lb_parting lb_curves_parting(const lb_panel* p) {
  lb_parting out = {.least = NAN, .largest = NAN};
  for (int i = 0; i < p->n; ++i) {
    for (int k = i + 1; k < p->n; ++k) {
      if (is_curve(&p->series[i]) && is_curve(&p->series[k])) {
        compare_curves(&out, p, &p->series[i], &p->series[k]);
      }
    }
  }
  if (p->log_y) {
    out.least = exp(out.least);
    out.largest = exp(out.largest);
  }
  return out;
}

const char* lb_curves_parting_in_words(const lb_panel* p, lb_arena* arena) {
  lb_parting a = lb_curves_parting(p);
  if (a.pairs == 0 || a.parts || !(p->log_y ? a.least > 1 : a.least > 0)) return "";
  const char* of = p->log_y ? "a factor of " : "";
  return lb_format_text(arena,
                        "No two bands part: the narrowest two would at a distance of %s%s (at %d), and no two means "
                        "are more than %s%s apart",
                        of, lb_format_number(arena, a.least, 0.05 * a.least), a.iteration, of,
                        lb_format_number(arena, a.largest, 0.05 * a.largest));
}

void lb_curves_say_parting(lb_doc* doc, const lb_panel* panels, int n) {
  const char** texts = LB_TAKE(doc->arena, const char*, n + 1);
  for (int i = 0; i < n; ++i) texts[i] = lb_curves_parting_in_words(&panels[i], doc->arena);
  const char* all = lb_curves_by_letter(doc->arena, texts, n);
  if (all[0]) lb_doc_say(doc, LB_BLOCK_PARAGRAPH, "No difference shows.", all + 1);
}
