// Twin delayed deep deterministic policy gradient (Fujimoto, van Hoof, Meger 2018, "Addressing function approximation
// error in actor-critic methods"): two critics and a deterministic actor, with target copies of all three. It learns
// from transitions of any source. Actions are in [-1, 1]; whoever acts in a system scales them.
//
// One update, in this order:
//   critics   y = r + gamma (1 - terminated) min_i Q'_i(s', a'),  a' = clip(pi'(s') + clip(e, -c, c), -1, 1),
//             e ~ N(0, smoothing^2) in each dimension; each critic takes one Adam step on mean (Q_i(s, a) - y)^2
//   every `delay` updates, with the new critics:
//   actor     one Adam step on -mean Q_1(s, pi(s)); its states may be others than the critics'
//   targets   Q' <- Q' + tau (Q - Q'),  pi' <- pi' + tau (pi - pi')
//   average   if wanted, of the actor's weights: average <- average + rate (actor - average)
//
// It explores by pi(s) + N(0, exploration^2), cut off at [-1, 1]. The actor is a network as a policy file has one
// (plan/actor.h): its outputs for the standard deviations are constants, of the exploration's size, and not learned.
#ifndef LB_PLAN_TD3_H_
#define LB_PLAN_TD3_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/policy.h"
#include "core/transitions.h"
#include "core/value.h"
#include "io/npz.h"
#include "nn/real.h"
#include "plan/actor.h"

typedef struct lb_td3_config {
  int nobs, nact;
  int hidden, width;              // hidden layers and their units, of actor and critics; ReLU
  int batch;                      // most transitions in an update
  double gamma;                   // discount
  double tau;                     // share of the networks in a step of their targets
  double rate;                    // Adam's, for critics and actor
  double clip;                    // most norm of the gradient of both critics, and of the actor's; 0: no limit
  int delay;                      // updates of the critics for one of actor and targets
  double smoothing, most_smooth;  // of the targets' actions: standard deviation, and c above
  double exploration;             // standard deviation
  int64_t actor_from;             // updates before which the actor stays as it is, while the critics learn
  double average;                 // rate of the average of the actor's weights; 0: none is kept
} lb_td3_config;

// 2 hidden layers of 256, batch 256, gamma 0.99, tau 0.005, rate 3e-4, delay 2, smoothing 0.2 within 0.5, exploration
// 0.1: the paper's, but for the size of networks and batches, which are those of soft actor-critic here.
lb_td3_config lb_td3_default_config(int nobs, int nact);

typedef struct lb_td3 lb_td3;

// A learner with fresh weights (Glorot, drawn from rng), in the arena. Config values must be in their ranges.
lb_td3* lb_td3_new(const lb_td3_config* config, lb_rng* rng, lb_arena* arena);

typedef struct lb_td3_report {
  double critic_loss;  // mean squared error, both critics together
  bool actor_learned;  // whether this update was one of the actor, too; of it:
  double q;            // mean of Q_1 at its actions
  const char* broken;  // NULL, or the tensor that first was not finite ("critics", "actor"): no step was taken with it
} lb_td3_report;

// One update on a batch of up to config.batch transitions. actor_states: whose observations the actor learns on; NULL:
// the batch's own. Noise comes from rng.
void lb_td3_update(lb_td3* td3, lb_td3_report* report, const lb_transitions* batch, const lb_transitions* actor_states,
                   lb_rng* rng);

// The same with given standard normal draws by columns (nact, lb_columns(n)) for the next actions.
void lb_td3_update_with(lb_td3* td3, lb_td3_report* report, const lb_transitions* batch,
                        const lb_transitions* actor_states, const lb_real* noise);

// Actions (n, nact) in [-1, 1] at observations (n, nobs), any n: with exploration drawn from rng, or pi(s) when rng is
// NULL.
void lb_td3_act(lb_td3* td3, double* action, const double* obs, int n, lb_rng* rng);

// pi(s) as a policy, and V(s) = Q_1(s, pi(s)) as its value, with the derivatives of just that, so through the action
// too; the same at all times. Views that live as long as the learner.
lb_policy lb_td3_policy(lb_td3* td3);
lb_value lb_td3_value(lb_td3* td3);

const lb_td3_config* lb_td3_config_of(const lb_td3* td3);
// The actor's weights as they lie in memory, *count of them, and the average of them; NULL: none is kept.
lb_real* lb_td3_actor_weights(lb_td3* td3, long* count);
lb_real* lb_td3_average_weights(lb_td3* td3);

// The learner's policy as an actor by itself, for controls within u_low..u_high, in the arena; and an actor's weights
// taken as the learner's and its target's own. LB_INPUT for other layers.
lb_actor* lb_td3_actor_copy(const lb_td3* td3, const double* u_low, const double* u_high, lb_arena* arena);
lb_status lb_td3_actor_take(lb_td3* td3, const lb_actor* actor);

// Everything that the next update depends on, as a part of a run's checkpoint, and back to the same bits.
void lb_td3_save(lb_td3* td3, lb_npz_writer* w, const char* prefix);
lb_status lb_td3_restore(lb_td3* td3, const lb_npz* npz, const char* prefix);

#endif  // LB_PLAN_TD3_H_
