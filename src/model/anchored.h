// Robust nonlinear least squares about an anchor:
//
//   min over v of  |v|^2 / 2  +  sum_i w_i rho(r_i(v)),    rho(r) = sqrt(1 + r^2) - 1,
//
// where v = 0 is what is known already, in units of how well it is known. rho (Charbonnier et al. 1997; also called
// pseudo-Huber) is r^2 / 2 for small residuals and |r| for large ones, and smooth in between. By Levenberg-Marquardt
// (Marquardt 1963) with iteratively reweighted rows: w_i / sqrt(1 + r_i^2) is the curvature of the parabola that
// touches rho at r_i and lies above it, so with residuals that are linear in v every full step descends.
#ifndef LB_MODEL_ANCHORED_H_
#define LB_MODEL_ANCHORED_H_

#include <stdbool.h>

#include "base/arena.h"

// Residuals as functions of v, by whoever fills this.
typedef struct lb_anchored_problem {
  int n, rows;           // numbers in v, residuals
  const double* weight;  // (rows) w >= 0
  void* ctx;
  // r (rows) at v (n). Non-finite numbers pass through.
  void (*residuals)(void* ctx, double* r, const double* v);
  // J (count, n): row i is d r_{begin + i} / d v, at v.
  void (*slopes)(void* ctx, double* J, const double* v, int begin, int count);
} lb_anchored_problem;

typedef struct lb_anchored_config {
  double tolerance;    // relative gain expected of a step below which there is nothing left to do
  int max_iterations;  // steps that are tried
} lb_anchored_config;

// Tolerance 1e-9, 50 steps.
lb_anchored_config lb_anchored_default_config(void);

typedef struct lb_anchored_result {
  bool ok;             // false: the objective is not finite at the start; v is as it was
  double start, loss;  // the sum over the residuals, without |v|^2 / 2, at the start and at the end
  int evaluations;     // of all residuals
  const char* stop;    // static text
} lb_anchored_result;

// Minimises from v (n), which becomes the best point found: the objective there is never above that at the start.
lb_anchored_result lb_anchored_minimize(const lb_anchored_problem* p, double* v, const lb_anchored_config* config,
                                        lb_arena* scratch);

#endif  // LB_MODEL_ANCHORED_H_
