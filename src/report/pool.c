// Runs sorted into tasks and rows: see pool.h.
#include "report/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "io/json.h"

// ---------------------------------------------------------------------------------------------------------------------
// Whether a run is of what its suite was run as last

// A text of an object, "" when there is none.
static const char* text_of(lb_node object, const char* key) {
  const char* text;
  return lb_json_has(object, key) && lb_json_string(object, key, &text).code == LB_OK ? text : "";
}

// A member that is an object.
static bool member(lb_node object, const char* key, lb_node* out) {
  return lb_json_has(object, key) && lb_json_object(object, key, out).code == LB_OK;
}

// Whether the run read such a file and the suite has another now; of demonstrations there may be several, by whom they
// are: "demonstrations", "demonstrations-30".
static bool other_file(const char* read, lb_node task, const char* key) {
  bool there = false;
  for (int i = 0; *read && i < lb_json_length(task); ++i) {
    const char* own = lb_json_key(task, i);
    size_t n = strlen(key);
    if (strncmp(own, key, n) != 0 || (own[n] && own[n] != '-')) continue;
    if (strcmp(read, text_of(task, own)) == 0) return false;
    there = true;
  }
  return there;
}

// Whether the row's recipe was another one.
static bool other_recipe(const lb_suite* suite, const lb_results_run* run) {
  lb_node recipes;
  const lb_suite_row* row = lb_suite_find_row(suite, run->task, run->algo);
  if (!row || !run->recipe_sum || !member(suite->as_run, "recipes", &recipes)) return false;
  char key[400];
  snprintf(key, sizeof key, "%.190s/%.190s", row->task, row->recipe);
  return lb_json_has(recipes, key) && strcmp(text_of(recipes, key), run->recipe_sum) != 0;
}

// Why the run is not of what its suite was run as last; NULL: it is. `program` is the suite's, in canonical JSON; NULL:
// it does not say.
static const char* staleness(const lb_suite* suite, const char* program, const lb_results_run* run, lb_arena* arena) {
  lb_node tasks, task;
  if (!run->task_hash) return NULL;
  if (member(suite->as_run, "tasks", &tasks) && member(tasks, run->task, &task)) {
    if (strcmp(run->task_hash, text_of(task, "hash")) != 0) {
      return lb_format_text(arena, "of another version of the task (hash %.8s, the suite's is %.8s), left out",
                            run->task_hash, text_of(task, "hash"));
    }
    if (other_file(run->demonstrations, task, "demonstrations") || other_file(run->policy, task, "policy")) {
      return "made from another recording of the expert, left out";
    }
  }
  if (other_recipe(suite, run)) return "made by another version of the algorithm than the row's now, left out";
  if (!program || (run->program && strcmp(run->program, program) == 0)) return NULL;
  return run->program ? "made by another program than the suite's last, left out"
                      : "made by a program that did not say which it was, left out";
}

// Marks the runs that are stale.
static void set_stale_apart(lb_results* r) {
  lb_node program;
  if (!r->suite->has_as_run) return;
  char* now = member(r->suite->as_run, "program", &program) ? lb_json_canonical(program) : NULL;
  for (int i = 0; i < r->n_runs; i++) {
    const char* why = lb_results_run_enters(&r->runs[i]) ? staleness(r->suite, now, &r->runs[i], r->arena) : NULL;
    if (!why) continue;
    r->runs[i].outcome = LB_OUTCOME_STALE;
    r->runs[i].message = why;
  }
  free(now);
}

// ---------------------------------------------------------------------------------------------------------------------
// Rows and tasks

// The order of two texts; NULL before any.
static int order_of(const char* a, const char* b) {
  if (a == b) return 0;
  return !a ? -1 : !b ? 1 : strcmp(a, b);
}

// What the runs of a row must have in common, and what a run that has another says.
enum { COMMON = 5 };
static const char* const apart_words[COMMON] = {
    "made with other settings than the rest of its row, left out",
    "made with another version of the algorithm than the rest of its row, left out",
    "made from another recording of the expert than the rest of its row, "
    "left out",
    "made from another recording of the expert than the rest of its row, "
    "left out",
    "made by another program than the rest of its row, left out"};

// The k-th of that.
static const char* common_of(const lb_results_run* run, int k) {
  const char* const texts[COMMON] = {run->protocol, run->recipe_sum, run->demonstrations, run->policy, run->program};
  return texts[k];
}

// In what a run differs first from another of its row; COMMON: in nothing.
static int difference(const lb_results_run* a, const lb_results_run* b) {
  int k = 0;
  while (k < COMMON && order_of(common_of(a, k), common_of(b, k)) == 0) k++;
  return k;
}

// The order of what runs must have in common, and of their arithmetics.
static int by_common(const lb_results_run* a, const lb_results_run* b) {
  int k = difference(a, b);
  return k < COMMON ? order_of(common_of(a, k), common_of(b, k)) : 0;
}
static int by_arithmetic(const lb_results_run* a, const lb_results_run* b) {
  return order_of(a->arithmetic, b->arithmetic);
}

// The same for qsort, runs that are alike as they stand in the list.
static int sort_by_common(const void* a, const void* b) {
  const lb_results_run *x = *(lb_results_run*const*)a, *y = *(lb_results_run*const*)b;
  int order = by_common(x, y);
  return order ? order : (x > y) - (x < y);
}
// For qsort: by arithmetic, then as they stand in the list.
static int sort_by_arithmetic(const void* a, const void* b) {
  const lb_results_run *x = *(lb_results_run*const*)a, *y = *(lb_results_run*const*)b;
  int order = by_arithmetic(x, y);
  return order ? order : (x > y) - (x < y);
}

// Of n runs sorted by kind, the first one of the kind that most of them are of, of equally many the earliest in the
// list; *size receives how many these are. NULL, 0: there is no run.
static lb_results_run* first_of_most(lb_results_run* const* runs, int n, int* size,
                                     int (*kind)(const lb_results_run*, const lb_results_run*)) {
  lb_results_run* best = NULL;
  *size = 0;
  for (int i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && kind(runs[i], runs[end]) == 0; end++) continue;
    if (end - i < *size || (end - i == *size && runs[i] > best)) continue;
    best = runs[i];
    *size = end - i;
  }
  return best;
}

// Marks the runs that were made under other settings, from another expert or by another program than most of them.
static void set_apart(lb_arena* arena, lb_results_run** runs, int n) {
  lb_results_run** sorted = LB_TAKE(arena, lb_results_run*, n + 1);
  int count = 0, size;
  for (int i = 0; i < n; i++) {
    if (lb_results_run_enters(runs[i]) && runs[i]->protocol) sorted[count++] = runs[i];
  }
  qsort(sorted, (size_t)count, sizeof(lb_results_run*), sort_by_common);
  const lb_results_run* best = first_of_most(sorted, count, &size, by_common);
  for (int i = 0; i < count; i++) {
    int k = difference(sorted[i], best);
    if (k == COMMON) continue;
    sorted[i]->outcome = LB_OUTCOME_APART;
    sorted[i]->message = apart_words[k];
  }
}

// For qsort.
static int by_number(const void* a, const void* b) {
  return *(const int*)a - *(const int*)b;
}

// All iterations at which some run of the row was evaluated.
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
static int count_elsewhere(lb_arena* arena, const lb_results_row* row) {
  int most;
  lb_results_run** sorted = LB_TAKE(arena, lb_results_run*, row->n_runs + 1);
  for (int i = 0; i < row->n_runs; i++) sorted[i] = row->runs[i];
  qsort(sorted, (size_t)row->n_runs, sizeof(lb_results_run*), sort_by_arithmetic);
  first_of_most(sorted, row->n_runs, &most, by_arithmetic);
  return row->n_runs - most;
}

// The hash of the task that a run's numbers are of; NULL: it has none.
static const char* hash_of(const lb_results_run* run) {
  return run->outcome == LB_OUTCOME_STALE ? NULL : run->task_hash;
}

// Part of the runs, which are sorted by task and algorithm.
typedef struct span {
  int from, to;
} span;

// The first run that does not come before a task and, unless that is NULL, an algorithm; with `after`, the first that
// comes after them.
static int bound_of(const lb_results* r, const char* task, const char* algo, bool after) {
  int low = 0, high = r->n_runs;
  while (low < high) {
    int middle = low + (high - low) / 2, order = strcmp(r->runs[middle].task, task);
    if (order == 0 && algo) order = strcmp(r->runs[middle].algo, algo);
    if (order < 0 || (after && order == 0)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The runs of a task and, unless that is NULL, an algorithm.
static span span_of(const lb_results* r, const char* task, const char* algo) {
  return (span){bound_of(r, task, algo, false), bound_of(r, task, algo, true)};
}

// Whether run i is of a task's hash. `first`: the hash that also takes what has none.
static bool has_hash(const lb_results* r, int i, const char* hash, bool first) {
  const char* own = hash_of(&r->runs[i]);
  return own ? order_of(own, hash) == 0 : first;
}

// Fills a row from the runs of its task and algorithm that are of a hash.
static void fill_row(lb_results* r, lb_results_row* row, span of, const char* hash, bool first) {
  lb_results_run** found = LB_TAKE(r->arena, lb_results_run*, of.to - of.from + 1);
  int n = 0;
  for (int i = of.from; i < of.to; i++) {
    if (has_hash(r, i, hash, first)) found[n++] = &r->runs[i];
  }
  set_apart(r->arena, found, n);
  row->title = row->algo;
  row->runs = found;
  for (int i = 0; i < n; i++) {
    lb_results_run* run = found[i];
    row->count[run->outcome]++;
    row->planned += run->outcome != LB_OUTCOME_LEFT_OUT;
    if (run->title) row->title = run->title;
    if (lb_results_run_enters(run)) row->runs[row->n_runs++] = run;
  }
  row->elsewhere = count_elsewhere(r->arena, row);
  row->by_end = is_reference(r->suite, row);
  unite_iterations(r->arena, row);
  choose_last(row);
}

// Adds the row of an algorithm, where the task has it.
static void add_row(lb_results* r, lb_results_task* task, bool first, const char* algo) {
  span of = span_of(r, task->name, algo);
  bool any = false;
  for (int i = of.from; i < of.to && !any; i++) any = has_hash(r, i, task->hash, first);
  if (!any || lb_results_find_row(task, algo)) return;
  lb_results_row* row = &task->rows[task->n_rows];
  *row = (lb_results_row){.task = task->name, .in = task, .algo = algo};
  fill_row(r, row, of, task->hash, first);
  task->n_rows += row->planned > 0;  // nobody asked for the others
}

// Whether run i is the first of its row.
static bool begins_row(const lb_results* r, int i) {
  return i == 0 || strcmp(r->runs[i - 1].task, r->runs[i].task) != 0 ||
         strcmp(r->runs[i - 1].algo, r->runs[i].algo) != 0;
}

// Adds the task's rows: those of the suite, then algorithms that somebody added to the folder.
static void fill_task(lb_results* r, lb_results_task* task, span of, bool first) {
  int most = 1;
  for (int i = of.from; i < of.to; i++) most += begins_row(r, i);
  task->rows = LB_TAKE(r->arena, lb_results_row, most);
  for (int i = 0; i < r->suite->n_algos; i++) add_row(r, task, first, r->suite->algos[i]);
  for (int i = of.from; i < of.to; i++) {
    if (begins_row(r, i)) add_row(r, task, first, r->runs[i].algo);
  }
}

enum { HASHES_MAX = 16 };

// The hashes that a task's runs have, most runs first; returns how many, at most HASHES_MAX.
static int hashes_of(const lb_results* r, span of, const char** hashes) {
  int runs[HASHES_MAX] = {0}, n = 0;
  for (int i = of.from; i < of.to; i++) {
    const char* own = hash_of(&r->runs[i]);
    int h = 0;
    while (own && h < n && order_of(hashes[h], own) != 0) h++;
    if (!own || (h == n && n == HASHES_MAX)) continue;
    if (h == n) hashes[n++] = own;
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

// Adds the task of a name, one a hash.
static void add_tasks(lb_results* r, const char* name) {
  for (int i = 0; i < r->n_tasks; i++) {
    if (strcmp(r->tasks[i].name, name) == 0) return;
  }
  const char* hashes[HASHES_MAX] = {NULL};
  span of = span_of(r, name, NULL);
  int n = hashes_of(r, of, hashes);
  for (int i = 0; i < (n ? n : 1); i++) {
    lb_results_task* task = &r->tasks[r->n_tasks++];
    task->name = name;
    task->hash = hashes[i];
    task->split = n > 1;
    task->label = n > 1 ? lb_format_text(r->arena, "%s (task hash %.8s)", name, hashes[i]) : name;
    fill_task(r, task, of, i == 0);
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

// ---------------------------------------------------------------------------------------------------------------------
// Normalised returns

// Sets a value of a run that keeps its metric.
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

// Normalises the returns of a task's runs.
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

void lb_pool_runs(lb_results* r) {
  int names = r->suite->n_tasks + 1;
  set_stale_apart(r);
  for (int i = 0; r->measure->steps && i < r->n_runs; i++) {
    lb_results_run* run = &r->runs[i];
    run->planned = run->cloned ? -1 : run->planned_steps >= 0 ? run->planned_steps : run->planned;
  }
  for (int i = 0; i < r->n_runs; i++) names += begins_row(r, i);
  r->tasks = LB_TAKE(r->arena, lb_results_task, names * HASHES_MAX);
  for (int i = 0; i < r->suite->n_tasks; i++) add_tasks(r, r->suite->tasks[i]);
  for (int i = 0; i < r->n_runs; i++) {
    if (begins_row(r, i)) add_tasks(r, r->runs[i].task);
  }
  lend_titles(r);
  if (r->measure->normalised) normalise(r);
}
