// From a recipe's words to a planner.
#ifndef LB_ALGO_PLANNERS_H_
#define LB_ALGO_PLANNERS_H_

#include "algo/recipe.h"
#include "core/planner.h"
#include "core/system.h"

// The planner that `choice` names, for this system, which must outlive it. Free it with planner.destroy(planner.ctx).
lb_planner lb_planner_make(const lb_planner_choice* choice, const lb_system* system);

#endif  // LB_ALGO_PLANNERS_H_
