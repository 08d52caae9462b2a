// Stepping recorded states and actions through the simulator again: the test that data and task belong together.
#ifndef LB_DATA_REPLAY_H_
#define LB_DATA_REPLAY_H_

#include "core/system.h"
#include "data/demos.h"

// A whole episode has parted from its recording once its state deviates by more than this.
#define LB_REPLAY_PARTED 1e-6

// Largest deviations of one way to replay, and where the state's occurs: |a - b| / max(1, |b|), b the recorded number.
// What float32 rounding of b explains does not count, where b is one. A NaN where the other is none is infinite.
typedef struct lb_replay_gap {
  int compared;  // steps
  double state;
  double observation;
  double reward;
  int flags;          // termination flags that differ
  int episode, step;  // of `state`
  bool is_bitwise;    // states, observations, rewards and flags, all of them; float32 as roundings
} lb_replay_gap;

typedef struct lb_replay_report {
  int episodes, transitions;
  bool is_exact;  // nothing hidden is missing, so that restarts ought to agree to the bit
  lb_demos_singles singles;
  int without_next;       // rows whose next state or observation the file does not hold: their reward and flag count
  int without_reading;    // rows whose reward `restart` leaves out: it takes off a reading of before the step that
                          // neither the file, nor the state, nor the row before tells
  lb_replay_gap restart;  // each step from its recorded state, hidden numbers included where there are any
  lb_replay_gap cold;     // each step from its state alone, beside what the file holds of that; compared = 0: nothing
  lb_replay_gap run;      // whole episodes from their first state; what follows a parting counts for the state alone
  int parted;             // first step within an episode at which a run has parted; -1: none has
} lb_replay_report;

// Where the file lacks the reading that a reward takes off, and the state does not tell it, that of `restart` is what
// the step of the row before has left, if that led here.
void lb_replay(lb_replay_report* report, lb_system* system, const lb_demos* demos);

// Deviations of a compact recording that is stepped from each keyframe to the next; |a - b| / max(1, |b|) of states,
// hidden numbers, observations and rewards, b the recorded one. What float rounding of the recorded one explains does
// not count as a deviation.
typedef struct lb_replay_keyed_report {
  int episodes, transitions, keyframes;
  int exact;            // states compared in double: at keyframes but for episodes' first, and at the end of episodes
  double exact_state;   // of those
  int hidden_compared;  // sets of hidden numbers compared, at keyframes but for episodes' first
  double hidden;
  int rounded;  // states compared with their roundings
  double rounded_state;
  int observed;  // observations compared; 0: the recording holds none
  double observation;
  double reward;    // of every row
  int flags;        // terminals and timeouts that differ
  int row;          // where the larger of exact_state and rounded_state occurs
  double worst;     // that one
  bool is_bitwise;  // all of this is equal to the bit, roundings being equal when they round to the same float
} lb_replay_keyed_report;

// Of demonstrations with keyframes, loaded without LB_DEMOS_EXACT (so that they hold what the file says).
void lb_replay_keyed(lb_replay_keyed_report* report, lb_system* system, const lb_demos* demos);

#endif  // LB_DATA_REPLAY_H_
