// A learned model as the loop sees it: something that is fitted to transitions and then acts as dynamics.
#ifndef LB_CORE_MODEL_H_
#define LB_CORE_MODEL_H_

#include <stdbool.h>

#include "base/rng.h"
#include "core/batch.h"
#include "core/dynamics.h"
#include "core/value.h"

typedef struct lb_fit_report {
  double loss;       // mean over the data of |f(x, u) (-) x'|^2
  int evaluations;   // of the loss, by the optimiser
  int rank;          // directions of the parameters that the data determine
  int nparam;        // parameters that were fitted
  const char* stop;  // why the optimiser stopped; static text
} lb_fit_report;

typedef struct lb_model {
  void* ctx;
  lb_dynamics dynamics;  // of the present estimate; the same struct is valid for the model's whole life
  // Fits to all of `data`; data before `first_new` were there at the last fit. value: of the present policy in the
  // present estimate, which a fit by value moments matches; others do not look at it (NULL: none).
  void (*fit)(void* ctx, const lb_batch* data, int first_new, const lb_value* value, lb_rng* rng,
              lb_fit_report* report);
  // What a checkpoint must keep besides the data.
  int nstate;
  void (*get_state)(void* ctx, double* state);
  // Takes up a stored state of finite numbers; `data` are the transitions that the model had been fitted to. NULL, or
  // what of it get_state cannot have given (static text); the model is then no longer of use.
  const char* (*set_state)(void* ctx, const double* state, const lb_batch* data);
  // The numbers that the present map follows from, for whoever looks at it afterwards: fewer than a state. false: no
  // model of the kind has these.
  int nmap;
  void (*get_map)(void* ctx, double* map);
  bool (*set_map)(void* ctx, const double* map);
  void (*destroy)(void* ctx);
} lb_model;

#endif  // LB_CORE_MODEL_H_
