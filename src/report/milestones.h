// How soon and how cheaply a row came near the reference: milestones on the way there, when runs first reached them,
// and the area under a run's curve.
#ifndef LB_REPORT_MILESTONES_H_
#define LB_REPORT_MILESTONES_H_

#include "report/results.h"

// A share of the way from the start to the reference; of a metric that cannot be negative also a factor of the
// reference's own, the constant inside it taken off first (the start may be so bad that 95 % of the way is nothing).
enum { LB_MILESTONES = 6 };
typedef struct lb_milestone_kind {
  const char* name;   // in files
  const char* title;  // in tables
  double share;       // 0: none
  double factor;      // 0: none
} lb_milestone_kind;
extern const lb_milestone_kind lb_milestone_kinds[LB_MILESTONES];

typedef struct lb_milestones {
  bool defined;                 // there is a reference with a mean, and a start that is worse
  double goal, start;           // mean of the reference; of the start row, else the median at iteration 0
  double floor;                 // the constant inside what is compared
  const char* start_from;       // what `start` is, in words
  double level[LB_MILESTONES];  // the cost or return there; NaN: not defined
} lb_milestones;

// The milestones of a task: level = start + share * (goal - start), or floor + factor * (goal - floor).
lb_milestones lb_milestones_find(const lb_results* results, const lb_results_task* task);

// When a row's runs first came to a level: the first evaluation that is as good as that.
typedef struct lb_arrival {
  int n, reached;           // runs that are over or came to the last iteration; how many of all got there
  double iteration;         // medians over runs, those that never got there counting as infinite
  double samples, learner;  // real samples with demonstrations, and the learner's alone
  double work, cpu;         // planning and CPU seconds of learning; NaN when a run that got there has no such number
} lb_arrival;
lb_arrival lb_milestones_arrival(const lb_results* results, const lb_results_row* row, double level);

// The area under the curve of a metric of a run (trapezoid rule) from its first evaluation at or after iteration
// `first` to `last`, divided by that span: the average on the way. NaN when a value is missing on it or the run has not
// come to `last`.
double lb_milestones_area(const lb_results_run* run, int metric, int first, int last);
// The same of all runs of a row, over the whole way, or, of what is unbounded, from the first evaluation that anything
// was learned for; a run that diverged or failed counts as lb_results_row_of has it.
lb_stats_summary lb_milestones_areas(int* as_worst, const lb_results* results, const lb_results_row* row, int metric);

#endif  // LB_REPORT_MILESTONES_H_
