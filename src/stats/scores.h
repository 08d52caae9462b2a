// Statistics of scores over several tasks, by Agarwal et al., "Deep reinforcement learning at the edge of the
// statistical precipice" (2021): what share of runs does better than tau (performance profile), and how probable it is
// that one algorithm does better than another. The interquartile mean is lb_stats_iqm with lb_stats_bootstrap. Checked
// against rliable, the authors' own library.
//
// Intervals are percentile bootstrap intervals; resampling is stratified: within each task, runs with replacement. A
// run that diverged or failed has the score -infinity: worse than any other, in all of them.
#ifndef LB_STATS_SCORES_H_
#define LB_STATS_SCORES_H_

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

// Scores of one algorithm, a block a task, one after another; no NaN. A block may be empty.
typedef struct lb_scores {
  const double* x;
  const int* count;  // [tasks]
  int tasks;
} lb_scores;

// How many scores there are.
int lb_scores_total(const lb_scores* s);

// The bootstrap of fewer than three runs says nothing: of two it is their range, however far apart others would be.
enum { LB_SCORES_LEAST = 3 };
// Whether every task on which there are runs has as many.
bool lb_scores_have_enough(const lb_scores* s);

// share[i]: the share of all runs with a score above tau[i] (rliable's score distribution), and its interval at each
// tau. NaN when there is no score.
void lb_scores_profile(double* share, double* low, double* high, const lb_scores* s, const double* tau, int n,
                       double level, int resamples, uint64_t seed);

// P(X > Y) for a run of X and a run of Y on the same task, ties counting one half (Mann and Whitney's U divided by the
// number of pairs), averaged over the tasks on which both have runs; NaN when there is none. Both must list the same
// tasks.
double lb_scores_improvement(const lb_scores* x, const lb_scores* y);

// Its interval, X and Y resampled independently of each other.
lb_interval lb_scores_improvement_interval(const lb_scores* x, const lb_scores* y, double level, int resamples,
                                           uint64_t seed);

#endif  // LB_STATS_SCORES_H_
