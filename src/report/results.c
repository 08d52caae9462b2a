// The results of one suite in memory: see results.h. Files are read in read.c; here they are sorted and summed up.
#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "io/file.h"
#include "report/normalise.h"
#include "report/read.h"
#include "report/rows.h"

int lb_results_metric(const lb_results* results, const char* name) {
  for (int i = 0; i < results->n_metrics; i++) {
    if (strcmp(results->metrics[i], name) == 0) return i;
  }
  return -1;
}

const char* lb_results_metric_title(const lb_results* results, int metric) {
  return metric < LB_METRICS ? lb_metric_at(metric)->title : results->metrics[metric];
}

const char* lb_results_metric_noun(const lb_results* results, int metric) {
  if (metric >= LB_METRICS) return results->metrics[metric];
  const char* title = lb_metric_at(metric)->title;
  if (title[1] >= 'A' && title[1] <= 'Z') return title;  // LQR, CPU
  char* noun = lb_format_text(results->arena, "%s", title);
  if (*noun >= 'A' && *noun <= 'Z') *noun = (char)(*noun - 'A' + 'a');
  return noun;
}

bool lb_results_metric_is_cumulative(int metric) {
  return metric < LB_METRICS && (lb_metric_at(metric)->flags & LB_METRIC_CUMULATIVE);
}

lb_results_row* lb_results_find_row(const lb_results_task* task, const char* algo) {
  for (int i = 0; algo && i < task->n_rows; i++) {
    if (strcmp(task->rows[i].algo, algo) == 0) return &task->rows[i];
  }
  return NULL;
}

// The point of an iteration, -1 when it was not evaluated.
static int point_of(const lb_results_run* run, int iteration) {
  int low = 0, high = run->n_points - 1;
  while (low <= high) {
    int middle = (low + high) / 2;
    if (run->iterations[middle] == iteration) return middle;
    if (run->iterations[middle] < iteration) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return -1;
}

bool lb_results_run_came_to(const lb_results_run* run, int iteration) {
  return point_of(run, iteration) >= 0;
}

double lb_results_run_value(const lb_results_run* run, int metric, int iteration) {
  int point = point_of(run, iteration);
  return point < 0 || metric < 0 ? NAN : run->values[point * LB_METRICS_MAX + metric];
}

double lb_results_run_last(const lb_results_row* row, const lb_results_run* run, int metric) {
  if (!row->by_end) return lb_results_run_value(run, metric, row->last);
  bool over = run->outcome == LB_OUTCOME_FINISHED || (row->partial && run->outcome == LB_OUTCOME_RUNNING);
  return over && run->n_points > 0 ? lb_results_run_value(run, metric, run->iterations[run->n_points - 1]) : NAN;
}

double lb_results_run_final(const lb_results_row* row, const lb_results_run* run, int metric) {
  double value = lb_results_run_last(row, run, metric), worst = lb_metric_worst(metric);
  if (!isnan(value) || isnan(worst)) return value;
  return lb_results_run_broke(run) || lb_results_run_last(row, run, LB_METRIC_ROLLOUTS_DIVERGED) > 0 ? worst : NAN;
}

int lb_results_tail(int last) {
  return last - last / 5;
}

double lb_results_run_tail(const lb_results_row* row, const lb_results_run* run, int metric) {
  if (row->flat || row->by_end) return lb_results_run_final(row, run, metric);
  double value = lb_results_run_average(run, metric, lb_results_tail(row->last) + 1, row->last);
  if (!isnan(value)) return value;
  double final = lb_results_run_final(row, run, metric);
  return isfinite(final) ? lb_metric_worst(metric)
                         : final;  // some evaluation on the way has no value: a rollout diverged
}

double lb_results_run_best(const lb_results_row* row, const lb_results_run* run, int metric) {
  bool came = run->n_points > 0 && (row->by_end || run->iterations[run->n_points - 1] >= row->last);
  if (!came && !lb_results_run_broke(run)) return NAN;
  double best = NAN;
  for (int p = 0; p < run->n_points && (row->by_end || run->iterations[p] <= row->last); p++) {
    double value = run->values[p * LB_METRICS_MAX + metric];
    if (isnan(best) || value > best) best = value;
  }
  return best;
}

double lb_results_run_average(const lb_results_run* run, int metric, int from, int to) {
  if (point_of(run, to) < 0) return NAN;
  if (lb_results_metric_is_cumulative(metric)) return lb_results_run_value(run, metric, to);
  double sum = 0;
  int n = 0;
  for (int p = 0; p < run->n_points; p++) {
    if (run->iterations[p] < from || run->iterations[p] > to) continue;
    sum += run->values[p * LB_METRICS_MAX + metric];
    n++;
  }
  return n ? sum / n : NAN;
}

lb_stats_summary lb_results_row_at(const lb_results_row* row, int metric, int iteration) {
  double* x = malloc(sizeof(double) * (size_t)(row->n_runs + 1));
  if (!x) abort();
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double value = lb_results_run_value(row->runs[i], metric, iteration);
    if (!isnan(value)) x[n++] = value;
  }
  lb_stats_summary summary = lb_stats_summarise(x, n, 0.95);
  free(x);
  return summary;
}

// The worst finite value among a row's runs, and `so_far`; NaN: none.
static double worst_in(const lb_results_row* row, int metric, lb_results_number of, double so_far) {
  for (int i = 0; i < row->n_runs; i++) {
    double value = of(row, row->runs[i], metric);
    if (!isfinite(value)) continue;
    if (isnan(so_far) || (lb_metric_is_higher(metric) ? value < so_far : value > so_far)) so_far = value;
  }
  return so_far;
}

// The same among the runs of all rows of its task.
static double worst_seen(const lb_results_row* row, int metric, lb_results_number of) {
  double worst = worst_in(row, metric, of, NAN);
  for (int i = 0; row->in && i < row->in->n_rows; i++) worst = worst_in(&row->in->rows[i], metric, of, worst);
  return worst;
}

lb_stats_summary lb_results_row_of(int* as_worst, const lb_results_row* row, int metric, lb_results_number of) {
  double* x = calloc((size_t)row->n_runs + 1, sizeof(double));
  if (!x) abort();
  int n = 0, finite = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double value = of(row, row->runs[i], metric);
    if (isnan(value)) continue;
    x[n++] = value;
    finite += isfinite(value);
  }
  lb_stats_summary all = lb_stats_summarise(x, n, 0.95);
  double worst = finite > 0 && finite < n ? worst_seen(row, metric, of) : NAN;
  for (int i = 0; i < n; i++) x[i] = isfinite(x[i]) ? x[i] : worst;
  lb_stats_summary summary = lb_stats_summarise(x, finite > 0 ? n : 0, 0.95);
  free(x);
  if (as_worst) *as_worst = n - finite;
  summary.median = all.median;
  summary.min = all.min;
  summary.max = all.max;
  return summary;
}

lb_stats_summary lb_results_row_final(const lb_results_row* row, int metric) {
  return lb_results_row_of(NULL, row, metric, lb_results_run_final);
}

lb_stats_summary lb_results_row_tail(const lb_results_row* row, int metric) {
  return lb_results_row_of(NULL, row, metric, lb_results_run_tail);
}

int lb_results_row_solved(int* n, const lb_results_row* row) {
  int solved = 0;
  *n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double value = lb_results_run_tail(row, row->runs[i], LB_METRIC_RETURN_NORMALISED);
    if (isnan(value)) continue;
    *n += 1;
    solved += value >= LB_SOLVED;
  }
  return solved;
}

// What is compared, where the definition does not say: returns when the runs write returns and no costs.
static void choose_metric(lb_results* r) {
  for (int i = 0; i < r->n_runs; i++) {
    const lb_results_run* run = &r->runs[i];
    for (int k = 0; k < run->n_points * LB_METRICS_MAX; k++) {
      if (!isnan(run->values[k])) r->seen[k % LB_METRICS_MAX] = true;
    }
  }
  bool returns = r->seen[LB_METRIC_RETURN] && !r->seen[LB_METRIC_COST];
  if (!r->suite->has_metric && returns) lb_suite_use_metric(r->suite, lb_metric_at(LB_METRIC_RETURN)->name);
  r->higher = strcmp(r->suite->metric, lb_metric_at(LB_METRIC_RETURN)->name) == 0;
  r->metric = r->higher ? LB_METRIC_RETURN : LB_METRIC_COST;
}

lb_status lb_results_load(lb_results** out, const char* folder) {
  *out = NULL;
  char path[4096];
  lb_path_join(path, sizeof(path), folder, "suite.json");
  lb_suite* suite;
  LB_TRY(lb_suite_load(&suite, path));
  lb_arena* arena = lb_arena_new(0);
  if (!arena) {
    lb_suite_free(suite);
    return lb_fail(LB_MEMORY, "%s: no memory to read the results", folder);
  }
  lb_results* r = LB_TAKE(arena, lb_results, 1);
  r->arena = arena;
  r->suite = suite;
  r->folder = lb_format_text(arena, "%s", folder);
  for (r->n_metrics = 0; r->n_metrics < LB_METRICS; r->n_metrics++) {
    r->metrics[r->n_metrics] = lb_metric_at(r->n_metrics)->name;
  }
  lb_status status = lb_read_runs(r);
  if (status.code != LB_OK) {
    lb_results_free(r);
    return status;
  }
  choose_metric(r);
  lb_rows_sort(r);
  if (r->higher) lb_normalise(r);
  for (int i = 0; i < r->n_runs; i++) r->count[r->runs[i].outcome]++;
  *out = r;
  return status;
}

void lb_results_free(lb_results* results) {
  if (!results) return;
  lb_suite_free(results->suite);
  lb_arena_free(results->arena);
}
