#include "algo/demonstrator.h"

#include <stdio.h>

#include "io/file.h"

static const char policy_ending[] = ".policy.safetensors";

// "<root>/expert_data/<task><ending>"; whether there is such a file.
static bool exists(char path[1200], const char* root, const lb_system* system, const char* ending) {
  snprintf(path, 1200, "%s/expert_data/%s%s", root, system->name, ending);
  return lb_file_exists(path);
}

// The same, LB_INPUT when there is none.
static lb_status find(char path[1200], const char* root, const lb_system* system, const char* ending) {
  if (exists(path, root, system, ending)) return lb_ok();
  return lb_fail(LB_INPUT, "%s: there is no such file; 'bench expert %s' makes the expert of this task", path,
                 system->name);
}

bool lb_demonstrator_has_policy(const char* root, const lb_system* system) {
  char path[1200];
  return exists(path, root, system, policy_ending);
}

lb_status lb_demonstrator_policy(lb_actor** actor, const char* root, const lb_system* system, lb_arena* arena) {
  char path[1200];
  LB_TRY(find(path, root, system, policy_ending));
  lb_net_task task = {.name = system->name, .hash = system->hash};
  lb_actor_config config = lb_actor_default_config(system->nobs, system->nu);
  config.u_low = system->u_low;
  config.u_high = system->u_high;
  return lb_actor_load(actor, path, &task, &config, arena);
}

lb_status lb_demonstrator_data(lb_demos** demos, const char* root, lb_system* system, int transitions) {
  char path[1200];
  LB_TRY(find(path, root, system, ".npz"));
  LB_TRY(lb_demos_load_with(demos, system, path, LB_DEMOS_OBSERVATIONS));
  int recorded = lb_demos_transitions(*demos);
  if (transitions > recorded) {
    lb_demos_free(*demos);
    *demos = NULL;
    return lb_fail(LB_INPUT, "%s: %d transitions, expert_transitions asks for %d; 'bench expert %s' can record more",
                   path, recorded, transitions, system->name);
  }
  system->ledger.steps[LB_STEP_EXPERT] += transitions > 0 ? transitions : recorded;
  return lb_ok();
}
