#include "algo/expert_demos.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "algo/environment.h"
#include "algo/expert_files.h"
#include "algo/expert_store.h"
#include "base/log.h"
#include "base/text.h"
#include "core/action.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"

// The actor with its noise, as a policy.
typedef struct sampler {
  lb_actor* actor;
  const lb_system* system;
  lb_rng rng;
} sampler;

// The actor's sampled actions, in the system's units.
static void act_sampled(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  sampler* s = ctx;
  lb_actor_act(s->actor, u, in, n, &s->rng);
  lb_action_scale(s->system, u, u, n);
}

lb_status lb_expert_demos_record(lb_demos** out, lb_system* system, lb_actor* actor, const lb_expert_plan* plan,
                                 int n) {
  lb_policy policy = lb_actor_policy(actor);
  sampler noisy = {
      .actor = actor, .system = system, .rng = lb_rng_stream(plan->seed, LB_RNG_EXPERT, 0, LB_EXPERT_SAMPLES)};
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
  char folder[1000];
  char name[100];  // of its files, without an ending
} recording;

// Where the recording comes from, in its card's words.
static void write_origin(lb_json_writer* w, const recording* r, const lb_expert_plan* plan) {
  lb_json_write_string(w, "expert", "the policy of expert_data, recorded for longer than is filed there");
  lb_json_write_string(w, "task", r->system->name);
  lb_json_write_string(w, "task_hash", r->system->hash);
  lb_json_write_int(w, "seed", (int64_t)plan->seed);
  lb_json_write_string(w, "recorded_actions", plan->sampled ? "sampled" : "mean");
  lb_json_write_string(w, "sha256_policy", r->policy);
  lb_environment_write_versions(w, "versions");
}

// The card beside a recording: how much, how good, of whom.
static lb_status save_card(const recording* r, const char* folder, const lb_expert_plan* plan, const lb_demos* demos) {
  char path[1400], sha[65];
  double cost, se;
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  snprintf(path, sizeof path, "%s/%s.npz", folder, r->name);
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
  snprintf(path, sizeof path, "%s/%s.json", folder, r->name);
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  return status;
}

// Recording and card, in one step.
static lb_status save(const recording* r, const lb_expert_plan* plan, const lb_demos* demos) {
  char path[1400];
  lb_file_set set;
  lb_text provenance = {0};
  LB_TRY(lb_file_set_begin(&set, r->folder, r->name));
  lb_json_writer w = lb_json_writer_on(&provenance);
  lb_json_write_begin_object(&w, NULL);
  write_origin(&w, r, plan);
  lb_json_write_end_object(&w);
  lb_demos_compact compact = lb_demos_default_compact();
  snprintf(path, sizeof path, "%s/%s.npz", set.staging, r->name);
  lb_status status = lb_demos_save_compact(demos, r->system, path, provenance.data, &compact);
  lb_text_free(&provenance);
  if (status.code == LB_OK) status = save_card(r, set.staging, plan, demos);
  if (status.code == LB_OK) return lb_file_set_commit(&set);
  lb_file_set_abandon(&set);
  return status;
}

// Records as many transitions of the expert as are asked for, and files them.
static lb_status make(const recording* r, lb_arena* arena) {
  lb_expert_plan plan;
  lb_actor* actor;
  lb_demos* demos;
  LB_TRY(lb_expert_plan_load(&plan, r->root, r->system->name));
  LB_TRY(lb_expert_store_policy(&actor, NULL, r->root, r->system, arena));
  lb_log_note("recording %d %s of the expert of %s", r->n, lb_plural(r->n, "transition", "transitions"),
              r->system->name);
  int64_t before = r->system->ledger.steps[LB_STEP_EXPERT];
  LB_TRY(lb_expert_demos_record(&demos, r->system, actor, &plan, r->n));
  r->system->ledger.steps[LB_STEP_EXPERT] = before;  // who uses them accounts for them
  lb_status status = save(r, &plan, demos);
  lb_demos_free(demos);
  return status;
}

// Whether there is a card that names the recording beside it; one of another content is made anew.
static bool is_whole(const char* path, const char* card) {
  char found[65];
  const char* stated;
  lb_json* doc;
  if (!lb_file_exists(path) || !lb_file_exists(card) || lb_json_load(&doc, card).code != LB_OK) return false;
  bool same = lb_json_string(lb_json_root(doc), "sha256_demonstrations", &stated).code == LB_OK &&
              lb_sha256_file(path, found).code == LB_OK && strcmp(found, stated) == 0;
  lb_json_free(doc);
  return same;
}

// A recording that is there and whole; else it is made first.
static lb_status load_or_make(lb_demos** demos, const recording* r) {
  char path[1200], card[1200];
  snprintf(path, sizeof path, "%s/%s.npz", r->folder, r->name);
  snprintf(card, sizeof card, "%s/%s.json", r->folder, r->name);
  lb_file_share share = lb_file_set_share(r->folder, r->name);
  bool there = is_whole(path, card);
  lb_status status = there ? lb_demos_load_with(demos, r->system, path, LB_DEMOS_OBSERVATIONS) : lb_ok();
  lb_file_set_release(&share);
  if (there) return status;
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory to record it", path);
  status = make(r, arena);
  lb_arena_free(arena);
  return status.code == LB_OK ? lb_demos_load_with(demos, r->system, path, LB_DEMOS_OBSERVATIONS) : status;
}

static char kept_in[1000];

void lb_expert_demos_keep_in(const char* folder) {
  assert(strlen(folder) < sizeof kept_in);
  snprintf(kept_in, sizeof kept_in, "%s", folder);
}

lb_status lb_expert_demos_longer(lb_demos** demos, lb_expert_used* used, const char* root, lb_system* system, int n) {
  recording r = {.root = root, .system = system, .n = n};
  char data[LB_EXPERT_FILES_FOLDER];
  lb_file_share share;
  lb_expert_files_sums sums;
  LB_TRY(lb_expert_files_folder(data, root, system->name));
  lb_status status = lb_expert_files_open(&sums, &share, data, system->name);
  if (status.code == LB_OK) {
    snprintf(r.policy, sizeof r.policy, "%s", sums.policy);
    if (*kept_in) {
      snprintf(r.folder, sizeof r.folder, "%s", kept_in);
    } else {
      lb_path_join(r.folder, sizeof r.folder, root, "results/runs/demonstrations");
    }
    snprintf(r.name, sizeof r.name, "%.60s-%d-%.12s-%.12s", system->name, n, r.policy, lb_environment_numerics());
    if (used) memcpy(used->policy, r.policy, sizeof used->policy);
    status = load_or_make(demos, &r);
  }
  lb_file_set_release(&share);
  return status;
}
