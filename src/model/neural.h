// A probabilistic ensemble of networks (Chua et al. 2018, PETS; with the training of Janner et al. 2019, MBPO): from
// observation and action, each member predicts a Gaussian over the change of the observation and, if wanted, over the
// reward. Members differ by their first weights and their data (bootstrap); those with the least holdout error are the
// elites, and only they predict.
//
// A fit holds a share of the data out, the same transitions in every fit (model/neural_split.h). It takes a given
// number of gradient updates, or trains until no member's holdout error has improved by more than a hundredth for
// `patience` epochs, and restores the weights that were best on the holdout. Weights and optimiser go on from the last
// fit; the input normalizer is computed anew from all data.
//
// Networks predict in units of their own: of each target (a number's change, the reward) its mean and standard
// deviation over the data of the first fit. So it does not matter in which units a task observes and rewards, and the
// bounds of the log-variance are relative to what a target varies by. Where the data of a later fit vary by more than
// twice or less than half as much, or about a mean half a deviation away, the units follow, and the last layer is
// rescaled so that the predictions stay what they were (van Hasselt et al. 2016, Pop-Art). Errors, losses and scores of
// a fit are in these units.
//
// Two losses. *Prediction*: the Gaussian's likelihood of what was seen, its derivatives weighed by the variance
// (lb_gaussian_weigh): a simulator without noise is predicted ever more exactly, and by the bare likelihood the outputs
// that are known best would soon have all the weight. *Value moments* (LAMPS-MM): a model is as good
// as what it makes of the present policy's value V, so a member's loss is the mean over its batch of
//   value_scale |V(s + predicted change) - V(s next)| + (predicted reward - reward)^2,
// both in the reward's units, on the mean prediction, plus `anchor` times the prediction loss. V is fixed
// during a fit; where the task ended nothing comes after, and it says nothing. That says nothing of the variance, and
// rollouts draw with it. So a second part of the fit, with epochs of the same rules or a fifth of the updates, lets the
// log-variance follow the likelihood while the means stay as they are: it moves only the last layer's rows that give
// the log-variance, which the first part leaves alone (unless anchored). The variance then tells how far the mean is
// from what was seen, also where V does not care for it; but no more than `bounds` let it.
#ifndef LB_MODEL_NEURAL_H_
#define LB_MODEL_NEURAL_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/dynamics.h"
#include "core/transitions.h"
#include "core/value.h"
#include "io/npz.h"
#include "nn/gaussian.h"
#include "nn/net.h"

enum { LB_NEURAL_MOST_MEMBERS = 32 };

// With a given number of updates: looks at the holdout on the way, and the share that goes to the variances where those
// are learned apart.
enum { LB_NEURAL_LOOKS = 20 };
#define LB_NEURAL_VARIANCE_SHARE 0.2

// Of what is held out of a source, a look takes no more: enough to tell errors to a few per cent.
enum { LB_NEURAL_MOST_HELD = 5000 };

typedef enum lb_neural_loss { LB_NEURAL_PREDICTION, LB_NEURAL_VALUE_MOMENTS } lb_neural_loss;

// By what a holdout error is measured with value moments: it stops a fit and chooses its weights and the elites. With
// the squared error (the authors' release) a fit that gets the values right and the states wrong keeps its old weights.
typedef enum lb_neural_score { LB_NEURAL_SCORE_LOSS, LB_NEURAL_SCORE_SQUARED } lb_neural_score;

typedef struct lb_neural_config {
  int nobs, nact;
  int members, elites;        // 1 <= elites <= members <= LB_NEURAL_MOST_MEMBERS
  int hidden, width;          // SiLU
  bool reward;                // whether the reward is predicted too
  int batch;                  // of one member in a gradient step
  double rate, weight_decay;  // Adam's
  double clip;                // most norm of a member's gradient; 0: no limit
  lb_gaussian_bounds bounds;  // of the log-variance
  double balance;             // power of the variance by which the likelihood's derivatives are weighed; 0: not
  bool standard;              // targets in units of their own; else as they come
  bool bootstrap;             // every member resamples the training part; else all see all of it, in their own orders
  double holdout;             // share of the data held out, in (0, 1)
  double improvement;         // the relative drop of one member's holdout error that counts
  int updates;                // gradient updates of a fit, exactly; 0: as the next two say
  int patience;               // epochs without improvement
  int most_epochs;            // a fit ends at the latest then

  lb_neural_loss loss;
  // Of value moments; prediction always has the squared error as its holdout error.
  double value_scale;     // of |V - V|, beside the reward's squared error
  double anchor;          // weight of the prediction loss, >= 0
  lb_neural_score score;  // of the holdout
} lb_neural_config;

// The paper's: 7 members, 5 elites, 4 x 200, reward, batch 256, rate 1e-3, decay 1e-5, bounds -10 and 0.5, bootstrap,
// holdout 0.2, patience 5, improvement 0.01; at most 1000 epochs; prediction. For value moments set the loss: scale
// 0.01, no anchor, the loss itself as the score.
lb_neural_config lb_neural_default_config(int nobs, int nact);

typedef struct lb_neural lb_neural;

// An ensemble with fresh weights, in the arena.
lb_neural* lb_neural_new(const lb_neural_config* config, lb_rng* rng, lb_arena* arena);

typedef struct lb_neural_report {
  int epochs, best_epoch;  // trained, and the one whose weights were kept (0: none was better than before); with a
                           // given number of updates, looks at the holdout in their place
  int64_t updates;         // gradient steps of this fit, those of the variance included
  int variance_epochs;     // of the second part, with value moments
  double loss;             // mean over members and the last epoch
  double holdout[LB_NEURAL_MOST_MEMBERS];  // each member's error there: mean squared over all outputs, or the loss
  const char* broken;  // NULL, or "gradient" when a step was not finite: the best weights are kept; or
                       // "holdout error" when that was not, at the start: nothing was trained
} lb_neural_report;

// Fits to all transitions (at least 2). value: V for value moments, with a slope, asked at time 0; NULL for prediction.
// The scratch arena is as it was afterwards.
void lb_neural_fit(lb_neural* model, lb_neural_report* report, const lb_transitions* data, const lb_value* value,
                   lb_rng* rng, lb_arena* scratch);

// The same where batches take the first `first` rows of data with probability `share` and the others with the rest,
// however many of either there are (one of the two alone: always).
void lb_neural_fit_shares(lb_neural* model, lb_neural_report* report, const lb_transitions* data, int first,
                          double share, const lb_value* value, lb_rng* rng, lb_arena* scratch);

// What value moments read besides the data.
typedef struct lb_neural_values {
  const lb_value* value;
  const double* next;  // V at the next observation of row i of the data, for each row that they name
} lb_neural_values;

// V at the next observations of data, in the arena.
lb_neural_values lb_neural_values_new(const lb_value* value, const lb_transitions* data, lb_arena* arena);

// One gradient step: member m learns on the n <= batch transitions rows[m * n ...] of data. values: NULL for
// prediction; with them, no variance is learned. Returns the mean loss of the members; NAN when a gradient is not
// finite: that member and those after it then took no step.
double lb_neural_step(lb_neural* model, const lb_transitions* data, const lb_neural_values* values, const int* rows,
                      int n);

// The input normalizer of all rows of data.
void lb_neural_normalize(lb_neural* model, const lb_transitions* data);
// The same with weights: the first `first` rows weigh `share` in all, the others the rest.
void lb_neural_normalize_shares(lb_neural* model, const lb_transitions* data, int first, double share);

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

// The derivatives of the elites' mean reward with respect to (observation, action): gradient (n, nobs + nact), exact,
// and hessian (n, nobs + nact, nobs + nact; NULL: not wanted) by central differences of the gradient over a few
// hundredths of the inputs' standard deviations. For ensembles that predict the reward.
void lb_neural_reward_expansion(lb_neural* model, double* gradient, double* hessian, const double* obs,
                                const double* act, int n);

// The elites' mean as dynamics over observations: `space` must be plain with nx = nobs and outlive the view.
lb_dynamics lb_neural_dynamics(lb_neural* model, const lb_space* space, lb_counts* counts);

const lb_neural_config* lb_neural_config_of(const lb_neural* model);
// The elites' numbers (elites), best first.
const int* lb_neural_elites(const lb_neural* model);

// Everything that the next fit and prediction depend on, as .safetensors; see nn/bundle.h.
lb_status lb_neural_save(lb_neural* model, const char* path);
lb_status lb_neural_load(lb_neural* model, const char* path);
// The same as a part of a run's checkpoint.
void lb_neural_add(lb_neural* model, lb_npz_writer* w, const char* prefix);
lb_status lb_neural_take_from(lb_neural* model, const lb_npz* npz, const char* prefix);

#endif  // LB_MODEL_NEURAL_H_
