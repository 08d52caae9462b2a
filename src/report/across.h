// Expert-normalised returns of all runs of a suite, row by row over all tasks: statistics (scores.h), the section of a
// report with them, and their file.
//
// A task enters when it has normalised returns (`unscaled` of results.h); of a name with several hashes only the one
// with most runs. Of a run, four numbers: the mean over the last fifth of its steps, by which rows are compared, its
// last evaluation, its best one, and the area under its curve (the mean on the way from the first evaluation to the
// last step). A run that diverged or failed counts as -infinity in all but the best, worse than any; one that is
// missing, unfinished, failed or unreadable does not count, and `planned` says how many there should be.
#ifndef LB_REPORT_ACROSS_H_
#define LB_REPORT_ACROSS_H_

#include "base/text.h"
#include "doc/doc.h"
#include "report/results.h"
#include "stats/scores.h"

enum { LB_ACROSS_RESAMPLES = 2000 };

typedef struct lb_across_estimate {
  double value;          // -infinity: too many runs diverged; NaN: no run
  lb_interval interval;  // 95 %, stratified percentile bootstrap; NaN when a task has fewer than three runs
} lb_across_estimate;

// What a row's scores are summed up by.
typedef enum lb_across_statistic {
  LB_ACROSS_IQM_TAIL,
  LB_ACROSS_MEAN_TAIL,
  LB_ACROSS_IQM_LAST,
  LB_ACROSS_MEAN_LAST,
  LB_ACROSS_IQM_BEST,
  LB_ACROSS_IQM_AREA,
  LB_ACROSS_STATISTICS,
} lb_across_statistic;

typedef struct lb_across_row {
  const char* algo;
  const char* title;
  lb_scores tail, last, best, area;  // a block a task of lb_across
  lb_across_estimate of[LB_ACROSS_STATISTICS];
  lb_across_estimate* over;  // [n_rows] of the suite's baseline, or of every other row: lb_across_improvement; NaN else
  int tasks;                 // on which it has a last evaluation
  int planned;               // runs
  bool partial;              // on some task it is judged before the planned last step
  bool flat;                 // on all tasks a row without a curve
} lb_across_row;

typedef struct lb_across {
  const lb_results_task** tasks;
  int n_tasks;
  lb_across_row* rows;  // all but reference and start, which are 1 and 0
  int n_rows;
} lb_across;

// Worked out once and kept with the results. Without a task that has normalised returns, n_tasks is 0.
const lb_across* lb_across_find(lb_results* results);

const lb_across_row* lb_across_find_row(const lb_across* across, const char* algo);  // NULL: none

lb_across_estimate lb_across_iqm(const lb_scores* scores);
lb_across_estimate lb_across_mean(const lb_scores* scores);

// P(a run of x does better than a run of y over the last fifth of the steps), over the tasks that both have.
lb_across_estimate lb_across_improvement(const lb_across_row* x, const lb_across_row* y);

// The normalised returns of a row at an iteration, a block a task; `count` has room for n_tasks, the values are the
// arena's. False when a task on which the row has runs has no value there.
bool lb_across_at(lb_scores* out, int* count, const lb_results* results, const lb_across* across,
                  const lb_across_row* row, int iteration);

// Appends the section: aggregates, the probability of improvement, performance profiles, learning curves; and to the
// script (NULL: no figures) what draws its figures. Nothing where what is compared is never normalised; where nothing
// can be, a sentence that says why.
void lb_across_add(lb_doc* doc, lb_text* script, lb_results* results);

// suite,statistic,algo,against,tasks,runs,planned,value,low,high: iqm_tail, mean_tail, iqm_last, mean_last, iqm_best,
// iqm_area, and improvement for every ordered pair (or against the suite's baseline).
void lb_across_csv(lb_text* out, lb_results* results);

#endif  // LB_REPORT_ACROSS_H_
