// The one loop that all algorithms share.
#ifndef LB_ALGO_LOOP_H_
#define LB_ALGO_LOOP_H_

#include "algo/experiment.h"
#include "algo/run.h"
#include "io/run_folder.h"

// Runs the experiment from its present round to the last one, writing a line a round and a checkpoint now and then.
// LB_INTERRUPT after a requested stop (a checkpoint is saved first), LB_DIVERGED when neither policy nor model is
// finite any more.
lb_status lb_loop(lb_experiment* e, lb_run_folder* folder, const lb_run_options* options);

#endif  // LB_ALGO_LOOP_H_
