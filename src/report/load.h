// Reading the run folders of a suite.
#ifndef LB_REPORT_LOAD_H_
#define LB_REPORT_LOAD_H_

#include "report/results.h"

// Fills runs, n_runs and metrics with every run below the results' folder, and with those that the suite asks for and
// nobody has made yet. What is wrong with a run is recorded in it.
lb_status lb_load_runs(lb_results* results);

// The same from curves.csv of a report: what the runs measured, and nothing of how they were made. All of them count as
// finished; those that left no evaluation are not there.
lb_status lb_load_curves(lb_results* results);

// The same from single run folders, whose rows are named anew where settings differ. LB_INPUT where one is none.
lb_status lb_load_singles(lb_results* results, const char* const* folders, int n);

// Why the run is not of what its suite was run as last ("as_run" of suite/suite.h: the versions of the task, the
// expert's recordings, the recipe, the program), in the arena; NULL: it is, or the suite does not say.
const char* lb_load_staleness(const lb_suite* suite, const lb_results_run* run, lb_arena* arena);

#endif  // LB_REPORT_LOAD_H_
