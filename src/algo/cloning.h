// Behaviour cloning as a row of the loop: a round is a number of demonstrations, 1, 4, 10 and all of them (or the
// protocol's expert_transitions alone), on which an actor with fresh weights is fitted and measured. Which episodes
// come first is drawn for each seed.
#ifndef LB_ALGO_CLONING_H_
#define LB_ALGO_CLONING_H_

#include "algo/loop.h"
#include "algo/recipe.h"
#include "base/arena.h"
#include "data/demos.h"
#include "plan/actor.h"
#include "plan/bc.h"

lb_status lb_cloning_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options);

// The episodes of the demonstrations in the order in which a run of this seed takes them, whatever its row; in the
// arena.
int* lb_cloning_order(const lb_demos* demos, uint64_t seed, lb_arena* arena);

typedef struct lb_cloning_fit {
  int transitions, episodes;  // that were used
  lb_bc_report report;
} lb_cloning_fit;

// Clones the first `episodes` demonstrations of index (0: all; NULL: in their order), of which the first
// protocol->expert_transitions (0: all): an actor of the protocol's layers with fresh weights drawn from rng and the
// system's limits, in the arena. LB_INPUT for too few transitions, LB_DIVERGED for numbers that are not finite.
lb_status lb_cloning_clone(lb_actor** actor, lb_cloning_fit* fit, const lb_demos* demos, const lb_system* system,
                           const int* index, int episodes, const lb_online_protocol* protocol, lb_bc_loss loss,
                           lb_rng* rng, lb_arena* arena);

#endif  // LB_ALGO_CLONING_H_
