// Noise-free rollouts of a policy in a one-step map: what a model says that a policy costs.
#ifndef LB_PLAN_ROLLOUT_H_
#define LB_PLAN_ROLLOUT_H_

#include "core/cost.h"
#include "core/dynamics.h"
#include "core/policy.h"

// A state with a number beyond this, or no number, has left the model's world.
#define LB_ROLLOUT_LIMIT 1e12

// Limits that a rollout imposes on the policy's controls; NULL members: none.
typedef struct lb_control_limits {
  const double* low;   // (nu)
  const double* high;  // (nu)
} lb_control_limits;

// Starts at x0 (nx) and takes H steps: x (H + 1, nx), u (H, nu), and the return value, the total cost (0 when cost is
// NULL). The policy must read states. INFINITY when a state explodes or a number is not finite; the rest of x and u is
// then filled with NAN. Counts H model queries (fewer when it ends early).
double lb_rollout(double* x, double* u, const lb_dynamics* f, const lb_cost* cost, const lb_policy* policy,
                  lb_control_limits limits, const double* x0, int H);

#endif  // LB_PLAN_ROLLOUT_H_
