// The mean of several demonstrations, state by state in the tangent space (the Karcher mean; in a plain vector space
// the arithmetic one): the trajectory about which PSDP plans when there is more than one.
#ifndef LB_PLAN_MEAN_TRAJECTORY_H_
#define LB_PLAN_MEAN_TRAJECTORY_H_

#include "base/arena.h"
#include "core/space.h"
#include "core/trajectory.h"

// The mean of n >= 1 trajectories at the same times; its length is the shortest one's. The arrays are the arena's.
lb_trajectory lb_mean_trajectory(const lb_space* space, int nu, const lb_trajectory* demos, int n, lb_arena* arena);

#endif  // LB_PLAN_MEAN_TRAJECTORY_H_
