// Reading the run folders of a suite: see load.h.
#include "report/load.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "io/file.h"
#include "io/run_folder.h"
#include "io/run_identity.h"
#include "io/run_read.h"

// ---------------------------------------------------------------------------------------------------------------------
// One run folder

enum { SUITE_ITERATIONS_MAX = 100000000 };

static bool same_as(const char* a, const char* b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

// The text of a member, kept once however many runs have it.
static const char* canonical(lb_results* r, lb_node root, const char* key) {
  lb_node node;
  if (!lb_json_has(root, key) || lb_json_child(root, key, &node).code != LB_OK) return "null";
  char* text = lb_json_canonical(node);
  const char* kept = lb_results_intern_text(r, text);
  free(text);
  return kept;
}

// "key value, key value" of an object's plain members; `bare` names a member whose key goes without saying.
static const char* one_line(lb_results* r, lb_node root, const char* key, const char* bare) {
  lb_node object;
  if (!lb_json_has(root, key) || lb_json_child(root, key, &object).code != LB_OK) return "";
  if (!lb_json_is_object(object)) return "";
  lb_text line = {0};
  for (int i = 0; i < lb_json_length(object); i++) {
    const char* name = lb_json_key(object, i);
    lb_node node = lb_json_element(object, i);
    const char* text;
    double number;
    const char* comma = line.length ? ", " : "";
    const char* said = strcmp(name, bare) == 0 ? "" : name;
    const char* space = said[0] ? " " : "";
    if (lb_json_is_string(node) && lb_json_as_string(node, &text).code == LB_OK && text[0]) {
      lb_text_add(&line, "%s%s%s%s", comma, said, space, text);
    } else if (lb_json_is_number(node) && lb_json_as_number(node, -INFINITY, INFINITY, &number).code == LB_OK) {
      lb_text_add(&line, "%s%s%s%.10g", comma, said, space, number);
    }
  }
  const char* copy = lb_results_intern_text(r, line.data ? line.data : "");
  lb_text_free(&line);
  return copy;
}

// The row of the suite's sweep that a run belongs to; NULL: none.
static const lb_suite_row* swept_row(const lb_suite* suite, const lb_results_run* run) {
  for (int i = 0; suite && i < suite->n_rows; i++) {
    const lb_suite_row* row = &suite->rows[i];
    if (row->value >= 0 && strcmp(row->task, run->task) == 0 && strcmp(row->algo, run->algo) == 0) return row;
  }
  return NULL;
}

// Whether the run had the value of the sweep that its folder is named after.
static lb_status has_value(bool* out, lb_node root, const lb_suite_sweep* sweep, const lb_suite_row* row) {
  lb_node protocol;
  double value;
  LB_TRY(lb_json_object(root, "protocol", &protocol));
  LB_TRY(lb_json_number(protocol, sweep->setting, -INFINITY, INFINITY, &value));
  double wanted = sweep->values[row->value];
  *out = !(value < wanted) && !(value > wanted);
  return lb_ok();
}

// A run that is not of its place, as a folder that was copied or renamed, is stale, with the reason.
static lb_status check_place(lb_arena* arena, lb_node root, lb_results_run* run, const lb_suite* suite) {
  const char *task, *algo;
  int seed;
  bool same_value = true;
  const lb_suite_row* row = swept_row(suite, run);
  LB_TRY(lb_json_string(root, "task", &task));
  LB_TRY(lb_json_string(root, "algo", &algo));
  LB_TRY(lb_json_int(root, "seed", 0, INT_MAX, &seed));
  bool here = strcmp(task, run->task) == 0 && strcmp(algo, row ? row->recipe : run->algo) == 0 && seed == run->seed;
  if (here && row) LB_TRY(has_value(&same_value, root, &suite->sweep, row));
  if (here && same_value) return lb_ok();
  run->outcome = LB_OUTCOME_STALE;
  run->message =
      here ? lb_format_text(arena, "of another value of %s than its folder says, left out", suite->sweep.setting)
           : lb_format_text(arena, "of another run than its folder says (%s on %s, seed %d), left out", algo, task,
                            seed);
  return lb_ok();
}

// Whether the recipe's planner is behaviour cloning.
static bool is_cloned(lb_node root) {
  lb_node recipe, planner;
  const char* type;
  return lb_json_has(root, "recipe") && lb_json_object(root, "recipe", &recipe).code == LB_OK &&
         lb_json_has(recipe, "planner") && lb_json_object(recipe, "planner", &planner).code == LB_OK &&
         lb_json_has(planner, "type") && lb_json_string(planner, "type", &type).code == LB_OK &&
         strcmp(type, "bc") == 0;
}

// What made the run, where its configuration says so (those of older versions do not).
static void take_identity(lb_results* r, lb_results_run* run, lb_node root) {
  lb_node node;
  const char* text;
  char sum[65];
  if (lb_json_has(root, "recipe") && lb_json_object(root, "recipe", &node).code == LB_OK) {
    lb_run_sum(sum, node);
    run->recipe_sum = lb_results_intern_text(r, sum);
  }
  if (lb_json_has(root, "expert") && lb_json_object(root, "expert", &node).code == LB_OK) {
    if (lb_json_string_or(node, "demonstrations", "", &text).code == LB_OK)
      run->demonstrations = lb_results_intern_text(r, text);
    if (lb_json_string_or(node, "policy", "", &text).code == LB_OK) run->policy = lb_results_intern_text(r, text);
  }
  if (lb_json_has(root, "program")) run->program = canonical(r, root, "program");
  if (lb_json_has(root, "arithmetic")) run->arithmetic = canonical(r, root, "arithmetic");
}

static lb_status take_config(lb_results* r, lb_results_run* run, lb_node root) {
  lb_arena* arena = r->arena;
  const lb_suite* suite = r->suite;
  if (suite) LB_TRY(check_place(arena, root, run, suite));
  if (run->outcome == LB_OUTCOME_STALE) return lb_ok();
  const char *hash, *title;
  LB_TRY(lb_json_string(root, "task_hash", &hash));
  LB_TRY(lb_json_string_or(root, "title", run->algo, &title));
  if (lb_json_has(root, "protocol")) {
    lb_node protocol;
    LB_TRY(lb_json_object(root, "protocol", &protocol));
    LB_TRY(lb_json_int_or(protocol, "iterations", 0, SUITE_ITERATIONS_MAX, -1, &run->planned));
    LB_TRY(lb_json_int_or(protocol, "steps", 0, SUITE_ITERATIONS_MAX, -1, &run->planned_steps));
    if (run->planned < 0) run->planned = run->planned_steps;
  }
  run->cloned = is_cloned(root);
  run->task_hash = lb_results_intern_text(r, hash);
  const lb_suite_row* row = swept_row(suite, run);
  run->title =
      row ? lb_format_text(arena, "%s @ %s", title, suite->sweep.texts[row->value]) : lb_results_intern_text(r, title);
  run->protocol = canonical(r, root, "protocol");
  run->recipe = canonical(r, root, "recipe");
  take_identity(r, run, root);
  return lb_ok();
}

// What the last process that worked on the run was, and where: nothing that the numbers depend on, so a run without it
// is as good.
static void read_environment(lb_results* r, lb_results_run* run) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "environment.json");
  lb_json* doc;
  if (!lb_file_exists(path) || lb_json_load(&doc, path).code != LB_OK) return;
  lb_node root = lb_json_root(doc);
  const char* command;
  if (lb_json_string_or(root, "command", "", &command).code == LB_OK)
    run->command = lb_format_text(r->arena, "%s", command);
  run->versions = one_line(r, root, "versions", "");
  run->machine = one_line(r, root, "machine", "cpu");
  lb_json_free(doc);
}

static lb_status read_config(lb_results* r, lb_results_run* run) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "config.json");
  if (!lb_file_exists(path)) return lb_ok();  // the folder was made a moment ago
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = take_config(r, run, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}

static lb_status read_done(lb_arena* arena, lb_results_run* run) {
  char message[500];
  lb_run_end end;
  LB_TRY(lb_run_read_end(&end, message, sizeof message, run->folder));
  run->outcome = (lb_run_outcome)(LB_OUTCOME_RUNNING + (int)end);
  run->message = lb_format_text(arena, "%s", message);
  return lb_ok();
}

// A run's points while its logs are read: every metric has a column.
typedef struct reading {
  lb_results* r;
  lb_results_run* run;
  double* values;  // [capacity][LB_METRICS_MAX]
  int capacity;
  int next;  // point that the next line of timing is looked for from
} reading;

// Copies the numbers of a line into a point; null and text count as absent.
static void take_numbers(lb_results* r, lb_node object, double* values) {
  for (int i = 0; i < lb_json_length(object); i++) {
    lb_node node = lb_json_element(object, i);
    double value;
    if (!lb_json_is_number(node) || lb_json_as_number(node, -INFINITY, INFINITY, &value).code != LB_OK) continue;
    if (fabs(value) > 1e308) continue;  // what older runs wrote where there was no value
    const char* name = lb_json_key(object, i);
    int metric = strcmp(name, "iteration") == 0 ? -1 : lb_results_intern_metric(r, name);
    if (metric >= 0) values[metric] = value;
  }
}

static lb_status read_iteration(lb_node line, int* iteration) {
  return lb_json_int(line, "iteration", 0, SUITE_ITERATIONS_MAX, iteration);
}

// Makes room for a point.
static lb_status grow(reading* d) {
  if (d->run->n_points < d->capacity) return lb_ok();
  int capacity = d->capacity ? 2 * d->capacity : 64;
  int* iterations = LB_TAKE(d->r->arena, int, capacity);
  double* values = realloc(d->values, sizeof(double) * LB_METRICS_MAX * (size_t)capacity);
  if (!values) return lb_fail(LB_MEMORY, "%s: no memory to read it", d->run->folder);
  if (d->capacity) memcpy(iterations, d->run->iterations, sizeof(int) * (size_t)d->capacity);
  d->run->iterations = iterations;
  d->values = values;
  d->capacity = capacity;
  return lb_ok();
}

// A line of metrics.jsonl opens a new point.
static lb_status take_metrics(void* ctx, lb_node line) {
  reading* d = ctx;
  lb_results_run* run = d->run;
  int iteration;
  LB_TRY(read_iteration(line, &iteration));
  if (run->n_points > 0 && iteration <= run->iterations[run->n_points - 1]) {
    return lb_json_fail(line, "iteration %d follows iteration %d", iteration, run->iterations[run->n_points - 1]);
  }
  LB_TRY(grow(d));
  double* values = d->values + (ptrdiff_t)run->n_points * LB_METRICS_MAX;
  for (int m = 0; m < LB_METRICS_MAX; m++) values[m] = NAN;
  take_numbers(d->r, line, values);
  run->iterations[run->n_points++] = iteration;
  return lb_ok();
}

// A line of timing.jsonl adds to the point of its iteration.
static lb_status take_timing(void* ctx, lb_node line) {
  reading* d = ctx;
  int iteration;
  LB_TRY(read_iteration(line, &iteration));
  for (int k = 0; k < d->run->n_points; k++) {
    int p = (d->next + k) % d->run->n_points;
    if (d->run->iterations[p] != iteration) continue;
    take_numbers(d->r, line, d->values + (ptrdiff_t)p * LB_METRICS_MAX);
    d->next = p + 1;
    break;
  }
  return lb_ok();
}

static double or_zero(double x) {
  return isnan(x) ? 0 : x;
}

// Of costs, NaN where a part is missing; runs with returns leave out what they have none of.
static void derive(reading* d) {
  double best = NAN;
  for (int p = 0; p < d->run->n_points; p++) {
    double* v = d->values + (ptrdiff_t)p * LB_METRICS_MAX;
    bool returns = !isnan(v[LB_METRIC_RETURN]) || !isnan(v[LB_METRIC_STEPS_EXPLORATION]);
    v[LB_METRIC_SAMPLES] = v[LB_METRIC_STEPS_EXPERT] + v[LB_METRIC_STEPS_LEARNER];
    v[LB_METRIC_CPU_LEARNING] = v[LB_METRIC_COLLECT] + v[LB_METRIC_FIT] + v[LB_METRIC_PLAN];
    if (!returns) continue;
    v[LB_METRIC_SAMPLES_LEARNER] = v[LB_METRIC_STEPS_LEARNER] + or_zero(v[LB_METRIC_STEPS_EXPLORATION]);
    v[LB_METRIC_SAMPLES] = v[LB_METRIC_SAMPLES_LEARNER] + or_zero(v[LB_METRIC_STEPS_EXPERT]);
    bool timed = !isnan(v[LB_METRIC_CPU]);
    v[LB_METRIC_CPU_LEARNING] = timed ? or_zero(v[LB_METRIC_CLONE]) + or_zero(v[LB_METRIC_COLLECT]) +
                                            or_zero(v[LB_METRIC_FIT]) + or_zero(v[LB_METRIC_PLAN])
                                      : NAN;
    if (isnan(best) || v[LB_METRIC_RETURN] > best) best = v[LB_METRIC_RETURN];
    if (isnan(v[LB_METRIC_RETURN_BEST])) v[LB_METRIC_RETURN_BEST] = best;
  }
}

static bool has_any(const reading* d, int metric) {
  for (int p = 0; p < d->run->n_points; p++) {
    if (!isnan(d->values[(ptrdiff_t)p * LB_METRICS_MAX + metric])) return true;
  }
  return false;
}

// Keeps the columns that have a number, and one for normalised returns beside returns.
static void keep_columns(reading* d) {
  lb_results_run* run = d->run;
  short* column = LB_TAKE(d->r->arena, short, LB_METRICS_MAX);
  for (int m = 0; m < LB_METRICS_MAX; m++) {
    bool kept = has_any(d, m) || (m == LB_METRIC_RETURN_NORMALISED && has_any(d, LB_METRIC_RETURN));
    column[m] = kept ? (short)run->columns++ : -1;
  }
  run->column = column;
  run->values = LB_TAKE(d->r->arena, double, run->n_points * run->columns + 1);
  for (int p = 0; p < run->n_points; p++) {
    for (int m = 0; m < LB_METRICS_MAX; m++) {
      if (column[m] < 0) continue;
      run->values[p * run->columns + column[m]] = d->values[(ptrdiff_t)p * LB_METRICS_MAX + m];
    }
  }
}

static lb_status read_logs(lb_results* r, lb_results_run* run) {
  reading d = {.r = r, .run = run};
  bool over = run->outcome != LB_OUTCOME_RUNNING;
  lb_status status = lb_run_read_log(run->folder, "metrics.jsonl", over, take_metrics, &d);
  if (status.code == LB_OK) status = lb_run_read_log(run->folder, "timing.jsonl", over, take_timing, &d);
  if (status.code == LB_OK) {
    derive(&d);
    keep_columns(&d);
  } else {
    run->n_points = 0;
  }
  free(d.values);
  return status;
}

// Reads one run folder into `run`.
static void read_run(lb_results* r, lb_results_run* run) {
  lb_status status = read_config(r, run);
  if (status.code == LB_OK && run->outcome == LB_OUTCOME_STALE) return;
  read_environment(r, run);
  if (status.code == LB_OK) status = read_done(r->arena, run);
  if (status.code == LB_OK) status = lb_run_folder_verify(run->folder);
  if (status.code == LB_OK) status = read_logs(r, run);
  if (status.code != LB_OK) {
    run->outcome = LB_OUTCOME_DAMAGED;
    run->message = lb_format_text(r->arena, "%s", status.text);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// All of a suite's

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
    read_run(r, run);
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

lb_status lb_load_runs(lb_results* results) {
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

// ---------------------------------------------------------------------------------------------------------------------
// Runs that belong to no suite

// Whether two runs may be seeds of one row.
static bool is_one_row(const lb_results_run* a, const lb_results_run* b) {
  return a->seed != b->seed && strcmp(a->task, b->task) == 0 && same_as(a->protocol, b->protocol) &&
         same_as(a->recipe_sum, b->recipe_sum) && same_as(a->program, b->program) &&
         same_as(a->task_hash, b->task_hash);
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
    const char* here = canonical(r, lb_json_root(own), key);
    if (strcmp(here, canonical(r, lb_json_root(other), key)) == 0) continue;
    if (++n <= 3) words = lb_format_text(r->arena, "%s%s%s=%s", words, n > 1 ? ", " : "", key, here);
  }
  if (n > 3) words = lb_format_text(r->arena, "%s, ...", words);
  lb_json_free(own);
  lb_json_free(other);
  return words;
}

// Names the row of run i: its algorithm's name, or where earlier runs of that name are not of its row, that and a
// number.
static void name_row(lb_results* r, int i) {
  lb_results_run* run = &r->runs[i];
  const lb_results_run* first = NULL;
  int rows = 0;
  for (int k = 0; k < i; k++) {
    const lb_results_run* other = &r->runs[k];
    if (strcmp(other->task, run->task) != 0 || !same_as(other->recipe_name, run->recipe_name)) continue;
    if (!first) first = other;
    bool is_new = true;  // whether run k begins a row
    for (int j = 0; j < k; j++)
      is_new = is_new && !(strcmp(r->runs[j].task, other->task) == 0 && strcmp(r->runs[j].algo, other->algo) == 0);
    rows += is_new;
    bool fits = is_one_row(other, run);
    for (int j = 0; j < i && fits; j++) {
      bool beside = strcmp(r->runs[j].task, other->task) == 0 && strcmp(r->runs[j].algo, other->algo) == 0;
      fits = !(beside && r->runs[j].seed == run->seed);
    }
    if (!fits) continue;
    run->algo = other->algo;
    run->title = other->title;
    return;
  }
  if (!first) return;
  const char* words = settings_that_differ(r, run, first);
  run->algo = lb_format_text(r->arena, "%s-%d", run->recipe_name, rows + 1);
  run->title = words[0] ? lb_format_text(r->arena, "%s (%s)", run->title ? run->title : run->recipe_name, words)
                        : lb_format_text(r->arena, "%s (%d)", run->title ? run->title : run->recipe_name, rows + 1);
}

lb_status lb_load_singles(lb_results* r, const char* const* folders, int n) {
  int capacity = 0;
  for (int i = 0; i < n; i++) {
    char path[4096];
    const char *task, *algo;
    lb_json* doc;
    lb_results_run* run = add_run(r, &capacity);
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
    read_run(r, run);
    name_row(r, i);
  }
  if (r->n_runs > 1) qsort(r->runs, (size_t)r->n_runs, sizeof(lb_results_run), by_place);
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Published results: the raw curves of a report whose runs are not there

enum { FIELDS_MAX = LB_METRICS_MAX + 8 };

// Cuts a line of CSV into its fields, quotation marks taken off; returns how many.
static int cut_fields(char* line, char** fields) {
  int n = 0;
  for (char* at = line; n < FIELDS_MAX;) {
    bool quoted = *at == '"';
    char *from = at + quoted, *to = from;
    fields[n++] = to;
    for (at = from; *at && (quoted || *at != ','); at++) {
      if (quoted && *at == '"') {
        if (at[1] != '"') {
          quoted = false;
          continue;
        }
        at++;
      }
      *to++ = *at;
    }
    bool more = *at == ',';
    *to = '\0';
    if (!more) break;
    at++;
  }
  return n;
}

// What curves.csv begins with, before a column for every metric.
enum { CURVE_TASK = 1, CURVE_ALGO = 2, CURVE_SEED = 3, CURVE_ITERATION = 4, CURVE_METRICS = 5 };

static bool reads_int(const char* text, int* value) {
  char* end;
  long number = strtol(text, &end, 10);
  *value = (int)number;
  return *text && !*end && number >= 0 && number <= SUITE_ITERATIONS_MAX;
}

// Files the points of a run that was read to its end.
static void end_curve(reading* d) {
  if (d->run) {
    derive(d);
    keep_columns(d);
    d->run->cloned = has_any(d, LB_METRIC_DEMONSTRATIONS);
  }
  free(d->values);
  *d = (reading){.r = d->r};
}

// A line: of the run under way, or the first of another.
static lb_status take_curve(reading* d, int* capacity, const int* metrics, char** fields, int n, const char* origin) {
  int seed, iteration;
  if (n < CURVE_METRICS || !reads_int(fields[CURVE_SEED], &seed) || !reads_int(fields[CURVE_ITERATION], &iteration)) {
    return lb_fail(LB_INPUT, "%s: not a line of curves, suite,task,algo,seed,iteration,...", origin);
  }
  bool goes_on = d->run && d->run->seed == seed && strcmp(d->run->task, fields[CURVE_TASK]) == 0 &&
                 strcmp(d->run->algo, fields[CURVE_ALGO]) == 0;
  if (!goes_on) {
    end_curve(d);
    d->run = add_run(d->r, capacity);
    d->run->folder = d->r->folder;
    d->run->task = lb_results_intern_text(d->r, fields[CURVE_TASK]);
    d->run->algo = lb_results_intern_text(d->r, fields[CURVE_ALGO]);
    d->run->seed = seed;
    d->run->outcome = LB_OUTCOME_FINISHED;
  }
  LB_TRY(grow(d));
  double* values = d->values + (ptrdiff_t)d->run->n_points * LB_METRICS_MAX;
  for (int m = 0; m < LB_METRICS_MAX; m++) values[m] = NAN;
  for (int i = CURVE_METRICS; i < n; i++) {
    if (metrics[i] >= 0 && *fields[i]) values[metrics[i]] = strtod(fields[i], NULL);
  }
  if (d->run->n_points > 0 && iteration <= d->run->iterations[d->run->n_points - 1]) {
    return lb_fail(LB_INPUT, "%s: iteration %d follows iteration %d", origin, iteration,
                   d->run->iterations[d->run->n_points - 1]);
  }
  d->run->iterations[d->run->n_points++] = iteration;
  return lb_ok();
}

lb_status lb_load_curves(lb_results* r) {
  char path[4096], origin[4200], *text, *fields[FIELDS_MAX];
  size_t size;
  int metrics[FIELDS_MAX], capacity = 0, number = 1;
  lb_path_join(path, sizeof path, r->folder, "curves.csv");
  LB_TRY(lb_file_read(path, &text, &size));
  r->n_runs = 0;
  reading d = {.r = r};
  lb_status status = lb_ok();
  for (char *line = text, *end; status.code == LB_OK && (end = strchr(line, '\n')); line = end + 1, number++) {
    *end = '\0';
    int n = cut_fields(line, fields);
    snprintf(origin, sizeof origin, "%s line %d", path, number);
    if (number > 1) {
      status = take_curve(&d, &capacity, metrics, fields, n, origin);
      continue;
    }
    if (n < CURVE_METRICS || strcmp(fields[CURVE_ITERATION], "iteration") != 0) {
      status = lb_fail(LB_INPUT, "%s: not the head of a report's curves, suite,task,algo,seed,iteration,...", origin);
    }
    for (int i = CURVE_METRICS; i < n; i++) metrics[i] = lb_results_intern_metric(r, fields[i]);
  }
  end_curve(&d);
  free(text);
  if (status.code == LB_OK && r->n_runs > 1) qsort(r->runs, (size_t)r->n_runs, sizeof(lb_results_run), by_place);
  return status;
}

// ---------------------------------------------------------------------------------------------------------------------
// Whether a run is of what its suite was run as last

// A text of an object, "" when there is none.
static const char* text_of(lb_node object, const char* key) {
  const char* text;
  return lb_json_has(object, key) && lb_json_string(object, key, &text).code == LB_OK ? text : "";
}

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

static bool other_recipe(const lb_suite* suite, const lb_results_run* run) {
  lb_node recipes;
  const lb_suite_row* row = lb_suite_find_row(suite, run->task, run->algo);
  if (!row || !run->recipe_sum || !member(suite->as_run, "recipes", &recipes)) return false;
  char key[400];
  snprintf(key, sizeof key, "%.190s/%.190s", row->task, row->recipe);
  return lb_json_has(recipes, key) && strcmp(text_of(recipes, key), run->recipe_sum) != 0;
}

static bool other_program(const lb_suite* suite, const lb_results_run* run) {
  lb_node program;
  if (!member(suite->as_run, "program", &program)) return false;
  char* now = lb_json_canonical(program);
  bool other = !run->program || strcmp(run->program, now) != 0;
  free(now);
  return other;
}

const char* lb_load_staleness(const lb_suite* suite, const lb_results_run* run, lb_arena* arena) {
  lb_node tasks, task;
  if (!suite->has_as_run || !run->task_hash) return NULL;
  if (member(suite->as_run, "tasks", &tasks) && member(tasks, run->task, &task)) {
    if (strcmp(run->task_hash, text_of(task, "hash")) != 0) {
      return lb_format_text(arena, "of another version of the task (hash %.8s, the suite's is %.8s), left out",
                            run->task_hash, text_of(task, "hash"));
    }
    if (other_file(run->demonstrations, task, "demonstrations") || other_file(run->policy, task, "policy")) {
      return "made from another recording of the expert, left out";
    }
  }
  if (other_recipe(suite, run)) return "made by another recipe than the row's now, left out";
  if (!other_program(suite, run)) return NULL;
  return run->program ? "made by another program than the suite's last, left out"
                      : "made by a program that did not say which it was, left out";
}
