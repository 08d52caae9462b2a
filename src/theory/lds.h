// The linear example of value moment matching (Vemula et al. 2023): the real system x' = A_t x + B u changes from step
// to step, the model x' = A x + B u may not, so that no model is right and it matters which errors are made small.
//   minimise  sum_t r u_t^2 / 2 + q |x_H|^2 / 2
// An iteration collects a rollout of the learner and one of the expert, takes samples of both, fits the model to all
// samples so far, always from the same start, and plans in it (one Riccati pass). Two losses:
//   likelihood  mean over the samples of |A x + B u - x'|^2
//   moments     mean over the values of all policies so far, and over the samples at times t, of
//               (x'^T P_{t+1} x' - x^^T P_{t+1} x^)^2, x^ = A x + B u, plus ridge (|A|^2 + |B|^2)
// by BFGS, as the published program does, but with derivatives in closed form and equal samples taken once.
#ifndef LB_THEORY_LDS_H_
#define LB_THEORY_LDS_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/counts.h"
#include "task/lds_system.h"

typedef enum lb_lds_loss { LB_LDS_LIKELIHOOD, LB_LDS_MOMENTS } lb_lds_loss;

typedef struct lb_lds_config {
  lb_lds_loss loss;
  double ridge;               // of the moments
  double gradient_tolerance;  // where BFGS ends
  int max_iterations;         // of BFGS; 0: its own limit
  int samples;                // an iteration
  bool published_draws;       // which samples: as NumPy's generator draws them, as the published program did
  uint64_t seed;
} lb_lds_config;

// Likelihood, ridge 0.01, tolerance 1e-5, 100 samples, draws of this program's own.
lb_lds_config lb_lds_default_config(void);

// Samples by pointers: all that is the same was merged into one with a weight. Sorted by time.
typedef struct lb_lds_samples {
  int n;
  const int* t;          // (n)
  const double* weight;  // (n)
  const double* x;       // (n, N)
  const double* u;       // (n)
  const double* x_next;  // (n, N)
} lb_lds_samples;

// Values V_t(x) = x^T P_t x of k policies, (k, H + 1, N, N).
typedef struct lb_lds_values {
  int k;
  const double* P;
} lb_lds_values;

// The losses at theta = [A row by row | B] (30) and their gradients (NULL: not wanted). The moments without the ridge.
double lb_lds_likelihood(double* gradient, const double* theta, const lb_lds_samples* data);
double lb_lds_moments(double* gradient, const double* theta, const lb_lds_samples* data, const lb_lds_values* values,
                      lb_arena* scratch);

typedef struct lb_lds lb_lds;

// At iteration 0: the controller of the start, A = I and B = e_1. In the arena. counts: Riccati passes and, as model
// queries, evaluations of the loss.
lb_lds* lb_lds_new(const lb_lds_problem* problem, const lb_lds_config* config, lb_counts* counts, lb_arena* arena);

// One iteration. False when the fit left the finite numbers; the former controller stays.
bool lb_lds_iteration(lb_lds* l);

// What the present controller costs in the real system, the optimum, and doing nothing. Infinity where it diverges.
double lb_lds_cost(const lb_lds* l);
double lb_lds_expert_cost(const lb_lds* l);
double lb_lds_zero_cost(const lb_lds* l);

// The present parameters (30), and of the present controller K (H, N) and P (H + 1, N, N).
const double* lb_lds_theta(const lb_lds* l);
const double* lb_lds_gains(const lb_lds* l);
const double* lb_lds_value(const lb_lds* l);
double lb_lds_fit_loss(const lb_lds* l);

// The optimal K (H, N) and P (H + 1, N, N) of a time-invariant model (theta), or, where it is NULL, of the real system.
void lb_lds_plan(double* K, double* P, const lb_lds_problem* problem, const double* theta, lb_counts* counts,
                 lb_arena* scratch);

#endif  // LB_THEORY_LDS_H_
