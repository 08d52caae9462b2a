// A run that learns networks from transitions, one real step of the learner a round: the world twice (one acts, one
// measures), the transitions by where they come from, the model if there is one, the planner, and the accounts.
#ifndef LB_ALGO_ONLINE_H_
#define LB_ALGO_ONLINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/expert_used.h"
#include "algo/imagination.h"
#include "algo/loop.h"
#include "algo/online_terms.h"
#include "algo/phases.h"
#include "algo/planning.h"
#include "algo/protocol.h"
#include "algo/recipe.h"
#include "base/arena.h"
#include "base/status.h"
#include "core/policy.h"
#include "core/system.h"
#include "data/demos.h"
#include "data/ring.h"
#include "eval/evaluate.h"
#include "model/linear.h"
#include "model/neural.h"
#include "plan/actor.h"
#include "plan/lazy.h"
#include "plan/mpc.h"
#include "plan/sac.h"

enum {
  LB_ONLINE_INITIAL = 256,  // first observations of episodes that are kept
  LB_ONLINE_APART = 10      // episodes of demonstrations that a model is measured on, at most
};

// Transitions by where they come from; actions in [-1, 1].
typedef struct lb_online_data {
  lb_ring learner;   // of the learner's real steps, warm-up included; right behind the expert's in memory
  lb_ring expert;    // of the demonstrations that are learned from; full
  lb_ring apart;     // of demonstrations that are not, on which a model is measured; empty: there are none
  lb_ring mix;       // of both, of a row whose demonstrations enter one a step; else empty
  lb_ring imagined;  // of rollouts in the model
  float* initial;    // (LB_ONLINE_INITIAL, nobs) what the learner's latest episodes began with
  int ninitial;      // episodes begun
  float* batch;      // (batch, width) a batch from several of these
  int* rows;         // (2 * batch) which rows of them are in it
} lb_online_data;

// The learner's episode under way.
typedef struct lb_online_episode {
  int number;      // of this episode, from 0
  int t;           // steps taken in it
  double total;    // reward so far
  double* obs;     // (nobs) what the learner sees now
  lb_fault fault;  // a number of its first observation that is not finite: nothing can begin there
  // Of the step under way: what the learner asks for and gets, its noise, and the transition as a row has it.
  double *action, *u, *w;         // (nu), (nu), (nw)
  float *before, *after, *taken;  // (nobs), (nobs), (nu)
} lb_online_episode;

// Steps of the learner that no transition came of, because a number of theirs was not finite.
typedef struct lb_online_unusable {
  int n;      // since this process took the run up
  int round;  // the first of them
  lb_fault fault;
} lb_online_unusable;

// Sums since the last measurement.
typedef struct lb_online_sums {
  double updates, critic_loss;
  double actor_updates, actor_loss, q, log_density;  // those with which the actor was to learn
  double episodes, episode_return;                   // of the learner's finished episodes
} lb_online_sums;

// What plans in the model's mean: at every step (rows with planner mpc), or after every fit (lazy).
typedef struct lb_online_plan {
  lb_planning* planning;
  lb_lazy* lazy;                    // NULL: the next two plan, at every step
  lb_mpc* learner;                  // of the learner's episode under way
  lb_mpc* evaluation;               // of one that is measured; its plans are on an account of their own
  double* action;                   // (nu) that the learner will take next, in [-1, 1]
  int64_t calls, evaluation_calls;  // plans made
  lb_counts evaluation_counts;
} lb_online_plan;

typedef struct lb_online_best {
  double mean;     // return of the best evaluation; -DBL_MAX before the first
  int round;       // when that was
  lb_real* actor;  // (actor_count) the actor's weights then
  bool is_filed;   // whether the folder has it
} lb_online_best;

typedef struct lb_online {
  lb_recipe recipe;
  lb_protocol protocol;
  uint64_t seed;
  lb_arena* arena;
  lb_system* system;     // where the learner acts
  lb_system* evaluator;  // another instance of it: a measurement does not disturb the episode under way
  lb_online_data data;

  lb_space space;               // of observations
  lb_neural* model;             // NULL: no ensemble
  lb_linear* linear;            // NULL: no linear model
  lb_dynamics shown;            // the mean of either, for lookers-on
  lb_imagination* imagination;  // what the policy learns from; NULL: nothing is imagined for it
  lb_neural_report fit;
  int fits;
  int64_t model_updates;  // gradient updates of the model
  lb_counts counts;

  lb_sac* sac;          // NULL: the policy is no network
  lb_online_plan plan;  // else
  lb_policy policy;     // the mean action, in the system's units
  long actor_count;
  int64_t updates;  // gradient updates taken
  lb_sac_report report;

  int round;  // real steps of the learner, the one under way included
  lb_online_episode episode;
  lb_online_unusable unusable;
  lb_online_sums sums;
  lb_online_best best;
  lb_demos* cloned;  // demonstrations of which the actor becomes a clone before round 0; NULL: none, or it has
  lb_actor* expert;  // whose demonstrations they are; NULL: none are used, or their policy is not at hand
  lb_expert_given given;
  lb_expert_used used;
  lb_evaluation measured;
  lb_evaluation measured_average;  // of the average of the actor, where one is kept
  lb_online_terms terms;           // of the same moment
  lb_phase_times times;
} lb_online;

// A row that learns online as the loop sees it: opens the world, loads the demonstrations if the row uses any, makes
// model and planner. LB_INPUT where the task lacks what it needs.
lb_status lb_online_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options);

// What a model is fitted to: rows of which the first `first` are drawn with probability `share`, the others with the
// rest; one of the two alone: always.
typedef struct lb_online_fitted {
  lb_transitions rows;
  int first;
  double share;
} lb_online_fitted;
lb_online_fitted lb_online_fitted_to(const lb_online* o);

static inline bool lb_online_learns_model(const lb_recipe* recipe) {
  return recipe->model != LB_MODEL_NONE;
}

static inline bool lb_online_has_model(const lb_online* o) {
  return o->model || o->linear || o->imagination || o->plan.planning;
}

// The mean of the model that there is, over observations and actions in [-1, 1]. Counts nothing.
lb_dynamics lb_online_mean(const lb_online* o);

// Makes the actor a clone of the demonstrations, where the row asks for it.
lb_status lb_online_begin(lb_online* online);

// The run behind the steps that lb_online_open gave.
static inline lb_online* lb_online_of(const lb_steps* steps) {
  return steps->self;
}

// What settings and recipe say of the actor-critic and of the ensemble, and the length of rollouts in the model at a
// round: for the run itself, and for what is said of it beforehand (algo/forecast.h).
lb_sac_config lb_online_sac_config(const lb_system* system, const lb_recipe* recipe,
                                   const lb_online_protocol* protocol);
// Updates of the critics for a real step after the warm-up.
double lb_online_updates_per_step(const lb_recipe* recipe, const lb_online_protocol* protocol);
lb_neural_config lb_online_ensemble_config(const lb_system* system, const lb_recipe* recipe,
                                           const lb_online_protocol* protocol);
int lb_online_rollout_length(const lb_online_protocol* protocol, int round);

// The parts of the steps that have files of their own.
void lb_online_fit(lb_online* o);      // the model to the mix, and what is imagined in it
void lb_online_collect(lb_online* o);  // one real step
// The critics' batch and the states on which the actor learns (NULL: the batch's own), for one update. rows: room for
// two batches.
lb_transitions lb_online_draw(lb_online* o, lb_transitions* actor_states, int* rows, lb_rng* rng);
void lb_online_begin_episode(lb_online* o);

// Of rows that plan: model, planner and policy; a linear model's fit to the mix; a lazy planner's passes where the
// model is new, and the action of the round that comes next; what of this a checkpoint keeps, and back.
void lb_online_plan_open(lb_online* o);
void lb_online_plan_fit(lb_online* o);
void lb_online_plan_step(lb_online* o);
void lb_online_plan_save(lb_online* o, lb_npz_writer* w);
lb_status lb_online_plan_restore(lb_online* o, const lb_npz* npz);
// The ensemble of a finished run's model.safetensors in the place of a fit's; a lazy planner's passes in it, uncounted.
lb_status lb_online_plan_take(lb_online* o, const char* path);

// The present policy's worth in the real system, and, once the model is fitted, o->terms on the episodes seen there.
// Draws from streams of its own and leaves all else as it was, but for the evaluator and the ledger of its steps.
lb_evaluation lb_online_evaluate(lb_online* o);
// The four steps of the loop; a view that lives as long as the run.
lb_steps lb_online_steps(lb_online* o);

// All that the next round depends on, as arrays of a checkpoint, and back.
void lb_online_save(lb_online* o, lb_npz_writer* w);
lb_status lb_online_restore(lb_online* o, const lb_npz* npz);

// The lines for metrics.jsonl and for timing.jsonl; caller frees.
void lb_online_lines(const lb_online* o, lb_text* metrics, lb_text* timing);

// Controls within the limits from actions in [-1, 1], n rows of nu; u may be action.
void lb_online_scale(const lb_system* system, double* u, const double* action, int n);

#endif  // LB_ALGO_ONLINE_H_
