// A double integrator with process noise as an lb_system, for tests of the rooms above core: x = (position, velocity),
// x' = A x + B u + s w, stage cost (|x|^2 + |u|^2) / 2, terminal cost |x|^2 / 2, everything known in closed form.
#ifndef LB_TESTS_SUPPORT_TOY_H_
#define LB_TESTS_SUPPORT_TOY_H_

#include <math.h>
#include <string.h>

#include "core/policy.h"
#include "core/system.h"

enum { TOY_H = 20 };

static const double toy_A[4] = {1, 0.1, 0, 1}, toy_B[2] = {0, 0.1}, toy_s[2] = {0.01, 0.05};
static const double toy_low[1] = {-10}, toy_high[1] = {10};

typedef struct toy {
  double x[2];
  int t;
  double diverge_at;  // |x| beyond which a step reports divergence
} toy;

static inline void toy_next(const double* x, double u, double* next) {
  double a = toy_A[0] * x[0] + toy_A[1] * x[1] + toy_B[0] * u, b = toy_A[2] * x[0] + toy_A[3] * x[1] + toy_B[1] * u;
  next[0] = a;
  next[1] = b;
}

static void toy_reset(void* self, lb_rng* rng) {
  (void)rng;
  toy* s = self;
  s->x[0] = 1;
  s->x[1] = 0;
  s->t = 0;
}

static void toy_set(void* self, const double* x, int t) {
  toy* s = self;
  memcpy(s->x, x, sizeof s->x);
  s->t = t;
}

static void toy_get(void* self, double* x) {
  memcpy(x, ((toy*)self)->x, 2 * sizeof *x);
}

static void toy_observe(void* self, double* obs) {
  toy_get(self, obs);
}

static double toy_stage(void* ctx, int t, const double* x, const double* u) {
  (void)ctx;
  (void)t;
  return 0.5 * (x[0] * x[0] + x[1] * x[1] + u[0] * u[0]);
}

static double toy_terminal(void* ctx, int t, const double* x) {
  (void)ctx;
  (void)t;
  return 0.5 * (x[0] * x[0] + x[1] * x[1]);
}

static lb_outcome toy_step(void* self, const double* u, const double* w) {
  toy* s = self;
  lb_outcome outcome = {.reward = -toy_stage(NULL, s->t, s->x, u)};
  toy_next(s->x, fmin(fmax(u[0], -10), 10), s->x);
  for (int i = 0; w && i < 2; ++i) s->x[i] += toy_s[i] * w[i];
  s->t += 1;
  outcome.diverged = !(fabs(s->x[0]) <= s->diverge_at);
  return outcome;
}

static void toy_dynamics_step(void* ctx, int n, const int* t, const double* x, const double* u, double* next) {
  (void)ctx;
  (void)t;
  for (int i = 0; i < n; ++i) toy_next(x + 2 * i, u[i], next + 2 * i);
}

static long toy_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)ctx;
  (void)t;
  (void)x;
  (void)u;
  for (int i = 0; i < n; ++i) {
    memcpy(A + 4 * i, toy_A, sizeof toy_A);
    memcpy(B + 2 * i, toy_B, sizeof toy_B);
  }
  return n;
}

static const lb_cost toy_cost = {.ndx = 2, .nu = 1, .stage = toy_stage, .terminal = toy_terminal};
static const lb_space toy_space = {.nx = 2, .ndx = 2};
static const lb_dynamics toy_truth = {
    .space = &toy_space, .nu = 1, .step = toy_dynamics_step, .linearize = toy_linearize};
static const double toy_x_ref[(TOY_H + 1) * 2], toy_u_ref[TOY_H];
static const lb_trajectory toy_reference = {.length = TOY_H, .x = toy_x_ref, .u = toy_u_ref};

// A system on the caller's toy.
static inline lb_system toy_system(toy* self) {
  *self = (toy){.x = {1, 0}, .diverge_at = 1e6};
  return (lb_system){.name = "toy",
                     .hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                     .self = self,
                     .space = toy_space,
                     .nu = 1,
                     .nobs = 2,
                     .nq = 1,
                     .nw = 2,
                     .horizon = TOY_H,
                     .dt = 0.1,
                     .u_low = toy_low,
                     .u_high = toy_high,
                     .cost = &toy_cost,
                     .truth = &toy_truth,
                     .reference = &toy_reference,
                     .stop_norm = INFINITY,
                     .reset = toy_reset,
                     .set_state = toy_set,
                     .get_state = toy_get,
                     .observe = toy_observe,
                     .step = toy_step};
}

// u = -(k0, k1) x.
static inline void toy_act(void* ctx, int n, int t, const double* x, double* u) {
  (void)t;
  const double* k = ctx;
  for (int i = 0; i < n; ++i) u[i] = -k[0] * x[2 * i] - k[1] * x[2 * i + 1];
}

static inline lb_policy toy_policy(double gain[2]) {
  return (lb_policy){.input = LB_READS_STATE, .nin = 2, .nu = 1, .ctx = gain, .act = toy_act};
}

#endif  // LB_TESTS_SUPPORT_TOY_H_
