// A model that is planned in for reward: its one-step map, what a step earns, and whether it ends the episode, for many
// samples side by side. A planner (plan/mpc.h) needs no more of it, whether the map is an ensemble of networks, a
// linear model or a few equations, and whether the reward is a task's own or learned. Deterministic: the mean of a
// model that has one.
#ifndef LB_CORE_REWARD_MODEL_H_
#define LB_CORE_REWARD_MODEL_H_

#include <stdbool.h>

typedef struct lb_reward_model {
  int nx, nu;  // a plain vector space
  void* ctx;
  // x_next (n, nx), reward (n) and ended (n: nothing is earned after x_next) at x (n, nx) and u (n, nu). Numbers that
  // are not finite pass through.
  void (*step)(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward, bool* ended);
  // The expansion of n steps whose x_next (n, nx) is given: A (n, nx, nx) and B (n, nx, nu) of the map, gradient
  // (n, nx + nu) and Hessian (n, nx + nu, nx + nu) of the reward as a function of (x, u), its way through x_next
  // included as far as first derivatives of the map go. Returns how many evaluations of the map that took.
  long (*expand)(void* ctx, int n, const double* x, const double* u, const double* x_next, double* A, double* B,
                 double* gradient, double* hessian);
} lb_reward_model;

#endif  // LB_CORE_REWARD_MODEL_H_
