// The words of recipes, for the reader and the schema alone.
#ifndef LB_ALGO_RECIPE_PRIVATE_H_
#define LB_ALGO_RECIPE_PRIVATE_H_

#include <stdbool.h>

#include "algo/recipe.h"

extern const char* const lb_recipe_states[LB_STATES];
extern const char* const lb_recipe_rewards[2];  // by lb_reward_source
extern const char* const lb_recipe_entries[2];  // by lb_recipe.one_a_step

// The i-th kind's name and choices, of models or of planners; false beyond the last.
bool lb_recipe_kind_at(bool model, int i, const char** name, const lb_params** choices);

// Whether a planner of this kind has a key that is not its own: "reward", "starts", "actor_states", "real_share",
// "from_clone".
bool lb_recipe_takes_shared(const lb_planner_kind* kind, const char* key);

// The policies that are measured once: names of the "kind" of a whole recipe, behind "loop". Returns how many.
int lb_recipe_whole_kinds(const char* names[LB_REGISTRY_MOST]);

#endif  // LB_ALGO_RECIPE_PRIVATE_H_
