// From results to drawn curves: see curves.h.
#include "report/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"

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
