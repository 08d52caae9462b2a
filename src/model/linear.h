// Linear models of one step, in coordinates about a reference trajectory:
//   dx = x (-) x_ref_t,  du = u - u_ref_t,  y = A_t dx + B_t du + c_t,  W_t = [A_t B_t c_t],
//   LB_LINEAR_NEXT   x' = x_ref_{t+1} (+) y     (W = [I 0 0]: a displacement from the reference persists)
//   LB_LINEAR_DELTA  x' = x (+) y               (W = 0: the state persists)
// with (-), (+) of the space (core/space.h), so that states with quaternions work. Fitted by weighted least squares
// with a pull towards a prior W0, as augmented rows under LAPACK's QR or SVD, never as normal equations:
//   time-invariant  min_W  sum_i |y_i - W z_i|^2 + ridge |W - W0|_F^2,                      z = (dx, du, 1)
//   time-varying    min_W  sum_i w(t_i - t) |y_i - W z_i|^2 + prior_strength tr (W - W1) S (W - W1)^T
//                          + ridge |W - W1|_F^2                                             for every t
// where w(s) = max(0, 1 - (s / (window + 1))^2)^2 and S is the mean of z z^T over all data: the prior counts as much as
// prior_strength samples spread like the data, whatever the units.
#ifndef LB_MODEL_LINEAR_H_
#define LB_MODEL_LINEAR_H_

#include <stdbool.h>

#include "core/batch.h"
#include "core/counts.h"
#include "core/dynamics.h"
#include "core/model.h"
#include "core/space.h"
#include "core/trajectory.h"

typedef enum lb_linear_form { LB_LINEAR_NEXT, LB_LINEAR_DELTA } lb_linear_form;
typedef enum lb_linear_solver { LB_LINEAR_QR, LB_LINEAR_SVD } lb_linear_solver;

// Towards what a fit shrinks.
typedef enum lb_linear_prior {
  LB_LINEAR_PRIOR_INITIAL,    // W1 = W0, the initial model (identity dynamics unless it was set)
  LB_LINEAR_PRIOR_INVARIANT,  // W1 = the time-invariant fit of the same data (itself shrunk towards W0 by `ridge`)
  LB_LINEAR_PRIOR_PREVIOUS    // the estimate before this fit takes the place of W0 and W1
} lb_linear_prior;

typedef struct lb_linear_config {
  bool time_varying;
  lb_linear_form form;
  lb_linear_solver solver;  // SVD gives the exact rank and condition and survives rank deficiency
  lb_linear_prior prior;    // a time-invariant model knows INITIAL and PREVIOUS
  double ridge;             // >= 0
  double prior_strength;    // samples, >= 0; time-varying only
  double window;            // steps, >= 0; time-varying only. 0: only the samples at t itself
  double rcond;             // relative tolerance of the rank
} lb_linear_config;

// Time-invariant, NEXT, QR, initial prior, ridge 1e-6, prior_strength 10, window 5, rcond 1e-12.
lb_linear_config lb_linear_default_config(void);

typedef struct lb_linear_report {
  bool ok;           // false: data not finite, or no unique solution (QR); the former parameters stay
  double loss;       // mean over the data of |x' (-) f_t(x, u)|^2 with the new parameters
  int rank;          // directions of z that data and prior determine, at most ndx + nu + 1; least over t
  double condition;  // of the weighted, augmented rows; largest over t
} lb_linear_report;

typedef struct lb_linear lb_linear;

// A model over times 0..horizon-1 (later times use the last one). `reference` gives x_ref and u_ref, which are copied;
// its length is the horizon, or 0 for a fixed point x_ref with u_ref = 0, or it is NULL for the origin, in a plain
// vector space only. Starts as identity dynamics. The space must outlive the model. counts: where queries of the
// dynamics are counted; NULL: nowhere.
lb_linear* lb_linear_new(const lb_space* space, int nu, int horizon, const lb_trajectory* reference,
                         const lb_linear_config* config, lb_counts* counts);
void lb_linear_free(lb_linear* m);

// Fits to all of `data` (n >= 0).
lb_linear_report lb_linear_fit(lb_linear* m, const lb_batch* data);

// The present estimate; the same struct is valid for the model's whole life. Its derivatives are closed forms of W (on
// a curved space combined with those of the space's maps, core/tangent.h) and count as one query a knot.
const lb_dynamics* lb_linear_dynamics(const lb_linear* m);

// Makes the present estimate and the initial model W0 the linearisation of f about the reference (time-invariant: its
// mean over the knots).
void lb_linear_start_from(lb_linear* m, const lb_dynamics* f);

// The parameters as a plain array: (K, ndx, ndx + nu + 1) rows [A B c] with K = horizon if time-varying, else 1. Set
// changes the estimate, not the initial model.
int lb_linear_nparam(const lb_linear* m);
void lb_linear_get(const lb_linear* m, double* params);
void lb_linear_set(lb_linear* m, const double* params);

// The model as the loop sees it; its destroy frees m. The state of a checkpoint is the parameters and the initial
// model.
lb_model lb_linear_as_model(lb_linear* m);

#endif  // LB_MODEL_LINEAR_H_
