// A suite's results as a small table for the terminal; the report (src/report) says the rest.
#ifndef LB_BENCH_SUMMARY_H_
#define LB_BENCH_SUMMARY_H_

#include "base/status.h"
#include "io/json_writer.h"
#include "report/results.h"

// Prints, a line a row: how many runs are done, the final cost (mean and 95 % interval over seeds), LQR passes and CPU
// seconds; then every run that failed or diverged, with the reason.
lb_status lb_summary_print(const char* folder);

// A line for every claim of these suites and what it comes to (report/claims.h); nothing where there are none.
lb_status lb_summary_print_claims(const char* const* folders, int n);

// The same as one JSON object: {"suite", "folder", "tasks": [{"task", "hash", "rows"}], "bands", "claims"}.
lb_status lb_summary_write(lb_json_writer* w, const char* folder);

// A line for every run that did not end well, with the reason.
void lb_summary_print_troubles(const lb_results* results);

#endif  // LB_BENCH_SUMMARY_H_
