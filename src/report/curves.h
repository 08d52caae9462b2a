// From results to drawn curves: mean and interval over seeds along an axis.
#ifndef LB_REPORT_CURVES_H_
#define LB_REPORT_CURVES_H_

#include "plot/panel.h"
#include "report/results.h"

enum { LB_AXIS_ITERATION = -1 };

// What a panel shows: a metric along an axis.
typedef struct lb_curve_spec {
  int metric;
  int axis;             // a metric, or LB_AXIS_ITERATION
  double floor;         // taken off the metric
  bool log;             // a logarithmic axis, and means and intervals of logarithms (geometric means)
  const double* focus;  // the value that a linear range must show (the reference's mean); NULL: none
  bool whole;           // a linear range shows all but stray values, and every horizontal line
  bool seeds;           // every seed has a line of its own, too
  bool zero;            // a linear range shows all but stray values, and 0
} lb_curve_spec;

// Mean (geometric on a logarithmic axis) and 95 % t interval over the seeds of a row at each of its iterations, of two
// seeds their range; x is the mean over the same seeds of the axis' metric.
lb_series lb_curves_of_row(lb_arena* arena, const lb_results_row* row, const lb_curve_spec* spec);

#endif  // LB_REPORT_CURVES_H_
