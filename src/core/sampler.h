// A learned model as something to draw from: one step, with reward and end. What measures a model (eval/lemma.h) needs
// no more of it, whether it is an ensemble of networks, a table or the true system's own map.
#ifndef LB_CORE_SAMPLER_H_
#define LB_CORE_SAMPLER_H_

#include <stdbool.h>

#include "base/rng.h"

typedef struct lb_sampler {
  int nx, nu;
  void* ctx;
  // Draws x_next (n, nx), reward (n) and terminated (n: x_next is the task's own end, there is no value beyond it) at
  // x (n, nx) and u (n, nu), in the model's units, all at time t. From the same stream the same n meet the same draws,
  // whatever x and u are: what is taken of rng depends on n and rng alone. Numbers that are not finite pass through.
  // Nothing is counted: who measures does not plan.
  void (*sample)(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                 bool* terminated, lb_rng* rng);
} lb_sampler;

// x' ~ P(. | x, u), with its reward and end.
static inline void lb_sampler_draw(const lb_sampler* m, int n, int t, const double* x, const double* u, double* x_next,
                                   double* reward, bool* terminated, lb_rng* rng) {
  m->sample(m->ctx, n, t, x, u, x_next, reward, terminated, rng);
}

#endif  // LB_CORE_SAMPLER_H_
