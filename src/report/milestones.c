// How soon a row came near the reference: see milestones.h.
#include "report/milestones.h"

#include <math.h>

#include "base/format.h"
#include "base/sort.h"

const lb_milestone_kind lb_milestone_kinds[LB_MILESTONES] = {
    {"50", "50 % of the way", 0.50, 0}, {"80", "80 %", 0.80, 0},      {"95", "95 %", 0.95, 0},
    {"2x", "2 x the reference", 0, 2},  {"1.25x", "1.25 x", 0, 1.25}, {"1.05x", "1.05 x", 0, 1.05},
};

// Sorts x; NaN when one of them is.
static double median(double* x, int n) {
  for (int i = 0; i < n; i++) {
    if (isnan(x[i])) return NAN;
  }
  lb_sort(x, n);
  return lb_stats_quantile(x, n, 0.5);
}

// The median at iteration 0 over all runs of a task; NaN when there is none.
static double initial_level(const lb_results* r, const lb_results_task* task) {
  int n = 0, most = 1;
  for (int i = 0; i < task->n_rows; i++) most += task->rows[i].n_runs;
  double* x = LB_TAKE(r->arena, double, most);
  for (int i = 0; i < task->n_rows; i++) {
    const lb_results_row* row = &task->rows[i];
    for (int k = 0; !row->flat && k < row->n_runs; k++) {
      double value = lb_results_run_value(row->runs[k], r->metric, 0);
      if (!isnan(value)) x[n++] = value;
    }
  }
  return median(x, n);
}

// The level of a milestone; NaN for a factor of a metric whose 0 is nowhere in particular.
static double level_of(const lb_results* r, const lb_milestones* m, const lb_milestone_kind* kind) {
  if (kind->factor == 0) return m->start - kind->share * (m->start - m->goal);
  bool has_zero = !(lb_metric_at(r->metric)->flags & LB_METRIC_SIGNED);
  return has_zero && m->goal > m->floor ? m->floor + kind->factor * (m->goal - m->floor) : NAN;
}

lb_milestones lb_milestones_find(const lb_results* r, const lb_results_task* task) {
  lb_milestones m = {0};
  const lb_results_row* goal = lb_results_find_row(task, r->suite->reference);
  const lb_results_row* start = lb_results_find_row(task, r->suite->start);
  const char* noun = lb_results_metric_noun(r, r->metric);
  m.goal = goal ? lb_results_row_final(goal, r->metric).mean : NAN;
  m.start = start ? lb_results_row_final(start, r->metric).mean : NAN;
  m.start_from = start ? lb_format_text(r->arena, "the mean %s of %s", noun, start->title) : "";
  if (!isfinite(m.start)) {
    m.start = initial_level(r, task);
    m.start_from = lb_format_text(r->arena, "the median %s at iteration 0 over all runs", noun);
  }
  m.defined = isfinite(m.goal) && isfinite(m.start) && lb_metric_is_better(r->metric, m.goal, m.start);
  m.floor = lb_results_floor(r, task->name, r->metric);
  for (int i = 0; i < LB_MILESTONES; i++) m.level[i] = level_of(r, &m, &lb_milestone_kinds[i]);
  return m;
}

// The first point of a run at the level or better; n_points when there is none.
static int first_there(const lb_results* r, const lb_results_run* run, double level) {
  int p = 0;
  for (; p < run->n_points; p++) {
    double value = lb_results_value(run, p, r->metric);
    if (!isnan(value) && !lb_metric_is_better(r->metric, level, value)) break;
  }
  return p;
}

// INFINITY where fewer than half came; NaN where a time is not known.
static double censored_median(const double* time, const bool* came, int n) {
  for (int i = 0; i < n; i++) {
    if (isnan(time[i])) return NAN;
  }
  double median = lb_stats_censored_median(time, came, n);
  return isnan(median) && n > 0 ? (double)INFINITY : median;
}

lb_arrival lb_milestones_arrival(const lb_results* r, const lb_results_row* row, double level) {
  enum { WHAT = 5 };
  const int metrics[WHAT] = {-1, LB_METRIC_SAMPLES, r->measure->learner, r->measure->work, LB_METRIC_CPU_LEARNING};
  lb_arrival arrival = {0};
  double* x = LB_TAKE(r->arena, double, WHAT * row->n_runs + 1);
  bool* came = LB_TAKE(r->arena, bool, row->n_runs + 1);
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    int p = first_there(r, run, level);
    bool there = p < run->n_points;
    bool came_far = run->n_points > 0 && run->iterations[run->n_points - 1] >= row->last;
    if (!there && run->outcome == LB_OUTCOME_RUNNING && !came_far) continue;  // still on its way
    for (int k = 0; k < WHAT; k++) {
      // One that did not come there is censored where it ended; one that broke will never come.
      int at = there ? p : run->n_points - 1;
      double value = at < 0           ? (double)INFINITY
                     : metrics[k] < 0 ? (double)run->iterations[at]
                                      : lb_results_value(run, at, metrics[k]);
      x[k * row->n_runs + arrival.n] = !there && lb_results_run_broke(run) ? (double)INFINITY : value;
    }
    came[arrival.n++] = there;
    arrival.reached += there;
  }
  double* const medians[WHAT] = {&arrival.iteration, &arrival.samples, &arrival.learner, &arrival.work, &arrival.cpu};
  for (int k = 0; k < WHAT; k++) *medians[k] = censored_median(x + k * row->n_runs, came, arrival.n);
  return arrival;
}

double lb_milestones_area(const lb_results_run* run, int metric, int first, int last) {
  double area = 0, before = NAN;
  int begin = -1, at = -1;
  for (int p = 0; p < run->n_points; p++) {
    if (run->iterations[p] < first || run->iterations[p] > last) continue;
    double value = lb_results_value(run, p, metric);
    if (begin < 0) begin = run->iterations[p];
    if (at >= 0) area += 0.5 * (before + value) * (run->iterations[p] - at);
    before = value;
    at = run->iterations[p];
  }
  return at == last && at > begin ? area / (at - begin) : NAN;
}

// Whether a run came to the row's end over an evaluation without a value: a rollout diverged there.
static bool has_gap(const lb_results_row* row, const lb_results_run* run, int metric, int first) {
  bool gap = false;
  for (int p = 0; p < run->n_points; p++) {
    bool counts = run->iterations[p] >= first && run->iterations[p] <= row->last;
    gap = gap || (counts && isnan(lb_results_value(run, p, metric)));
  }
  return gap && lb_results_run_came_to(run, row->last);
}

// The area of a run; the worst there is where the run diverged, or a rollout of it did.
static double area_from(const lb_results_row* row, const lb_results_run* run, int metric, int first) {
  if (row->flat) return NAN;
  double area = lb_milestones_area(run, metric, first, row->last);
  bool broke = lb_results_run_broke(run) || has_gap(row, run, metric, first);
  return isnan(area) && broke ? lb_metric_worst(metric) : area;
}

static double area_of_all(const lb_results_row* row, const lb_results_run* run, int metric) {
  return area_from(row, run, metric, 0);
}

static double area_of_learned(const lb_results_row* row, const lb_results_run* run, int metric) {
  return area_from(row, run, metric, 1);
}

lb_stats_summary lb_milestones_areas(int* as_worst, const lb_results* r, const lb_results_row* row, int metric) {
  return lb_results_row_of(as_worst, row, metric, r->measure->unbounded ? area_of_learned : area_of_all);
}
