#include "algo/expert_online.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/environment.h"
#include "algo/expert_demos.h"
#include "algo/expert_files.h"
#include "algo/expert_store.h"
#include "base/running.h"
#include "data/demos.h"
#include "eval/episode.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "io/run_folder.h"
#include "plan/actor.h"
#include "task/task.h"

// The episodes that judge an expert are those of no training run's evaluation.
#define FRESH_ITERATION UINT32_MAX

// A file of the expert's, where all of them are written until they are filed together.
static void path_of(char out[1400], const lb_file_set* set, const lb_expert_files* f, const char* ending) {
  char name[LB_EXPERT_FILES_NAME];
  lb_expert_files_name(name, f->task, f->quality);
  snprintf(out, 1400, "%.1100s/%s%s", set->staging, name, ending);
}

// Whether `narrow` observes the first of what `wide` observes, along a few random steps of both from a start of the
// first: where episodes begin may differ.
static bool begins_alike(lb_system* narrow, lb_system* wide, lb_arena* scratch) {
  enum { STEPS = 50 };
  lb_mark mark = lb_arena_mark(scratch);
  double* a = LB_TAKE(scratch, double, narrow->nobs);
  double* b = LB_TAKE(scratch, double, wide->nobs);
  double* u = LB_TAKE(scratch, double, wide->nu);
  double* x = LB_TAKE(scratch, double, narrow->space.nx);
  lb_rng first = lb_rng_stream(0, LB_RNG_EXPERT, 0, LB_EXPERT_CHECK_STATES), second = first,
         actions = lb_rng_stream(0, LB_RNG_EXPERT, 0, LB_EXPERT_CHECK_ACTIONS);
  bool alike = narrow->nobs <= wide->nobs && narrow->nu == wide->nu && narrow->space.nx == wide->space.nx;
  if (alike) {
    narrow->reset(narrow->self, &first);
    wide->reset(wide->self, &second);
    narrow->get_state(narrow->self, x);
    narrow->set_state(narrow->self, x, 0);
    wide->set_state(wide->self, x, 0);
  }
  for (int t = 0; t < STEPS && alike; ++t) {
    narrow->observe(narrow->self, a);
    wide->observe(wide->self, b);
    alike = memcmp(a, b, (size_t)narrow->nobs * sizeof *a) == 0;
    for (int i = 0; i < wide->nu; ++i) u[i] = 0.4 * (2 * lb_rng_uniform(&actions) - 1);
    lb_system_step(narrow, LB_STEP_EVALUATION, u, NULL);
    lb_system_step(wide, LB_STEP_EVALUATION, u, NULL);
  }
  lb_arena_release(scratch, mark);
  return alike;
}

// The other task's expert, for this task's observation, which must begin with that task's.
static lb_status twin_policy(lb_actor** actor, const lb_expert_files* f, lb_system* system, lb_arena* arena) {
  char models[1024];
  lb_system* twin;
  lb_actor* narrow;
  lb_path_join(models, sizeof models, f->root, "models");
  LB_TRY(lb_task_open(&twin, models, f->plan->policy_of));
  lb_status status = lb_expert_store_policy(&narrow, NULL, f->root, twin, arena);
  if (status.code == LB_OK && !begins_alike(twin, system, arena)) {
    status = lb_fail(LB_INPUT, "bench/experts/%s.json: $.policy_of: %s does not observe the first numbers that %s does",
                     f->task, twin->name, system->name);
  }
  if (status.code == LB_OK) *actor = lb_actor_widen(narrow, system->nobs, arena);
  lb_system_free(twin);
  return status;
}

// The best policy of the training so far.
static lb_status trained_policy(lb_actor** actor, const lb_expert_files* f, lb_system* system, lb_arena* arena) {
  char path[1300];
  snprintf(path, sizeof path, "%s/best.safetensors", f->run);
  if (!lb_file_exists(path)) {
    return lb_fail(LB_INPUT, "%s: there is no policy yet: the training has not been evaluated once", path);
  }
  LB_TRY(lb_run_folder_verify(f->run));
  lb_net_task task = {.name = system->name, .hash = system->hash};
  lb_actor_config config = lb_actor_default_config(system->nobs, system->nu);
  config.u_low = system->u_low;
  config.u_high = system->u_high;
  return lb_actor_load(actor, path, &task, &config, arena);
}

// The policy's mean, least and successful returns over fresh episodes, and whether they meet the bar.
static void judge(lb_expert_record* r, const lb_expert_plan* plan, lb_system* system, const lb_policy* policy,
                  lb_arena* scratch) {
  lb_moments moments = {0};
  r->least = INFINITY;
  r->successes = isnan(plan->success) ? -1 : 0;
  for (int i = 0; i < LB_EXPERT_EPISODES; ++i) {
    lb_rng rng = lb_rng_stream(plan->seed, LB_RNG_EVALUATION, FRESH_ITERATION, (uint32_t)i);
    lb_episode episode = lb_episode_run(system, policy, LB_STEP_EVALUATION, &rng, LB_NO_EARLY_STOP, NULL, scratch);
    lb_moments_add(&moments, -episode.cost);
    r->least = fmin(r->least, -episode.cost);
    r->successes += -episode.cost >= plan->success;
  }
  r->mean = moments.mean;
  r->se = lb_moments_se(&moments);
  bool high = isnan(plan->threshold) || r->mean >= plan->threshold;
  bool often = isnan(plan->share) || r->successes >= plan->share * LB_EXPERT_EPISODES;
  r->met = high && often;
}

// How the expert was made, as JSON text.
static void write_provenance(lb_text* text, const lb_expert_files* f, const lb_system* system, const char* training) {
  lb_json_writer json = lb_json_writer_on(text);
  lb_json_write_begin_object(&json, NULL);
  if (*f->plan->policy_of) {
    lb_json_write_string(&json, "expert", "the policy of another task, whose observation this one's begins with");
    lb_json_write_string(&json, "policy_of", f->plan->policy_of);
  } else {
    lb_json_write_string(&json, "expert",
                         f->quality < 100
                             ? "soft actor-critic in the true system, the first evaluation that returned so much"
                             : "soft actor-critic in the true system, the best of its evaluations");
  }
  if (f->quality < 100) lb_json_write_int(&json, "quality", f->quality);
  lb_json_write_string(&json, "command", f->command);
  lb_json_write_string(&json, "task", system->name);
  lb_json_write_string(&json, "task_hash", system->hash);
  lb_json_write_int(&json, "seed", (int64_t)f->plan->seed);
  if (training) lb_json_write_raw(&json, "training", training);
  lb_environment_write_versions(&json, "versions");
  lb_environment_write_machine(&json, "machine");
  lb_json_write_end_object(&json);
}

// {"config": ..., "environment": ...} of the training run; NULL where there is none.
static lb_status read_training(char** out, const lb_expert_files* f) {
  *out = NULL;
  if (*f->plan->policy_of) return lb_ok();
  static const char* const names[] = {"config", "environment"};
  lb_text text = {0};
  lb_text_add(&text, "{");
  for (int i = 0; i < 2; ++i) {
    char path[1300];
    snprintf(path, sizeof path, "%s/%s.json", f->run, names[i]);
    lb_json* doc;
    lb_status status = lb_json_load(&doc, path);
    if (status.code != LB_OK) {
      lb_text_free(&text);
      return status;
    }
    char* canonical = lb_json_canonical(lb_json_root(doc));
    lb_text_add(&text, "%s\"%s\":%s", i ? "," : "", names[i], canonical);
    free(canonical);
    lb_json_free(doc);
  }
  lb_text_add(&text, "}");
  *out = text.data;
  return lb_ok();
}

// The learning curve: the training run's measurements, as they are.
static lb_status copy_curve(const lb_file_set* set, const lb_expert_files* f) {
  char from[1300], to[1400], *bytes;
  size_t n;
  if (*f->plan->policy_of) return lb_ok();
  snprintf(from, sizeof from, "%s/metrics.jsonl", f->run);
  path_of(to, set, f, ".curve.jsonl");
  LB_TRY(lb_file_read(from, &bytes, &n));
  lb_status status = lb_file_replace(to, bytes, n);
  free(bytes);
  return status;
}

static void write_number_unless_nan(lb_json_writer* w, const char* key, double value) {
  if (!isnan(value)) lb_json_write_number(w, key, value);
}

// The card: what the expert is worth, and how it was made.
static lb_status save_card(const lb_file_set* set, const lb_expert_files* f, const lb_expert_record* r,
                           const char* provenance) {
  char path[1400];
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_number(&w, "mean_return", r->mean);
  lb_json_write_number(&w, "mean_return_se", r->se);
  lb_json_write_number(&w, "least_return", r->least);
  lb_json_write_int(&w, "fresh_episodes", LB_EXPERT_EPISODES);
  write_number_unless_nan(&w, "threshold", f->plan->threshold);
  write_number_unless_nan(&w, "success", f->plan->success);
  write_number_unless_nan(&w, "share", f->plan->share);
  if (r->successes >= 0) lb_json_write_int(&w, "successes", r->successes);
  lb_json_write_bool(&w, "met", r->met);
  lb_json_write_string(&w, "recorded_actions", f->plan->sampled ? "sampled" : "mean");
  lb_json_write_number(&w, "recorded_mean_return", r->recorded_mean);
  lb_json_write_int(&w, "episodes", r->episodes);
  lb_json_write_int(&w, "transitions", r->transitions);
  char name[LB_EXPERT_FILES_NAME];
  lb_expert_files_name(name, f->task, f->quality);
  LB_TRY(lb_expert_files_write_sums(&w, set->staging, name));
  lb_json_write_raw(&w, "provenance", provenance);
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  path_of(path, set, f, ".json");
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  return status;
}

// Records, and writes the files into the folder of the set.
static lb_status write_files(lb_expert_record* r, const lb_file_set* set, const lb_expert_files* f, lb_system* system,
                             lb_actor* actor, const char* provenance) {
  char path[1400];
  double se, cost;
  lb_net_task task = {.name = system->name, .hash = system->hash};
  path_of(path, set, f, ".policy.safetensors");
  LB_TRY(lb_actor_save(actor, path, &task, provenance));
  lb_demos* demos;
  LB_TRY(lb_expert_demos_record(&demos, system, actor, f->plan, f->plan->transitions));
  lb_demos_cost(demos, system, &cost, &se);
  r->recorded_mean = -cost;
  r->episodes = lb_demos_episodes(demos);
  r->transitions = lb_demos_transitions(demos);
  lb_demos_compact compact = lb_demos_default_compact();
  path_of(path, set, f, ".npz");
  lb_status status = lb_demos_save_compact(demos, system, path, provenance, &compact);
  lb_demos_free(demos);
  LB_TRY(status);
  LB_TRY(copy_curve(set, f));
  return save_card(set, f, r, provenance);
}

// All of an expert's files at once, or none.
static lb_status record(lb_expert_record* r, const lb_expert_files* f, lb_system* system, lb_actor* actor,
                        const char* provenance) {
  lb_file_set set;
  char name[LB_EXPERT_FILES_NAME];
  lb_expert_files_name(name, f->task, f->quality);
  LB_TRY(lb_file_set_begin(&set, f->folder, name));
  lb_status status = write_files(r, &set, f, system, actor, provenance);
  if (status.code == LB_OK) status = lb_expert_files_drop_others(&set, name);
  if (status.code == LB_OK) return lb_file_set_commit(&set);
  lb_file_set_abandon(&set);
  return status;
}

// The policy, judged and recorded.
static lb_status make(lb_expert_record* r, const lb_expert_files* f, lb_system* system, lb_arena* arena) {
  lb_actor* actor;
  bool twin = *f->plan->policy_of != '\0';
  LB_TRY(twin ? twin_policy(&actor, f, system, arena) : trained_policy(&actor, f, system, arena));
  lb_policy policy = lb_actor_policy(actor);
  judge(r, f->plan, system, &policy, arena);
  char* training;
  lb_text provenance = {0};
  LB_TRY(read_training(&training, f));
  write_provenance(&provenance, f, system, training);
  free(training);
  lb_status status = record(r, f, system, actor, provenance.data);
  lb_text_free(&provenance);
  return status;
}

lb_status lb_expert_online_record(lb_expert_record* r, const lb_expert_files* f) {
  char models[1024];
  lb_system* system;
  lb_path_join(models, sizeof models, f->root, "models");
  LB_TRY(lb_task_open(&system, models, f->task));
  lb_arena* arena = lb_arena_new(0);
  lb_status status = arena ? make(r, f, system, arena) : lb_fail(LB_MEMORY, "%s: no memory", f->task);
  lb_arena_free(arena);
  lb_system_free(system);
  return status;
}
