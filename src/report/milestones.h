// How soon and how cheaply a row came near the reference: milestones on the way there, when runs first reached them,
// and the area under a run's curve.
#ifndef LB_REPORT_MILESTONES_H_
#define LB_REPORT_MILESTONES_H_

#include "report/results.h"

// A share of the way from the start to the reference; of costs also a factor of the reference's own cost, the constant
// inside costs taken off first (the start may be so bad that 95 % of the way is nothing).
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
  double floor;                 // the constant inside the costs
  const char* start_from;       // what `start` is, in words
  double level[LB_MILESTONES];  // the cost or return there; NaN: not defined
} lb_milestones;
lb_milestones lb_milestones_find(const lb_results* results, const lb_results_task* task);

// When a row's runs first came to a level: the first evaluated iteration with a cost of at most that, or a return of at
// least that.
typedef struct lb_arrival {
  int n, reached;           // runs that are over or came to the last iteration; how many of all got there
  double iteration;         // medians over runs, those that never got there counting as infinite
  double samples, learner;  // real samples with demonstrations, and the learner's alone (of returns with exploration)
  double updates,
      cpu;  // gradient updates and CPU seconds of learning; NaN when a run that got there has no such number
} lb_arrival;
lb_arrival lb_milestones_arrival(const lb_results* results, const lb_results_row* row, double level);

// The area under the curve of a metric of a run (trapezoid rule) from its first evaluation at or after iteration
// `first` to `last`, divided by that span: the average on the way. NaN when a value is missing on it or the run has not
// come to `last`.
double lb_milestones_area(const lb_results_run* run, int metric, int first, int last);
// The same of all runs of a row, over the whole way; one that diverged or failed counts as lb_results_row_of has it.
lb_stats_summary lb_milestones_areas(int* as_worst, const lb_results* results, const lb_results_row* row, int metric);

// The iteration from which areas count: of costs 1 (iteration 0 may be out of all proportion), of returns 0.
int lb_milestones_first(const lb_results* results);

#endif  // LB_REPORT_MILESTONES_H_
