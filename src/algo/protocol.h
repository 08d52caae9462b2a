// How an experiment is conducted, apart from which algorithm runs: how much is collected, how often, how it is
// measured. A suite sets it for all its rows; `--set key=value` changes one number.
#ifndef LB_ALGO_PROTOCOL_H_
#define LB_ALGO_PROTOCOL_H_

#include "base/status.h"
#include "io/json.h"
#include "io/json_writer.h"

typedef enum lb_demonstrations {
  LB_DEMONSTRATIONS_FRESH,  // solve the expert on the true system and roll it out anew in every run
  LB_DEMONSTRATIONS_FILE,   // draw episodes from expert_data/<task>.npz
} lb_demonstrations;

typedef struct lb_protocol {
  int iterations;           // rounds of the loop
  int expert_rollouts;      // demonstrations, collected once before the loop
  int learner_rollouts;     // a round
  int samples;              // transitions added to the data set a round
  int evaluation_rollouts;  // a round, in the real system
  lb_demonstrations demonstrations;
} lb_protocol;

lb_protocol lb_protocol_default(void);

// Reads the keys that are present in a JSON object over *protocol; unknown keys are errors.
lb_status lb_protocol_read(lb_protocol* protocol, lb_node object);

// "key=value" from the command line; `origin` names the option in messages.
lb_status lb_protocol_set(lb_protocol* protocol, const char* assignment);

void lb_protocol_write(const lb_protocol* protocol, lb_json_writer* w, const char* key);

#endif  // LB_ALGO_PROTOCOL_H_
