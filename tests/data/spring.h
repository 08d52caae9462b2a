// A system with all that makes recordings hard, in a few lines: a warm start that the next step depends on, a reward
// that had read something before the step, observations of what the last step left behind (so that a state alone does
// not give them), noise, an end of its own and a time limit.
#ifndef LB_TESTS_DATA_SPRING_H_
#define LB_TESTS_DATA_SPRING_H_

#include <math.h>
#include <string.h>

#include "core/policy.h"
#include "core/system.h"

enum { SPRING_H = 47, SPRING_NX = 4, SPRING_NOBS = 5, SPRING_NHIDDEN = 3 };

typedef struct spring {
  double x[SPRING_NX];  // two positions, two velocities
  double warm[2], before, left;
  double stiffness;
  int t;
  long steps;
  bool observes_state;  // x[3], x[0], x[1] and these twice instead
} spring;

static void spring_set(void* self, const double* x, int t) {
  spring* s = self;
  memcpy(s->x, x, sizeof s->x);
  s->warm[0] = s->warm[1] = 0;
  s->before = x[0];
  s->left = x[2];
  s->t = t;
}

static void spring_reset(void* self, lb_rng* rng) {
  double x[SPRING_NX];
  for (int i = 0; i < SPRING_NX; ++i) x[i] = lb_rng_normal(rng) / 3;
  spring_set(self, x, 0);
}

static void spring_get(void* self, double* x) {
  memcpy(x, ((spring*)self)->x, SPRING_NX * sizeof *x);
}

static void spring_get_hidden(void* self, double* h) {
  const spring* s = self;
  memcpy(h, s->warm, sizeof s->warm);
  h[2] = s->before;
}

static void spring_set_hidden(void* self, const double* h) {
  spring* s = self;
  memcpy(s->warm, h, sizeof s->warm);
  s->before = h[2];
}

static void spring_observe(void* self, double* obs) {
  const spring* s = self;
  for (int i = 0; i < SPRING_NOBS; ++i) obs[i] = s->x[(i + 3) % 4 == 2 ? 0 : (i + 3) % 4];
  if (s->observes_state) return;
  for (int i = 0; i < 3; ++i) obs[i] = sin(s->x[i] / 3);
  obs[3] = s->left;
  obs[4] = s->x[3];
}

static lb_outcome spring_step(void* self, const double* u, const double* w) {
  spring* s = self;
  s->steps += 1;
  s->left = s->x[2];
  for (int i = 0; i < 2; ++i) {
    double force = fmin(fmax(u[i], -1.5), 0.5) - s->stiffness * sin(s->x[i]) + 1e-3 * s->warm[i] + 0.01 * s->x[1 - i] +
                   0.1 * sin(s->t);
    s->x[2 + i] += 0.1 * force + (w ? 0.02 * w[0] : 0);
    s->x[i] += 0.1 * s->x[2 + i];
    s->warm[i] = 0.5 * s->warm[i] + force;
  }
  lb_outcome outcome = {.reward = 10 * (s->x[0] - s->before) - 0.1 * u[0] * u[0], .terminated = fabs(s->x[0]) > 0.7};
  s->before = s->x[0];
  outcome.truncated = ++s->t >= SPRING_H;
  return outcome;
}

static const double spring_low[2] = {-1.5, -1.5}, spring_high[2] = {0.5, 0.5};

static inline lb_system spring_system(spring* self) {
  *self = (spring){.stiffness = 2};
  return (lb_system){.name = "spring",
                     .hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                     .self = self,
                     .space = {.nx = SPRING_NX, .ndx = SPRING_NX},
                     .nu = 2,
                     .nobs = SPRING_NOBS,
                     .nq = 2,
                     .nw = 1,
                     .nhidden = SPRING_NHIDDEN,
                     .nwarm = 2,
                     .horizon = SPRING_H,
                     .u_low = spring_low,
                     .u_high = spring_high,
                     .reset = spring_reset,
                     .set_state = spring_set,
                     .get_state = spring_get,
                     .get_hidden = spring_get_hidden,
                     .set_hidden = spring_set_hidden,
                     .observe = spring_observe,
                     .step = spring_step};
}

// Draws from its own stream, in its ctx, and looks at the observation.
static void spring_act(void* ctx, int n, int t, const double* obs, double* u) {
  lb_rng* rng = ctx;
  (void)t;
  for (int i = 0; i < 2 * n; ++i) u[i] = 1.8 * lb_rng_uniform(rng) - 1.2 - 0.3 * obs[0];
}

static inline lb_policy spring_policy(lb_rng* rng) {
  *rng = lb_rng_stream(11, LB_RNG_TEST, 0, 0);
  return (lb_policy){.input = LB_READS_OBSERVATION, .nin = SPRING_NOBS, .nu = 2, .ctx = rng, .act = spring_act};
}

#endif  // LB_TESTS_DATA_SPRING_H_
