// What a suite's ladder says: what the rows take to come near the reference on tasks of growing difficulty, and how
// that grows with the number that says how difficult a task is.
#ifndef LB_REPORT_LADDER_H_
#define LB_REPORT_LADDER_H_

#include "doc/doc.h"
#include "report/results.h"

// Two tables, a line a row and a column a task: real steps of the learner, and gradient updates, until 80 % of the way
// to the reference, medians by Kaplan and Meier. Nothing where the suite has no ladder.
void lb_ladder_add(lb_doc* doc, const lb_results* results);

enum { LB_LADDER_MOST = 256 };  // points that are heeded

// The exponent b of the power law y = a x^b through n points by least squares in the logarithms, of those points only
// whose numbers are finite and greater than 0; *used says how many these are. NaN with fewer than three.
double lb_ladder_exponent(const double* x, const double* y, int n, int* used);

#endif  // LB_REPORT_LADDER_H_
