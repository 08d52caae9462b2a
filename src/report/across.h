// Expert-normalised returns of all runs of a suite, row by row over all tasks, for statistics across tasks (scores.h).
//
// A task enters when it has normalised returns (normalise.h); of a name with several hashes only the one with most
// runs. Of a run, four numbers: the mean over the last fifth of its steps, by which rows are compared, its last
// evaluation, its best one, and the area under its curve (the mean on the way from the first evaluation to the last
// step). A run that diverged or failed counts as -infinity in all but the best, worse than any; one that is missing,
// unfinished, failed or unreadable does not count, and `planned` says how many there should be.
#ifndef LB_REPORT_ACROSS_H_
#define LB_REPORT_ACROSS_H_

#include "report/results.h"
#include "stats/scores.h"

enum { LB_ACROSS_RESAMPLES = 2000 };

typedef struct lb_across_row {
  const char* algo;
  const char* title;
  lb_scores tail, last, best, area;  // a block a task of lb_across
  int tasks;                         // on which it has a last evaluation
  int planned;                       // runs
  bool partial;                      // on some task it is judged before the planned last step
  bool flat;                         // on all tasks a row without a curve
} lb_across_row;

typedef struct lb_across {
  const lb_results_task** tasks;
  int n_tasks;
  lb_across_row* rows;  // all but reference and start, which are 1 and 0
  int n_rows;
} lb_across;

// In the results' arena. Without a task that has normalised returns, n_tasks is 0.
lb_across lb_across_collect(const lb_results* results);

const lb_across_row* lb_across_find(const lb_across* across, const char* algo);  // NULL: none

typedef struct lb_estimate {
  double value;          // -infinity: too many runs diverged; NaN: no run
  lb_interval interval;  // 95 %, stratified percentile bootstrap; NaN when a task has fewer than three runs
} lb_estimate;

lb_estimate lb_across_iqm(const lb_scores* scores);
lb_estimate lb_across_mean(const lb_scores* scores);

// P(a run of x does better than a run of y over the last fifth of the steps), over the tasks that both have.
lb_estimate lb_across_improvement(const lb_across_row* x, const lb_across_row* y);

// The normalised returns of a row at an iteration, a block a task; `count` has room for n_tasks, the values are the
// arena's. False when a task on which the row has runs has no value there.
bool lb_across_at(lb_scores* out, int* count, const lb_results* results, const lb_across* across,
                  const lb_across_row* row, int iteration);

#endif  // LB_REPORT_ACROSS_H_
