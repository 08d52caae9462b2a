// The expert: iLQR on the true system's own map, from one LQR pass about the trajectory that the cost tracks.
#ifndef LB_ALGO_EXPERT_H_
#define LB_ALGO_EXPERT_H_

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "core/system.h"
#include "plan/lq_policy.h"

typedef struct lb_expert_account {
  int lqr_passes;
  double cost;       // noise-free, in the true system
  const char* stop;  // why iLQR stopped; static text
} lb_expert_account;

// Solves for the expert of a system that has a cost, a reference and its own map; the policy is in the arena.
// LB_DIVERGED when no policy with a finite cost was found, LB_INPUT for a system without a cost.
lb_status lb_expert_solve(lb_lq_policy* policy, lb_expert_account* account, lb_system* system, lb_arena* arena);

typedef struct lb_expert_options {
  const char* root;  // holds models/
  const char* task;
  int episodes;
  uint64_t seed;
  const char* folder;   // gets <task>.npz, <task>.policy.safetensors, <task>.json
  const char* command;  // the command line, for the provenance
} lb_expert_options;

typedef struct lb_expert_result {
  lb_expert_account account;
  double cost_mean, cost_se;  // of the recorded episodes
  int episodes, transitions;
} lb_expert_result;

// Solves, records demonstrations with process noise, and writes the three files.
lb_status lb_expert_make(lb_expert_result* result, const lb_expert_options* options);

#endif  // LB_ALGO_EXPERT_H_
