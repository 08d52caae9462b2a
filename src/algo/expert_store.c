#include "algo/expert_store.h"

#include <stdio.h>
#include <string.h>

#include "algo/expert_demos.h"
#include "algo/expert_files.h"
#include "base/text.h"
#include "io/file.h"
#include "task/task.h"

static const char policy_ending[] = ".policy.safetensors";

typedef char file_path[LB_EXPERT_FILES_FOLDER + 200];

// The file of the task's expert with this ending; whether there is one.
static bool exists(file_path path, const char* root, const lb_system* system, const char* ending) {
  char folder[LB_EXPERT_FILES_FOLDER];
  if (lb_expert_files_folder(folder, root, system->name).code != LB_OK) return false;
  snprintf(path, sizeof(file_path), "%s/%.150s%s", folder, system->name, ending);
  return lb_file_exists(path);
}

// The same for a file that is to be used: LB_INPUT when there is none, or when the expert's files do not belong
// together. It stays as it is until *share is released. `sums` are the checksums of them all.
static lb_status find(file_path path, lb_expert_files_sums* sums, lb_file_share* share, const char* root,
                      const lb_system* system, const char* ending) {
  char folder[LB_EXPERT_FILES_FOLDER];
  LB_TRY(lb_expert_files_folder(folder, root, system->name));
  LB_TRY(lb_expert_files_open(sums, share, folder, system->name));
  if (exists(path, root, system, ending)) return lb_ok();
  return lb_fail(LB_INPUT, "%s: no such file; 'bench expert %s' makes the expert of this task", path, system->name);
}

bool lb_expert_store_has_policy(const char* root, const lb_system* system) {
  file_path path;
  return !system->cost && exists(path, root, system, policy_ending);
}

// A policy network's file, for this task and its limits.
static lb_status load_actor(lb_actor** actor, const char* path, const lb_system* system, lb_arena* arena) {
  lb_net_task task = {.name = system->name, .hash = system->hash};
  lb_actor_config config = lb_actor_default_config(system->nobs, system->nu);
  config.u_low = system->u_low;
  config.u_high = system->u_high;
  return lb_actor_load(actor, path, &task, &config, arena);
}

lb_status lb_expert_store_policy(lb_actor** actor, lb_expert_used* used, const char* root, const lb_system* system,
                                 lb_arena* arena) {
  file_path path;
  lb_file_share share;
  lb_expert_files_sums sums;
  lb_status status = find(path, &sums, &share, root, system, policy_ending);
  if (status.code == LB_OK) status = load_actor(actor, path, system, arena);
  lb_file_set_release(&share);
  if (used && status.code == LB_OK) memcpy(used->policy, sums.policy, sizeof used->policy);
  return status;
}

// The filed recording of the expert, or of a worse policy.
static lb_status load_filed(lb_demos** demos, file_path path, lb_expert_files_sums* sums, const char* root,
                            lb_system* system, int quality) {
  char folder[LB_EXPERT_FILES_FOLDER], name[LB_EXPERT_FILES_NAME];
  LB_TRY(lb_expert_files_folder(folder, root, system->name));
  lb_expert_files_name(name, system->name, quality);
  snprintf(path, sizeof(file_path), "%s/%.150s.npz", folder, name);
  if (quality < 100 && !lb_file_exists(path)) {
    return lb_fail(LB_INPUT, "%s: no such file; 'bench expert %s --quality %d' records it", path, system->name,
                   quality);
  }
  lb_file_share share;
  lb_status status = lb_expert_files_open(sums, &share, folder, name);
  if (status.code == LB_OK && !lb_file_exists(path)) {
    status = lb_fail(LB_INPUT, "%s: no such file; 'bench expert %s' makes the expert of this task", path, system->name);
  }
  if (status.code == LB_OK) status = lb_demos_load_with(demos, system, path, LB_DEMOS_OBSERVATIONS);
  lb_file_set_release(&share);
  return status;
}

// The filed recording, or where more transitions are wanted than it has, a longer one of the same policy.
static lb_status load(lb_demos** demos, lb_expert_used* used, const char* root, lb_system* system, int transitions,
                      int quality) {
  file_path path;
  lb_expert_files_sums sums;
  LB_TRY(load_filed(demos, path, &sums, root, system, quality));
  int recorded = lb_demos_transitions(*demos);
  if (transitions <= recorded) {
    if (used) memcpy(used->demonstrations, sums.demonstrations, sizeof used->demonstrations);
    return lb_ok();
  }
  lb_demos_free(*demos);
  *demos = NULL;
  if (quality < 100) {
    return lb_fail(
        LB_INPUT,
        "%s: %d transitions, expert_transitions asks for %d; 'bench expert %s --quality %d --transitions %d' "
        "records more",
        path, recorded, transitions, system->name, quality, transitions);
  }
  if (!lb_expert_store_has_policy(root, system)) {
    return lb_fail(LB_INPUT, "%s: %d transitions, expert_transitions asks for %d; 'bench expert %s' can record more",
                   path, recorded, transitions, system->name);
  }
  return lb_expert_demos_longer(demos, used, root, system, transitions);
}

lb_status lb_expert_store_data(lb_demos** demos, lb_expert_used* used, const char* root, lb_system* system,
                               int transitions, int quality) {
  return load(demos, used, root, system, transitions, quality);
}

lb_status lb_expert_store_given_data(lb_demos** demos, lb_expert_used* used, const char* path, lb_system* system,
                                     int transitions, int quality) {
  if (quality != 100) {
    return lb_fail(LB_INPUT, "expert_quality=%d chooses among the files of expert_data/; %s is given in their place",
                   quality, path);
  }
  LB_TRY(lb_demos_load_with(demos, system, path, LB_DEMOS_OBSERVATIONS));
  int recorded = lb_demos_transitions(*demos);
  lb_status status = lb_ok();
  if (transitions > recorded) {
    status = lb_fail(LB_INPUT, "%s: %d %s, expert_transitions asks for %d; lower it, or record more", path, recorded,
                     lb_plural(recorded, "transition", "transitions"), transitions);
  }
  if (status.code == LB_OK && used) status = lb_sha256_file(path, used->demonstrations);
  if (status.code == LB_OK) return status;
  lb_demos_free(*demos);
  *demos = NULL;
  return status;
}

lb_status lb_expert_store_given_policy(lb_actor** actor, lb_expert_used* used, const char* path,
                                       const lb_system* system, lb_arena* arena) {
  LB_TRY(load_actor(actor, path, system, arena));
  return used ? lb_sha256_file(path, used->policy) : lb_ok();
}

lb_status lb_expert_store_prepare(const char* root, const char* task, int transitions, int quality) {
  char models[1024];
  lb_system* system;
  lb_demos* demos = NULL;
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&system, models, task));
  file_path path;
  bool filed = exists(path, root, system, ".npz");
  lb_status status = filed && !system->cost ? load(&demos, NULL, root, system, transitions, quality) : lb_ok();
  lb_demos_free(demos);
  lb_system_free(system);
  return status;
}
