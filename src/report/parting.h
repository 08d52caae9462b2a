// Whether a figure shows a difference at all: the bands of two of its curves part somewhere.
#ifndef LB_REPORT_PARTING_H_
#define LB_REPORT_PARTING_H_

#include "doc/doc.h"
#include "plot/panel.h"

// Where the bands of a panel's curves (LB_SERIES_LINE) overlap everywhere.
typedef struct lb_parting {
  int pairs;       // of points of two curves at one iteration, both with an interval
  bool parts;      // the intervals of one of them do not overlap
  double least;    // else the least distance of two means at which some pair's would not, as they are wide; of a
                   // logarithmic axis, a factor; NaN without pairs
  int iteration;   // where that is
  double largest;  // the largest distance that there is, likewise
} lb_parting;

lb_parting lb_parting_of(const lb_panel* panel);

// "No two bands part: the narrowest two would at a distance of 12 (iteration 500), and the means are 5 apart at most."
// for the line below a figure; "" where some part, or where there is nothing that could.
const char* lb_parting_in_words(const lb_panel* panel, lb_arena* arena);

// Says it below a picture of several panels.
void lb_parting_say(lb_doc* doc, const lb_panel* panels, int n);

#endif  // LB_REPORT_PARTING_H_
