// The recorded expert of a task with rewards: its policy and its demonstrations, in expert_data/.
#ifndef LB_ALGO_DEMONSTRATOR_H_
#define LB_ALGO_DEMONSTRATOR_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "plan/actor.h"

// expert_data/<task>.policy.safetensors, in the arena. A missing file is LB_INPUT and says how to make it.
lb_status lb_demonstrator_policy(lb_actor** actor, const char* root, const lb_system* system, lb_arena* arena);

// Whether there is such a file.
bool lb_demonstrator_has_policy(const char* root, const lb_system* system);

// expert_data/<task>.npz with its observations, of which the first `transitions` (0: all) are counted in the ledger as
// steps of the expert. The demonstrations are the caller's. Fewer recorded than asked for are LB_INPUT.
lb_status lb_demonstrator_data(lb_demos** demos, const char* root, lb_system* system, int transitions);

#endif  // LB_ALGO_DEMONSTRATOR_H_
