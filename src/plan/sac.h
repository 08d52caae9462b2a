// Soft actor-critic (Haarnoja et al. 2018, "Soft actor-critic algorithms and applications"): twin critics with target
// copies, a tanh Gaussian actor, a temperature that is fixed or learned. It learns from transitions of any
// source: real steps, a model's imagination, an expert. Actions are in [-1, 1]; whoever acts in a system scales them.
//
// One update, in this order:
//   critics      y = r + gamma (1 - terminated) (min Q'(s', a') - alpha log pi(a'|s')),  a' ~ pi(s');
//                each critic takes one Adam step on mean (Q(s, a) - y)^2
//   targets      every `target_interval` updates: Q' <- Q' + tau (Q - Q')
//   actor        one Adam step on mean (alpha log pi(a|s) - Q(s, a)), a ~ pi(s), Q the least of the new critics; its
//                states may be others than the critics' (a lazy planner's are states that the expert or the learner
//                really saw)
//   temperature  if learned, one Adam step of log alpha on -log alpha mean (log pi(a|s) + target entropy)
//   average      if wanted, of the actor's weights: average <- average + rate (actor - average)
//
// With more critics, a random subset of them for each update's min Q', layer normalisation in the critics, their mean
// for the actor's Q, and one update of the actor for several of the critics it is the learner of RLPD (Ball, Smith,
// Kostrikov, Levine 2023, "Efficient online reinforcement learning with offline data"), of REDQ without the
// normalisation (Chen et al. 2021). The entropy stays in the critics' target, as RLPD has it for locomotion.
#ifndef LB_PLAN_SAC_H_
#define LB_PLAN_SAC_H_

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

typedef struct lb_sac_config {
  int nobs, nact;
  int hidden, width;      // hidden layers and their units, of actor and critics; ReLU
  int batch;              // most transitions in an update
  double gamma;           // discount
  double tau;             // share of the critics in a step of their targets
  int target_interval;    // updates between two such steps
  double rate;            // Adam's, for critics, actor and temperature alike
  double alpha;           // temperature at the start
  bool learn_alpha;       // whether it follows the target entropy
  double target_entropy;  // in nats; NAN: -nact
  int64_t actor_from;     // updates before which actor and temperature stay as they are, while the critics learn
  double clip;            // most norm of the gradient of all critics, and of the actor's; 0: no limit
  int critics;            // 1..LB_SAC_MOST_CRITICS
  int target_critics;     // of them, drawn anew for each update's targets: 1..critics
  bool layer_norm;        // of the critics' hidden layers
  bool mean_value;        // the actor's Q is the critics' mean; else their least
  int actor_every;        // updates of the critics for one of actor and temperature, which comes with the last of them
  double average;         // rate of the average of the actor's weights; 0: none is kept
} lb_sac_config;

enum { LB_SAC_MOST_CRITICS = 32 };

// 2 hidden layers of 256, batch 256, gamma 0.99, tau 0.005 at every update, rate 3e-4, alpha 0.2 and learned; two
// critics, both in the targets, without layer normalisation; the actor follows at every update, without an average.
lb_sac_config lb_sac_default_config(int nobs, int nact);

typedef struct lb_sac lb_sac;

// A learner with fresh weights (Glorot, drawn from rng), in the arena. Config values must be in their ranges.
lb_sac* lb_sac_new(const lb_sac_config* config, lb_rng* rng, lb_arena* arena);

typedef struct lb_sac_report {
  int64_t updates;     // so far
  double critic_loss;  // mean squared error, all critics together
  bool actor_learned;  // whether it took a step; where it did not, the next three are 0
  double actor_loss;
  double q;            // mean of the actor's Q at its actions
  double log_density;  // mean of log pi(a|s): minus the entropy
  double alpha;        // after the update
  const char* broken;  // NULL, or the tensor that first was not finite ("critics", "actor"): no step was taken
                       // with it, the update ended there, and the caller should stop the run
} lb_sac_report;

// One update on a batch of up to config.batch transitions. actor_states: whose observations the actor learns on; NULL:
// the batch's own. Noise comes from rng.
void lb_sac_update(lb_sac* sac, lb_sac_report* report, const lb_transitions* batch, const lb_transitions* actor_states,
                   lb_rng* rng);

// The same with given standard normal draws by columns (nact, lb_columns(n)), for the next actions and for the actor's,
// and the critics of the targets (target_critics).
void lb_sac_update_with(lb_sac* sac, lb_sac_report* report, const lb_transitions* batch,
                        const lb_transitions* actor_states, const lb_real* next_noise, const lb_real* noise,
                        const int* subset);

// Actions (n, nact) in [-1, 1] at observations (n, nobs), any n: sampled with rng, or tanh(mean) when rng is NULL.
void lb_sac_act(lb_sac* sac, double* action, const double* obs, int n, lb_rng* rng);

// The mean action as a policy, and V(s) = Q(s, tanh(mean(s))) as its value, by the actor's Q, with the derivatives of
// just that, so through the action too; the same at all times. Views that live as long as the learner.
lb_policy lb_sac_policy(lb_sac* sac);
lb_value lb_sac_value(lb_sac* sac);

const lb_sac_config* lb_sac_config_of(const lb_sac* sac);
// The actor's weights as they lie in memory, *count of them: to be kept and put back.
lb_real* lb_sac_actor_weights(lb_sac* sac, long* count);
// The average of them, laid out alike; it begins as the actor does. NULL: none is kept.
lb_real* lb_sac_average_weights(lb_sac* sac);
double lb_sac_alpha(const lb_sac* sac);

// Everything that the next update depends on, as .safetensors, "actor", "critics", "targets", "average" and so on each
// as they lie in memory (nn/net.h); reading it back into a learner of the same configuration continues to the same
// bits. Refused with a sentence: damaged files, other sizes, numbers that are not finite.
lb_status lb_sac_save(lb_sac* sac, const char* path);
lb_status lb_sac_load(lb_sac* sac, const char* path);
// The same as a part of a run's checkpoint.
void lb_sac_add(lb_sac* sac, lb_npz_writer* w, const char* prefix);
lb_status lb_sac_take(lb_sac* sac, const lb_npz* npz, const char* prefix);

// The learner's present actor, in the arena; it acts to the same bits. Control limits (nact) as in plan/actor.h, NULL:
// no scaling.
lb_actor* lb_sac_actor_copy(const lb_sac* sac, const double* u_low, const double* u_high, lb_arena* arena);

// The learner goes on from this actor: its weights, with the normalizer folded into the first layer's,
//   W (x - mean) scale + b = (W scale) x + (b - W scale mean),
// so that the learner, which takes observations as they come, acts as it does up to rounding. The moments of the
// learner's optimiser for its own actor are forgotten; critics and temperature stay. Refused with a sentence (which
// names no file): other numbers of observations or actions, other hidden layers.
lb_status lb_sac_actor_take(lb_sac* sac, const lb_actor* actor);

#endif  // LB_PLAN_SAC_H_
