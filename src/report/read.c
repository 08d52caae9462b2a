// Reading run folders for the report: see read.h.
#include "report/read.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/file.h"
#include "report/format.h"

enum { SUITE_ITERATIONS_MAX = 100000000 };

static char* canonical(lb_arena* arena, lb_node root, const char* key) {
  lb_node node;
  if (!lb_json_has(root, key) || lb_json_child(root, key, &node).code != LB_OK) return lb_format_text(arena, "null");
  char* text = lb_json_canonical(node);
  char* copy = lb_format_text(arena, "%s", text);
  free(text);
  return copy;
}

// "key value, key value" of an object's plain members; `bare` names a member whose key goes without saying.
static const char* one_line(lb_arena* arena, lb_node root, const char* key, const char* bare) {
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
  const char* copy = lb_format_text(arena, "%s", line.data ? line.data : "");
  lb_text_free(&line);
  return copy;
}

static lb_status check_place(lb_node root, const lb_results_run* run) {
  const char *task, *algo;
  int seed;
  LB_TRY(lb_json_string(root, "task", &task));
  LB_TRY(lb_json_string(root, "algo", &algo));
  LB_TRY(lb_json_int(root, "seed", 0, INT_MAX, &seed));
  if (strcmp(task, run->task) == 0 && strcmp(algo, run->algo) == 0 && seed == run->seed) return lb_ok();
  return lb_json_fail(root, "the run of %s, %s, seed %d does not belong into the folder %s/%s/seed-%d", task, algo,
                      seed, run->task, run->algo, run->seed);
}

static lb_status take_config(lb_arena* arena, lb_results_run* run, lb_node root) {
  LB_TRY(check_place(root, run));
  const char *hash, *title;
  LB_TRY(lb_json_string(root, "task_hash", &hash));
  LB_TRY(lb_json_string_or(root, "title", run->algo, &title));
  if (lb_json_has(root, "protocol")) {
    lb_node protocol;
    LB_TRY(lb_json_object(root, "protocol", &protocol));
    LB_TRY(lb_json_int_or(protocol, "iterations", 0, SUITE_ITERATIONS_MAX, -1, &run->planned));
  }
  run->task_hash = lb_format_text(arena, "%s", hash);
  run->title = lb_format_text(arena, "%s", title);
  run->protocol = canonical(arena, root, "protocol");
  run->recipe = canonical(arena, root, "recipe");
  return lb_ok();
}

// What the last process that worked on the run was, and where: nothing that the numbers depend on, so a run without it
// is as good.
static void read_environment(lb_arena* arena, lb_results_run* run) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "environment.json");
  lb_json* doc;
  if (!lb_file_exists(path) || lb_json_load(&doc, path).code != LB_OK) return;
  lb_node root = lb_json_root(doc);
  const char* command;
  if (lb_json_string_or(root, "command", "", &command).code == LB_OK)
    run->command = lb_format_text(arena, "%s", command);
  run->versions = one_line(arena, root, "versions", "");
  run->machine = one_line(arena, root, "machine", "cpu");
  lb_json_free(doc);
}

static lb_status read_config(lb_arena* arena, lb_results_run* run) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "config.json");
  if (!lb_file_exists(path)) return lb_ok();  // the folder was made a moment ago
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = take_config(arena, run, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}

static lb_status read_done(lb_arena* arena, lb_results_run* run) {
  static const char* const words[] = {"finished", "diverged", "failed"};
  static const lb_run_outcome outcomes[] = {LB_OUTCOME_FINISHED, LB_OUTCOME_DIVERGED, LB_OUTCOME_FAILED};
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "done.json");
  run->outcome = LB_OUTCOME_RUNNING;
  if (!lb_file_exists(path)) return lb_ok();
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  int word = 0;
  const char* message = "";
  lb_status status = lb_json_choice(lb_json_root(doc), "status", words, 3, &word);
  if (status.code == LB_OK) status = lb_json_string_or(lb_json_root(doc), "message", "", &message);
  run->outcome = outcomes[word];
  run->message = lb_format_text(arena, "%s", message);
  lb_json_free(doc);
  return status;
}

// The index of a metric's name, new names appended; -1 when there is no room for another.
static int intern(lb_results* r, const char* name) {
  int known = lb_results_metric(r, name);
  if (known >= 0 || r->n_metrics == LB_METRICS_MAX) return known;
  r->metrics[r->n_metrics] = lb_format_text(r->arena, "%s", name);
  return r->n_metrics++;
}

// Copies the numbers of a line into a point; null and text count as absent.
static void take_numbers(lb_results* r, lb_node object, double* values) {
  for (int i = 0; i < lb_json_length(object); i++) {
    lb_node node = lb_json_element(object, i);
    double value;
    if (!lb_json_is_number(node) || lb_json_as_number(node, -INFINITY, INFINITY, &value).code != LB_OK) continue;
    const char* name = lb_json_key(object, i);
    int metric = strcmp(name, "iteration") == 0 ? -1 : intern(r, name);
    if (metric >= 0) values[metric] = value;
  }
}

// A line of metrics.jsonl opens a new point, one of timing.jsonl adds to the point of its iteration.
static lb_status take_line(lb_results* r, lb_results_run* run, lb_node root, bool timing) {
  int iteration;
  LB_TRY(lb_json_int(root, "iteration", 0, SUITE_ITERATIONS_MAX, &iteration));
  if (timing) {
    for (int p = 0; p < run->n_points; p++) {
      if (run->iterations[p] == iteration) take_numbers(r, root, run->values + p * LB_METRICS_MAX);
    }
    return lb_ok();
  }
  if (run->n_points > 0 && iteration <= run->iterations[run->n_points - 1]) {
    return lb_json_fail(root, "iteration %d follows iteration %d", iteration, run->iterations[run->n_points - 1]);
  }
  double* values = run->values + run->n_points * LB_METRICS_MAX;
  for (int m = 0; m < LB_METRICS_MAX; m++) values[m] = NAN;
  take_numbers(r, root, values);
  run->iterations[run->n_points++] = iteration;
  return lb_ok();
}

static int count_lines(const char* text) {
  int n = 0;
  for (const char* c = text; *c; c++) n += *c == '\n';
  return n;
}

// Reads whole lines; a last one without its newline is still being written, or was cut off if the run is over.
static lb_status read_log(lb_results* r, lb_results_run* run, const char* name, bool timing) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, name);
  if (!lb_file_exists(path)) return lb_ok();
  char* text;
  size_t size;
  LB_TRY(lb_file_read(path, &text, &size));
  if (!timing) {
    int lines = count_lines(text);
    run->iterations = LB_TAKE(r->arena, int, lines + 1);
    run->values = LB_TAKE(r->arena, double, (lines + 1) * LB_METRICS_MAX);
  }
  lb_status status = lb_ok();
  int number = 1;
  char* line = text;
  for (char* end; status.code == LB_OK && (end = strchr(line, '\n')); line = end + 1, number++) {
    *end = '\0';
    char origin[4200];
    snprintf(origin, sizeof(origin), "%s line %d", path, number);
    lb_json* doc;
    status = lb_json_parse(&doc, line, origin);
    if (status.code != LB_OK) break;
    status = take_line(r, run, lb_json_root(doc), timing);
    lb_json_free(doc);
  }
  if (status.code == LB_OK && *line && run->outcome != LB_OUTCOME_RUNNING) {
    status = lb_fail(LB_INPUT, "%s line %d: cut off, though the run is over", path, number);
  }
  free(text);
  return status;
}

static void derive(lb_results_run* run) {
  for (int p = 0; p < run->n_points; p++) {
    double* v = run->values + p * LB_METRICS_MAX;
    v[LB_METRIC_SAMPLES] = v[LB_METRIC_STEPS_EXPERT] + v[LB_METRIC_STEPS_LEARNER];
    v[LB_METRIC_CPU_LEARNING] = v[LB_METRIC_COLLECT] + v[LB_METRIC_FIT] + v[LB_METRIC_PLAN];
  }
}

static void read_run(lb_results* r, lb_results_run* run) {
  lb_status status = read_config(r->arena, run);
  read_environment(r->arena, run);
  if (status.code == LB_OK) status = read_done(r->arena, run);
  if (status.code == LB_OK) status = read_log(r, run, "metrics.jsonl", false);
  if (status.code == LB_OK) status = read_log(r, run, "timing.jsonl", true);
  if (status.code != LB_OK) {
    run->outcome = LB_OUTCOME_DAMAGED;
    run->message = lb_format_text(r->arena, "%s", status.text);
    return;
  }
  derive(run);
}

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

static bool is_folder(const char* path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
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
  *run = (lb_results_run){.message = "", .command = "", .versions = "", .machine = "", .planned = -1};
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
    if (!is_folder(folder) || has_run(r, task, algo, seed)) continue;
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
    if (!is_folder(folder)) continue;
    status = find_seeds(r, capacity, folder, task, lb_format_text(r->arena, "%s", names[i]));
  }
  lb_names_free(names, n);
  return status;
}

static void add_missing(lb_results* r, int* capacity) {
  const lb_suite* s = r->suite;
  for (int i = 0; i < s->n_rows; i++) {
    for (int k = 0; k < s->n_seeds; k++) {
      const char *task = s->rows[i].task, *algo = s->rows[i].algo;
      if (has_run(r, task, algo, s->seeds[k])) continue;
      lb_results_run* run = add_run(r, capacity);
      run->folder = lb_format_text(r->arena, "%s/%s/%s/seed-%d", r->folder, task, algo, s->seeds[k]);
      run->task = task;
      run->algo = algo;
      run->seed = s->seeds[k];
      run->outcome = LB_OUTCOME_MISSING;
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
    if (strcmp(names[i], "plots") == 0 || !is_folder(folder)) continue;
    status = find_algos(results, &capacity, folder, lb_format_text(results->arena, "%s", names[i]));
  }
  lb_names_free(names, n);
  LB_TRY(status);
  add_missing(results, &capacity);
  if (results->n_runs > 1) qsort(results->runs, (size_t)results->n_runs, sizeof(lb_results_run), by_place);
  return lb_ok();
}
