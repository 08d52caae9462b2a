// A task's terms on states alone, as a model of the task gives them: no history, no stale quantities. Derived
// quantities are computed from each state (and, for forces, the controls that led to it) as far as the terms need them;
// tasks that read only qpos and qvel compute nothing. Where terms read derived quantities this differs from what a real
// step reads by design (phys/signal.h); `bench tasks NAME` says by how much.
#ifndef LB_TASK_IMAGINE_H_
#define LB_TASK_IMAGINE_H_

#include "core/system.h"
#include "task/terms.h"

// For n transitions (core/system.h, `imagine`). sim is where the states are put; it is left anywhere.
void lb_imagine(const lb_terms* terms, lb_phys_sim* sim, const lb_space* space, int nu, const lb_imagined* out, int n,
                const double* x, const double* u, const double* x_next);

#endif  // LB_TASK_IMAGINE_H_
