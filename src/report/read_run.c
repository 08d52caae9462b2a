// Reading one run folder: see read_run.h.
#include "report/read_run.h"

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

// The row of the suite's sweep that a run belongs to; NULL: none.
static const lb_suite_row* swept_row(const lb_suite* suite, const lb_results_run* run) {
  for (int i = 0; i < suite->n_rows; i++) {
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
static void take_identity(lb_arena* arena, lb_results_run* run, lb_node root) {
  lb_node node;
  const char* text;
  char sum[65];
  if (lb_json_has(root, "recipe") && lb_json_object(root, "recipe", &node).code == LB_OK) {
    lb_run_sum(sum, node);
    run->recipe_sum = lb_format_text(arena, "%s", sum);
  }
  if (lb_json_has(root, "expert") && lb_json_object(root, "expert", &node).code == LB_OK) {
    if (lb_json_string_or(node, "demonstrations", "", &text).code == LB_OK)
      run->demonstrations = lb_format_text(arena, "%s", text);
    if (lb_json_string_or(node, "policy", "", &text).code == LB_OK) run->policy = lb_format_text(arena, "%s", text);
  }
  if (lb_json_has(root, "program")) run->program = canonical(arena, root, "program");
  if (lb_json_has(root, "arithmetic")) run->arithmetic = canonical(arena, root, "arithmetic");
}

static lb_status take_config(lb_arena* arena, lb_results_run* run, lb_node root, const lb_suite* suite) {
  LB_TRY(check_place(arena, root, run, suite));
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
  run->task_hash = lb_format_text(arena, "%s", hash);
  const lb_suite_row* row = swept_row(suite, run);
  run->title = row ? lb_format_text(arena, "%s @ %s", title, suite->sweep.texts[row->value])
                   : lb_format_text(arena, "%s", title);
  run->protocol = canonical(arena, root, "protocol");
  run->recipe = canonical(arena, root, "recipe");
  take_identity(arena, run, root);
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

static lb_status read_config(lb_arena* arena, lb_results_run* run, const lb_suite* suite) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "config.json");
  if (!lb_file_exists(path)) return lb_ok();  // the folder was made a moment ago
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = take_config(arena, run, lb_json_root(doc), suite);
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
    if (fabs(value) > 1e308) continue;  // what older runs wrote where there was no value
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

static double or_zero(double x) {
  return isnan(x) ? 0 : x;
}

// Of costs, NaN where a part is missing; runs with returns leave out what they have none of.
static void derive(lb_results_run* run) {
  double best = NAN;
  for (int p = 0; p < run->n_points; p++) {
    double* v = run->values + p * LB_METRICS_MAX;
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

void lb_read_run(lb_results* r, lb_results_run* run) {
  lb_status status = read_config(r->arena, run, r->suite);
  if (status.code == LB_OK && run->outcome == LB_OUTCOME_STALE) return;
  read_environment(r->arena, run);
  if (status.code == LB_OK) status = read_done(r->arena, run);
  if (status.code == LB_OK) status = lb_run_folder_verify(run->folder);
  if (status.code == LB_OK) status = read_log(r, run, "metrics.jsonl", false);
  if (status.code == LB_OK) status = read_log(r, run, "timing.jsonl", true);
  if (status.code != LB_OK) {
    run->outcome = LB_OUTCOME_DAMAGED;
    run->message = lb_format_text(r->arena, "%s", status.text);
    return;
  }
  derive(run);
}
