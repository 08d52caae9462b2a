// Who acts: what the commands that measure and show policies take from their options (--policy, --run, --expert,
// --random, --zero), and the opened policies.
#ifndef LB_BENCH_ACTORS_H_
#define LB_BENCH_ACTORS_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/policy_open.h"
#include "algo/run_record.h"
#include "base/status.h"
#include "core/system.h"
#include "root.h"

typedef struct lb_actor_words {
  const char* policy;  // a file
  const char* run;     // a run's folder
  bool best;           // of a run: best.safetensors
  bool expert, random, zero;
} lb_actor_words;

// LB_INPUT unless exactly one is asked for (`needed`), or at most one. `options` names those that there are.
lb_status lb_actors_check(const lb_actor_words* words, bool needed, const char* options);

// Where the words' policy lies, "" for one without a file. LB_INPUT where the run has none.
lb_status lb_actors_path(char path[LB_BENCH_PATH + 64], const lb_actor_words* words);

// The policy that the words ask for; `seed` is that of random actions.
lb_status lb_actors_open(lb_open_policy** policy, const lb_actor_words* words, const char* root,
                         const lb_system* system, uint64_t seed);

#endif  // LB_BENCH_ACTORS_H_
