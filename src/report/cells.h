// What stands in the cells of the tables about rows: numbers, means with intervals, how many seeds. All texts are the
// document's; "-" where there is nothing.
#ifndef LB_REPORT_CELLS_H_
#define LB_REPORT_CELLS_H_

#include "doc/doc.h"
#include "report/milestones.h"
#include "report/results.h"

const char* lb_cell_number(const lb_doc* doc, double x);

// Seconds and the like: three digits say enough.
const char* lb_cell_rough(const lb_doc* doc, double x);

// Mean and interval of a metric's final values, with how many seeds it is of when not of all, how many of these count
// as the worst of the task because they diverged or failed, and the iteration when it is not the planned one.
const char* lb_cell_final(const lb_doc* doc, const lb_results_row* row, int metric);
// The same over the last fifth of the way.
const char* lb_cell_tail(const lb_doc* doc, const lb_results_row* row, int metric);

// The same of what rows are compared by.
const char* lb_cell_compared(const lb_doc* doc, const lb_results* results, const lb_results_row* row);
// The same of each run's best evaluation, and of the mean along its curve.
const char* lb_cell_best(const lb_doc* doc, const lb_results_row* row, int metric);
const char* lb_cell_area(const lb_doc* doc, const lb_results* results, const lb_results_row* row, int metric);

// "3 of 5", "3 of 5 [0.15, 0.95]": the runs that solved the task, and what share of all that may be.
const char* lb_cell_solved(const lb_doc* doc, const lb_results_row* row);
const char* lb_cell_solved_share(const lb_doc* doc, const lb_results_row* row);

// "1200 / 200 (4 of 5)": two medians of an arrival, and how many came there when not all did.
const char* lb_cell_arrivals(const lb_doc* doc, const lb_results_row* row, const lb_arrival* arrival, double x,
                             double y);

// The mean alone.
const char* lb_cell_mean(const lb_doc* doc, const lb_results_row* row, int metric);

// "10/10", with what became of the others.
const char* lb_cell_seeds(const lb_doc* doc, const lb_results_row* row);

// "0.19", "< 0.001".
const char* lb_cell_p(const lb_doc* doc, double p);

#endif  // LB_REPORT_CELLS_H_
