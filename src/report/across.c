// Normalised returns over all tasks: see across.h.
#include "report/across.h"

#include <math.h>
#include <string.h>

#include "report/milestones.h"

typedef enum what { TAIL, LAST, BEST, AREA } what;

static double score_of(const lb_results_task* task, const lb_results_row* row, const lb_results_run* run, what w) {
  if (w == TAIL) return lb_results_run_tail(row, run, LB_METRIC_RETURN_NORMALISED);
  if (w == LAST) return lb_results_run_final(row, run, LB_METRIC_RETURN_NORMALISED);
  if (w == BEST) return lb_results_normalise(task, lb_results_run_best(row, run, LB_METRIC_RETURN));
  if (row->flat) return NAN;
  double area = lb_milestones_area(run, LB_METRIC_RETURN_NORMALISED, 0, row->last);
  return isnan(area) && lb_results_run_broke(run) ? -INFINITY : area;
}

static int runs_of(const lb_across* a, const char* algo) {
  int n = 0;
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], algo);
    n += row ? row->n_runs : 0;
  }
  return n;
}

static lb_scores gather(const lb_results* r, const lb_across* a, const char* algo, what w) {
  double* x = LB_TAKE(r->arena, double, runs_of(a, algo) + 1);
  int* count = LB_TAKE(r->arena, int, a->n_tasks + 1);
  int n = 0;
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], algo);
    for (int i = 0; row && i < row->n_runs; i++) {
      double score = score_of(a->tasks[t], row, row->runs[i], w);
      if (isnan(score)) continue;
      x[n++] = score;
      count[t]++;
    }
  }
  return (lb_scores){x, count, a->n_tasks};
}

static void fill_row(const lb_results* r, const lb_across* a, lb_across_row* out, const lb_results_row* any) {
  *out = (lb_across_row){.algo = any->algo, .title = any->title, .flat = true};
  out->tail = gather(r, a, any->algo, TAIL);
  out->last = gather(r, a, any->algo, LAST);
  out->best = gather(r, a, any->algo, BEST);
  out->area = gather(r, a, any->algo, AREA);
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], any->algo);
    if (!row) continue;
    out->planned += row->planned;
    out->partial = out->partial || row->partial;
    out->flat = out->flat && row->flat;
    out->tasks += out->last.count[t] > 0;
  }
}

static bool is_role(const lb_suite* suite, const char* algo) {
  return (suite->reference && strcmp(suite->reference, algo) == 0) || (suite->start && strcmp(suite->start, algo) == 0);
}

lb_across lb_across_collect(const lb_results* r) {
  lb_across a = {.tasks = LB_TAKE(r->arena, const lb_results_task*, r->n_tasks + 1)};
  int rows = 0;
  for (int t = 0; t < r->n_tasks; t++) {
    const lb_results_task* task = &r->tasks[t];
    bool again = t > 0 && strcmp(r->tasks[t - 1].name, task->name) == 0;  // a further hash
    if (!r->higher || task->unscaled || again) continue;
    a.tasks[a.n_tasks++] = task;
    rows += task->n_rows;
  }
  a.rows = LB_TAKE(r->arena, lb_across_row, rows + 1);
  for (int t = 0; t < a.n_tasks; t++) {
    for (int k = 0; k < a.tasks[t]->n_rows; k++) {
      const lb_results_row* row = &a.tasks[t]->rows[k];
      if (is_role(r->suite, row->algo) || lb_across_find(&a, row->algo)) continue;
      fill_row(r, &a, &a.rows[a.n_rows], row);
      a.n_rows++;
    }
  }
  return a;
}

const lb_across_row* lb_across_find(const lb_across* a, const char* algo) {
  for (int i = 0; algo && i < a->n_rows; i++) {
    if (strcmp(a->rows[i].algo, algo) == 0) return &a->rows[i];
  }
  return NULL;
}

static lb_estimate estimate(const lb_scores* s, lb_stats_function statistic) {
  lb_estimate e = {NAN, {NAN, NAN}};
  int n = lb_scores_total(s);
  if (n == 0) return e;
  e.value = statistic(s->x, n);
  if (lb_scores_have_enough(s)) {
    e.interval = lb_stats_bootstrap(statistic, s->x, s->count, s->tasks, 0.95, LB_ACROSS_RESAMPLES, 0);
  }
  return e;
}

lb_estimate lb_across_iqm(const lb_scores* s) {
  return estimate(s, lb_stats_iqm);
}

lb_estimate lb_across_mean(const lb_scores* s) {
  return estimate(s, lb_stats_mean);
}

lb_estimate lb_across_improvement(const lb_across_row* x, const lb_across_row* y) {
  lb_estimate e = {lb_scores_improvement(&x->tail, &y->tail), {NAN, NAN}};
  if (!isnan(e.value) && lb_scores_have_enough(&x->tail) && lb_scores_have_enough(&y->tail)) {
    e.interval = lb_scores_improvement_interval(&x->tail, &y->tail, 0.95, LB_ACROSS_RESAMPLES, 0);
  }
  return e;
}

// A run's normalised return at an iteration; one that broke before is worse than any.
static double score_at(const lb_results_run* run, int iteration) {
  double value = lb_results_run_value(run, LB_METRIC_RETURN_NORMALISED, iteration);
  if (!isnan(value) || !lb_results_run_broke(run)) return value;
  bool before = run->n_points == 0 || run->iterations[run->n_points - 1] < iteration;
  return before ? -INFINITY : NAN;
}

bool lb_across_at(lb_scores* out, int* count, const lb_results* r, const lb_across* a, const lb_across_row* across_row,
                  int iteration) {
  double* x = LB_TAKE(r->arena, double, runs_of(a, across_row->algo) + 1);
  int n = 0;
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], across_row->algo);
    count[t] = 0;
    for (int i = 0; row && i < row->n_runs; i++) {
      double score = score_at(row->runs[i], iteration);
      if (isnan(score)) continue;
      x[n++] = score;
      count[t]++;
    }
    if (row && row->n_runs > 0 && count[t] == 0) return false;
  }
  *out = (lb_scores){x, count, a->n_tasks};
  return n > 0;
}
