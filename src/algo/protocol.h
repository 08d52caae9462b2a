// How an experiment is conducted, apart from which algorithm runs: how much is collected, how often, how it is
// measured, how much is computed for it. A suite sets it for all its rows; `--set key=value` changes one setting.
//
// A protocol holds a number for every setting that there is: those of the loop below, and those of the kinds of models
// and planners (algo/registry.h). Algorithms that plan over whole trajectories go by iterations, those that learn
// networks from transitions by real steps; each has its own settings and ignores none: those that mean nothing to it
// are refused.
#ifndef LB_ALGO_PROTOCOL_H_
#define LB_ALGO_PROTOCOL_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/param.h"
#include "io/json.h"
#include "io/json_writer.h"

typedef enum lb_demonstrations {
  LB_DEMONSTRATIONS_FRESH,  // solve the expert on the true system and roll it out anew in every run
  LB_DEMONSTRATIONS_FILE,   // draw episodes from expert_data/<task>.npz
} lb_demonstrations;

enum { LB_PROTOCOL_SETTINGS = 128 };

typedef struct lb_protocol {
  double value[LB_PROTOCOL_SETTINGS];  // by the order of lb_protocol_settings; words by their number
} lb_protocol;

// The loop's own settings, as a struct.
typedef struct lb_loop_settings {
  // By iterations.
  int iterations;           // iterations of the loop
  int expert_rollouts;      // demonstrations, collected once before the loop
  int learner_rollouts;     // an iteration
  int samples;              // transitions added to the data set an iteration
  int evaluation_rollouts;  // an iteration, in the real system
  int demonstrations;       // lb_demonstrations
  // Of whoever is measured by returns.
  int steps;                // real steps of the learner
  int evaluation_episodes;  // in each evaluation
  // Of demonstrations for rewards.
  int expert_transitions;  // used; 0: all that are recorded
  int expert_episodes;     // of these, those of so many whole episodes, drawn for each seed; 0: of all
  int expert_quality;      // of a policy with so many per cent of the expert's return; 100: of the expert
  // By real steps.
  int warmup_steps;  // the first of them, with uniformly random actions (a clone's, of who begins as one) and no
                     // learning
  int evaluate_every;
  int buffer;  // real transitions kept for learning
  // Of whoever learns a model by real steps.
  int fit_every;  // real steps between two fits
  // Of policies that learn in a model.
  double real_share;                // of a critics' batch: real transitions, of those that the model is fitted to
  int imagined_per_step;            // rollouts begun in the model for a real step
  int imagined_kept;                // as many real steps' worth of what was imagined are kept
  int rollout_first, rollout_last;  // length of a rollout at real step rollout_from and before, at rollout_to and
  int rollout_from, rollout_to;     // after; linear, rounded down, between
} lb_loop_settings;

// Parts of a protocol, to be joined by |: the loop's, and one bit for each table of settings in the registry.
enum {
  LB_PROTOCOL_ITERATIONS = 1,  // of algorithms that go by iterations
  LB_PROTOCOL_RETURNS = 2,     // that are measured by returns
  LB_PROTOCOL_ONLINE = 4,      // that go by real steps
  LB_PROTOCOL_DEMOS = 8,       // that use demonstrations there, or are measured on them
  LB_PROTOCOL_FITS = 16,       // that have a model there
  LB_PROTOCOL_IMAGINED = 32,   // in which a policy learns
  LB_PROTOCOL_WHOLE = 0x3fffffff
};

// The bit of a table of the registry.
int lb_protocol_part(const lb_params* params);
// The k-th part and which algorithms have it, for headings; NULL beyond the last.
const char* lb_protocol_part_at(int k, int* part);

lb_protocol lb_protocol_default(void);

// One setting by its key, which must be one.
double lb_protocol_get(const lb_protocol* protocol, const char* key);
void lb_protocol_put(lb_protocol* protocol, const char* key, double value);

lb_loop_settings lb_protocol_loop(const lb_protocol* protocol);
// Writes the settings into the tables' places of a struct of options (a list that ends with NULL), and back.
void lb_protocol_fill(const lb_protocol* protocol, const lb_params_at* settings, void* options);
void lb_protocol_take(lb_protocol* protocol, const lb_params_at* settings, const void* options);

// Reads the keys that are present in a JSON object over *protocol; unknown keys are errors.
lb_status lb_protocol_read(lb_protocol* protocol, lb_node object);

// "key=value" from the command line, named as an option in messages.
lb_status lb_protocol_set(lb_protocol* protocol, const char* assignment);

// What can be set: a number's default and range, or the default's word and which there are.
typedef struct lb_protocol_setting {
  const char* key;
  bool is_number;
  double usual, low, high;
  const char* usual_word;
  const char* const* words;  // NULL-terminated; NULL: a number
  bool is_whole;             // a number without a fraction
  const char *unit, *meaning;
} lb_protocol_setting;

// The settings of these parts, in their order, with what is usual; returns how many.
int lb_protocol_settings(lb_protocol_setting out[LB_PROTOCOL_SETTINGS], const lb_protocol* usual, int parts);

// LB_INPUT when a setting outside these parts is not at its default: it would do nothing. `algo` names the row.
lb_status lb_protocol_check(const lb_protocol* protocol, int parts, const char* algo);

// LB_INPUT when the setting of a "key=value" is of none of these parts, whatever its value.
lb_status lb_protocol_check_set(const char* assignment, int parts, const char* algo);

// These parts as one object.
void lb_protocol_write(const lb_protocol* protocol, int parts, lb_json_writer* w, const char* key);

#endif  // LB_ALGO_PROTOCOL_H_
