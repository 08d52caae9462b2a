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

// A choice of demonstrations laid out for cloning, in the arena.
typedef struct lb_cloning_data {
  lb_transitions rows;
  int* starts;  // (episodes) where each begins among the rows
  int episodes;
} lb_cloning_data;

// The first `episodes` of index (0: all), of which the first `transitions` (0: all).
lb_status lb_cloning_data_take(lb_cloning_data* data, const lb_demos* demos, const lb_system* system, const int* index,
                               int episodes, int transitions, lb_arena* arena);

#endif  // LB_ALGO_CLONING_H_
