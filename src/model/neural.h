// A probabilistic ensemble of networks (Chua et al. 2018, PETS; with the training of Janner et al. 2019, MBPO): from
// observation and action, each member predicts a Gaussian over the change of the observation and, if wanted, over the
// reward. Members differ by their first weights and their data (bootstrap); those with the least holdout error are the
// elites, and only they predict.
//
// A fit shuffles all data, holds a share out, trains until no member's holdout error has improved by more than a
// hundredth for `patience` epochs, and restores the weights of the best epoch. Weights and optimiser go on from the
// last fit; the input normalizer is computed anew from all data.
#ifndef LB_MODEL_NEURAL_H_
#define LB_MODEL_NEURAL_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/dynamics.h"
#include "core/transitions.h"
#include "io/npz.h"
#include "nn/gaussian.h"
#include "nn/net.h"

enum { LB_NEURAL_MOST_MEMBERS = 32 };

typedef struct lb_neural_config {
  int nobs, nact;
  int members, elites;        // 1 <= elites <= members <= LB_NEURAL_MOST_MEMBERS
  int hidden, width;          // SiLU
  bool reward;                // whether the reward is predicted too
  int batch;                  // of one member in a gradient step
  double rate, weight_decay;  // Adam's
  lb_gaussian_bounds bounds;  // of the log-variance
  bool bootstrap;             // every member resamples the training part; else all see all of it, in their own orders
  double holdout;             // share of the data held out, in (0, 1)
  int patience;               // epochs without improvement
  double improvement;         // the relative drop of one member's holdout error that counts
  int most_epochs;            // a fit ends at the latest then
} lb_neural_config;

// The paper's: 7 members, 5 elites, 4 x 200, reward, batch 256, rate 1e-3, decay 1e-5, bounds -10 and 0.5, bootstrap,
// holdout 0.2, patience 5, improvement 0.01; at most 1000 epochs.
lb_neural_config lb_neural_default_config(int nobs, int nact);

typedef struct lb_neural lb_neural;

// An ensemble with fresh weights, in the arena.
lb_neural* lb_neural_new(const lb_neural_config* config, lb_rng* rng, lb_arena* arena);

typedef struct lb_neural_report {
  int epochs, best_epoch;  // trained, and the one whose weights were kept (0: none was better than before)
  int64_t updates;         // gradient steps of this fit
  double loss;             // mean over members and the last epoch of the likelihood loss (nn/gaussian.h)
  double holdout[LB_NEURAL_MOST_MEMBERS];  // each member's mean squared error on the holdout, over all outputs
  const char* broken;                      // NULL, or "gradient" when a step was not finite; the best weights are kept
} lb_neural_report;

// Fits to all transitions (at least 2). The scratch arena is as it was afterwards.
void lb_neural_fit(lb_neural* model, lb_neural_report* report, const lb_transitions* data, lb_rng* rng,
                   lb_arena* scratch);

// One gradient step: member m learns on the n <= batch transitions rows[m * n ...] of data. Returns the mean loss of
// the members; NAN when a gradient is not finite: that member and those after it then took no step.
double lb_neural_step(lb_neural* model, const lb_transitions* data, const int* rows, int n);

// The input normalizer of all rows of data.
void lb_neural_normalize(lb_neural* model, const lb_transitions* data);

// Next observations (n, nobs) and rewards (n; NULL: not wanted) drawn from the ensemble at obs (n, nobs) and act
// (n, nact): the n are dealt out at random, evenly, over the elites (TS1 of PETS), any n.
void lb_neural_sample(lb_neural* model, float* next_obs, float* reward, const float* obs, const float* act, int n,
                      lb_rng* rng, lb_arena* scratch);

// Means and, if wanted, variances (n, nobs + 1 or nobs) of (next observation, reward) by one member, or (member = -1)
// by the elites together: the mean of their means, and their mean variance plus the variance of their means.
void lb_neural_predict(lb_neural* model, int member, double* mean, double* variance, const double* obs,
                       const double* act, int n);

// The derivatives of the mean next observation with respect to observation, A (n, nobs, nobs), and action,
// B (n, nobs, nact), of one member or (member = -1) the mean of the elites'.
void lb_neural_jacobian(lb_neural* model, int member, double* A, double* B, const double* obs, const double* act,
                        int n);

// The elites' mean as dynamics over observations: `space` must be plain with nx = nobs and outlive the view.
lb_dynamics lb_neural_dynamics(lb_neural* model, const lb_space* space, lb_counts* counts);

const lb_neural_config* lb_neural_config_of(const lb_neural* model);
// The elites' numbers (elites), best first.
const int* lb_neural_elites(const lb_neural* model);

// Everything that the next fit and prediction depend on, as .safetensors; see nn/bundle.h.
lb_status lb_neural_save(const lb_neural* model, const char* path);
lb_status lb_neural_load(lb_neural* model, const char* path);
// The same as a part of a run's checkpoint.
void lb_neural_add(const lb_neural* model, lb_npz_writer* w, const char* prefix);
lb_status lb_neural_take_from(lb_neural* model, const lb_npz* npz, const char* prefix);

#endif  // LB_MODEL_NEURAL_H_
