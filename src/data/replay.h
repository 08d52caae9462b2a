// Stepping recorded states and actions through the simulator again: the test that data and task belong together.
#ifndef LB_DATA_REPLAY_H_
#define LB_DATA_REPLAY_H_

#include "core/system.h"
#include "data/demos.h"

// Largest absolute deviations, and where they occur.
typedef struct lb_replay_report {
  int episodes, transitions;
  double restart;  // next state, each step restarted at its recorded state
  int restart_episode, restart_step;
  double run;  // state, whole episodes from their first state
  int run_episode, run_step;
  double reward;  // reward, restarted
  int flags;      // termination flags that differ
  bool restart_is_bitwise, run_is_bitwise;
} lb_replay_report;

void lb_replay(lb_replay_report* report, lb_system* system, const lb_demos* demos);

#endif  // LB_DATA_REPLAY_H_
