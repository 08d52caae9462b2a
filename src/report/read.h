// Reading run folders for the report; what each file holds is in io/run_folder.h.
#ifndef LB_REPORT_READ_H_
#define LB_REPORT_READ_H_

#include "report/results.h"

// Fills results->runs from the folders <task>/<algo>/seed-<n> below results->folder and from the suite's plan (a
// planned run without a folder is LB_OUTCOME_MISSING or _LEFT_OUT), sorted by the suite's order, then seed. Fails only
// when a folder cannot be listed; what is wrong inside a run folder is recorded in its run.
lb_status lb_read_runs(lb_results* results);

#endif  // LB_REPORT_READ_H_
