// What a policy is worth in a learned model that is drawn from.
#ifndef LB_EVAL_MODEL_RETURN_H_
#define LB_EVAL_MODEL_RETURN_H_

#include "base/arena.h"
#include "base/rng.h"
#include "core/policy.h"
#include "core/sampler.h"

typedef struct lb_model_rollouts {
  int t;            // the time at which all begin
  int steps;        // how long they last at most; they end earlier where the model says so
  double discount;  // g
} lb_model_rollouts;

// J (n) = sum_{k < steps} g^k r_k, a rollout for each of the n states x (n, nx); what would come after `steps` counts
// nothing. first (n, nu): the actions of the first step, the policy's where NULL. The policy reads the model's state
// (nin = nx) and acts in the model's units. NAN for a rollout that left the finite numbers. All n go on side by side to
// the end, so that two policies with copies of one rng meet the same draws, step by step.
void lb_model_return(double* J, const lb_sampler* model, const lb_policy* policy, const lb_model_rollouts* how, int n,
                     const double* x, const double* first, lb_rng* rng, lb_arena* scratch);

#endif  // LB_EVAL_MODEL_RETURN_H_
