// A model over observations with the task's own word on what was imagined: what a step earns, by the task's terms
// (known) or as the model predicts it, and whether it ends the episode, where observations tell. Observations and
// actions in [-1, 1]; no real step is taken, nothing is counted.
//
// Two views: the mean, for planners of rewards (core/reward_model.h), with derivatives - of the mean the model's, of a
// known reward by differences (plan/reward_expansion.h), since a task's terms are any, of a predicted one the model's -
// and draws (core/sampler.h), in single precision as buffers keep them.
#ifndef LB_ALGO_WORLD_H_
#define LB_ALGO_WORLD_H_

#include "base/arena.h"
#include "base/status.h"
#include "core/model.h"
#include "core/reward_model.h"
#include "core/system.h"

enum { LB_WORLD_CHUNK = 2048 };  // draws that go side by side

typedef struct lb_world lb_world;

// In the arena, for up to `most` samples of the mean at once; 0: it is drawn from alone. The system judges what is
// imagined. known: rewards are the task's own terms.
lb_world* lb_world_new(lb_system* system, const lb_model* model, bool known, int most, lb_arena* arena);

// Views that live as long as the world.
const lb_reward_model* lb_world_mean(const lb_world* world);
lb_sampler lb_world_sampler(lb_world* world);

// LB_INPUT where the task's own terms are wanted, and observations do not determine them.
lb_status lb_world_check_known(const lb_system* system);

#endif  // LB_ALGO_WORLD_H_
