// How the expert of a task with rewards is made: bench/experts/<task>.json, or expert.json in the folder of a task of
// the user's own.
//
//   {"train": {"seed": 0, "protocol": {"steps": 500000, ...}}, "transitions": 10000, "threshold": 3200}
//
// A task that is another one seen through more observations, or begun elsewhere, takes that one's policy instead of
// training its own:
//
//   {"policy_of": "ant-truncated", "transitions": 10000, "actions": "mean", "threshold": 4500}
#ifndef LB_ALGO_EXPERT_PLAN_H_
#define LB_ALGO_EXPERT_PLAN_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/protocol.h"
#include "base/status.h"

typedef struct lb_expert_plan {
  char policy_of[128];  // the task whose policy serves; "": train one
  char algo[64];        // default "sac"
  uint64_t seed;        // default 0
  lb_protocol protocol;
  int transitions;   // to record; default 10000
  bool sampled;      // actions of the demonstrations are samples (default), as the paper has them; else the mean
  double threshold;  // mean return over fresh episodes that the expert has to reach; NAN: none is stated
  double success;    // an episode with at least this return is a success; NAN: not counted
  double share;      // of successes that the expert has to reach; with `success` only
  bool is_default;   // there is no such file: the defaults, for a user's own task
} lb_expert_plan;

// The plan of `task` below root.
lb_status lb_expert_plan_load(lb_expert_plan* plan, const char* root, const char* task);

#endif  // LB_ALGO_EXPERT_PLAN_H_
