// Expert-normalised returns: 0 is the mean return of the start row (random), 1 that of the reference (expert), on the
// same task of the same hash.
#ifndef LB_REPORT_NORMALISE_H_
#define LB_REPORT_NORMALISE_H_

#include "report/results.h"

// Fills `zero`, `one` and `unscaled` of every task, and LB_METRIC_RETURN_NORMALISED of every point of its runs. A task
// without both rows, or whose reference is no better than its start, has none, and says why.
void lb_normalise(lb_results* results);

// A return on the scale of a task; NaN when it has none.
double lb_normalise_return(const lb_results_task* task, double value);

#endif  // LB_REPORT_NORMALISE_H_
