// The runs of a suite, or of none: see load.h.
#include "report/load.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "report/pool.h"
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

// For qsort: by seed, then as listed.
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

// Fills the runs with every one below the results' folder, and with those that the suite asks for and nobody has made.
static lb_status load_runs(lb_results* results) {
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

// Whether two runs may be seeds of one row: their settings are the same.
static bool is_one_row(const lb_results_run* a, const lb_results_run* b) {
  return strcmp(a->task, b->task) == 0 && lb_text_same(a->protocol, b->protocol) &&
         lb_text_same(a->recipe_sum, b->recipe_sum) && lb_text_same(a->program, b->program) &&
         lb_text_same(a->task_hash, b->task_hash);
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
    if (strcmp(other->task, run->task) != 0 || !lb_text_same(other->recipe_name, run->recipe_name)) continue;
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

// A task's name, of a task that is a file its own without folder and ending.
static const char* name_of_task(lb_results* r, const char* task) {
  const char* slash = strrchr(task, '/');
  if (!slash) return lb_results_intern_text(r, task);
  size_t length = strlen(slash + 1);
  if (length > 5 && strcmp(slash + 1 + length - 5, ".json") == 0) length -= 5;
  return lb_results_intern_text(r, lb_format_text(r->arena, "%.*s", (int)length, slash + 1));
}

// Fills the runs from single folders, whose rows are named anew where settings differ.
static lb_status load_singles(lb_results* r, const char* const* folders, int n) {
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
      run->task = name_of_task(r, task);
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

// ---------------------------------------------------------------------------------------------------------------------
// Results of them

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
  r->measure = lb_results_measure_of(r->suite->metric);
  r->metric = r->measure->metric;
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
  lb_pool_runs(r);
  for (int i = 0; i < r->n_runs; i++) r->count[r->runs[i].outcome]++;
}

// Results of a suite; `published`: of its curves where the runs are not there.
static lb_status load_from(lb_results** out, const char* folder, bool published) {
  char path[4096];
  lb_suite* suite;
  lb_results* r;
  *out = NULL;
  lb_path_join(path, sizeof path, folder, "suite.json");
  LB_TRY(lb_suite_load(&suite, path));
  LB_TRY(make(&r, folder, suite));
  lb_status status = load_runs(r);
  if (published && status.code == LB_OK && !has_runs(r)) {
    r->n_runs = 0;
    status = lb_read_run_curves(r);
  }
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
    const lb_results_run *run = &r->runs[i], *before = i > 0 ? run - 1 : NULL;  // they are sorted
    if (before && strcmp(before->task, run->task) == 0 && strcmp(before->algo, run->algo) == 0) continue;
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "task", run->task);
    lb_json_write_string(&w, "algo", run->algo);
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

lb_status lb_load_singles(lb_results** out, const char* folder, const char* const* runs, int n) {
  lb_results* r;
  lb_text json = {0};
  *out = NULL;
  LB_TRY(make(&r, folder, NULL));
  lb_status status = load_singles(r, runs, n);
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

lb_status lb_load_suite(lb_results** out, const char* folder) {
  return load_from(out, folder, false);
}

lb_status lb_load_published(lb_results** out, const char* folder) {
  return load_from(out, folder, true);
}

lb_status lb_load_all(lb_results** out, const char* const* folders, int n) {
  for (int i = 0; i < n; i++) {
    lb_status status = lb_load_suite(&out[i], folders[i]);
    if (status.code == LB_OK) continue;
    lb_results_free_all(out, i);
    return status;
  }
  return lb_ok();
}
