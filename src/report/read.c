// Finding the run folders of a suite: see read.h.
#include "report/read.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "io/file.h"
#include "report/read_run.h"

// Whether a name is "seed-<n>"; *seed receives n.
static bool is_seed(const char* name, int* seed) {
  if (strncmp(name, "seed-", 5) != 0 || !name[5]) return false;
  long long value = 0;
  for (const char* c = name + 5; *c; c++) {
    if (*c < '0' || *c > '9' || (value = 10 * value + (*c - '0')) > INT_MAX) return false;
  }
  *seed = (int)value;
  return true;
}

// A run list that grows by moving to a larger piece of the arena.
static lb_results_run* add_run(lb_results* r, int* capacity) {
  if (r->n_runs == *capacity) {
    *capacity = *capacity ? 2 * *capacity : 256;
    lb_results_run* larger = LB_TAKE(r->arena, lb_results_run, *capacity);
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

static bool has_run(const lb_results* r, const char* task, const char* algo, int seed) {
  for (int i = 0; i < r->n_runs; i++) {
    const lb_results_run* run = &r->runs[i];
    if (run->seed == seed && strcmp(run->task, task) == 0 && strcmp(run->algo, algo) == 0) return true;
  }
  return false;
}

static lb_status find_seeds(lb_results* r, int* capacity, const char* path, const char* task, const char* algo) {
  char** names;
  int n;
  LB_TRY(lb_folder_list(path, &names, &n));
  for (int i = 0; i < n; i++) {
    int seed;
    char folder[4096];
    if (!is_seed(names[i], &seed)) continue;
    lb_path_join(folder, sizeof(folder), path, names[i]);
    if (!lb_folder_exists(folder) || has_run(r, task, algo, seed)) continue;
    lb_results_run* run = add_run(r, capacity);
    run->folder = lb_format_text(r->arena, "%s", folder);
    run->task = task;
    run->algo = algo;
    run->seed = seed;
    lb_read_run(r, run);
  }
  lb_names_free(names, n);
  return lb_ok();
}

static lb_status find_algos(lb_results* r, int* capacity, const char* path, const char* task) {
  char** names;
  int n;
  LB_TRY(lb_folder_list(path, &names, &n));
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    char folder[4096];
    lb_path_join(folder, sizeof(folder), path, names[i]);
    if (!lb_folder_exists(folder)) continue;
    status = find_seeds(r, capacity, folder, task, lb_format_text(r->arena, "%s", names[i]));
  }
  lb_names_free(names, n);
  return status;
}

static void add_missing(lb_results* r, int* capacity) {
  const lb_suite* s = r->suite;
  for (int i = 0; i < s->n_rows; i++) {
    bool wanted = lb_suite_row_is_wanted(&s->rows[i], s->only, s->n_only);
    for (int k = 0; k < s->n_seeds; k++) {
      const char *task = s->rows[i].task, *algo = s->rows[i].algo;
      if (has_run(r, task, algo, s->seeds[k])) continue;
      lb_results_run* run = add_run(r, capacity);
      run->folder = lb_format_text(r->arena, "%s/%s/%s/seed-%d", r->folder, task, algo, s->seeds[k]);
      run->task = task;
      run->algo = algo;
      run->seed = s->seeds[k];
      run->outcome = wanted ? LB_OUTCOME_MISSING : LB_OUTCOME_LEFT_OUT;
    }
  }
}

static int by_place(const void* a, const void* b) {
  const lb_results_run *x = a, *y = b;
  int order = strcmp(x->task, y->task);
  if (!order) order = strcmp(x->algo, y->algo);
  return order ? order : (x->seed > y->seed) - (x->seed < y->seed);
}

lb_status lb_read_runs(lb_results* results) {
  char** names;
  int n, capacity = 0;
  LB_TRY(lb_folder_list(results->folder, &names, &n));
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    char folder[4096];
    lb_path_join(folder, sizeof(folder), results->folder, names[i]);
    if (strcmp(names[i], "plots") == 0 || !lb_folder_exists(folder)) continue;
    status = find_algos(results, &capacity, folder, lb_format_text(results->arena, "%s", names[i]));
  }
  lb_names_free(names, n);
  LB_TRY(status);
  add_missing(results, &capacity);
  if (results->n_runs > 1) qsort(results->runs, (size_t)results->n_runs, sizeof(lb_results_run), by_place);
  return lb_ok();
}
