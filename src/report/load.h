// Results from their folders: which runs there are, read (read_run.h) and sorted into tasks and rows (pool.h).
#ifndef LB_REPORT_LOAD_H_
#define LB_REPORT_LOAD_H_

#include "report/results.h"

// Reads OUT/<suite>/: the suite's definition, then every run folder. What is wrong with a single run is recorded in it;
// what is wrong with the definition fails. A definition that names no metric compares returns when the runs write
// returns and no costs.
lb_status lb_load_suite(lb_results** out, const char* folder);
// The same where the runs are not there, as of published results: of the report's curves.csv.
lb_status lb_load_published(lb_results** out, const char* folder);
// Runs that belong to no suite, by their folders, as a suite of rows: one a task, algorithm and set of settings.
// `folder` is where their report goes.
lb_status lb_load_singles(lb_results** out, const char* folder, const char* const* runs, int n);
// Several folders; on failure none is left.
lb_status lb_load_all(lb_results** out, const char* const* folders, int n);

#endif  // LB_REPORT_LOAD_H_
