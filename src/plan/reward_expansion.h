// The second-order expansion of a reward r(x, u, x') of transitions about which nothing is known but its values:
// central differences of second order, then the chain rule through dx' = A dx + B du. The curvature of the map itself
// is left out, as in iLQR.
//
// Rewards have kinks (a tolerance's bounds, a clip). A difference over a finite step sees a kink within the step as the
// curvature of a rounded corner, which is what a planner needs there; the step is therefore not as small as numbers
// allow, but a share of the size of the state that a planner cares for.
#ifndef LB_PLAN_REWARD_EXPANSION_H_
#define LB_PLAN_REWARD_EXPANSION_H_

#include <stdbool.h>

#include "base/arena.h"

typedef struct lb_transition_reward {
  int nx, nu;
  void* ctx;
  // reward (n) of the transitions from x (n, nx) under u (n, nu) to x_next (n, nx).
  void (*at)(void* ctx, int n, const double* x, const double* u, const double* x_next, double* reward);
} lb_transition_reward;

typedef struct lb_reward_expansion lb_reward_expansion;

// Room for the work, in the arena. Number i of a transition is moved by step * max(1, its size).
lb_reward_expansion* lb_reward_expansion_new(int nx, int nu, double step, lb_arena* arena);

// gradient (n, nx + nu) and hessian (n, nx + nu, nx + nu) of r(x, u, f(x, u)) at n transitions, f having the
// derivatives A (n, nx, nx) and B (n, nx, nu). Where r is not finite the numbers are 0. It takes 1 + 2 m evaluations of
// r, m = 2 nx
// + nu, and two more for each pair of numbers on both of which r depends there.
void lb_reward_expansion_take(lb_reward_expansion* e, double* gradient, double* hessian, const lb_transition_reward* r,
                              int n, const double* x, const double* u, const double* x_next, const double* A,
                              const double* B);

#endif  // LB_PLAN_REWARD_EXPANSION_H_
