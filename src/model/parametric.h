// A model of known form with unknown parameters: theta of an lb_family (core/family.h), fitted to transitions by
//   min over theta of  mean_i |f(x_i, u_i; theta) (-) x'_i|^2,
// the difference taken in the tangent space at x'_i. Two ways to do it:
//
// LB_FIT_LEAST_SQUARES: Levenberg-Marquardt (More 1978; MINPACK) with a weak pull towards the initial estimate, which
// stands for what is known before any data: without it, parameters that only act together wander without end. A family
// with sums is fitted through its few residuals. Without sums every evaluation steps the map through all data, so later
// fits reuse the past: the Jacobian of old transitions stays as it was once taken, new ones are linearised at the
// present estimate, and steps use old Jacobians with true residuals (model/rows.h). Rows that have become too old are
// taken anew; when steps gain too little all are, and at last MINPACK does the whole fit.
//
// LB_FIT_BFGS_2023: the published experiment's optimiser (Vemula et al. 2023): BFGS with forward differences (see
// model/bfgs.h), stopped at a gradient of 1e-3, from the prior's draw and from 4 points around it, the lowest loss
// wins; never warm-started. It stops well above the minimum, and the published curves depend on that.
//
// With an anchor, least squares are followed by value moment matching (parametric_moments.c). The estimate that acts is
// then the one that matches values; fits go on from the least squares.
//
// Parameters are measured in units of the prior's width wherever their scale matters (differences, steps, rank).
#ifndef LB_MODEL_PARAMETRIC_H_
#define LB_MODEL_PARAMETRIC_H_

#include <stdbool.h>
#include <stdint.h>

#include "core/batch.h"
#include "core/counts.h"
#include "core/family.h"
#include "core/model.h"

typedef enum lb_fit_method { LB_FIT_LEAST_SQUARES, LB_FIT_BFGS_2023 } lb_fit_method;

typedef struct lb_parametric_config {
  lb_fit_method method;
  bool warm_start;        // begin at the last estimate; false: at the initial one. Not for BFGS_2023
  int restarts;           // more runs, from the initial estimate + restart_spread * N(0, I); the lowest loss wins;
                          // none in a fit that reuses the past
  double restart_spread;  // in the parameters' own units
  double tolerance;       // MINPACK's ftol and xtol
  int max_evaluations;    // of the loss, a run of MINPACK
  double gain_tolerance;  // least squares without sums: expected relative gain at which a fit ends; what old
                          // Jacobians cost is kept below ten times as much
  double ridge;       // the pull, as 1 / (the prior's standard deviation in widths), by the noise that the loss tells:
                      // 1 reads "within a width of the initial estimate, give or take"; 0: none. Least squares only
  double difference;  // step of a difference, by the prior's width
  // As in linear.h; least squares with a ridge only.
  double anchor;
  bool spread;
  double moments_tolerance;
} lb_parametric_config;

// Least squares, warm start, no restarts, tolerance 1e-7, 200 evaluations, gain_tolerance 1e-5, ridge 1,
// difference 1e-6, anchor 0, spread, moments_tolerance 1e-5.
lb_parametric_config lb_parametric_default_config(void);

// The published setting: BFGS_2023, 4 restarts with a spread of 0.1, cold.
lb_parametric_config lb_parametric_2023_config(void);

// The last fit, beyond what lb_fit_report holds. A family's steps taken to fit are no model queries of planning, so
// they are counted here and not in lb_counts.
typedef struct lb_parametric_report {
  int64_t queries;   // one-step evaluations of the family; 0 where sums replace them
  int runs;          // of the optimiser, restarts included
  int best_run;      // the one that won, 0 the first; -1: none gave a member with a finite loss
  int unidentified;  // nparam - rank, the rank being the directions that the data determine better than the ridge
                     // (or, without one, better than to 1e-7 of the best determined one)
  const double* deviation;  // (nparam) standard deviations of the estimate by the Jacobian and the ridge, if the noise
                            // is equal in all components; without a ridge, of the part in the determined directions.
                            // The model's own
} lb_parametric_report;

typedef struct lb_parametric lb_parametric;

// A model at the initial estimate theta (nparam), which must be a member of the family (else assert), as must the
// family outlive it. counts: where queries of the dynamics are counted; NULL: nowhere. NULL when memory is short.
lb_parametric* lb_parametric_new(const lb_family* family, const double* theta, const lb_parametric_config* config,
                                 lb_counts* counts);
void lb_parametric_free(lb_parametric* m);

// Fits to all of `data`; those from first_new on are new since the last fit (first_new = 0 starts afresh, as does any
// number that does not fit what was seen). A fit that finds no member with a finite loss leaves the estimate as it is.
// data->n = 0 changes nothing.
void lb_parametric_fit(lb_parametric* m, lb_fit_report* report, const lb_batch* data, int first_new, lb_rng* rng);

// The same, then by value moments; config.anchor > 0. `value` lives in the family's space. Where the data and the ridge
// leave directions open, or values are not finite, the least squares act. *report has the loss of what acts.
void lb_parametric_fit_moments(lb_parametric* m, lb_fit_report* report, const lb_batch* data, int first_new,
                               const lb_value* value, lb_rng* rng);

const lb_parametric_report* lb_parametric_last_fit(const lb_parametric* m);

// The present estimate as dynamics; the same struct is valid for the model's whole life.
const lb_dynamics* lb_parametric_dynamics(const lb_parametric* m);

// The estimate that acts (nparam); set returns false, and changes nothing, outside the family's domain.
const double* lb_parametric_theta(const lb_parametric* m);
bool lb_parametric_set_theta(lb_parametric* m, const double* theta);

// The mean squared error of the present estimate on any data; steps the family.
double lb_parametric_loss(lb_parametric* m, const lb_batch* data);

// Whether it is fitted to values where there are any (an anchor).
bool lb_parametric_matches_values(const lb_parametric* m);

// What a checkpoint must keep, as nstate numbers. set_state takes up a stored state of finite numbers; `data` are the
// transitions that the model had been fitted to. NULL, or what of it get_state cannot have given (static text); the
// model is then no longer of use.
int lb_parametric_nstate(const lb_parametric* m);
void lb_parametric_get_state(const lb_parametric* m, double* state);
const char* lb_parametric_set_state(lb_parametric* m, const double* state, const lb_batch* data);

// Behind core/model.h (model/parametric_model.c); its destroy frees m.
lb_model lb_parametric_as_model(lb_parametric* m);

#endif  // LB_MODEL_PARAMETRIC_H_
