// The results of one suite in memory: see results.h. Files are read in read.c; here they are sorted and summed up.
#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "report/format.h"
#include "report/read.h"

static bool same(const char* a, const char* b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool enters(const lb_results_run* run) {
  return run->outcome != LB_OUTCOME_MISSING && run->outcome != LB_OUTCOME_DAMAGED && run->outcome != LB_OUTCOME_APART;
}

int lb_results_metric(const lb_results* results, const char* name) {
  for (int i = 0; i < results->n_metrics; i++) {
    if (strcmp(results->metrics[i], name) == 0) return i;
  }
  return -1;
}

const char* lb_results_metric_title(const lb_results* results, int metric) {
  return metric < LB_METRIC_KNOWN ? lb_metric_at(metric)->title : results->metrics[metric];
}

const char* lb_results_metric_noun(const lb_results* results, int metric) {
  return metric < LB_METRIC_KNOWN ? lb_metric_at(metric)->noun : results->metrics[metric];
}

bool lb_results_metric_is_cumulative(int metric) {
  return metric < LB_METRIC_KNOWN && lb_metric_at(metric)->cumulative;
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

double lb_results_run_value(const lb_results_run* run, int metric, int iteration) {
  int point = point_of(run, iteration);
  return point < 0 || metric < 0 ? NAN : run->values[point * LB_METRICS_MAX + metric];
}

double lb_results_run_final(const lb_results_row* row, const lb_results_run* run, int metric) {
  double value = lb_results_run_value(run, metric, row->last);
  bool is_cost = metric == LB_METRIC_COST || metric == LB_METRIC_COST_MEDIAN;
  if (!isnan(value) || !is_cost) return value;
  bool ended = run->outcome == LB_OUTCOME_DIVERGED;
  return ended || lb_results_run_value(run, LB_METRIC_ROLLOUTS_DIVERGED, row->last) > 0 ? INFINITY : NAN;
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

lb_stats_summary lb_results_row_final(const lb_results_row* row, int metric) {
  double* x = malloc(sizeof(double) * (size_t)(row->n_runs + 1));
  if (!x) abort();
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double value = lb_results_run_final(row, row->runs[i], metric);
    if (!isnan(value)) x[n++] = value;
  }
  lb_stats_summary all = lb_stats_summarise(x, n, 0.95);
  free(x);
  lb_stats_summary summary = lb_results_row_at(row, metric, row->last);
  summary.median = all.median;
  summary.min = all.min;
  summary.max = all.max;
  return summary;
}

// Marks the runs of [first, first + n) that were made under other settings than most of them.
static void set_apart(lb_results_run** runs, int n) {
  int best = -1, most = 0;
  for (int i = 0; i < n; i++) {
    int alike = 0;
    for (int j = 0; j < n && enters(runs[i]); j++) {
      alike += enters(runs[j]) && same(runs[i]->protocol, runs[j]->protocol) && same(runs[i]->recipe, runs[j]->recipe);
    }
    if (alike > most && runs[i]->protocol) {
      most = alike;
      best = i;
    }
  }
  for (int i = 0; best >= 0 && i < n; i++) {
    if (!enters(runs[i]) || !runs[i]->protocol) continue;
    bool protocol = same(runs[i]->protocol, runs[best]->protocol), recipe = same(runs[i]->recipe, runs[best]->recipe);
    if (protocol && recipe) continue;
    runs[i]->outcome = LB_OUTCOME_APART;
    runs[i]->message = protocol ? "made with another recipe than the rest of its row, left out"
                                : "made with another protocol than the rest of its row, left out";
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
  row->flat = finished && furthest == 0 && planned != 0;
  if (row->flat) {
    row->last = 0;
  } else if (finished || (planned >= 0 && furthest >= planned) || slowest < 0) {
    row->last = slowest < 0 && planned >= 0 ? planned : furthest;
  } else {
    row->last = slowest;
    row->partial = true;
  }
}

// Fills a row from the runs of one task name, hash and algorithm. `first`: the hash that also takes what has none.
static void fill_row(lb_results* r, lb_results_row* row, const char* hash, bool first) {
  lb_results_run** found = LB_TAKE(r->arena, lb_results_run*, r->n_runs + 1);
  int n = 0;
  for (int i = 0; i < r->n_runs; i++) {
    lb_results_run* run = &r->runs[i];
    if (strcmp(run->task, row->task) != 0 || strcmp(run->algo, row->algo) != 0) continue;
    if (run->task_hash ? same(run->task_hash, hash) : first) found[n++] = run;
  }
  set_apart(found, n);
  row->title = row->algo;
  row->runs = found;
  for (int i = 0; i < n; i++) {
    lb_results_run* run = found[i];
    row->count[run->outcome]++;
    row->planned++;
    if (run->title) row->title = run->title;
    if (enters(run)) row->runs[row->n_runs++] = run;
  }
  unite_iterations(r->arena, row);
  choose_last(row);
}

static bool has_algo(const lb_results* r, const char* task, const char* hash, bool first, const char* algo) {
  for (int i = 0; i < r->n_runs; i++) {
    const lb_results_run* run = &r->runs[i];
    if (strcmp(run->task, task) != 0 || strcmp(run->algo, algo) != 0) continue;
    if (run->task_hash ? same(run->task_hash, hash) : first) return true;
  }
  return false;
}

static void add_row(lb_results* r, lb_results_task* task, bool first, const char* algo) {
  if (lb_results_find_row(task, algo) || !has_algo(r, task->name, task->hash, first, algo)) return;
  lb_results_row* row = &task->rows[task->n_rows++];
  row->task = task->name;
  row->algo = algo;
  fill_row(r, row, task->hash, first);
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
    if (strcmp(run->task, task) != 0 || !run->task_hash) continue;
    int h = 0;
    while (h < n && strcmp(hashes[h], run->task_hash) != 0) h++;
    if (h == n && n == most) continue;
    if (h == n) hashes[n++] = run->task_hash;
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
  for (r->n_metrics = 0; r->n_metrics < LB_METRIC_KNOWN; r->n_metrics++) {
    r->metrics[r->n_metrics] = lb_metric_at(r->n_metrics)->name;
  }
  lb_status status = lb_read_runs(r);
  if (status.code != LB_OK) {
    lb_results_free(r);
    return status;
  }
  r->tasks = LB_TAKE(arena, lb_results_task, r->n_runs * 16 + 1);
  for (int i = 0; i < suite->n_tasks; i++) add_tasks(r, suite->tasks[i]);
  for (int i = 0; i < r->n_runs; i++) add_tasks(r, r->runs[i].task);
  for (int i = 0; i < r->n_runs; i++) r->count[r->runs[i].outcome]++;
  *out = r;
  return status;
}

void lb_results_free(lb_results* results) {
  if (!results) return;
  lb_suite_free(results->suite);
  lb_arena_free(results->arena);
}
