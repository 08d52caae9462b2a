// Behaviour cloning as a row of the loop: a round is a number of demonstrations, 1, 4, 10 and all of them (or those
// alone that the protocol's expert_transitions or expert_episodes ask for), on which an actor with fresh weights is
// fitted and measured. Which episodes come first is drawn for each seed.
#ifndef LB_ALGO_CLONING_H_
#define LB_ALGO_CLONING_H_

#include "algo/loop.h"
#include "algo/recipe.h"
#include "base/arena.h"
#include "data/demos.h"
#include "data/demos_rows.h"
#include "plan/actor.h"
#include "plan/bc.h"

lb_status lb_cloning_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options);

// The demonstrations that a run of this seed is given, whatever its row: all episodes in the order in which it takes
// them (index[0..episodes), in the arena), of which the first `transitions`: as many as the protocol's
// expert_transitions and expert_episodes allow. LB_INPUT for more episodes than there are.
lb_status lb_cloning_given(lb_demos_choice* given, const lb_demos* demos, uint64_t seed,
                           const lb_online_protocol* protocol, lb_arena* arena);

typedef struct lb_cloning_fit {
  int transitions, episodes;  // that were used
  lb_bc_report report;
} lb_cloning_fit;

// Clones the chosen demonstrations: an actor of the protocol's layers with fresh weights drawn from rng and the
// system's limits, in the arena. LB_INPUT for too few transitions, LB_DIVERGED for numbers that are not finite.
lb_status lb_cloning_clone(lb_actor** actor, lb_cloning_fit* fit, const lb_demos* demos, const lb_system* system,
                           const lb_demos_choice* choice, const lb_online_protocol* protocol, lb_bc_loss loss,
                           lb_rng* rng, lb_arena* arena);

#endif  // LB_ALGO_CLONING_H_
