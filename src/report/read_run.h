// Reading one run folder: its configuration, how it ended, its logs, and the metrics that the report derives from them.
#ifndef LB_REPORT_READ_RUN_H_
#define LB_REPORT_READ_RUN_H_

#include "report/results.h"

// Fills a run whose folder, task, algo and seed are set. What is wrong makes it LB_OUTCOME_DAMAGED, that it is of
// another place LB_OUTCOME_STALE, with the reason.
void lb_read_run(lb_results* results, lb_results_run* run);

#endif  // LB_REPORT_READ_RUN_H_
