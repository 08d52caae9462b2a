// What a policy is worth in the real system, and how far a model is from it.
#ifndef LB_EVAL_EVALUATE_H_
#define LB_EVAL_EVALUATE_H_

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "core/batch.h"
#include "core/dynamics.h"
#include "core/value.h"
#include "eval/episode.h"

typedef struct lb_evaluation {
  int rollouts, diverged;
  double mean, se, median;  // of the episode cost; INFINITY (se: NAN) when a rollout diverged
  double steps, steps_se;   // of the episodes' lengths: how long the policy lasts where a task can end
  lb_fault fault;           // of the first that did
} lb_evaluation;

// n noisy rollouts, without early stop. Rollout i has its own stream (seed, LB_RNG_EVALUATION, iteration, i): two
// policies that are measured with the same seed and iteration meet the same noise. The first `kept` rollouts are
// recorded one after the other into `record` (room for kept * horizon transitions); *transitions receives how many that
// were.
lb_evaluation lb_evaluate(lb_system* system, const lb_policy* policy, int n, uint64_t seed, uint32_t iteration,
                          lb_arena* scratch, int kept, const lb_record* record, int* transitions);

// Mean over the batch of |f(x, u) (-) x'|^2; NAN for an empty batch. Counts no model queries: it measures, the
// algorithm does not see it.
double lb_model_error(const lb_dynamics* model, const lb_batch* batch, lb_arena* scratch);

// Mean over the batch of |V_{t+1}(f_t(x, u)) - V_{t+1}(x')|: how much the model is wrong about values, noise in the
// real system included. NAN for an empty batch or where there is no value. Counts no model queries either.
double lb_value_error(const lb_dynamics* model, const lb_value* value, const lb_batch* batch, lb_arena* scratch);

// Cost of the policy in the model: one noise-free rollout from x0; INFINITY when it leaves the finite numbers. Counts
// no model queries either.
double lb_cost_in_model(const lb_dynamics* model, const lb_cost* cost, const lb_policy* policy, const double* x0,
                        int horizon, lb_arena* scratch);

// What there is to say of rollouts that diverged: "2 of 10 evaluation episodes diverged: in the first, observation 0
// (sqrt(qpos)) is nan at step 12". Appends nothing where none did.
void lb_evaluation_remark(lb_text* out, const lb_evaluation* evaluation, const lb_system* system);

#endif  // LB_EVAL_EVALUATE_H_
