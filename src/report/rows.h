// Runs sorted into tasks, by name and hash, and rows, by algorithm; what a row's last iteration is.
#ifndef LB_REPORT_ROWS_H_
#define LB_REPORT_ROWS_H_

#include "report/results.h"

// Fills results->tasks from results->runs; marks runs that were made under other settings than the rest of their row.
void lb_rows_sort(lb_results* results);

#endif  // LB_REPORT_ROWS_H_
