// The results of one suite in memory: see results.h. Files are read in load.c; here they are sorted and summed up.
#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "report/load.h"

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

// ---------------------------------------------------------------------------------------------------------------------
// Runs sorted into tasks and rows

static bool same(const char* a, const char* b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool enters(const lb_results_run* run) {
  return run->outcome != LB_OUTCOME_MISSING && run->outcome != LB_OUTCOME_LEFT_OUT &&
         run->outcome != LB_OUTCOME_DAMAGED && run->outcome != LB_OUTCOME_APART && run->outcome != LB_OUTCOME_STALE;
}

// How a run differs from another of its row; NULL: it does not.
static const char* apart(const lb_results_run* a, const lb_results_run* b) {
  if (!same(a->protocol, b->protocol)) return "made with another protocol than the rest of its row, left out";
  if (!same(a->recipe_sum, b->recipe_sum)) return "made with another recipe than the rest of its row, left out";
  if (!same(a->demonstrations, b->demonstrations) || !same(a->policy, b->policy)) {
    return "made from another recording of the expert than the rest of its row, left out";
  }
  if (!same(a->program, b->program)) return "made by another program than the rest of its row, left out";
  return NULL;
}

// Marks the runs that were made under other settings, from another expert or by another program than most of them.
static void set_apart(lb_results_run** runs, int n) {
  int best = -1, most = 0;
  for (int i = 0; i < n; i++) {
    int alike = 0;
    for (int j = 0; j < n && enters(runs[i]); j++) {
      alike += enters(runs[j]) && !apart(runs[i], runs[j]);
    }
    if (alike > most && runs[i]->protocol) {
      most = alike;
      best = i;
    }
  }
  for (int i = 0; best >= 0 && i < n; i++) {
    if (!enters(runs[i]) || !runs[i]->protocol) continue;
    const char* why = apart(runs[i], runs[best]);
    if (!why) continue;
    runs[i]->outcome = LB_OUTCOME_APART;
    runs[i]->message = why;
  }
}

static int by_number(const void* a, const void* b) {
  return *(const int*)a - *(const int*)b;
}

static void unite_iterations(lb_arena* arena, lb_results_row* row) {
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) n += row->runs[i]->n_points;
  row->iterations = LB_TAKE(arena, int, n + 1);
  n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    for (int p = 0; p < run->n_points; p++) row->iterations[n++] = run->iterations[p];
  }
  qsort(row->iterations, (size_t)n, sizeof(int), by_number);
  for (int i = 0; i < n; i++) {
    if (i == 0 || row->iterations[i] != row->iterations[i - 1])
      row->iterations[row->n_iterations++] = row->iterations[i];
  }
}

// Finds the iteration that the row's final numbers are taken from.
static void choose_last(lb_results_row* row) {
  int planned = -1, slowest = -1, furthest = 0;
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    if (run->planned > planned) planned = run->planned;
    if (run->n_points == 0) continue;
    int reached = run->iterations[run->n_points - 1];
    if (reached > furthest) furthest = reached;
    bool counts = run->outcome == LB_OUTCOME_RUNNING || run->outcome == LB_OUTCOME_FINISHED;
    if (counts && (slowest < 0 || reached < slowest)) slowest = reached;
  }
  bool finished = row->count[LB_OUTCOME_FINISHED] > 0;
  row->flat = row->by_end || (finished && furthest == 0 && planned != 0);
  if (row->flat) {
    row->last = furthest;
    row->partial = row->by_end && !finished;
  } else if (finished || (planned >= 0 && furthest >= planned) || slowest < 0) {
    row->last = slowest < 0 && planned >= 0 ? planned : furthest;
  } else {
    row->last = slowest;
    row->partial = true;
  }
}

// Whether a row has a result and no curve by its nature: the definition says so, or all its recipes do.
static bool is_reference(const lb_suite* suite, const lb_results_row* row) {
  for (int i = 0; i < suite->n_references; i++) {
    if (strcmp(suite->references[i], row->algo) == 0) return true;
  }
  for (int i = 0; i < row->n_runs; i++) {
    if (!row->runs[i]->cloned) return false;
  }
  return row->n_runs > 0;
}

// How many of a row's runs have another arithmetic than most of them.
static int count_elsewhere(const lb_results_row* row) {
  int most = 0;
  for (int i = 0; i < row->n_runs; i++) {
    int alike = 0;
    for (int k = 0; k < row->n_runs; k++) alike += same(row->runs[i]->arithmetic, row->runs[k]->arithmetic);
    if (alike > most) most = alike;
  }
  return row->n_runs - most;
}

// The hash of the task that a run's numbers are of; NULL: it has none.
static const char* hash_of(const lb_results_run* run) {
  return run->outcome == LB_OUTCOME_STALE ? NULL : run->task_hash;
}

// Fills a row from the runs of one task name, hash and algorithm. `first`: the hash that also takes what has none.
static void fill_row(lb_results* r, lb_results_row* row, const char* hash, bool first) {
  lb_results_run** found = LB_TAKE(r->arena, lb_results_run*, r->n_runs + 1);
  int n = 0;
  for (int i = 0; i < r->n_runs; i++) {
    lb_results_run* run = &r->runs[i];
    if (strcmp(run->task, row->task) != 0 || strcmp(run->algo, row->algo) != 0) continue;
    if (hash_of(run) ? same(hash_of(run), hash) : first) found[n++] = run;
  }
  set_apart(found, n);
  row->title = row->algo;
  row->runs = found;
  for (int i = 0; i < n; i++) {
    lb_results_run* run = found[i];
    row->count[run->outcome]++;
    row->planned += run->outcome != LB_OUTCOME_LEFT_OUT;
    if (run->title) row->title = run->title;
    if (enters(run)) row->runs[row->n_runs++] = run;
  }
  row->elsewhere = count_elsewhere(row);
  row->by_end = is_reference(r->suite, row);
  unite_iterations(r->arena, row);
  choose_last(row);
}

static bool has_algo(const lb_results* r, const char* task, const char* hash, bool first, const char* algo) {
  for (int i = 0; i < r->n_runs; i++) {
    const lb_results_run* run = &r->runs[i];
    if (strcmp(run->task, task) != 0 || strcmp(run->algo, algo) != 0) continue;
    if (hash_of(run) ? same(hash_of(run), hash) : first) return true;
  }
  return false;
}

static void add_row(lb_results* r, lb_results_task* task, bool first, const char* algo) {
  if (lb_results_find_row(task, algo) || !has_algo(r, task->name, task->hash, first, algo)) return;
  lb_results_row* row = &task->rows[task->n_rows];
  *row = (lb_results_row){.task = task->name, .in = task, .algo = algo};
  fill_row(r, row, task->hash, first);
  task->n_rows += row->planned > 0;  // nobody asked for the others
}

static void fill_task(lb_results* r, lb_results_task* task, bool first) {
  task->rows = LB_TAKE(r->arena, lb_results_row, r->n_runs + 1);
  for (int i = 0; i < r->suite->n_algos; i++) add_row(r, task, first, r->suite->algos[i]);
  for (int i = 0; i < r->n_runs; i++) {  // algorithms that somebody added to the folder
    if (strcmp(r->runs[i].task, task->name) == 0) add_row(r, task, first, r->runs[i].algo);
  }
}

// The hashes that a task name occurs with, most runs first; returns how many, at most `most`.
static int hashes_of(const lb_results* r, const char* task, const char** hashes, int most) {
  int runs[16] = {0}, n = 0;
  for (int i = 0; i < r->n_runs; i++) {
    const lb_results_run* run = &r->runs[i];
    if (strcmp(run->task, task) != 0 || !hash_of(run)) continue;
    int h = 0;
    while (h < n && strcmp(hashes[h], hash_of(run)) != 0) h++;
    if (h == n && n == most) continue;
    if (h == n) hashes[n++] = hash_of(run);
    runs[h]++;
  }
  for (int i = 1; i < n; i++) {
    for (int j = i; j > 0 && runs[j] > runs[j - 1]; j--) {
      int count = runs[j];
      const char* hash = hashes[j];
      runs[j] = runs[j - 1];
      hashes[j] = hashes[j - 1];
      runs[j - 1] = count;
      hashes[j - 1] = hash;
    }
  }
  return n;
}

static void add_tasks(lb_results* r, const char* name) {
  for (int i = 0; i < r->n_tasks; i++) {
    if (strcmp(r->tasks[i].name, name) == 0) return;
  }
  const char* hashes[16] = {NULL};
  int n = hashes_of(r, name, hashes, 16);
  for (int i = 0; i < (n ? n : 1); i++) {
    lb_results_task* task = &r->tasks[r->n_tasks++];
    task->name = name;
    task->hash = hashes[i];
    task->split = n > 1;
    task->label = n > 1 ? lb_format_text(r->arena, "%s (task hash %.8s)", name, hashes[i]) : name;
    fill_task(r, task, i == 0);
  }
}

// Rows of which no run says what they are called are called as on another task.
static void lend_titles(lb_results* r) {
  for (int t = 0; t < r->n_tasks; t++) {
    for (int i = 0; i < r->tasks[t].n_rows; i++) {
      lb_results_row* row = &r->tasks[t].rows[i];
      for (int k = 0; k < r->n_tasks && row->title == row->algo; k++) {
        const lb_results_row* other = lb_results_find_row(&r->tasks[k], row->algo);
        if (other && other->title != other->algo) row->title = other->title;
      }
    }
  }
}

// Sorts the runs into tasks and rows.
static void sort_runs(lb_results* r) {
  r->tasks = LB_TAKE(r->arena, lb_results_task, r->n_runs * 16 + 1);
  for (int i = 0; i < r->n_runs; i++) {
    const char* why = enters(&r->runs[i]) ? lb_load_staleness(r->suite, &r->runs[i], r->arena) : NULL;
    if (!why) continue;
    r->runs[i].outcome = LB_OUTCOME_STALE;
    r->runs[i].message = why;
  }
  for (int i = 0; r->higher && i < r->n_runs; i++) {
    lb_results_run* run = &r->runs[i];
    run->planned = run->cloned ? -1 : run->planned_steps >= 0 ? run->planned_steps : run->planned;
  }
  for (int i = 0; i < r->suite->n_tasks; i++) add_tasks(r, r->suite->tasks[i]);
  for (int i = 0; i < r->n_runs; i++) add_tasks(r, r->runs[i].task);
  lend_titles(r);
}

// ---------------------------------------------------------------------------------------------------------------------
// Normalised returns

static void set_value(lb_results_run* run, int point, int metric, double value) {
  int width = run->column ? run->columns : LB_METRICS_MAX, at = run->column ? run->column[metric] : metric;
  if (at >= 0) run->values[point * width + at] = value;
}

// The mean return of a row, or why there is none.
static double mean_of(lb_results* r, const lb_results_task* task, const char* algo, const char* role,
                      const char** why) {
  const lb_results_row* row = lb_results_find_row(task, algo);
  double mean = row ? lb_results_row_final(row, LB_METRIC_RETURN).mean : NAN;
  if (isfinite(mean) || *why) return mean;
  *why = !algo  ? lb_format_text(r->arena, "the suite names no %s row", role)
         : !row ? lb_format_text(r->arena, "it has no row %s", algo)
                : lb_format_text(r->arena, "no run of %s has come to a return", algo);
  return mean;
}

static void fill_normalised(lb_results* r, const lb_results_task* task) {
  for (int k = 0; k < task->n_rows; k++) {
    for (int i = 0; i < task->rows[k].n_runs; i++) {
      lb_results_run* run = task->rows[k].runs[i];
      for (int p = 0; p < run->n_points; p++) {
        double x = lb_results_normalise(task, lb_results_value(run, p, LB_METRIC_RETURN));
        set_value(run, p, LB_METRIC_RETURN_NORMALISED, x);
        if (!isnan(x)) r->seen[LB_METRIC_RETURN_NORMALISED] = true;
      }
    }
  }
}

// Fills zero, one and unscaled of every task, and the normalised returns of its runs.
static void normalise(lb_results* r) {
  for (int t = 0; t < r->n_tasks; t++) {
    lb_results_task* task = &r->tasks[t];
    task->one = mean_of(r, task, r->suite->reference, "reference", &task->unscaled);
    task->zero = mean_of(r, task, r->suite->start, "start", &task->unscaled);
    if (!task->unscaled && !(task->one > task->zero)) {
      task->unscaled = lb_format_text(r->arena, "the return of %s, %s, is not above that of %s, %s",
                                      r->suite->reference, lb_format_number(r->arena, task->one, NAN), r->suite->start,
                                      lb_format_number(r->arena, task->zero, NAN));
    }
    fill_normalised(r, task);
  }
}

double lb_results_normalise(const lb_results_task* task, double value) {
  return task->unscaled ? NAN : (value - task->zero) / (task->one - task->zero);
}

// ---------------------------------------------------------------------------------------------------------------------
// Names and texts that many runs share

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

// ---------------------------------------------------------------------------------------------------------------------
// Opening and closing

// What is compared, where the definition does not say: returns when the runs write returns and no costs.
static void choose_metric(lb_results* r) {
  for (int i = 0; i < r->n_runs; i++) {
    const lb_results_run* run = &r->runs[i];
    for (int m = 0; m < LB_METRICS_MAX && run->column; m++) {
      for (int p = 0; p < run->n_points && !r->seen[m]; p++) r->seen[m] = !isnan(lb_results_value(run, p, m));
    }
  }
  bool returns = r->seen[LB_METRIC_RETURN] && !r->seen[LB_METRIC_COST];
  if (!r->suite->has_metric && returns) lb_suite_use_metric(r->suite, lb_metric_at(LB_METRIC_RETURN)->name);
  r->higher = strcmp(r->suite->metric, lb_metric_at(LB_METRIC_RETURN)->name) == 0;
  r->metric = r->higher ? LB_METRIC_RETURN : LB_METRIC_COST;
}

// Whether any run has a folder.
static bool has_runs(const lb_results* r) {
  for (int i = 0; i < r->n_runs; i++) {
    if (r->runs[i].outcome != LB_OUTCOME_MISSING && r->runs[i].outcome != LB_OUTCOME_LEFT_OUT) return true;
  }
  return false;
}

// Results with nothing in them yet; takes the suite, which may be NULL.
static lb_status make(lb_results** out, const char* folder, lb_suite* suite) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) {
    lb_suite_free(suite);
    return lb_fail(LB_MEMORY, "%s: no memory to read the results", folder);
  }
  lb_results* r = LB_TAKE(arena, lb_results, 1);
  r->arena = arena;
  r->suite = suite;
  r->folder = lb_format_text(arena, "%s", folder);
  for (int i = 0; i < LB_METRICS; i++) lb_results_intern_metric(r, lb_metric_name(i));
  *out = r;
  return lb_ok();
}

// What follows from the runs, once they are read.
static void finish(lb_results* r) {
  choose_metric(r);
  sort_runs(r);
  if (r->higher) normalise(r);
  for (int i = 0; i < r->n_runs; i++) r->count[r->runs[i].outcome]++;
}

static lb_status load_from(lb_results** out, const char* folder, bool published) {
  char path[4096];
  lb_suite* suite;
  lb_results* r;
  *out = NULL;
  lb_path_join(path, sizeof path, folder, "suite.json");
  LB_TRY(lb_suite_load(&suite, path));
  LB_TRY(make(&r, folder, suite));
  lb_status status = lb_load_runs(r);
  if (published && status.code == LB_OK && !has_runs(r)) status = lb_load_curves(r);
  if (status.code != LB_OK) {
    lb_results_free(r);
    return status;
  }
  finish(r);
  *out = r;
  return lb_ok();
}

// The definition of a suite that has these runs: their rows and seeds.
static void define(lb_text* json, const lb_results* r) {
  lb_json_writer w = lb_json_writer_on(json);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", "runs");
  lb_json_write_string(&w, "title", "Single runs");
  lb_json_write_begin_array(&w, "rows");
  for (int i = 0; i < r->n_runs; i++) {
    bool first = true;
    for (int k = 0; k < i; k++) {
      first = first && (strcmp(r->runs[k].task, r->runs[i].task) != 0 || strcmp(r->runs[k].algo, r->runs[i].algo) != 0);
    }
    if (!first) continue;
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "task", r->runs[i].task);
    lb_json_write_string(&w, "algo", r->runs[i].algo);
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  lb_json_write_begin_array(&w, "seeds");
  for (int i = 0; i < r->n_runs; i++) {
    bool first = true;
    for (int k = 0; k < i; k++) first = first && r->runs[k].seed != r->runs[i].seed;
    if (first) lb_json_write_int(&w, NULL, r->runs[i].seed);
  }
  lb_json_write_end_array(&w);
  lb_json_write_end_object(&w);
}

lb_status lb_results_load_singles(lb_results** out, const char* folder, const char* const* runs, int n) {
  lb_results* r;
  lb_text json = {0};
  *out = NULL;
  LB_TRY(make(&r, folder, NULL));
  lb_status status = lb_load_singles(r, runs, n);
  if (status.code == LB_OK) {
    define(&json, r);
    status = lb_suite_parse(&r->suite, json.data, folder);
    lb_text_free(&json);
  }
  if (status.code != LB_OK) {
    lb_results_free(r);
    return status;
  }
  finish(r);
  *out = r;
  return lb_ok();
}

lb_status lb_results_load(lb_results** out, const char* folder) {
  return load_from(out, folder, false);
}

lb_status lb_results_load_published(lb_results** out, const char* folder) {
  return load_from(out, folder, true);
}

void lb_results_free(lb_results* results) {
  if (!results) return;
  lb_suite_free(results->suite);
  lb_arena_free(results->arena);
}

lb_status lb_results_load_all(lb_results** out, const char* const* folders, int n) {
  for (int i = 0; i < n; i++) {
    lb_status status = lb_results_load(&out[i], folders[i]);
    if (status.code == LB_OK) continue;
    lb_results_free_all(out, i);
    return status;
  }
  return lb_ok();
}

void lb_results_free_all(lb_results** results, int n) {
  for (int i = 0; i < n; i++) {
    lb_results_free(results[i]);
    results[i] = NULL;
  }
}
