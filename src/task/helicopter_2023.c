// The published helicopter as a system: state, clock, noise and cost around task/helicopter_2023_map.h.
#include "task/helicopter_2023.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "task/helicopter_2023_family.h"

enum { NX = LB_HELI_NX, NU = LB_HELI_NU, HORIZON = 100 };

// Names the equations and constants of this file and of helicopter_2023_map.h: a change of either is a new version.
static const char version[] = "helicopter-hover-2023 version 1";

#define NOISE 0.1      // N and N m, one standard deviation
#define STOP_NORM 5.0  // of (x, u), in the learner's data-collection rollouts

typedef struct helicopter {
  lb_system base;
  lb_cost cost;
  lb_dynamics truth;
  lb_heli_ratios ratios;
  double x[NX];
  int t;
  char hash[65];
} helicopter;

static const double u_low[NU] = {-LB_HELI_LIMIT, -LB_HELI_LIMIT, -LB_HELI_LIMIT, -LB_HELI_LIMIT};
static const double u_high[NU] = {LB_HELI_LIMIT, LB_HELI_LIMIT, LB_HELI_LIMIT, LB_HELI_LIMIT};
static const double hover_x[(HORIZON + 1) * NX], hover_u[HORIZON * NU];
static const lb_trajectory hover = {.length = HORIZON, .x = hover_x, .u = hover_u};

// |x|^2.
static double squares(int n, const double* x) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}

// The published state cost is (x, 1)^T I (x, 1) / 2, hence the 1.
static double terminal(void* ctx, int t, const double* x) {
  (void)ctx, (void)t;
  return 0.5 * (squares(NX, x) + 1);
}

static double stage(void* ctx, int t, const double* x, const double* u) {
  return terminal(ctx, t, x) + 0.5 * squares(NU, u);
}

// M (n, n) = I.
static void set_identity(int n, double* M) {
  memset(M, 0, sizeof(double) * (size_t)(n * n));
  for (int i = 0; i < n; ++i) M[i * n + i] = 1;
}

// lx = x, lxx = I: of |x|^2 / 2.
static void terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  (void)ctx, (void)t;
  memcpy(lx, x, sizeof(double) * NX);
  set_identity(NX, lxx);
}

// lx = x, lu = u, lxx = I, luu = I, lux = 0: of (|x|^2 + |u|^2) / 2.
static void stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu, double* lxx,
                              double* luu, double* lux) {
  terminal_derivatives(ctx, t, x, lx, lxx);
  memcpy(lu, u, sizeof(double) * NU);
  set_identity(NU, luu);
  memset(lux, 0, sizeof(double) * NU * NX);
}

// lb_system.set_state.
static void set_state(void* self, const double* x, int t) {
  helicopter* h = self;
  memcpy(h->x, x, sizeof h->x);
  h->t = t;
}

// lb_system.reset: at hover.
static void reset(void* self, lb_rng* rng) {
  (void)rng;  // every episode starts at hover
  set_state(self, hover_x, 0);
}

static void get_state(void* self, double* x) {
  memcpy(x, ((helicopter*)self)->x, sizeof(double) * NX);
}

// lb_system.step: one step of the published dynamics with noise NOISE w.
static lb_outcome step(void* self, const double* u, const double* w) {
  helicopter* h = self;
  double noise[LB_HELI_NOISE], next[NX];
  if (w) {
    for (int i = 0; i < LB_HELI_NOISE; ++i) noise[i] = NOISE * w[i];
  }
  lb_heli_step(next, &h->ratios, h->x, u, w ? noise : NULL);
  lb_outcome outcome = {.reward = -stage(NULL, h->t, h->x, u)};
  memcpy(h->x, next, sizeof next);
  h->t += 1;
  outcome.truncated = h->t >= HORIZON;
  outcome.diverged = !isfinite(squares(NX, next));
  return outcome;
}

lb_status lb_helicopter_2023_open(lb_system** out) {
  helicopter* h = calloc(1, sizeof *h);
  if (!h) return lb_fail(LB_MEMORY, "helicopter-hover-2023: out of memory");
  const lb_family* family = lb_heli_family();
  lb_heli_ratios_set(&h->ratios, family->truth);
  lb_sha256(version, sizeof version - 1, h->hash);
  h->cost = (lb_cost){.ndx = NX,
                      .nu = NU,
                      .stage = stage,
                      .terminal = terminal,
                      .stage_derivatives = stage_derivatives,
                      .terminal_derivatives = terminal_derivatives};
  h->truth = (lb_dynamics){
      .space = lb_heli_space(), .nu = NU, .ctx = &h->ratios, .step = lb_heli_steps, .linearize = lb_heli_linearize};
  h->base = (lb_system){.name = "helicopter-hover-2023",
                        .hash = h->hash,
                        .self = h,
                        .space = *lb_heli_space(),
                        .nu = NU,
                        .nobs = NX,
                        .nw = LB_HELI_NOISE,
                        .horizon = HORIZON,
                        .dt = LB_HELI_DT,
                        .u_low = u_low,
                        .u_high = u_high,
                        .cost = &h->cost,
                        .truth = &h->truth,
                        .family = family,
                        .reference = &hover,
                        .stop_norm = STOP_NORM,
                        .reset = reset,
                        .set_state = set_state,
                        .get_state = get_state,
                        .observe = get_state,
                        .step = step,
                        .destroy = free};
  *out = &h->base;
  return lb_ok();
}
