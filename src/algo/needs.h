// What a row asks of a task: a cost or rewards, limits of the controls, an observation, a family of models, and so on.
// Checked before a run, a forecast or a suite begins; whatever is missing is said in one line.
#ifndef LB_ALGO_NEEDS_H_
#define LB_ALGO_NEEDS_H_

#include "algo/recipe.h"
#include "base/status.h"
#include "core/system.h"

// LB_INPUT, which names what is missing, when the row cannot run on the system. The recipe is in its form for the
// system: that for rewards where there is no cost. Files of experts are not looked for.
lb_status lb_needs_check(const lb_recipe* recipe, const lb_system* system);

#endif  // LB_ALGO_NEEDS_H_
