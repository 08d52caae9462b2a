// What the loop leaves in its folder and says while it works: a line of each log and a policy after a measurement,
// checkpoints, how far it is. Nothing here changes a number of the run.
#ifndef LB_ALGO_LOGBOOK_H_
#define LB_ALGO_LOGBOOK_H_

#include "algo/loop.h"

typedef struct lb_logbook {
  const lb_steps* steps;
  lb_run_folder* folder;
  const lb_run_options* options;
  double saved_at, save_took;  // of the last checkpoint
  int saved_iteration;         // of it; -1: there is none
  double said_at, filed_at;    // when the run's progress was said and written last
  int from;                    // the iteration at which this process began
  bool enough;                 // an evaluation returned as much as is asked for
} lb_logbook;

// Before the iteration under way, with what an algorithm does before iteration 0.
lb_status lb_logbook_open(lb_logbook* book, const lb_steps* steps, lb_run_folder* folder,
                          const lb_run_options* options);

// A measurement: its lines, the best policy so far, and the policy itself where the folder keeps it
// (io/run_policies.h). Frees the lines.
lb_status lb_logbook_write(lb_logbook* book, lb_lines* lines);

// A run that has to end says from where it could be looked at again.
lb_status lb_logbook_check(const lb_logbook* book);

// After an iteration, once *steps->iteration is the next one: says about once a second how far the run is, writes
// progress.json every few seconds, and a checkpoint once options->checkpoint_seconds have passed or options->stop ends
// the run. Saving takes at most a twentieth of the time, or is at least ten minutes apart. LB_INTERRUPT when stopped.
lb_status lb_logbook_end_iteration(lb_logbook* book);

#endif  // LB_ALGO_LOGBOOK_H_
