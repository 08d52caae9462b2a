#include "algo/expert_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/json.h"
#include "task/task.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

// How an expert is made where no file says otherwise.
static lb_expert_plan plan_default(void) {
  lb_expert_plan plan = {.algo = "sac",
                         .protocol = lb_protocol_default(),
                         .transitions = 10000,
                         .sampled = true,
                         .threshold = NAN,
                         .success = NAN,
                         .share = NAN,
                         .is_default = true};
  lb_protocol* p = &plan.protocol;
  lb_protocol_put(p, "steps", 1000000);
  lb_protocol_put(p, "warmup_steps", 10000);
  lb_protocol_put(p, "evaluate_every", 20000);
  lb_protocol_put(p, "updates_per_step", 0.5);
  lb_protocol_put(p, "batch", 128);
  lb_protocol_put(p, "learning_rate", 5e-4);
  return plan;
}

// "train": algorithm, seed and settings.
static lb_status read_training(lb_expert_plan* plan, lb_node root) {
  if (!lb_json_has(root, "train")) return lb_ok();
  static const char* const keys[] = {"algo", "seed", "protocol"};
  lb_node train, protocol;
  const char* algo;
  int seed;
  LB_TRY(lb_json_object(root, "train", &train));
  LB_TRY(lb_json_keys(train, keys, COUNT(keys)));
  LB_TRY(lb_json_string_or(train, "algo", plan->algo, &algo));
  if (strlen(algo) >= sizeof plan->algo) return lb_json_fail(train, "algo is too long a name");
  if (algo != plan->algo) snprintf(plan->algo, sizeof plan->algo, "%s", algo);
  LB_TRY(lb_json_int_or(train, "seed", 0, 1 << 30, 0, &seed));
  plan->seed = (uint64_t)seed;
  if (!lb_json_has(train, "protocol")) return lb_ok();
  LB_TRY(lb_json_object(train, "protocol", &protocol));
  return lb_protocol_read(&plan->protocol, protocol);
}

// All keys of the file.
static lb_status read_plan(lb_expert_plan* plan, lb_node root) {
  static const char* const keys[] = {"policy_of", "train", "transitions", "actions", "threshold", "success", "share"};
  const char* twin;
  LB_TRY(lb_json_keys(root, keys, COUNT(keys)));
  LB_TRY(lb_json_string_or(root, "policy_of", "", &twin));
  if (strlen(twin) >= sizeof plan->policy_of) return lb_json_fail(root, "policy_of is too long a name");
  snprintf(plan->policy_of, sizeof plan->policy_of, "%s", twin);
  if (*twin && lb_json_has(root, "train")) {
    return lb_json_fail(root, "either policy_of, another task's policy, or train; not both");
  }
  LB_TRY(lb_json_int_or(root, "transitions", 1, 100000000, plan->transitions, &plan->transitions));
  static const char* const actions[] = {"mean", "sampled"};
  int sampled;
  LB_TRY(lb_json_choice_or(root, "actions", actions, COUNT(actions), plan->sampled, &sampled));
  plan->sampled = sampled == 1;
  LB_TRY(lb_json_number_or(root, "threshold", -1e300, 1e300, NAN, &plan->threshold));
  LB_TRY(lb_json_number_or(root, "success", -1e300, 1e300, NAN, &plan->success));
  LB_TRY(lb_json_number_or(root, "share", 0, 1, NAN, &plan->share));
  if (isnan(plan->success) != isnan(plan->share)) {
    return lb_json_fail(root, "success (a return) and share (of the episodes) go together");
  }
  return read_training(plan, root);
}

lb_status lb_expert_plan_load(lb_expert_plan* plan, const char* root, const char* task) {
  char path[1400];
  const char* own = lb_task_folders_find(task);
  *plan = plan_default();
  snprintf(path, sizeof path, own ? "%.1000s/%.200s/expert.json" : "%.1000s/bench/experts/%.200s.json",
           own ? own : root, task);
  if (!lb_file_exists(path)) return lb_ok();
  plan->is_default = false;
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = read_plan(plan, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}
