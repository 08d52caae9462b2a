// A model of one step, learned or given: the one interface to all of them. What a model cannot do is NULL; the registry
// (algo/registry.h) says of each kind which of these it has, and which of them a planner needs.
//
//   dynamics   its mean, x' = f_t(x, u), and the derivatives of that
//   sampler    draws of x', with the reward where it predicts one
//   predict    the mean with its mean reward, and the reward's expansion
//   table      all of P(s'|s, a) and r(s, a), where states and actions are few
//   tree       what follows a decision, where there are too many for a table
//
// A model lives over the states of a system with its controls, or over observations with actions in [-1, 1]: whoever
// opens it says which (core/kind.h). Nothing of a model takes a real step.
#ifndef LB_CORE_MODEL_H_
#define LB_CORE_MODEL_H_

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/batch.h"
#include "core/dynamics.h"
#include "core/sampler.h"
#include "core/transitions.h"
#include "core/value.h"
#include "io/json_writer.h"
#include "io/npz.h"

// What a model is fitted to. States come in double precision with their times (batch), observations in single (rows):
// one of the two is empty.
typedef struct lb_fit_data {
  lb_batch batch;
  int first_new;  // transitions of the batch that were there at the last fit
  // Draws take the first `first` rows with probability `share` and the others with the rest, however many of either
  // there are; one of the two alone: always.
  lb_transitions rows;
  int first;
  double share;
  // Of the present policy in the present model, for a fit by value moments; others do not look at it. NULL: none.
  const lb_value* value;
} lb_fit_data;

typedef struct lb_fit_report {
  double loss;         // mean over the data of the model's own loss; of states |f(x, u) (-) x'|^2
  int evaluations;     // of the loss, by an optimiser
  int rank;            // directions of the parameters that the data determine
  int nparam;          // parameters that were fitted
  int64_t updates;     // gradient updates
  const char* stop;    // why an optimiser stopped; static text
  const char* broken;  // NULL, or what was not finite, so that the model is of no use; static text
} lb_fit_report;

struct lb_mdp;        // tabular/mdp.h
struct lb_branching;  // tabular/search.h

typedef struct lb_model {
  void* ctx;
  // Of the present estimate; the same struct is valid for the model's whole life. step NULL: none.
  lb_dynamics dynamics;
  bool has_prior;      // predicts before its first fit, too
  lb_sampler sampler;  // sample NULL: none. Counts nothing
  bool tells_end;      // the sampler's `terminated` is meant; else it is false, and the task is asked (core/system.h)
  // Mean x_next (n, nx) and reward (n). NULL: it predicts no reward. Counts nothing.
  void (*predict)(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward);
  // Gradient (n, nx + nu) and Hessian (n, nx + nu, nx + nu) of the mean reward by (x, u). Returns how many evaluations
  // of the map that took.
  long (*expand_reward)(void* ctx, int n, const double* x, const double* u, double* gradient, double* hessian);
  // The present estimate, valid until the next fit; NULL: there is none yet. Of a model that is a distribution over
  // models, one that is drawn by rng, or with rng NULL the one drawn last.
  const struct lb_mdp* (*table)(void* ctx, lb_rng* rng);
  // The present estimate. Returns whether it has changed since it was asked for last.
  bool (*tree)(void* ctx, struct lb_branching* out);
  // NULL: nothing is learned. scratch is as it was afterwards.
  void (*fit)(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch);
  // All that the next fit and prediction depend on, as entries "model/..." of a checkpoint, and back. `data` is what
  // the model had been fitted to. LB_INPUT names the entry that no run can have; the model is then no longer of use.
  // NULL: nothing is to be kept.
  void (*save)(void* ctx, lb_npz_writer* w, lb_arena* scratch);
  lb_status (*restore)(void* ctx, const lb_npz* npz, const lb_fit_data* data, lb_arena* scratch);
  // The fitted model as a file, from which it predicts the same again. NULL: it has none.
  lb_status (*write_file)(void* ctx, const char* path);
  lb_status (*read_file)(void* ctx, const char* path);
  // Adds numbers of its own to a line of metrics.jsonl. NULL: none.
  void (*write)(void* ctx, lb_json_writer* w);
  void (*destroy)(void* ctx);  // NULL: it lies in the arena of whoever opened it
} lb_model;

#endif  // LB_CORE_MODEL_H_
