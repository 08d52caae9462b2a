// Which runs there are: those of a suite's folder, or single ones. What each of them left is read in read_run.c.
#ifndef LB_REPORT_LOAD_H_
#define LB_REPORT_LOAD_H_

#include "report/results.h"

// Fills runs, n_runs and metrics with every run below the results' folder, and with those that the suite asks for and
// nobody has made yet; sorted by task, algorithm and seed. What is wrong with a run is recorded in it.
lb_status lb_load_runs(lb_results* results);

// The same from single run folders, whose rows are named anew where settings differ. LB_INPUT where one is none.
lb_status lb_load_singles(lb_results* results, const char* const* folders, int n);

#endif  // LB_REPORT_LOAD_H_
