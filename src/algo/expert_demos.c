#include "algo/expert_demos.h"

#include <stdio.h>
#include <string.h>

#include "algo/demonstrator.h"
#include "algo/environment.h"
#include "algo/online.h"
#include "base/log.h"
#include "io/file.h"
#include "io/json_writer.h"

// The actor with its noise, as a policy.
typedef struct sampler {
  lb_actor* actor;
  const lb_system* system;
  lb_rng rng;
} sampler;

static void act_sampled(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  sampler* s = ctx;
  lb_actor_act(s->actor, u, in, n, &s->rng);
  lb_online_scale(s->system, u, u, n);
}

lb_status lb_expert_demos_record(lb_demos** out, lb_system* system, lb_actor* actor, const lb_expert_plan* plan,
                                 int n) {
  lb_policy policy = lb_actor_policy(actor);
  sampler noisy = {.actor = actor, .system = system, .rng = lb_rng_stream(plan->seed, LB_RNG_EXPERT, 0, 3)};
  if (plan->sampled) {
    policy.ctx = &noisy;
    policy.act = act_sampled;
  }
  return lb_demos_record_transitions(out, system, &policy, n, plan->seed);
}

// What is known before the recording is made.
typedef struct recording {
  const char* root;
  lb_system* system;
  int n;
  char policy[65];  // SHA-256 of its file
  char stem[1100];  // path without an ending
} recording;

static void write_origin(lb_json_writer* w, const recording* r, const lb_expert_plan* plan) {
  lb_json_write_string(w, "expert", "the policy of expert_data, recorded for longer than is filed there");
  lb_json_write_string(w, "task", r->system->name);
  lb_json_write_string(w, "task_hash", r->system->hash);
  lb_json_write_int(w, "seed", (int64_t)plan->seed);
  lb_json_write_string(w, "recorded_actions", plan->sampled ? "sampled" : "mean");
  lb_json_write_string(w, "sha256_policy", r->policy);
  lb_environment_write_versions(w, "versions");
}

static lb_status save_card(const recording* r, const lb_expert_plan* plan, const lb_demos* demos) {
  char path[1200], sha[65];
  double cost, se;
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  snprintf(path, sizeof path, "%s.npz", r->stem);
  LB_TRY(lb_sha256_file(path, sha));
  lb_demos_cost(demos, r->system, &cost, &se);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "transitions", r->n);
  lb_json_write_int(&w, "episodes", lb_demos_episodes(demos));
  lb_json_write_number(&w, "recorded_mean_return", -cost);
  lb_json_write_string(&w, "sha256_demonstrations", sha);
  write_origin(&w, r, plan);
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  snprintf(path, sizeof path, "%s.json", r->stem);
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  return status;
}

// The card comes last: where it is, the recording is whole.
static lb_status save(const recording* r, const lb_expert_plan* plan, const lb_demos* demos) {
  char path[1200];
  lb_text provenance = {0};
  lb_json_writer w = lb_json_writer_on(&provenance);
  lb_json_write_begin_object(&w, NULL);
  write_origin(&w, r, plan);
  lb_json_write_end_object(&w);
  lb_demos_compact compact = lb_demos_default_compact();
  snprintf(path, sizeof path, "%s.npz", r->stem);
  lb_status status = lb_demos_save_compact(demos, r->system, path, provenance.data, &compact);
  lb_text_free(&provenance);
  return status.code == LB_OK ? save_card(r, plan, demos) : status;
}

static lb_status make(const recording* r, lb_arena* arena) {
  lb_expert_plan plan;
  lb_actor* actor;
  lb_demos* demos;
  LB_TRY(lb_expert_plan_load(&plan, r->root, r->system->name));
  LB_TRY(lb_demonstrator_policy(&actor, r->root, r->system, arena));
  lb_log_note("recording %d transitions of the expert of %s", r->n, r->system->name);
  int64_t before = r->system->ledger.steps[LB_STEP_EXPERT];
  LB_TRY(lb_expert_demos_record(&demos, r->system, actor, &plan, r->n));
  r->system->ledger.steps[LB_STEP_EXPERT] = before;  // who uses them accounts for them
  lb_status status = save(r, &plan, demos);
  lb_demos_free(demos);
  return status;
}

lb_status lb_expert_demos_longer(char path[1200], const char* root, lb_system* system, int n) {
  recording r = {.root = root, .system = system, .n = n};
  char folder[1000], policy[1200], card[1200];
  snprintf(policy, sizeof policy, "%s/expert_data/%s.policy.safetensors", root, system->name);
  LB_TRY(lb_sha256_file(policy, r.policy));
  lb_path_join(folder, sizeof folder, root, "results/runs/demonstrations");
  snprintf(r.stem, sizeof r.stem, "%.900s/%.80s-%d-%.12s", folder, system->name, n, r.policy);
  snprintf(path, 1200, "%s.npz", r.stem);
  snprintf(card, sizeof card, "%s.json", r.stem);
  if (lb_file_exists(card) && lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_folder_make(folder));
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory to record it", path);
  lb_status status = make(&r, arena);
  lb_arena_free(arena);
  return status;
}
