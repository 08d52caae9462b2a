#include "algo/run_record.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/registry.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_policies.h"

enum { MOST_LINE = 1 << 20 };  // bytes of the last line of metrics.jsonl that are looked at

// A text of the config that fits into its room.
static lb_status take_text(char* out, size_t size, lb_node object, const char* key) {
  const char* text;
  LB_TRY(lb_json_string(object, key, &text));
  if (strlen(text) >= size) return lb_json_fail(object, "the value of \"%s\" is too long", key);
  snprintf(out, size, "%s", text);
  return lb_ok();
}

// The "type" of a part of the recipe; "" where it has none.
static lb_status take_type(char* out, size_t size, lb_node recipe, const char* part) {
  lb_node object;
  out[0] = '\0';
  if (!lb_json_has(recipe, part)) return lb_ok();
  LB_TRY(lb_json_object(recipe, part, &object));
  return take_text(out, size, object, "type");
}

// Task, algorithm, seed, planner and settings of config.json.
static lb_status take_config(lb_run_record* r, lb_node root) {
  double seed;
  lb_node recipe, protocol;
  LB_TRY(take_text(r->task, sizeof r->task, root, "task"));
  LB_TRY(take_text(r->task_hash, sizeof r->task_hash, root, "task_hash"));
  LB_TRY(take_text(r->algo, sizeof r->algo, root, "algo"));
  LB_TRY(lb_json_number(root, "seed", 0, 9007199254740992.0, &seed));
  r->seed = (uint64_t)seed;
  LB_TRY(lb_json_object(root, "recipe", &recipe));
  LB_TRY(take_type(r->planner, sizeof r->planner, recipe, "planner"));
  LB_TRY(take_type(r->model, sizeof r->model, recipe, "model"));
  const lb_planner_kind* kind = lb_registry_find_planner(r->planner);
  r->imitates = kind && lb_registry_iterations(kind)->imitates;
  r->protocol = lb_protocol_default();
  LB_TRY(lb_json_object(root, "protocol", &protocol));
  r->by_returns = lb_json_has(protocol, "evaluation_episodes");
  LB_TRY(lb_protocol_read(&r->protocol, protocol));
  r->episodes = (int)lb_protocol_get(&r->protocol, r->by_returns ? "evaluation_episodes" : "evaluation_rollouts");
  return lb_ok();
}

// A number of a line of metrics; NAN where it is null or not there.
static double number_or_nan(lb_node line, const char* key) {
  double value;
  if (!lb_json_has(line, key) || lb_json_number(line, key, -INFINITY, INFINITY, &value).code != LB_OK) return NAN;
  return value;
}

// A score of a line and the iteration that it is of; none where either lacks.
static lb_run_score score_of(lb_node line, const char* iteration, const char* score) {
  double at = number_or_nan(line, iteration), value = number_or_nan(line, score);
  bool exists = at >= 0 && at <= UINT32_MAX && !isnan(value);
  return exists ? (lb_run_score){true, (uint32_t)at, value} : (lb_run_score){0};
}

// That of a line. Rows whose iterations are no iterations of learning (imitation, references) are measured on the
// episodes of the others' last evaluation (algo/schedule.h).
static lb_run_score score_at(const lb_run_record* r, lb_node line) {
  const lb_planner_kind* kind = lb_registry_find_planner(r->planner);
  lb_run_score score = score_of(line, "iteration", r->by_returns ? "return" : "cost");
  if (kind && lb_registry_iterations(kind)->goes_on) return score;
  score.iteration = (uint32_t)lb_protocol_get(&r->protocol, r->by_returns ? "steps" : "iterations");
  return score;
}

// The scores of the last line.
static void take_line(lb_run_record* r, lb_node line) {
  double iteration = number_or_nan(line, "iteration");
  r->last = score_at(r, line);
  r->best = score_of(line, "best_iteration", "return_best");
  r->averaged = score_of(line, "iteration", "return_average");
  r->last_iteration = iteration >= 0 && iteration <= INT_MAX ? (int)iteration : -1;
  r->has_planned = number_or_nan(line, "planner_calls") > 0 || number_or_nan(line, "planner_calls_evaluation") > 0;
}

// The last whole line of metrics.jsonl, if there is one.
static lb_status read_last_line(lb_run_record* r) {
  char path[1200], *text;
  size_t n;
  lb_json* doc;
  lb_path_join(path, sizeof path, r->folder, "metrics.jsonl");
  if (!lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_file_read_tail(path, MOST_LINE, &text, &n));
  while (n > 0 && text[n - 1] != '\n') n--;
  lb_status status = lb_ok();
  if (n > 0) {
    text[n - 1] = '\0';
    char* before = strrchr(text, '\n');
    status = lb_json_parse(&doc, before ? before + 1 : text, path);
    if (status.code == LB_OK) {
      take_line(r, lb_json_root(doc));
      lb_json_free(doc);
    }
  }
  free(text);
  return status;
}

bool lb_run_record_exists(const char* folder) {
  char path[1200];
  if (strlen(folder) > 1000 || !lb_folder_exists(folder)) return false;
  lb_path_join(path, sizeof path, folder, "config.json");
  return lb_file_exists(path);
}

lb_status lb_run_record_read(lb_run_record* r, const char* folder) {
  char path[1200];
  lb_json* doc;
  *r = (lb_run_record){.last_iteration = -1};
  if (!lb_run_record_exists(folder)) {
    return lb_fail(LB_INPUT,
                   "%.900s: no run's folder (there is no config.json in it); 'bench run' and 'bench suite' "
                   "say where theirs are",
                   folder);
  }
  snprintf(r->folder, sizeof r->folder, "%s", folder);
  lb_path_join(path, sizeof path, folder, "config.json");
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = take_config(r, lb_json_root(doc));
  lb_json_free(doc);
  LB_TRY(status);
  return read_last_line(r);
}

// Whether the folder has a file of this name.
static bool has(const lb_run_record* r, const char* name) {
  char path[1200];
  lb_path_join(path, sizeof path, r->folder, name);
  return lb_file_exists(path);
}

// Whether it acts by plans in the true system, which no file holds.
static bool plans_in_truth(const lb_run_record* r) {
  const lb_planner_kind* planner = lb_registry_find_planner(r->planner);
  const lb_model_kind* model = lb_registry_find_model(r->model);
  return planner && planner->plans_for_reward && model && (model->gives & LB_GIVES_TRUTH);
}

lb_status lb_run_record_file(const lb_run_record* r, const char** name, bool best) {
  static const char* const names[] = {"policy.safetensors", "model.safetensors", "best.safetensors", "checkpoint.npz"};
  if (best) {
    *name = "best.safetensors";
    if (has(r, *name)) return lb_ok();
    return lb_fail(LB_INPUT,
                   "%s: the run has no best.safetensors: only rows whose policy is learned by soft actor-critic "
                   "keep their best, once they have been measured",
                   r->folder);
  }
  const lb_planner_kind* planner = lb_registry_find_planner(r->planner);
  *name = "config.json";
  if (plans_in_truth(r) && r->has_planned) return lb_ok();
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    *name = names[i];
    // Where a finished run keeps its planner in a model, that is all of it; where it has neither, its checkpoint is.
    if (has(r, *name)) return lb_ok();
  }
  if (!*r->planner) {
    return lb_fail(LB_INPUT, "%s: a run of '%s' leaves no policy; --expert and --random do what such rows do",
                   r->folder, r->algo);
  }
  if (planner && planner->plans_for_reward && !r->has_planned && has(r, "done.json")) {
    return lb_fail(LB_INPUT, "%s: the run was over before '%s' had a model to plan in: it left nothing that could act",
                   r->folder, r->algo);
  }
  return lb_fail(LB_INPUT,
                 "%s: there is no policy yet, nor a checkpoint; wait until the run was measured, or has saved",
                 r->folder);
}

lb_run_score lb_run_record_score(const lb_run_record* r, const char* name) {
  int iteration;
  if (lb_run_policy_iteration(&iteration, name)) return lb_run_record_at(r, iteration);
  if (strcmp(name, "policy.safetensors") == 0 || strcmp(name, "model.safetensors") == 0 ||
      strcmp(name, "config.json") == 0) {
    return r->last;
  }
  if (strcmp(name, "best.safetensors") == 0) return r->best;
  if (strcmp(name, "average.safetensors") == 0) return r->averaged;
  return (lb_run_score){0};
}

lb_run_score lb_run_record_at(const lb_run_record* r, int iteration) {
  char path[1200], *text;
  size_t n;
  lb_run_score found = {0};
  lb_path_join(path, sizeof path, r->folder, "metrics.jsonl");
  if (lb_file_read(path, &text, &n).code != LB_OK) return found;
  for (char *line = text, *end; !found.exists && (end = strchr(line, '\n')); line = end + 1) {
    lb_json* doc;
    *end = '\0';
    if (lb_json_parse(&doc, line, path).code != LB_OK) continue;
    if (number_or_nan(lb_json_root(doc), "iteration") == iteration) found = score_at(r, lb_json_root(doc));
    lb_json_free(doc);
  }
  free(text);
  return found;
}
