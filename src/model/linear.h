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
//
// Value moment matching (LAMPS-MM, Vemula et al. 2023: what their lemma of advantage in the model asks of a model is
// that it be right about values, not about states) starts from that fit W^ and goes on, knot by knot, to
//   min_W  sum_i w_i rho((E V_{t_i+1}(x^_i) - V_{t_i+1}(x'_i)) / s)  +  anchor / 2 sum_j |R (W_j - W^_j)|^2 / sigma_j^2
// with V_t the cost to go of the present policy, x^_i what W predicts, and rho of model/anchored.h: a square for small
// errors, an absolute value for large ones. w_i are the weights above; R^T R = sum w z z^T and the prior's rows, so the
// second term is, but for a constant, `anchor` times the negative log-likelihood of the same data and prior under
// Gaussian noise of deviation sigma_j in row j of y. Everything else follows from the data: sigma_j is 1.4826 times the
// median of |y - W^ z|_j (a row that W^ gets exactly right stays), and s is the median error of V under W^.
// With `spread` the model's next state is x^ and that noise, and so E V_t(x^) = V_t(x^) + sum_j sigma_j^2 d_jj V_t / 2,
// the curvature taken at what W^ predicts; without it, E V(x^) = V(x^), as the authors' program has it: noise in the
// real system then reads as an error of values, and matching them pushes x^ outwards.
#ifndef LB_MODEL_LINEAR_H_
#define LB_MODEL_LINEAR_H_

#include <stdbool.h>

#include "core/batch.h"
#include "core/counts.h"
#include "core/dynamics.h"
#include "core/model.h"
#include "core/space.h"
#include "core/trajectory.h"
#include "core/value.h"

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
  lb_linear_solver solver;   // SVD gives the exact rank and condition and survives rank deficiency
  lb_linear_prior prior;     // a time-invariant model knows INITIAL and PREVIOUS
  double ridge;              // >= 0
  double prior_strength;     // samples, >= 0; time-varying only
  double window;             // steps, >= 0; time-varying only. 0: only the samples at t itself
  double rcond;              // relative tolerance of the rank
  double anchor;             // > 0: fitted by value moments where there is a value; 0: least squares
  bool spread;               // value moments: next states are noisy
  double moments_tolerance;  // value moments: as in model/anchored.h
} lb_linear_config;

// Time-invariant, NEXT, QR, initial prior, ridge 1e-6, prior_strength 10, window 5, rcond 1e-12, anchor 0, spread,
// moments_tolerance 1e-5.
lb_linear_config lb_linear_default_config(void);

typedef struct lb_linear_report {
  bool ok;           // false: data not finite, or no unique solution (QR); the former parameters stay
  double loss;       // mean over the data of |x' (-) f_t(x, u)|^2 with the new parameters
  int rank;          // directions of z that data and prior determine, at most ndx + nu + 1; least over t
  double condition;  // of the weighted, augmented rows; largest over t
  // Value moments only.
  double moments_before, moments;  // the first sum above at W^ and at W, over all knots
  int evaluations;                 // of a knot's moments, all knots together
} lb_linear_report;

typedef struct lb_linear lb_linear;

// A model over times 0..horizon-1 (later times use the last one). `reference` gives x_ref and u_ref, which are copied;
// its length is the horizon, or 0 for a fixed point x_ref with u_ref = 0, or it is NULL for the origin, in a plain
// vector space only. Starts as identity dynamics. The space must outlive the model. counts: where queries of the
// dynamics are counted; NULL: nowhere.
lb_linear* lb_linear_new(const lb_space* space, int nu, int horizon, const lb_trajectory* reference,
                         const lb_linear_config* config, lb_counts* counts);
void lb_linear_free(lb_linear* m);

// Fits to all of `data` (n >= 0) by least squares.
lb_linear_report lb_linear_fit(lb_linear* m, const lb_batch* data);

// The same by value moments, config.anchor > 0; `value` has a slope and lives in the model's space, `data` have times
// within the horizon. A knot whose least squares are no unique solution, or whose values are not finite, keeps them.
lb_linear_report lb_linear_fit_moments(lb_linear* m, const lb_batch* data, const lb_value* value);

// Mean over the data of rho((V_{t+1}(f_t(x, u)) - V_{t+1}(x')) / scale) at the present estimate, and its gradient by
// the parameters (lb_linear_nparam; NULL: not wanted).
double lb_linear_moments(const lb_linear* m, double* gradient, const lb_batch* data, const lb_value* value,
                         double scale);

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

// The parameters and the initial model W0, as nstate numbers.
int lb_linear_nstate(const lb_linear* m);
void lb_linear_get_state(const lb_linear* m, double* state);
void lb_linear_set_state(lb_linear* m, const double* state);

// Behind core/model.h (model/linear_model.c); its destroy frees m. The state of a checkpoint is that above.
lb_model lb_linear_as_model(lb_linear* m);

#endif  // LB_MODEL_LINEAR_H_
