// Stepping recorded states and actions through the simulator again: the test that data and task belong together.
#ifndef LB_DATA_REPLAY_H_
#define LB_DATA_REPLAY_H_

#include "core/system.h"
#include "data/demos.h"

// A whole episode has parted from its recording once its state is off by more than this.
#define LB_REPLAY_PARTED 1e-6

// Largest deviations of one way to replay, and where the state's occurs. A NaN where the other is none is infinite.
typedef struct lb_replay_gap {
  int compared;  // steps
  double state;
  double observation;  // |a - b| / max(1, |b|)
  double reward;
  int flags;          // termination flags that differ
  int episode, step;  // of `state`
  bool is_bitwise;    // states, observations, rewards and flags, all of them
} lb_replay_gap;

typedef struct lb_replay_report {
  int episodes, transitions;
  bool is_exact;          // nothing hidden is missing, so that restarts ought to agree to the bit
  lb_replay_gap restart;  // each step from its recorded state, hidden numbers included where there are any
  lb_replay_gap cold;     // each step from its state alone, beside what the file holds of that; compared = 0: nothing
  lb_replay_gap run;      // whole episodes from their first state; what follows a parting counts for the state alone
  int parted;             // first step within an episode at which a run has parted; -1: none has
} lb_replay_report;

void lb_replay(lb_replay_report* report, lb_system* system, const lb_demos* demos);

#endif  // LB_DATA_REPLAY_H_
