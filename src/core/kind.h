// A kind of model and a kind of planner, as the registry lists them (algo/registry.c): a name, what it gives and needs,
// its parameters, and how one is opened. To add one is to write a file behind core/model.h or core/planner.h and a line
// there.
#ifndef LB_CORE_KIND_H_
#define LB_CORE_KIND_H_

#include "core/model.h"
#include "core/param.h"
#include "core/planner.h"

// What a model, or a planner to a model, can give; a planner goes with a model when it gives all that is needed.
enum {
  LB_GIVES_STATES = 1,        // works over states and the system's controls, for a cost
  LB_GIVES_OBSERVATIONS = 2,  // works over observations and actions in [-1, 1], for reward
  LB_GIVES_GRADIENTS = 4,     // derivatives of its mean
  LB_GIVES_SAMPLES = 8,       // transitions to learn from: draws, or without a model real ones
  LB_GIVES_REWARD = 16,       // predictions of the reward
  LB_GIVES_ACTING = 64,       // may be asked while an episode is under way
  LB_GIVES_NO_MODEL = 128,    // nothing in which to plan
  LB_GIVES_TRUTH = 256,       // the system itself: there is nothing to fit
  LB_GIVES_VALUE = 512,       // of planners: the value of their policy, with its slope
  LB_GIVES_EXACT = 1024       // all of a small system: a table, or a tree to be searched
};

// What an iteration of a planner's run is. Only algo/schedule.c asks which of them it is; all others ask what runs by
// such iterations have (lb_iterations_of).
typedef enum lb_iteration_kind {
  LB_ITERATION_ONCE,      // one iteration, in which nothing is learned
  LB_ITERATION_ROLLOUTS,  // a set of real rollouts, a fit, a plan, an evaluation
  LB_ITERATION_STEP,      // one real step; fits and evaluations are due every so many
  LB_ITERATION_EXACT,     // a few episodes of a system that is known exactly, a fit, a plan, what all of it is worth
  LB_ITERATION_DEMOS,     // a number of demonstrations, from few to all
  LB_ITERATION_KINDS
} lb_iteration_kind;

typedef struct lb_iterations {
  bool learns;         // else a policy is measured as it is
  bool goes_on;        // each begins where the last one ended; else anew
  bool rolls_out;      // whole rollouts, whose states the model is fitted to; iteration 0 has a planner of its own
  bool keeps_episode;  // the learner's episode is under way from one to the next, and transitions are kept in rows
  bool imitates;       // each has as many demonstrations as the schedule says, and no real steps
  bool is_exact;       // on systems that are known exactly (core/exact.h), where nothing can be set
} lb_iterations;

static inline const lb_iterations* lb_iterations_of(lb_iteration_kind kind) {
  static const lb_iterations all[LB_ITERATION_KINDS] = {
      [LB_ITERATION_ONCE] = {0},
      [LB_ITERATION_ROLLOUTS] = {.learns = true, .goes_on = true, .rolls_out = true},
      [LB_ITERATION_STEP] = {.learns = true, .goes_on = true, .keeps_episode = true},
      [LB_ITERATION_EXACT] = {.learns = true, .goes_on = true, .is_exact = true},
      [LB_ITERATION_DEMOS] = {.learns = true, .imitates = true}};
  return &all[kind];
}

// The world in which a kind is opened. Everything outlives what is opened.
typedef struct lb_opening {
  const lb_system* system;  // the task
  lb_system* other;         // an instance of it that may be put into any state between episodes
  const lb_space* space;    // of what it works over: of states or of observations
  uint64_t seed;
  lb_counts* counts;           // where queries of the model are counted
  const lb_trajectory* demos;  // (ndemos) the demonstrations that are learned from, in the problem's units
  int ndemos;
  const lb_policy* expert;  // the expert's own policy, in the system's units; NULL: not at hand
  int clone_steps;          // real steps after the warm-up for which a clone stays as it is
  lb_arena* arena;
} lb_opening;

// A fit that is to come, for forecasts.
typedef struct lb_fit_size {
  double rows;
  bool both;  // whether they are of two sources, the expert and the learner
} lb_fit_size;

enum { LB_PACES = 4 };

typedef struct lb_model_kind {
  const char* name;
  const char* summary;  // one line
  unsigned gives;
  const lb_params* choices;  // keys of a recipe's "model"; NULL: none
  lb_params_at settings[4];  // of --set; ends with a NULL
  size_t size;               // of the struct of options in which choices and settings lie
  // What the options need of the planner, beyond nothing. NULL: nothing.
  unsigned (*needs)(const void* options);
  // Refuses options that mean nothing together. `given`: which choices, by their place in the table, the recipe names.
  // NULL: all go.
  lb_status (*check)(const void* options, unsigned given);
  // As of a planner, below.
  lb_status (*fits)(const void* options, const lb_system* system, const char* algorithm);
  lb_status (*open)(lb_model* out, const lb_opening* opening, const void* options);
  // Of forecasts, beside the code that they describe. How long the pieces of a fit take here (LB_PACES numbers of the
  // kind's own), measured on sample data; NULL: one number, a row's share of a fit. Gradient updates and CPU seconds of
  // a fit by these; NULL: no updates, and in proportion to the rows. Bytes of memory beside the data, a checkpoint's
  // copies included; NULL: few.
  void (*pace)(double* pace, lb_model* model, const lb_fit_data* sample, lb_rng* rng, lb_arena* scratch);
  void (*fit_work)(double* updates, double* seconds, const void* options, const double* pace, const lb_fit_size* size);
  double (*bytes)(const void* options, int nobs, int nact, double rows);
} lb_model_kind;

typedef struct lb_planner_kind {
  const char* name;
  const char* summary;  // one line
  const char* does;     // of an algorithm with it, in messages: "plans at every real step"
  lb_iteration_kind iteration;
  unsigned needs;          // of the model
  unsigned gives;          // LB_GIVES_VALUE, or nothing
  bool learns;             // from batches of transitions: recipes say on which states, and whether it begins as a clone
  bool plans_for_reward;   // in a world of model and reward: recipes say whose reward
  bool plans_when_acting;  // at every step, the learner's and that of an evaluation
  bool needs_demos;        // whatever the model is fitted to
  bool needs_expert;       // the expert's own policy
  const lb_params* choices;  // keys of a recipe's "planner"; NULL: none
  lb_params_at settings[4];
  size_t size;
  // As of a model.
  lb_status (*check)(const void* options, unsigned given);
  // Options that say "as the recipe has it" become what it has. NULL: there are none.
  void (*settle)(void* options);
  // Refuses what the task's system has not, or options that mean nothing on it. NULL: all go.
  lb_status (*fits)(const void* options, const lb_system* system, const char* algorithm);
  lb_status (*open)(lb_planner* out, const lb_opening* opening, const void* options);
  // Of a system that is known exactly: the last iteration, where that is not the system's (NULL, or 0: it is), and, for
  // forecasts, the CPU seconds of a run of so many iterations, within a factor of some two.
  int (*most_iterations)(const void* options);
  double (*exact_seconds)(const void* options, const lb_system* system, int iterations);
  // Of forecasts, as of a model. Gradient updates after n real steps of learning, or of a clone of n transitions. CPU
  // seconds of such a clone, measured on a sample of rows.
  double (*updates)(const void* options, double n);
  double (*imitation)(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch);
  double (*bytes)(const void* options, int nobs, int nact);
  // Of a file of its policy, of which a run keeps some of its way (io/run_policies.h); NULL: it keeps none.
  double (*policy_bytes)(const void* options, int nobs, int nact);
} lb_planner_kind;

#endif  // LB_CORE_KIND_H_
