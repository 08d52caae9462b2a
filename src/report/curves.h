// From results to what a panel shows: mean and interval over seeds along an axis; the range in which a reader must see
// them, with a note on what lies outside; and whether the bands of two curves part somewhere, so that the figure shows
// a difference at all.
#ifndef LB_REPORT_CURVES_H_
#define LB_REPORT_CURVES_H_

#include "doc/doc.h"
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

// Chooses the ranges of a panel whose series are in place, and writes its note about what is off the scale. A linear
// range holds what lies near the focus (or near the median): values are taken in by their distance until the next one
// is four times as far, iteration 0 aside; then what lines end with, until the next one would take ten times the
// height.
void lb_curves_fit_ranges(lb_arena* arena, lb_panel* panel, const lb_curve_spec* spec);

// Gives a panel the upward range of another one, and a note of its own.
void lb_curves_share_range(lb_arena* arena, lb_panel* panel, const lb_panel* with);

// Whether the lines' values after iteration 0 (or only their last ones) are all positive and span more than `factor`.
bool lb_curves_span(const lb_panel* panel, double factor, bool ends_only);

// Texts about the panels of a picture, equal ones once, behind the panels' letters: " (a, c) Off the scale: iteration 0
// (up to 6.8e7)."; "" where all are empty.
const char* lb_curves_by_letter(lb_arena* arena, const char* const* texts, int n);

// Where the bands of a panel's curves (LB_SERIES_LINE) overlap everywhere.
typedef struct lb_parting {
  int pairs;       // of points of two curves at one iteration, both with an interval
  bool parts;      // the intervals of one of them do not overlap
  double least;    // else the least distance of two means at which some pair's would not, as they are wide; of a
                   // logarithmic axis, a factor; NaN without pairs
  int iteration;   // where that is
  double largest;  // the largest distance that there is, likewise
} lb_parting;

// Compares every two curves at the iterations that both have.
lb_parting lb_curves_parting(const lb_panel* panel);

// "No two bands part: the narrowest two would at a distance of 12 (iteration 500), and the means are 5 apart at most."
// for the line below a figure; "" where some part, or where there is nothing that could.
const char* lb_curves_parting_in_words(const lb_panel* panel, lb_arena* arena);

// Says it below a picture of several panels.
void lb_curves_say_parting(lb_doc* doc, const lb_panel* panels, int n);

#endif  // LB_REPORT_CURVES_H_
