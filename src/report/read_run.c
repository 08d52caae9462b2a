// Reading what one run left: see read_run.h.
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
#include "io/run_read.h"

enum { ITERATIONS_MAX = 100000000 };

// ---------------------------------------------------------------------------------------------------------------------
// What made it: config.json and environment.json

const char* lb_read_run_canonical(lb_results* r, lb_node root, const char* key) {
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

// Whether it learns, for as many steps as others, and yet is not evaluated every so many of them: its iterations are
// numbers of demonstrations.
static bool imitates(lb_node recipe, lb_node protocol) {
  const char* kind;
  return lb_json_string_or(recipe, "kind", "", &kind).code == LB_OK && strcmp(kind, "loop") == 0 &&
         lb_json_has(protocol, "steps") && !lb_json_has(protocol, "evaluate_every");
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
  if (lb_json_has(root, "program")) run->program = lb_read_run_canonical(r, root, "program");
  if (lb_json_has(root, "arithmetic")) run->arithmetic = lb_read_run_canonical(r, root, "arithmetic");
}

// Takes what the run is of: task, title, settings, recipe.
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
    LB_TRY(lb_json_int_or(protocol, "iterations", 0, ITERATIONS_MAX, -1, &run->planned));
    LB_TRY(lb_json_int_or(protocol, "steps", 0, ITERATIONS_MAX, -1, &run->planned_steps));
    if (run->planned < 0) run->planned = run->planned_steps;
    lb_node recipe;
    run->cloned = lb_json_has(root, "recipe") && lb_json_object(root, "recipe", &recipe).code == LB_OK &&
                  imitates(recipe, protocol);
  }
  run->task_hash = lb_results_intern_text(r, hash);
  const lb_suite_row* row = swept_row(suite, run);
  run->title =
      row ? lb_format_text(arena, "%s @ %s", title, suite->sweep.texts[row->value]) : lb_results_intern_text(r, title);
  run->protocol = lb_read_run_canonical(r, root, "protocol");
  run->recipe = lb_read_run_canonical(r, root, "recipe");
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

// What the run was made with; none yet where its folder was made a moment ago.
static lb_status read_config(lb_results* r, lb_results_run* run) {
  char path[4096];
  lb_path_join(path, sizeof(path), run->folder, "config.json");
  if (!lb_file_exists(path)) return lb_ok();
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = take_config(r, run, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}

// How the run ended, if it did.
static lb_status read_done(lb_arena* arena, lb_results_run* run) {
  char message[500];
  lb_run_end end;
  LB_TRY(lb_run_read_end(&end, message, sizeof message, run->folder));
  run->outcome = (lb_run_outcome)(LB_OUTCOME_RUNNING + (int)end);
  run->message = lb_format_text(arena, "%s", message);
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// What it measured: metrics.jsonl and timing.jsonl

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

// The iteration of a line.
static lb_status read_iteration(lb_node line, int* iteration) {
  return lb_json_int(line, "iteration", 0, ITERATIONS_MAX, iteration);
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

// x, 0 for NaN.
static double or_zero(double x) {
  return isnan(x) ? 0 : x;
}

// Sums of what was written: samples, CPU seconds of learning, the best return so far. Of costs, NaN where a part is
// missing; runs with returns leave out what they have none of.
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

// Whether any point has a number of the metric.
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
    column[m] = (short)(kept ? run->columns++ : -1);
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

// Reads both logs; a run that cannot be read has no points.
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

void lb_read_run(lb_results* r, lb_results_run* run) {
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

// Reads a number that is not negative.
static bool reads_int(const char* text, int* value) {
  char* end;
  long number = strtol(text, &end, 10);
  *value = (int)number;
  return *text && !*end && number >= 0 && number <= ITERATIONS_MAX;
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
static lb_status take_curve(reading* d, const int* metrics, char** fields, int n, const char* origin) {
  int seed, iteration;
  if (n < CURVE_METRICS || !reads_int(fields[CURVE_SEED], &seed) || !reads_int(fields[CURVE_ITERATION], &iteration)) {
    return lb_fail(LB_INPUT, "%s: not a line of curves, suite,task,algo,seed,iteration,...", origin);
  }
  bool goes_on = d->run && d->run->seed == seed && strcmp(d->run->task, fields[CURVE_TASK]) == 0 &&
                 strcmp(d->run->algo, fields[CURVE_ALGO]) == 0;
  if (!goes_on) {
    end_curve(d);
    d->run = lb_results_add_run(d->r);
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

// One pass over the lines, which stand run by run.
lb_status lb_read_run_curves(lb_results* r) {
  char path[4096], origin[4200], *text, *fields[FIELDS_MAX];
  size_t size;
  int metrics[FIELDS_MAX], number = 1, named = 0;
  lb_path_join(path, sizeof path, r->folder, "curves.csv");
  LB_TRY(lb_file_read(path, &text, &size));
  reading d = {.r = r};
  lb_status status = lb_ok();
  for (char *line = text, *end; status.code == LB_OK && (end = strchr(line, '\n')); line = end + 1, number++) {
    *end = '\0';
    int n = cut_fields(line, fields);
    snprintf(origin, sizeof origin, "%s line %d", path, number);
    if (number > 1) {
      status = n > named ? lb_fail(LB_INPUT, "%s: has %d fields, and the head names %d", origin, n, named)
                         : take_curve(&d, metrics, fields, n, origin);
      continue;
    }
    named = n;
    if (n < CURVE_METRICS || strcmp(fields[CURVE_ITERATION], "iteration") != 0) {
      status = lb_fail(LB_INPUT, "%s: not the head of a report's curves, suite,task,algo,seed,iteration,...", origin);
    }
    for (int i = CURVE_METRICS; i < n; i++) metrics[i] = lb_results_intern_metric(r, fields[i]);
  }
  end_curve(&d);
  free(text);
  lb_results_sort_runs(r);
  return status;
}
