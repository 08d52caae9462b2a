// A suite's results as a small table for the terminal; the report (src/report) says the rest.
#ifndef LB_BENCH_SUMMARY_H_
#define LB_BENCH_SUMMARY_H_

#include "io/json_writer.h"
#include "report/results.h"

// Prints, a line a row: how many runs are done, what rows are compared by (of returns the mean over the last fifth of
// the steps, with the last and the best evaluation beside it; of costs the final one), mean and 95 % interval over
// seeds, and what it took; then a line for every run that failed or diverged, and for each primary contrast.
void lb_summary_print(lb_results* results);

// A line for every claim of these suites that has runs, and what it comes to (report/claims.h).
void lb_summary_print_claims(lb_results* const* results, int n);

// The same as one JSON object: {"suite", "folder", "tasks": [{"task", "hash", "rows"}], "bands", "claims"}.
void lb_summary_write(lb_json_writer* w, lb_results* results);

// A line for every run that did not end well, with the reason.
void lb_summary_print_troubles(const lb_results* results);

#endif  // LB_BENCH_SUMMARY_H_
