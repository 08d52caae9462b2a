// The recorded expert of a task with rewards: its policy and its demonstrations, in expert_data/.
#ifndef LB_ALGO_EXPERT_STORE_H_
#define LB_ALGO_EXPERT_STORE_H_

#include <stdbool.h>

#include "algo/expert_used.h"
#include "base/arena.h"
#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "plan/actor.h"

// expert_data/<task>.policy.safetensors, in the arena. A missing file is LB_INPUT and says how to make it.
// `used` (may be NULL) gets its checksum.
lb_status lb_expert_store_policy(lb_actor** actor, lb_expert_used* used, const char* root, const lb_system* system,
                                 lb_arena* arena);

// Whether there is such a file. The expert of a task with a cost is no network.
bool lb_expert_store_has_policy(const char* root, const lb_system* system);

// expert_data/<task>.npz with its observations. Where more transitions are asked for than are filed, a longer recording
// of the same policy, made now if it never was (algo/expert_demos.h). The demonstrations are the caller's, who counts
// in the ledger what is used of them. `used` (may be NULL) gets the checksum of the filed recording, or of the policy
// that made the longer one. Of a `quality` below 100 (expert_files.h) there is what is filed, and nothing longer.
lb_status lb_expert_store_data(lb_demos** demos, lb_expert_used* used, const char* root, lb_system* system,
                               int transitions, int quality);

// Demonstrations and a policy from files of the user's own, in the place of those above. Demonstrations are recordings
// of ours (`bench demo import` makes them of others'), of at least `transitions`; another quality than 100 is LB_INPUT.
lb_status lb_expert_store_given_data(lb_demos** demos, lb_expert_used* used, const char* path, lb_system* system,
                                     int transitions, int quality);
lb_status lb_expert_store_given_policy(lb_actor** actor, lb_expert_used* used, const char* path,
                                       const lb_system* system, lb_arena* arena);

// Makes that longer recording now, if one will be needed. LB_OK where the task has a cost or no demonstrations: whoever
// uses them says what is missing.
lb_status lb_expert_store_prepare(const char* root, const char* task, int transitions, int quality);

#endif  // LB_ALGO_EXPERT_STORE_H_
