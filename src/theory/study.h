// Studies: one claim of the paper on a system so small that everything about it is computed, where what is asked is not
// what an algorithm finds. What samples of every state give, whether the lemmas are identities, whether one LQR pass is
// PSDP, what a published program does draw by draw: none of it collects from a mix, fits and plans. A study goes
// through the same loop as a planner that needs no model, whose plan is an iteration of it and whose numbers are its
// measurement; its kind is a line of the registry, its recipe a file.
//
//   plug-in    generative-hard, generative-random    generative.c
//   lds        lds, lds-growing                      linear_family.c
//   lemmas     random-mdps                           lemmas.c
//   passes     linear-psdp, hover-psdp               passes.c
//
// What is random follows from the seed. Measuring is exact (dynamic programming, or a system without noise) but where a
// study says otherwise.
#ifndef LB_THEORY_STUDY_H_
#define LB_THEORY_STUDY_H_

#include "core/kind.h"
#include "core/metrics.h"

typedef struct lb_study_number {
  int metric;  // an lb_metric_id
  double value;
} lb_study_number;

enum { LB_STUDY_NUMBERS = 48 };

typedef struct lb_study lb_study;
struct lb_study {
  void* self;
  lb_counts counts;  // what planning took so far
  lb_ledger ledger;  // real steps so far
  lb_arena* arena;
  // Each of an iteration, in this order; NULL: there is none. The first number is the score.
  void (*collect)(lb_study* study, int iteration);  // from iteration 1 on
  void (*plan)(lb_study* study, int iteration);
  int (*measure)(lb_study* study, int iteration, lb_study_number out[LB_STUDY_NUMBERS]);
  void (*close)(lb_study* study);  // what is not in the arena
};

// A study as a planner. It lies in the opening's arena, as `self` does.
lb_status lb_study_open(lb_planner* out, const lb_study* study, const lb_opening* opening);

// LB_INPUT unless the system is one of these names; a name that ends with '-' is the beginning of one.
lb_status lb_study_fits(const char* const* names, int n, const lb_system* system, const char* algorithm);

// Adds a number.
static inline void lb_study_put(lb_study_number* out, int* n, int metric, double value) {
  out[*n] = (lb_study_number){metric, value};
  *n += 1;
}

// CPU seconds of a run of any study, by what an iteration of it took on a core of 2.5 GHz (core/kind.h).
double lb_plug_in_seconds(const void* options, const lb_system* system, int iterations);
double lb_lds_seconds(const void* options, const lb_system* system, int iterations);
double lb_lemmas_seconds(const void* options, const lb_system* system, int iterations);
double lb_passes_seconds(const void* options, const lb_system* system, int iterations);

// Least squares slope of log y against log x over n points, those with y <= 0 left out; NAN from fewer than two.
double lb_study_exponent(const double* x, const double* y, int n);

// The kinds. plug-in: samples of every state and action, the model of greatest likelihood, and the best plan in it.
typedef struct lb_plug_in_options {
  int along;  // 0: more samples from iteration to iteration; 1: longer horizons
} lb_plug_in_options;
extern const lb_params lb_plug_in_choices;
int lb_plug_in_iterations(const void* options);
lb_status lb_plug_in_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_plug_in_open(lb_planner* out, const lb_opening* opening, const void* options);

// lds: the published linear example (theory/lds.h).
typedef struct lb_lds_options {
  int loss;      // an lb_lds_loss
  double ridge;  // of the moments
  bool tight;    // BFGS goes on to a gradient of 1e-12 or 100 steps
} lb_lds_options;
extern const lb_params lb_lds_choices;
int lb_lds_iterations(const void* options);
lb_status lb_lds_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_lds_study_open(lb_planner* out, const lb_opening* opening, const void* options);

// lemmas: both lemmas on random MDPs.
lb_status lb_lemmas_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_lemmas_open(lb_planner* out, const lb_opening* opening, const void* options);

// passes: from PSDP to one LQR pass.
typedef struct lb_passes_options {
  int about;  // 0: expert, 1: psdp, 2: displaced, 3: displaced-2023
} lb_passes_options;
extern const lb_params lb_passes_choices;
lb_status lb_passes_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_passes_open(lb_planner* out, const lb_opening* opening, const void* options);

#endif  // LB_THEORY_STUDY_H_
