// The results of one suite in memory: see results.h. What runs left is read in load.c and read_run.c, and sorted into
// tasks and rows in pool.c; here are the numbers of runs and rows.
#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "io/json.h"

static const lb_results_measure measures[] = {{.metric = LB_METRIC_COST,
                                               .number = lb_results_run_final,
                                               .when = "of the last evaluation",
                                               .iteration = "iteration",
                                               .x_label = "Iteration",
                                               .unbounded = true,
                                               .learner = LB_METRIC_STEPS_LEARNER,
                                               .work = LB_METRIC_LQR_PASSES},
                                              {.metric = LB_METRIC_RETURN,
                                               .number = lb_results_run_tail,
                                               .when = "over the last fifth",
                                               .iteration = "step",
                                               .x_label = "Learner samples (real steps)",
                                               .steps = true,
                                               .normalised = true,
                                               .learner = LB_METRIC_SAMPLES_LEARNER,
                                               .work = LB_METRIC_GRADIENT_UPDATES}};

const lb_results_measure* lb_results_measure_of(const char* name) {
  for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
    if (strcmp(lb_metric_name(measures[i].metric), name) == 0) return &measures[i];
  }
  return &measures[0];
}

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

const char* lb_results_better(int metric) {
  return lb_metric_is_higher(metric) ? "higher is better" : "lower is better";
}

double lb_results_worse(int metric, double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) ? b : a;
  return lb_metric_is_better(metric, a, b) ? b : a;
}

double lb_results_floor(const lb_results* results, const char* task, int metric) {
  bool has_one = metric == LB_METRIC_COST || metric == LB_METRIC_COST_IN_MODEL;
  return has_one ? lb_suite_cost_floor(results->suite, task) : 0;
}

const lb_results_task* lb_results_find_task(const lb_results* r, const char* name) {
  for (int t = 0; t < r->n_tasks; t++) {
    if (strcmp(r->tasks[t].name, name) == 0) return &r->tasks[t];
  }
  return NULL;
}

lb_results_row* lb_results_find_row(const lb_results_task* task, const char* algo) {
  for (int i = 0; algo && i < task->n_rows; i++) {
    if (strcmp(task->rows[i].algo, algo) == 0) return &task->rows[i];
  }
  return NULL;
}

const lb_results_run* lb_results_run_of_seed(const lb_results_row* row, int seed) {
  int low = 0, high = row->n_runs;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (row->runs[middle]->seed < seed) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < row->n_runs && row->runs[low]->seed == seed ? row->runs[low] : NULL;
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
  return point < 0 || metric < 0 ? NAN : lb_results_value(run, point, metric);
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
    double value = lb_results_value(run, p, metric);
    if (isnan(best) || lb_metric_is_better(metric, value, best)) best = value;
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
    sum += lb_results_value(run, p, metric);
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
    if (isfinite(value)) so_far = lb_results_worse(metric, so_far, value);
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

lb_stats_summary lb_results_row_compared(const lb_results* r, const lb_results_row* row) {
  return lb_results_row_of(NULL, row, r->metric, r->measure->number);
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

bool lb_results_has_chapters(const lb_results* r) {
  lb_node chapters, root = lb_json_root(r->suite->doc);
  int n = 0;
  return lb_json_has(root, "chapters") && lb_json_array(root, "chapters", &chapters, &n).code == LB_OK && n > 0;
}

double lb_results_normalise(const lb_results_task* task, double value) {
  return task->unscaled ? NAN : (value - task->zero) / (task->one - task->zero);
}

// ---------------------------------------------------------------------------------------------------------------------
// The list of runs; names and texts that many of them share

// A list that grows by moving to a larger piece of the arena.
lb_results_run* lb_results_add_run(lb_results* r) {
  if (r->n_runs == r->runs_room) {
    r->runs_room = r->runs_room ? 2 * r->runs_room : 256;
    lb_results_run* larger = LB_TAKE(r->arena, lb_results_run, r->runs_room);
    if (r->n_runs) memcpy(larger, r->runs, sizeof(lb_results_run) * (size_t)r->n_runs);
    r->runs = larger;
  }
  lb_results_run* run = &r->runs[r->n_runs++];
  *run = (lb_results_run){.message = "",
                          .demonstrations = "",
                          .policy = "",
                          .command = "",
                          .versions = "",
                          .machine = "",
                          .planned = -1,
                          .planned_steps = -1};
  return run;
}

// By task, algorithm and seed.
static int by_place(const void* a, const void* b) {
  const lb_results_run *x = a, *y = b;
  int order = strcmp(x->task, y->task);
  if (!order) order = strcmp(x->algo, y->algo);
  return order ? order : (x->seed > y->seed) - (x->seed < y->seed);
}

void lb_results_sort_runs(lb_results* r) {
  if (r->n_runs > 1) qsort(r->runs, (size_t)r->n_runs, sizeof(lb_results_run), by_place);
}

lb_results_run* lb_results_find_run(const lb_results* r, int n, const char* task, const char* algo, int seed) {
  const lb_results_run wanted = {.task = task, .algo = algo, .seed = seed};
  return n > 0 ? bsearch(&wanted, r->runs, (size_t)n, sizeof(lb_results_run), by_place) : NULL;
}

// FNV-1a.
static unsigned hash_of_text(const char* text) {
  unsigned hash = 2166136261u;
  for (const char* c = text; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
  return hash;
}

int lb_results_intern_metric(lb_results* r, const char* name) {
  enum { SLOTS = sizeof r->slots / sizeof *r->slots };
  unsigned at = hash_of_text(name) % SLOTS;
  for (; r->slots[at] > 0; at = (at + 1) % SLOTS) {
    if (strcmp(r->metrics[r->slots[at] - 1], name) == 0) return r->slots[at] - 1;
  }
  if (r->n_metrics == LB_METRICS_MAX) return -1;
  r->metrics[r->n_metrics] = r->n_metrics < LB_METRICS ? name : lb_format_text(r->arena, "%s", name);
  r->slots[at] = (short)(r->n_metrics + 1);
  return r->n_metrics++;
}

// Twice the room for texts.
static void grow_pool(lb_results* r) {
  const char** old = r->pool;
  int size = r->pool_size;
  r->pool_size = size ? 2 * size : 256;
  r->pool = LB_TAKE(r->arena, const char*, r->pool_size);
  for (int i = 0; i < size; i++) {
    if (!old[i]) continue;
    unsigned at = hash_of_text(old[i]) % (unsigned)r->pool_size;
    while (r->pool[at]) at = (at + 1) % (unsigned)r->pool_size;
    r->pool[at] = old[i];
  }
}

const char* lb_results_intern_text(lb_results* r, const char* text) {
  if (2 * r->pool_used >= r->pool_size) grow_pool(r);
  unsigned at = hash_of_text(text) % (unsigned)r->pool_size;
  for (; r->pool[at]; at = (at + 1) % (unsigned)r->pool_size) {
    if (strcmp(r->pool[at], text) == 0) return r->pool[at];
  }
  r->pool_used++;
  return r->pool[at] = lb_format_text(r->arena, "%s", text);
}

void lb_results_free(lb_results* results) {
  if (!results) return;
  lb_suite_free(results->suite);
  lb_arena_free(results->arena);
}

void lb_results_free_all(lb_results** results, int n) {
  for (int i = 0; i < n; i++) {
    lb_results_free(results[i]);
    results[i] = NULL;
  }
}
