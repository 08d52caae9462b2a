// How far many runs have come, and how long the rest will take.
#ifndef LB_BENCH_PROGRESS_H_
#define LB_BENCH_PROGRESS_H_

#include "runner.h"

typedef struct lb_progress {
  const lb_job* jobs;  // (n)
  int n;
  int before;  // jobs of the same work that were done earlier
  int workers;
  double started;
} lb_progress;

// Seconds until the last job ends: jobs take as long as those of their kind did, a kind of which none has ended as long
// as the rounds of its running ones promise; any other as long as was expected of it, times how much longer the known
// ones take than was expected of them, or without an expectation as long as the mean of the known ones. NAN while
// nothing is known of some job.
double lb_progress_left(const lb_progress* progress, double now);

// Shows the state as one line of base/log.h.
void lb_progress_show(const lb_progress* progress);

#endif  // LB_BENCH_PROGRESS_H_
