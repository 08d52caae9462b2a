// The runs of a suite, or of none: see load.h.
#include "report/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "io/file.h"
#include "io/json.h"
#include "report/read_run.h"

// ---------------------------------------------------------------------------------------------------------------------
// Of a suite

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

// A seed's place in a listing of names.
typedef struct seed_place {
  int seed, at;
} seed_place;

static int by_seed(const void* a, const void* b) {
  const seed_place *x = a, *y = b;
  int order = (x->seed > y->seed) - (x->seed < y->seed);
  return order ? order : (x->at > y->at) - (x->at < y->at);
}

// Which seed each of n names in a folder is of; -1: none, or, as "seed-1" after "seed-01", one that an earlier name
// has.
static lb_status list_seeds(int* seeds, const char* path, char* const* names, int n) {
  seed_place* places = calloc((size_t)n + 1, sizeof *places);
  if (!places) return lb_fail(LB_MEMORY, "%s: no memory to list it", path);
  int count = 0;
  for (int i = 0; i < n; i++) {
    int seed;
    char folder[4096];
    seeds[i] = -1;
    lb_path_join(folder, sizeof folder, path, names[i]);
    if (is_seed(names[i], &seed) && lb_folder_exists(folder)) places[count++] = (seed_place){seed, i};
  }
  qsort(places, (size_t)count, sizeof *places, by_seed);
  for (int i = 0; i < count; i++) {
    if (i == 0 || places[i].seed != places[i - 1].seed) seeds[places[i].at] = places[i].seed;
  }
  free(places);
  return lb_ok();
}

// Reads the runs of a row: <path>/seed-<n>.
static lb_status find_seeds(lb_results* r, const char* path, const char* task, const char* algo) {
  char** names;
  int n;
  LB_TRY(lb_folder_list(path, &names, &n));
  int* seeds = LB_TAKE(r->arena, int, n + 1);
  lb_status status = list_seeds(seeds, path, names, n);
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    if (seeds[i] < 0) continue;
    char folder[4096];
    lb_path_join(folder, sizeof folder, path, names[i]);
    lb_results_run* run = lb_results_add_run(r);
    run->folder = lb_format_text(r->arena, "%s", folder);
    run->task = task;
    run->algo = algo;
    run->seed = seeds[i];
    lb_read_run(r, run);
  }
  lb_names_free(names, n);
  return status;
}

// Reads the rows of a task: <path>/<algo>.
static lb_status find_algos(lb_results* r, const char* path, const char* task) {
  char** names;
  int n;
  LB_TRY(lb_folder_list(path, &names, &n));
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    char folder[4096];
    lb_path_join(folder, sizeof(folder), path, names[i]);
    if (!lb_folder_exists(folder)) continue;
    status = find_seeds(r, folder, task, lb_format_text(r->arena, "%s", names[i]));
  }
  lb_names_free(names, n);
  return status;
}

// Adds the runs that the suite asks for and are not there. Those that are there are sorted, and so are all afterwards.
static void add_missing(lb_results* r) {
  const lb_suite* s = r->suite;
  int there = r->n_runs;
  for (int i = 0; i < s->n_rows; i++) {
    bool wanted = lb_suite_row_is_wanted(&s->rows[i], s->only, s->n_only);
    for (int k = 0; k < s->n_seeds; k++) {
      const char *task = s->rows[i].task, *algo = s->rows[i].algo;
      if (lb_results_find_run(r, there, task, algo, s->seeds[k])) continue;
      lb_results_run* run = lb_results_add_run(r);
      run->folder = lb_format_text(r->arena, "%s/%s/%s/seed-%d", r->folder, task, algo, s->seeds[k]);
      run->task = task;
      run->algo = algo;
      run->seed = s->seeds[k];
      run->outcome = wanted ? LB_OUTCOME_MISSING : LB_OUTCOME_LEFT_OUT;
    }
  }
  lb_results_sort_runs(r);
}

lb_status lb_load_runs(lb_results* results) {
  char** names;
  int n;
  LB_TRY(lb_folder_list(results->folder, &names, &n));
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    char folder[4096];
    lb_path_join(folder, sizeof(folder), results->folder, names[i]);
    if (strcmp(names[i], "plots") == 0 || !lb_folder_exists(folder)) continue;
    status = find_algos(results, folder, lb_format_text(results->arena, "%s", names[i]));
  }
  lb_names_free(names, n);
  LB_TRY(status);
  lb_results_sort_runs(results);
  add_missing(results);
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Of none

static bool same_as(const char* a, const char* b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

// Whether two runs may be seeds of one row: their settings are the same.
static bool is_one_row(const lb_results_run* a, const lb_results_run* b) {
  return strcmp(a->task, b->task) == 0 && same_as(a->protocol, b->protocol) && same_as(a->recipe_sum, b->recipe_sum) &&
         same_as(a->program, b->program) && same_as(a->task_hash, b->task_hash);
}

// "width=8, batch=64": the settings in which a run differs from another, at most three of them; "" where in none.
static const char* settings_that_differ(lb_results* r, const lb_results_run* run, const lb_results_run* from) {
  lb_json *own, *other;
  if (!run->protocol || !from->protocol || lb_json_parse(&own, run->protocol, "protocol").code != LB_OK) return "";
  if (lb_json_parse(&other, from->protocol, "protocol").code != LB_OK) {
    lb_json_free(own);
    return "";
  }
  const char* words = "";
  int n = 0;
  for (int i = 0; i < lb_json_length(lb_json_root(own)); i++) {
    const char* key = lb_json_key(lb_json_root(own), i);
    const char* here = lb_read_run_canonical(r, lb_json_root(own), key);
    if (strcmp(here, lb_read_run_canonical(r, lb_json_root(other), key)) == 0) continue;
    if (++n <= 3) words = lb_format_text(r->arena, "%s%s%s=%s", words, n > 1 ? ", " : "", key, here);
  }
  if (n > 3) words = lb_format_text(r->arena, "%s, ...", words);
  lb_json_free(own);
  lb_json_free(other);
  return words;
}

// The rows that single runs fall into, in the order of their first runs.
typedef struct single_rows {
  int n;
  int* first;  // [n] run of each row
  int* next;   // [runs] the run after it in its row; -1: none
} single_rows;

// Whether run i may be one more seed of a row; *last receives the row's last run.
static bool fits(const lb_results* r, const single_rows* rows, int row, int i, int* last) {
  if (!is_one_row(&r->runs[rows->first[row]], &r->runs[i])) return false;
  for (int k = rows->first[row]; k >= 0; k = rows->next[k]) {
    if (r->runs[k].seed == r->runs[i].seed) return false;
    *last = k;
  }
  return true;
}

// Names the row of run i: its algorithm's name, or where earlier runs of that name are not of its row, that and a
// number.
static void name_row(lb_results* r, single_rows* rows, int i) {
  lb_results_run* run = &r->runs[i];
  const lb_results_run* first = NULL;
  int namesakes = 0, last = -1;
  rows->next[i] = -1;
  for (int k = 0; k < rows->n; k++) {
    const lb_results_run* other = &r->runs[rows->first[k]];
    if (strcmp(other->task, run->task) != 0 || !same_as(other->recipe_name, run->recipe_name)) continue;
    if (!first) first = other;
    namesakes += 1;
    if (!fits(r, rows, k, i, &last)) continue;
    rows->next[last] = i;
    run->algo = other->algo;
    run->title = other->title;
    return;
  }
  rows->first[rows->n++] = i;
  if (!first) return;
  const char* words = settings_that_differ(r, run, first);
  run->algo = lb_format_text(r->arena, "%s-%d", run->recipe_name, namesakes + 1);
  run->title = words[0]
                   ? lb_format_text(r->arena, "%s (%s)", run->title ? run->title : run->recipe_name, words)
                   : lb_format_text(r->arena, "%s (%d)", run->title ? run->title : run->recipe_name, namesakes + 1);
}

lb_status lb_load_singles(lb_results* r, const char* const* folders, int n) {
  single_rows rows = {0, LB_TAKE(r->arena, int, n + 1), LB_TAKE(r->arena, int, n + 1)};
  for (int i = 0; i < n; i++) {
    char path[4096];
    const char *task, *algo;
    lb_json* doc;
    lb_results_run* run = lb_results_add_run(r);
    run->folder = lb_format_text(r->arena, "%s", folders[i]);
    lb_path_join(path, sizeof path, folders[i], "config.json");
    LB_TRY(lb_json_load(&doc, path));
    lb_node root = lb_json_root(doc);
    lb_status status = lb_json_string(root, "task", &task);
    if (status.code == LB_OK) status = lb_json_string(root, "algo", &algo);
    if (status.code == LB_OK) status = lb_json_int(root, "seed", 0, INT_MAX, &run->seed);
    if (status.code == LB_OK) {
      run->task = lb_results_intern_text(r, task);
      run->algo = run->recipe_name = lb_results_intern_text(r, algo);
    }
    lb_json_free(doc);
    LB_TRY(status);
    lb_read_run(r, run);
    name_row(r, &rows, i);
  }
  lb_results_sort_runs(r);
  return lb_ok();
}
