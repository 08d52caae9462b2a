// The rows of a task with rewards that do not learn: the expert's recorded policy, uniformly random actions, and zero
// controls; of a task with a cost, uniformly random actions. Measured once, as the task's other rows are (a return, or
// a cost), with the noise of their last evaluation.
#ifndef LB_ALGO_REFERENCE_H_
#define LB_ALGO_REFERENCE_H_

#include "algo/loop.h"
#include "algo/recipe.h"

// LB_INPUT when the expert's files are missing or belong to another version of the task.
// Uniformly random controls u (n, nu) within the limits; within [-1, 1] where there are none.
void lb_reference_draw(const lb_system* system, lb_rng* rng, int n, double* u);

lb_status lb_reference_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options);

#endif  // LB_ALGO_REFERENCE_H_
