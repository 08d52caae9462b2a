// The numbers that say why a row with a learned model wins or loses, at one evaluation: how far the model is from the
// real system on the expert's and on the learner's states, and the terms of the two lemmas (eval/lemma.h).
//
// The expert's side is measured on demonstrations that the run does not learn from, where there are any, always on the
// same ones; the learner's on the episodes
// that the evaluation has just seen, which are the present policy's own and no part of what the model was fitted to.
// What the model draws, it draws from streams of the measurement's own.
//
//   model error   k = 1, 5, 20 steps open loop, the ensemble's mean prediction, in units of the standard deviation of
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
//                 hundreds of steps in an ensemble's draws can leave every number ever seen, and then is all of the
//                 mean.
#ifndef LB_ALGO_ONLINE_TERMS_H_
#define LB_ALGO_ONLINE_TERMS_H_

#include "eval/estimate.h"
#include "eval/lemma.h"

enum { LB_TERMS_ERRORS = 3 };
extern const int lb_terms_steps[LB_TERMS_ERRORS];  // 1, 5, 20

// Whatever cannot be told is NAN: all before the model's first fit; all but the model error of a row whose policy plans
// at every step, which has no critic; the expert's side of a row without demonstrations;
// the planning error where the policy behind them is not at hand; a number of steps that no episode has; a standard
// error over one episode.
typedef struct lb_online_terms {
  lb_estimate error_expert[LB_TERMS_ERRORS], error_learner[LB_TERMS_ERRORS];
  lb_lemma_terms expert, learner;              // discounted
  lb_lemma_terms expert_whole, learner_whole;  // undiscounted
  lb_estimate left, residual, left_whole, residual_whole;
  lb_estimate planning_error;
  int planning_horizon;
} lb_online_terms;

#endif  // LB_ALGO_ONLINE_TERMS_H_
