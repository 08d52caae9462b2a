// The actor of soft actor-critic as a policy by itself, and the way back.
#ifndef LB_PLAN_SAC_ACTOR_H_
#define LB_PLAN_SAC_ACTOR_H_

#include "base/arena.h"
#include "base/status.h"
#include "plan/actor.h"
#include "plan/sac.h"

// The learner's present actor, in the arena; it acts to the same bits. Control limits (nact) as in plan/actor.h, NULL:
// no scaling.
lb_actor* lb_sac_actor_copy(const lb_sac* sac, const double* u_low, const double* u_high, lb_arena* arena);

// The learner goes on from this actor: its weights, with the normalizer folded into the first layer's,
//   W (x - mean) scale + b = (W scale) x + (b - W scale mean),
// so that the learner, which takes observations as they come, acts as it does up to rounding. The moments of the
// learner's optimiser for its own actor are forgotten; critics and temperature stay. Refused with a sentence (which
// names no file): other numbers of observations or actions, other hidden layers.
lb_status lb_sac_actor_take(lb_sac* sac, const lb_actor* actor);

#endif  // LB_PLAN_SAC_ACTOR_H_
