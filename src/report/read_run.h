// Reading what one run left: its configuration, how it ended, and what it measured, as a line of the log an evaluation.
#ifndef LB_REPORT_READ_RUN_H_
#define LB_REPORT_READ_RUN_H_

#include "report/results.h"

// Fills a run, of which folder, task, algo and seed are set, from its folder. What is wrong with it is recorded in it.
void lb_read_run(lb_results* results, lb_results_run* run);

// "null" or the member's canonical JSON, kept once however many runs have it.
const char* lb_read_run_canonical(lb_results* results, lb_node root, const char* key);

// Adds the runs of a report's curves.csv, where the runs themselves are not there: what they measured, and nothing of
// how they were made. All of them count as finished; those that left no evaluation are not there.
lb_status lb_read_run_curves(lb_results* results);

#endif  // LB_REPORT_READ_RUN_H_
