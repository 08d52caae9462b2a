// Runs sorted into tasks and rows: see rows.h.
#include "report/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "report/as_run.h"

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

void lb_rows_sort(lb_results* r) {
  r->tasks = LB_TAKE(r->arena, lb_results_task, r->n_runs * 16 + 1);
  for (int i = 0; i < r->n_runs; i++) {
    const char* why = enters(&r->runs[i]) ? lb_as_run_staleness(r->suite, &r->runs[i], r->arena) : NULL;
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
