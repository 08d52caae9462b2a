// The kinds of models of this room, for the registry (algo/registry.c): their options, and how each is opened.
#ifndef LB_MODEL_MODEL_KINDS_H_
#define LB_MODEL_MODEL_KINDS_H_

#include "core/kind.h"
#include "model/features.h"
#include "model/neural.h"

typedef enum lb_model_loss {
  LB_LOSS_PREDICTION,    // squared error, or likelihood, of what was seen
  LB_LOSS_VALUE_MOMENTS  // |V(predicted next) - V(next)|, V of the present policy
} lb_model_loss;

// What the registry asks of a model's options: whether they need the value of a policy, and whether a choice means
// nothing beside the others.
unsigned lb_model_loss_needs(int loss);

// A known form with unknown parameters (model/parametric.h).
typedef struct lb_parametric_options {
  int loss, fit;
  double ridge, anchor;
  bool spread;
} lb_parametric_options;
extern const lb_params lb_parametric_choices;
unsigned lb_parametric_needs(const void* options);
lb_status lb_parametric_check(const void* options, unsigned given);
lb_status lb_parametric_open(lb_model* out, const lb_opening* opening, const void* options);

// One affine map, or one for each time (model/linear.h). Over states it starts as the linearisation of the family's
// initial member about the reference; over observations as no change.
typedef struct lb_linear_options {
  int loss;
  double ridge, anchor, window;
  bool spread;
} lb_linear_options;
extern const lb_params lb_linear_choices, lb_linear_tv_choices;
unsigned lb_linear_needs(const void* options);
lb_status lb_linear_check(const void* options, unsigned given);
lb_status lb_linear_open(lb_model* out, const lb_opening* opening, const void* options);
double lb_linear_bytes(const void* options, int nobs, int nact, double rows);
lb_status lb_linear_tv_open(lb_model* out, const lb_opening* opening, const void* options);

// A probabilistic ensemble of networks (model/neural.h).
typedef struct lb_ensemble_options {
  int layers, width, batch, members, elites;
  double rate, decay, clip;
  int updates, patience;
  int loss, score, plain_decay;
  double value_scale, anchor;
} lb_ensemble_options;
extern const lb_params lb_ensemble_choices, lb_ensemble_settings;
unsigned lb_ensemble_needs(const void* options);
lb_status lb_ensemble_check(const void* options, unsigned given);
lb_status lb_ensemble_open(lb_model* out, const lb_opening* opening, const void* options);
void lb_ensemble_pace(double* pace, lb_model* model, const lb_fit_data* sample, lb_rng* rng, lb_arena* scratch);
void lb_ensemble_fit_work(double* updates, double* seconds, const void* options, const double* pace,
                          const lb_fit_size* size);
double lb_ensemble_bytes(const void* options, int nobs, int nact, double rows);
lb_neural_config lb_ensemble_config(int nobs, int nact, const lb_ensemble_options* options);
// The ensemble behind a model that lb_ensemble_open gave.
lb_neural* lb_ensemble_of(const lb_model* model);

// Ridge regression on random Fourier features (model/features.h).
typedef struct lb_features_options {
  int features;
  double bandwidth, ridge;
} lb_features_options;
extern const lb_params lb_features_settings;
lb_status lb_features_open(lb_model* out, const lb_opening* opening, const void* options);
double lb_features_bytes(const void* options, int nobs, int nact, double rows);
// The model behind one that lb_features_open gave.
lb_features* lb_features_of(const lb_model* model);

// The true system in a model's place (model/true_model.h).
lb_status lb_true_open(lb_model* out, const lb_opening* opening, const void* options);

// No model: nothing in it is set.
lb_status lb_no_model_open(lb_model* out, const lb_opening* opening, const void* options);

#endif  // LB_MODEL_MODEL_KINDS_H_
