// How an experiment is conducted, apart from which algorithm runs: how much is collected, how often, how it is
// measured, how much is computed for it. A suite sets it for all its rows; `--set key=value` changes one setting.
//
// Rows that plan over whole trajectories go by rounds; rows that learn networks from transitions go by real steps
// (algo/recipe.h says which are which). Each kind has its own settings and ignores none: those of the other kind are
// refused.
#ifndef LB_ALGO_PROTOCOL_H_
#define LB_ALGO_PROTOCOL_H_

#include <stdbool.h>

#include "base/status.h"
#include "io/json.h"
#include "io/json_writer.h"

typedef enum lb_demonstrations {
  LB_DEMONSTRATIONS_FRESH,  // solve the expert on the true system and roll it out anew in every run
  LB_DEMONSTRATIONS_FILE,   // draw episodes from expert_data/<task>.npz
} lb_demonstrations;

// Settings of the rows that learn online, step by step.
typedef struct lb_online_protocol {
  int steps;                // real steps of the learner
  int warmup_steps;         // of them, the first, with uniformly random actions (a clone's, of rows that begin with
                            // one) and no learning
  int evaluate_every;       // real steps between two evaluations
  int evaluation_episodes;  // in each
  int buffer;               // real transitions kept for learning
  int expert_transitions;   // demonstrations used; 0: all that are recorded
  int expert_episodes;      // of these, those of so many whole episodes, drawn for each seed; 0: of all
  int expert_quality;       // whose demonstrations: of a policy with so many per cent of the expert's return, recorded
                            // while it learned (bench expert --quality); 100: of the expert

  // Of rows whose policy is a network.
  double updates_per_step;  // gradient updates for a real step after the warm-up
  int critic_updates;       // instead: so many of the critics for a real step, and one of the actor with the last of
                            // them; 0: as the row has it (algo/recipe.h), for most by updates_per_step
  int hidden_layers, width;
  int batch;
  double discount;
  double target_rate;  // of the target networks (tau)
  int target_interval;
  double learning_rate;
  double temperature;     // at the start
  int learn_temperature;  // 1: it follows the target entropy
  double target_entropy;  // for each action dimension, in nats
  int critics;            // 0: as the row has it, for most 2
  int target_critics;     // of them, drawn for the target of each update; 0: as the row has it, for most all
  int layer_norm;         // of the critics' hidden layers; 1: yes, 0: no, -1: as the row has it
  double gradient_clip;   // most norm of the critics' gradient, and of the actor's; 0: no limit
  double actor_average;   // rate at each of its updates of an average of the actor, which is measured beside it and
                          // changes nothing else; 0: none is kept

  // Of rows with a model.
  int fit_every;  // real steps between two fits

  // Of those whose model is an ensemble of networks.
  int model_layers, model_width;
  int model_batch;  // of one member in a gradient step
  int model_members, model_elites;
  double model_learning_rate, model_decay;
  int model_updates;           // gradient updates of a fit; 0: as many as it takes
  double model_gradient_clip;  // most norm of a member's gradient; 0: no limit
  int model_patience;          // until so many epochs bring no improvement; means nothing with a number of updates

  // Of those whose policy is a network that learns in the model.
  double real_share;                // of a critics' batch: real transitions, of those that the model is fitted to
  int imagined_per_step;            // rollouts begun in the model for a real step
  int imagined_kept;                // as many real steps' worth of what was imagined are kept
  int rollout_first, rollout_last;  // length of a rollout at real step rollout_from and before, at rollout_to and
  int rollout_from, rollout_to;     // after; linear, rounded down, between

  // Of rows that plan by LQR passes: steps planned ahead (plan/mpc.h), or that a knot of a demonstration must have to
  // go (plan/lazy.h).
  int plan_horizon;
  // Of those that plan anew at every step.
  int plan_iterations;  // of iLQR at a step
  int plan_guesses;     // random sequences of controls that are tried beside the former plan
} lb_online_protocol;

typedef struct lb_protocol {
  int iterations;           // rounds of the loop
  int expert_rollouts;      // demonstrations, collected once before the loop
  int learner_rollouts;     // a round
  int samples;              // transitions added to the data set a round
  int evaluation_rollouts;  // a round, in the real system
  lb_demonstrations demonstrations;
  lb_online_protocol online;
} lb_protocol;

// Parts of a protocol, to be joined by |.
enum {
  LB_PROTOCOL_ROUNDS = 1,      // of rows that go by rounds
  LB_PROTOCOL_RETURNS = 2,     // of rows that are measured by returns
  LB_PROTOCOL_DEMOS = 4,       // of those among them that use demonstrations, or are measured on them
  LB_PROTOCOL_ONLINE = 8,      // that go by real steps
  LB_PROTOCOL_ACTOR = 16,      // whose policy is a network
  LB_PROTOCOL_POLICY = 32,     // that learns from rewards
  LB_PROTOCOL_MODEL = 64,      // that learn a model
  LB_PROTOCOL_ENSEMBLE = 128,  // of networks
  LB_PROTOCOL_IMAGINED = 256,  // in which a policy learns
  LB_PROTOCOL_PLAN = 512,      // or in which controls are planned by LQR passes
  LB_PROTOCOL_SEARCH = 1024,   // anew at every step
  LB_PROTOCOL_WHOLE = 2047
};

lb_protocol lb_protocol_default(void);

// Reads the keys that are present in a JSON object over *protocol; unknown keys are errors.
lb_status lb_protocol_read(lb_protocol* protocol, lb_node object);

// "key=value" from the command line, named as an option in messages.
lb_status lb_protocol_set(lb_protocol* protocol, const char* assignment);

// What can be set: a number's default and range, or for `demonstrations` the default's word ("fresh" or "file").
typedef struct lb_protocol_setting {
  const char* key;
  bool is_number;
  double usual, low, high;
  const char* usual_word;
} lb_protocol_setting;

enum { LB_PROTOCOL_SETTINGS = 64 };

// The settings of these parts, in their order, with what is usual; returns how many.
int lb_protocol_settings(lb_protocol_setting out[LB_PROTOCOL_SETTINGS], const lb_protocol* usual, int parts);

// LB_INPUT when a setting outside these parts is not at its default: it would do nothing. `algo` names the row.
lb_status lb_protocol_check(const lb_protocol* protocol, int parts, const char* algo);

// LB_INPUT when the setting of a "key=value" is of none of these parts, whatever its value.
lb_status lb_protocol_check_set(const char* assignment, int parts, const char* algo);

// These parts as one object.
void lb_protocol_write(const lb_protocol* protocol, int parts, lb_json_writer* w, const char* key);

#endif  // LB_ALGO_PROTOCOL_H_
