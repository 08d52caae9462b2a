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
  double left, told;  // what lb_progress_steady said last, and when; 0: it has not yet
} lb_progress;

// Seconds until the last job ends, the jobs in their order, each on the next worker that is free. A job takes what was
// expected of it, times how much longer the work that was done took than was expected of it: of all jobs, of those of
// its kind, and of itself, each with the one before it as what it is until there is more of its own than that counts
// for. Of a job under way the iterations behind it count, once they are a twentieth of the whole or took a minute. A
// job of which nothing was expected takes as long as those of its kind, as far as they have come, or as others of which
// nothing was. NAN while nothing is known of some job.
double lb_progress_left(const lb_progress* progress);

// The same as it is shown: it falls as the clock runs, and turns towards lb_progress_left over some seconds, up to a
// minute where much is left, so that what a single job does does not move it. In a second it rises by a second, or by a
// fiftieth where more than a minute and a half is left. `now` is lb_wall_seconds.
double lb_progress_steady(lb_progress* progress, double now);

// Shows the state as one line of base/log.h.
void lb_progress_show(lb_progress* progress);

#endif  // LB_BENCH_PROGRESS_H_
