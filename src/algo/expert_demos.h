// Demonstrations drawn from an expert's policy: those that `bench expert` files, and longer ones where a run asks for
// more transitions than expert_data/ has. The same policy, plan and number give the same demonstrations, and a shorter
// recording is what a longer one begins with.
#ifndef LB_ALGO_EXPERT_DEMOS_H_
#define LB_ALGO_EXPERT_DEMOS_H_

#include "algo/expert_plan.h"
#include "algo/expert_used.h"
#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "plan/actor.h"

// n transitions of the actor's: of its samples or its mean actions, from the seed, as the plan says.
lb_status lb_expert_demos_record(lb_demos** out, lb_system* system, lb_actor* actor, const lb_expert_plan* plan, int n);

// The folder of longer recordings in this process, copied; at first it is results/runs/demonstrations/ below root.
void lb_expert_demos_keep_in(const char* folder);

// A recording of n transitions by the policy of expert_data/, with its observations: that of the folder of longer
// recordings; made there if it is not yet, with a card that has its checksum and the policy's. Its file name holds the
// policy's checksum and the program's numerics, so that another expert's or another program's recording never passes
// for this one. `used` (may be NULL) gets the policy's checksum.
lb_status lb_expert_demos_longer(lb_demos** demos, lb_expert_used* used, const char* root, lb_system* system, int n);

#endif  // LB_ALGO_EXPERT_DEMOS_H_
