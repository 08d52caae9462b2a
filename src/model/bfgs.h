// Unconstrained minimisation by BFGS (Nocedal & Wright 2006, algorithm 6.1) with gradients by forward differences and
// strong Wolfe conditions: the search of More & Thuente (1994), and where that fails the bracketing search of Nocedal &
// Wright (algorithms 3.5 and 3.6). Rules that decide where the iterates go follow the optimiser that the published
// helicopter experiment used (SciPy's `minimize(method="BFGS")` with its defaults): H = I at the start; the first trial
// step min(1, 1.01 * 2 (f_k - f_{k-1}) / slope), with f_{-1} = f_0 + |g_0| / 2; differences of sqrt(machine epsilon).
#ifndef LB_MODEL_BFGS_H_
#define LB_MODEL_BFGS_H_

#include "base/arena.h"

// f(x), x (n). Values that are not finite end a line search.
typedef double (*lb_objective)(void* ctx, const double* x);

// Its gradient at x, where f was evaluated last and gave `value`.
typedef void (*lb_gradient)(void* ctx, double* gradient, const double* x, double value);

typedef struct lb_bfgs_config {
  double gradient_tolerance;  // on max |g_i|
  int max_iterations;         // 0: 200 n
  double difference;          // absolute step of the forward differences
  lb_gradient gradient;       // NULL: by forward differences
} lb_bfgs_config;

// 1e-5, 200 n, 2^-26.
lb_bfgs_config lb_bfgs_default_config(void);

typedef enum lb_bfgs_stop {
  LB_BFGS_CONVERGED,       // the gradient is below the tolerance
  LB_BFGS_MAX_ITERATIONS,  // as many iterations were made as are allowed
  LB_BFGS_NO_PROGRESS,     // a step was too short to change x
  LB_BFGS_LINE_SEARCH,     // neither search found a step
  LB_BFGS_NOT_FINITE       // f or its gradient is not finite
} lb_bfgs_stop;

// Static text, for reports.
const char* lb_bfgs_stop_text(lb_bfgs_stop stop);

typedef struct lb_bfgs_result {
  lb_bfgs_stop stop;
  double value;     // f at x
  double gradient;  // max |g_i| at x
  int iterations;   // steps taken
  int evaluations;  // of f
} lb_bfgs_result;

// Minimises f from x (n), which becomes the last iterate.
lb_bfgs_result lb_bfgs_minimize(double* x, int n, lb_objective f, void* ctx, const lb_bfgs_config* config,
                                lb_arena* scratch);

#endif  // LB_MODEL_BFGS_H_
