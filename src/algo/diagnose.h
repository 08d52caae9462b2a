// An evaluation, and the numbers that say why an algorithm with a learned model wins or loses: how far the model is
// from the real system on the expert's and on the learner's states, and what that does to values.
//
// Over states (lb_diagnose_errors): on the expert's demonstrations and on the evaluation's own rollouts.
//
// Over observations (lb_diagnose_terms): the model error, and the terms of the two lemmas (eval/lemma.h).
//
// The expert's side is measured on demonstrations that the run does not learn from, where there are any, always on the
// same ones; the learner's on the episodes
// that the evaluation has just seen, which are the present policy's own and no part of what the model was fitted to.
// What the model draws, it draws from streams of the measurement's own.
//
//   model error   k = 1, 5, 20 steps open loop, the model's mean prediction, in units of the standard deviation of
//                 each observation over all that the model is fitted to
//   lemma terms   the discounted form, W = the critic at the mean action: an approximation (with entropy in it where
//                 the temperature is not 0) of the value of the present policy in the model, so that all six terms are
//                 needed for the equality. In units of discounted return; (1 - discount) times it is a mean over steps.
//   undiscounted  the same six over an episode's steps, each weighing 1: a fall at step 400 weighs 0.02 at a discount
//   of
//                 0.99 and all of its steps here. W is what the critic says of a step, for the steps that are left
//                 (lb_tracks_form)
//   left side     the difference in performance that the terms of a form add up to, of the same episodes: the expert's
//                 return less the learner's; of a row without demonstrations what the critic says at the learner's
//                 first states less the return that came of them
//   residual      left side less all terms: 0 but for chance, whatever critic and model are (eval/lemma.h)
//   planning      the discounted return of expert less learner in the model (mean actions both), from the same starts,
//                 with the same draws, over as many steps as it takes until discount^steps <= 0.05, an episode at most.
//                 What is drawn is kept within the box of the data, widened by its size on every side: a rollout of
//                 hundreds of steps in a model's draws can leave every number ever seen, and then is all of the
//                 mean.
#ifndef LB_ALGO_DIAGNOSE_H_
#define LB_ALGO_DIAGNOSE_H_

#include "eval/estimate.h"
#include "eval/evaluate.h"
#include "eval/lemma.h"

enum { LB_DIAGNOSE_ERRORS = 3 };
extern const int lb_diagnose_steps[LB_DIAGNOSE_ERRORS];  // 1, 5, 20

// Whatever cannot be told is NAN: all before the model's first fit; all but the model error where the planner has no
// value; the expert's side of a row without demonstrations;
// the planning error where the policy behind them is not at hand; a number of steps that no episode has; a standard
// error over one episode.
typedef struct lb_diagnose_terms {
  lb_estimate error_expert[LB_DIAGNOSE_ERRORS], error_learner[LB_DIAGNOSE_ERRORS];
  lb_lemma_terms expert, learner;              // discounted
  lb_lemma_terms expert_whole, learner_whole;  // undiscounted
  lb_estimate left, residual, left_whole, residual_whole;
  lb_estimate planning_error;
  int planning_horizon;
} lb_diagnose_terms;

typedef struct lb_diagnose_errors {
  double cost_in_model, expert_cost_in_model;      // of one rollout in the model's mean
  double model_error_expert, model_error_learner;  // mean |f(x, u) (-) x'|^2
  double value_error_expert, value_error_learner;  // mean |V(f(x, u)) - V(x')|
} lb_diagnose_errors;

// The present policy's worth in the real system, and with it a->terms or a->errors. Draws from streams of its own and
// leaves all else as it was, but for the evaluator and the ledger of its steps.
struct lb_agent;
lb_evaluation lb_diagnose(struct lb_agent* a);
// The average of the policy, on the episodes on which the policy itself was measured: a->measured_average, where the
// planner keeps one.
void lb_diagnose_average(struct lb_agent* a);

// What it takes to describe a model over observations at one evaluation, for forecasts: predictions of the mean, and
// draws, of one side (predictions) and of both together (rollouts of expert and learner, each step with an action).
typedef struct lb_diagnose_work {
  double predictions, draws;  // of a side
  double rollout_steps;       // where the expert's policy is at hand
} lb_diagnose_work;
lb_diagnose_work lb_diagnose_work_of(int horizon, double discount);

#endif  // LB_ALGO_DIAGNOSE_H_
