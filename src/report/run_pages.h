// A page for every run: how it ended, its curve among the seeds of its row, the terms of the lemmas over time, its
// settings beside those of the row that it is compared with, its log, and a picture of its policy where there is one.
#ifndef LB_REPORT_RUN_PAGES_H_
#define LB_REPORT_RUN_PAGES_H_

#include "base/status.h"
#include "report/results.h"

// The page of a run, relative to its suite's report: "pages/<task>--<algo>--seed-<n>.html", in the results' arena.
const char* lb_run_pages_name(const lb_results* results, const lb_results_run* run);

// Where the name of a row leads to from its suite's report: the page of its first run where pages are written, its
// folder where the report lies beside that; NULL: nowhere.
const char* lb_run_pages_of_row(const lb_results* results, const lb_results_row* row);

// Writes the pages of all runs that are there into <folder>/pages.
lb_status lb_run_pages_write(const lb_results* results, const char* folder);

#endif  // LB_REPORT_RUN_PAGES_H_
