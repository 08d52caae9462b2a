// Ridge regression on random Fourier features (Rahimi & Recht 2007, "Random features for large-scale kernel machines"):
// a Gaussian process' model of one step at a price that does not grow with the data. From observation and action, with
// z each number of them in units of its own (mean 0, deviation 1),
//
//   phi(z) = ( sqrt(2 / D) cos(omega_k z + b_k), k < D;  z;  1 ),   omega_k ~ N(0, 1 / (bandwidth^2 d)), b_k ~ U[0, 2
//   pi],
//
// d numbers in z: the cosines' products approximate the kernel exp(-|z - z'|^2 / (2 bandwidth^2 d)). Each target, the
// change of an observation or the reward, in a unit of its own too, is Bayesian linear regression on phi,
//
//   W = (S + ridge I)^-1 M,   S = mean of phi phi^T,  M = mean of phi y^T,
//
// closed form, by one Cholesky factor. Draws are Gaussian with the predictive variance
//   sigma_j^2 (1 + phi^T (S + ridge I)^-1 phi / n),  sigma_j^2 the mean squared residual of target j.
//
// A fit adds the transitions that came since the last one to the sums, D^2 each, and solves: milliseconds. The sums are
// made anew where the units have changed (a deviation by half, or a mean by half a deviation) or rows that they had
// seen are others (a full buffer). Of two sources each has its share of the means, whatever their sizes.
#ifndef LB_MODEL_FEATURES_H_
#define LB_MODEL_FEATURES_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/model.h"

typedef struct lb_features_config {
  int nobs, nact;
  int features;      // D, the cosines
  double bandwidth;  // > 0, in deviations of a number of z
  double ridge;      // > 0
} lb_features_config;

typedef struct lb_features lb_features;

// A model that predicts no change and no reward, its features drawn from rng; in the arena.
lb_features* lb_features_new(const lb_features_config* config, lb_rng* rng, lb_arena* arena);

typedef struct lb_features_report {
  double loss;   // mean squared residual of the targets, in their units
  int added;     // rows that were added to the sums
  bool is_anew;  // whether the sums were made from all rows
  bool ok;       // false: numbers are not finite; the former estimate stays
} lb_features_report;

// Fits to rows as core/model.h has them, at least one.
lb_features_report lb_features_fit(lb_features* m, const lb_fit_data* data);

// Means (n, nobs + 1) and, if wanted, standard deviations (n, nobs + 1; NULL) of (next observation, reward).
void lb_features_predict(lb_features* m, double* mean, double* deviation, const double* obs, const double* act, int n);

// The derivatives of the mean next observation: A (n, nobs, nobs) by observation, B (n, nobs, nact) by action.
void lb_features_jacobian(lb_features* m, double* A, double* B, const double* obs, const double* act, int n);

// Gradient (n, nobs + nact) and Hessian (n, nobs + nact, nobs + nact; NULL: not wanted) of the mean reward, exact.
void lb_features_reward(lb_features* m, double* gradient, double* hessian, const double* obs, const double* act, int n);

// The estimate and all that the next fit depends on, as numbers, and back; false: no model has these.
int lb_features_nstate(const lb_features* m);
void lb_features_get_state(const lb_features* m, double* state);
bool lb_features_set_state(lb_features* m, const double* state);

// The mean alone, as numbers, and back: what predicts, and not what draws or goes on fitting.
int lb_features_nmap(const lb_features* m);
void lb_features_get_map(const lb_features* m, double* map);
bool lb_features_set_map(lb_features* m, const double* map);

const lb_features_config* lb_features_config_of(const lb_features* m);

#endif  // LB_MODEL_FEATURES_H_
