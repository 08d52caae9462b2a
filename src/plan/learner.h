// What planners that learn networks have in common: their settings, and the policies that they keep beside the last.
#ifndef LB_PLAN_LEARNER_H_
#define LB_PLAN_LEARNER_H_

#include <stdint.h>

#include "base/arena.h"
#include "core/param.h"
#include "core/planner.h"
#include "io/entries.h"
#include "nn/real.h"
#include "plan/actor.h"
#include "plan/bc.h"

// Of whoever has a policy network.
typedef struct lb_actor_settings {
  int hidden, width, batch;
} lb_actor_settings;
extern const lb_params lb_actor_params;

// Of whoever learns it from rewards, by critics.
typedef struct lb_learner_settings {
  double updates_per_step, discount, target_rate, learning_rate, gradient_clip, actor_average;
} lb_learner_settings;
extern const lb_params lb_learner_params;

// Three policies of one network: its own weights, and two that can take their place.
typedef struct lb_kept_weights {
  lb_real* own;  // (count) the learner's
  long count;
  lb_real* best;     // (count)
  lb_real* average;  // (count) the learner's; NULL: none
  lb_which_policy in_use;
} lb_kept_weights;

lb_kept_weights lb_kept_weights_new(lb_real* own, long count, lb_real* average, lb_arena* arena);
void lb_kept_weights_keep_best(lb_kept_weights* w);
// Exchanges what acts; false where there is no such policy.
bool lb_kept_weights_use(lb_kept_weights* w, lb_which_policy which);
// "best/actor" of a checkpoint.
lb_entry lb_kept_weights_entry(lb_kept_weights* w);

// A clone of the demonstrations, in the arena: an actor of these layers with fresh weights drawn from rng, for actions
// scaled to u_low..u_high. LB_DIVERGED for numbers that are not finite, LB_INPUT for too few transitions.
lb_status lb_learner_clone(lb_actor** out, lb_bc_report* report, const lb_demo_rows* demos, lb_bc_loss loss,
                           const lb_actor_settings* layers, const double* u_low, const double* u_high, const char* task,
                           lb_rng* rng, lb_arena* arena);

// Gradient updates that a clone of n transitions usually takes, and the CPU seconds of it here, measured by a few
// epochs on a sample.
double lb_learner_clone_updates(const lb_actor_settings* layers, double n);
double lb_learner_clone_seconds(const lb_actor_settings* layers, lb_bc_loss loss, const lb_transitions* sample,
                                double n, lb_rng* rng, lb_arena* scratch);

// Numbers of a net: members x weights.
static inline double lb_learner_net_size(double members, double in, double hidden, double width, double out) {
  return members * ((in + 1) * width + (hidden - 1) * (width + 1) * width + (width + 1) * out);
}

// Of the file of a policy of such layers, its header and normalizer included.
static inline double lb_learner_policy_bytes(const lb_actor_settings* layers, int nobs, int nact) {
  enum { HEADER = 2048 };
  double net = lb_learner_net_size(1, nobs, layers->hidden, layers->width, 2.0 * nact);
  return HEADER + sizeof(float) * (net + 2.0 * nobs);
}

#endif  // LB_PLAN_LEARNER_H_
