// The published helicopter, with free parameters, as the planners see it: the one-step map, its derivatives by central
// differences of 0.01, and the cost, constant included. For tests against data of the authors' program.
#ifndef LB_TESTS_PLAN_HELI_H_
#define LB_TESTS_PLAN_HELI_H_

#include <string.h>

#include "core/cost.h"
#include "core/dynamics.h"
#include "task/helicopter_2023_map.h"

enum { HELI_NX = 12, HELI_NU = 4, HELI_H = 100, HELI_NPARAM = 20 };

static const lb_space heli_space = {.nx = HELI_NX, .ndx = HELI_NX};

typedef struct heli {
  lb_heli_ratios ratios;
  lb_counts counts;
  lb_dynamics f;
} heli;

static inline void heli_step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  const heli* h = ctx;
  (void)t;
  for (int i = 0; i < n; ++i) {
    lb_heli_step(x_next + HELI_NX * i, &h->ratios, x + HELI_NX * i, u + HELI_NU * i, NULL);
  }
}

static inline long heli_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A,
                                  double* B) {
  const int both = HELI_NX + HELI_NU;
  (void)t;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < both; ++j) {
      double xu[HELI_NX + HELI_NU], plus[HELI_NX], minus[HELI_NX];
      memcpy(xu, x + HELI_NX * i, HELI_NX * sizeof *xu);
      memcpy(xu + HELI_NX, u + HELI_NU * i, HELI_NU * sizeof *xu);
      double kept = xu[j];
      xu[j] = kept + 0.01;
      heli_step(ctx, 1, NULL, xu, xu + HELI_NX, plus);
      xu[j] = kept - 0.01;
      heli_step(ctx, 1, NULL, xu, xu + HELI_NX, minus);
      for (int k = 0; k < HELI_NX; ++k) {
        double d = (plus[k] - minus[k]) / 0.02;
        if (j < HELI_NX) {
          A[(HELI_NX * i + k) * HELI_NX + j] = d;
        } else {
          B[(HELI_NX * i + k) * HELI_NU + j - HELI_NX] = d;
        }
      }
    }
  }
  return 2L * both * n;
}

static inline double heli_half_squares(const double* v, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += v[i] * v[i];
  return 0.5 * sum;
}

static inline double heli_terminal(void* ctx, int t, const double* x) {
  (void)ctx, (void)t;
  return heli_half_squares(x, HELI_NX) + 0.5;
}

static inline double heli_stage(void* ctx, int t, const double* x, const double* u) {
  return heli_terminal(ctx, t, x) + heli_half_squares(u, HELI_NU);
}

static inline void heli_identity(double* M, int n) {
  memset(M, 0, (size_t)(n * n) * sizeof *M);
  for (int i = 0; i < n; ++i) M[i * n + i] = 1;
}

static inline void heli_terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  (void)ctx, (void)t;
  memcpy(lx, x, HELI_NX * sizeof *lx);
  heli_identity(lxx, HELI_NX);
}

static inline void heli_stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu,
                                          double* lxx, double* luu, double* lux) {
  heli_terminal_derivatives(ctx, t, x, lx, lxx);
  memcpy(lu, u, HELI_NU * sizeof *lu);
  heli_identity(luu, HELI_NU);
  memset(lux, 0, HELI_NU * HELI_NX * sizeof *lux);
}

static const lb_cost heli_cost = {.ndx = HELI_NX,
                                  .nu = HELI_NU,
                                  .stage = heli_stage,
                                  .terminal = heli_terminal,
                                  .stage_derivatives = heli_stage_derivatives,
                                  .terminal_derivatives = heli_terminal_derivatives};

// theta (20); h must not move afterwards.
static inline void heli_init(heli* h, const double* theta) {
  memset(h, 0, sizeof *h);
  lb_heli_ratios_set(&h->ratios, theta);
  h->f = (lb_dynamics){.space = &heli_space,
                       .nu = HELI_NU,
                       .ctx = h,
                       .counts = &h->counts,
                       .step = heli_step,
                       .linearize = heli_linearize};
}

#endif  // LB_TESTS_PLAN_HELI_H_
