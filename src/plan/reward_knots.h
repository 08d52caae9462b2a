// The expansion of a reward along a trajectory as the costs of an LQR pass: minus the reward, its Hessian brought to
// the nearest negative semidefinite one (eigenvalues above 0 become 0), so that with a regularisation of the controls
// every pass has a solution.
#ifndef LB_PLAN_REWARD_KNOTS_H_
#define LB_PLAN_REWARD_KNOTS_H_

#include "base/arena.h"
#include "plan/lqr.h"

typedef struct lb_reward_knots {
  int nx, nu;
  double *eigenvalue, *eigenvector;  // (nx + nu), (nx + nu, nx + nu) scratch
  lb_arena* arena;                   // for the scratch of eigenvalues
} lb_reward_knots;

// In the arena.
lb_reward_knots lb_reward_knots_new(int nx, int nu, lb_arena* arena);

// Costs of knot t of the expansion from the reward there, its gradient (nx + nu) and its Hessian (nx + nu, nx + nu),
// which is written over.
void lb_reward_knots_write(const lb_reward_knots* s, const lb_lqr_expansion* to, int t, double reward,
                           const double* gradient, double* hessian);

// No terminal cost, at knot `horizon`.
void lb_reward_knots_end(const lb_reward_knots* s, const lb_lqr_expansion* to, int horizon);

#endif  // LB_PLAN_REWARD_KNOTS_H_
