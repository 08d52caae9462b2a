// A run that learns networks from transitions, one real step of the learner a round: the world twice (one acts, one
// measures), the real transitions, the planner, and the accounts.
#ifndef LB_ALGO_ONLINE_H_
#define LB_ALGO_ONLINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/loop.h"
#include "algo/protocol.h"
#include "algo/recipe.h"
#include "base/arena.h"
#include "base/status.h"
#include "core/policy.h"
#include "core/system.h"
#include "data/ring.h"
#include "eval/evaluate.h"
#include "plan/sac.h"

// CPU seconds, a phase each.
typedef struct lb_online_times {
  double collect, plan, evaluate;
} lb_online_times;

// The learner's episode under way.
typedef struct lb_online_episode {
  int number;    // of this episode, from 0
  int t;         // steps taken in it
  double total;  // reward so far
  double* obs;   // (nobs) what the learner sees now
} lb_online_episode;

// Sums since the last measurement.
typedef struct lb_online_sums {
  double updates, critic_loss, actor_loss, q, log_density;
  double episodes, episode_return;  // of the learner's finished episodes
} lb_online_sums;

typedef struct lb_online_best {
  double mean;     // return of the best evaluation; -DBL_MAX before the first
  int round;       // when that was
  lb_real* actor;  // (actor_count) the actor's weights then
} lb_online_best;

typedef struct lb_online {
  lb_recipe recipe;
  lb_protocol protocol;
  uint64_t seed;
  lb_arena* arena;
  lb_system* system;     // where the learner acts
  lb_system* evaluator;  // another instance of it: a measurement does not disturb the episode under way
  lb_ring real;          // the learner's transitions, actions in [-1, 1]

  lb_sac* sac;
  lb_policy policy;  // the mean action, in the system's units
  long actor_count;
  int64_t updates;  // gradient updates taken
  lb_sac_report report;

  int round;  // real steps of the learner, the one under way included
  lb_online_episode episode;
  lb_online_sums sums;
  lb_online_best best;
  lb_evaluation measured;
  lb_online_times times;
} lb_online;

// Opens the world and makes the planner. `o` must be zero but for recipe, protocol and seed; lb_online_close frees what
// was made, also after a failure.
lb_status lb_online_open(lb_online* o, const char* root, const char* task);
void lb_online_close(lb_online* o);

// The four steps of the loop on it; a view that lives as long as the run.
lb_steps lb_online_steps(lb_online* o);

// All that the next round depends on, as arrays of a checkpoint, and back.
void lb_online_save(lb_online* o, lb_npz_writer* w);
lb_status lb_online_restore(lb_online* o, const lb_npz* npz);

// Puts the best evaluated actor in the place of the present one.
void lb_online_take_best(lb_online* o);

// The lines for metrics.jsonl and for timing.jsonl; caller frees.
void lb_online_lines(const lb_online* o, lb_text* metrics, lb_text* timing);

// Controls within the limits from actions in [-1, 1], n rows of nu; u may be action.
void lb_online_scale(const lb_system* system, double* u, const double* action, int n);

#endif  // LB_ALGO_ONLINE_H_
