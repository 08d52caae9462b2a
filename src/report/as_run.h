// Whether a run is of what its suite was run as last: the same version of the task, recordings of the expert, recipe
// and program ("as_run" of suite/suite.h).
#ifndef LB_REPORT_AS_RUN_H_
#define LB_REPORT_AS_RUN_H_

#include "report/results.h"

// Why the run is stale, in the arena; NULL: it is not, or the suite does not say what it was run as.
const char* lb_as_run_staleness(const lb_suite* suite, const lb_results_run* run, lb_arena* arena);

#endif  // LB_REPORT_AS_RUN_H_
