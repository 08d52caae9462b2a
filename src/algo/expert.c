#include "algo/expert.h"

#include <math.h>
#include <stdio.h>

#include "algo/environment.h"
#include "algo/expert_files.h"
#include "data/demos.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "plan/box_qp.h"
#include "plan/ilqr.h"
#include "plan/lq_policy_file.h"
#include "plan/psdp.h"
#include "task/task.h"

lb_status lb_expert_solve(lb_lq_policy* policy, lb_expert_account* account, lb_system* system, lb_arena* arena) {
  if (!system->cost || !system->reference || !system->truth) {
    return lb_fail(LB_INPUT, "%s: an iLQR expert needs a task with a cost, a reference and noise-free dynamics",
                   system->name);
  }
  if (system->nu > LB_BOX_QP_MAX) {
    return lb_fail(LB_INPUT, "%s has %d controls, iLQR plans for at most %d", system->name, system->nu,
                   (int)LB_BOX_QP_MAX);
  }
  int H = system->horizon;
  lb_counts counts = {0};
  lb_lq_policy_init(policy, &system->space, system->nu, H, arena);
  lb_lqr* lqr = lb_lqr_new(&system->space, system->nu, H, arena);
  lb_psdp_config first = lb_psdp_default_config();
  first.about = LB_PSDP_ABOUT_TARGET;
  lb_psdp_plan(lqr, policy, NULL, system->truth, system->cost, NULL, system->reference, &first, &counts);

  lb_ilqr_config config = lb_ilqr_default_config();
  config.limits = (lb_control_limits){.low = system->u_low, .high = system->u_high};
  lb_ilqr* ilqr = lb_ilqr_new(&system->space, system->nu, H, arena);
  lb_ilqr_start start = {.x0 = system->reference->x, .lq = policy};
  lb_ilqr_result result = lb_ilqr_solve(ilqr, system->truth, system->cost, &start, &config, &counts);
  if (!isfinite(result.cost)) {
    return lb_fail(LB_DIVERGED, "%s: iLQR on the true system found no policy of finite cost (%s)", system->name,
                   lb_ilqr_stop_text(result.stop));
  }
  lb_lq_policy_copy(policy, result.policy);
  *account = (lb_expert_account){
      .lqr_passes = (int)counts.lqr_passes, .cost = result.cost, .stop = lb_ilqr_stop_text(result.stop)};
  return lb_ok();
}

// How the expert was made and what it returned, as JSON text.
static void write_provenance(lb_text* text, const lb_expert_options* o, const lb_expert_account* account,
                             const lb_system* system) {
  lb_json_writer json = lb_json_writer_on(text);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_string(&json, "expert", "iLQR on the true system");
  lb_json_write_string(&json, "command", o->command);
  lb_json_write_string(&json, "task", system->name);
  lb_json_write_string(&json, "task_hash", system->hash);
  lb_json_write_int(&json, "seed", (int64_t)o->seed);
  lb_json_write_int(&json, "episodes", o->episodes);
  lb_json_write_int(&json, "lqr_passes", account->lqr_passes);
  lb_json_write_string(&json, "ilqr_stop", account->stop);
  lb_json_write_number(&json, "noise_free_cost", account->cost);
  lb_environment_write_versions(&json, "versions");
  lb_environment_write_machine(&json, "machine");
  lb_json_write_end_object(&json);
}

// <task>.json beside the demonstrations: the provenance, the measured cost, and the checksums of both files.
static lb_status save_card(const lb_expert_options* o, const char* folder, const lb_expert_result* r,
                           const char* provenance) {
  char path[1300];
  lb_text text = {0};
  lb_json_writer json = lb_json_writer_on(&text);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_number(&json, "mean_cost", r->cost_mean);
  lb_json_write_number(&json, "mean_cost_se", r->cost_se);
  lb_json_write_int(&json, "transitions", r->transitions);
  LB_TRY(lb_expert_files_write_sums(&json, folder, o->task));
  lb_json_write_raw(&json, "provenance", provenance);
  lb_json_write_end_object(&json);
  lb_text_add(&text, "\n");
  snprintf(path, sizeof path, "%s/%s.json", folder, o->task);
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  return status;
}

// The three files, in `folder`.
static lb_status write_files(lb_expert_result* r, const lb_expert_options* o, const char* folder, lb_system* system,
                             lb_lq_policy* policy, const char* provenance) {
  char path[1300];
  snprintf(path, sizeof path, "%s/%s.policy.safetensors", folder, o->task);
  LB_TRY(lb_lq_policy_file_save(path, policy, system, provenance));
  lb_policy view = lb_lq_policy_view(policy);
  lb_demos* demos;
  LB_TRY(lb_demos_record(&demos, system, &view, o->episodes, o->seed));
  lb_demos_cost(demos, system, &r->cost_mean, &r->cost_se);
  r->episodes = lb_demos_episodes(demos);
  r->transitions = lb_demos_transitions(demos);
  snprintf(path, sizeof path, "%s/%s.npz", folder, o->task);
  lb_status status = lb_demos_save(demos, system, path, provenance);
  lb_demos_free(demos);
  LB_TRY(status);
  return save_card(o, folder, r, provenance);
}

// All of an expert's files at once, or none.
static lb_status make_files(lb_expert_result* r, const lb_expert_options* o, lb_system* system, lb_lq_policy* policy,
                            const char* provenance) {
  lb_file_set set;
  LB_TRY(lb_file_set_begin(&set, o->folder, o->task));
  lb_status status = write_files(r, o, set.staging, system, policy, provenance);
  if (status.code == LB_OK) status = lb_expert_files_drop_others(&set, o->task);
  if (status.code == LB_OK) return lb_file_set_commit(&set);
  lb_file_set_abandon(&set);
  return status;
}

lb_status lb_expert_make(lb_expert_result* result, const lb_expert_options* o) {
  char models[1024];
  lb_path_join(models, sizeof models, o->root, "models");
  lb_system* system;
  LB_TRY(lb_task_open(&system, models, o->task));
  lb_arena* arena = lb_arena_new(0);
  lb_lq_policy policy;
  lb_status status = lb_expert_solve(&policy, &result->account, system, arena);
  if (status.code == LB_OK) {
    lb_text provenance = {0};
    write_provenance(&provenance, o, &result->account, system);
    status = make_files(result, o, system, &policy, provenance.data);
    lb_text_free(&provenance);
  }
  lb_arena_free(arena);
  lb_system_free(system);
  return status;
}
