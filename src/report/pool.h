// The runs that were read, sorted into tasks and rows: which of them count, and on what scale.
#ifndef LB_REPORT_POOL_H_
#define LB_REPORT_POOL_H_

#include "report/results.h"

// Fills the tasks and their rows from the runs, which are sorted by task, algorithm and seed. A run counts unless it
// could not be read, is not of what the suite was run as last ("as_run" of suite/suite.h: the versions of the task, the
// expert's recordings, the recipe, the program: LB_OUTCOME_STALE), or differs from most of its row (LB_OUTCOME_APART).
// Of what is compared as returns also 0 and 1 of every task, and the runs' normalised returns. Takes a time that grows
// with the runs as sorting does.
void lb_pool_runs(lb_results* results);

#endif  // LB_REPORT_POOL_H_
