// Branched rollouts (Janner et al. 2019, MBPO, algorithm 2): from given states a planner acts for a few steps in a
// learned model, and what it meets there is kept as transitions. A rollout ends where the world says that an imagined
// observation is the task's end, or where a prediction is not finite (that one is dropped).
#ifndef LB_ALGO_BRANCH_H_
#define LB_ALGO_BRANCH_H_

#include "base/arena.h"
#include "base/rng.h"
#include "core/counts.h"
#include "core/planner.h"
#include "core/sampler.h"
#include "data/ring.h"

// Rollouts of up to `length` steps from the observations starts (n, nobs), any n, into the ring. Returns the number of
// model steps, dropped ones included, which it also adds to counts->model_queries. scratch is as it was afterwards.
int64_t lb_branch_rollouts(const lb_sampler* world, const lb_planner* planner, lb_ring* out, const float* starts, int n,
                           int length, lb_rng* rng, lb_counts* counts, lb_arena* scratch);

#endif  // LB_ALGO_BRANCH_H_
