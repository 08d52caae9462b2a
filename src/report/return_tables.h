// The tables of a task in a suite that compares returns (higher is better).
#ifndef LB_REPORT_RETURN_TABLES_H_
#define LB_REPORT_RETURN_TABLES_H_

#include "doc/doc.h"
#include "report/results.h"

// What each row came to: the last evaluation and the best one, apart; spread over the seeds; on the way.
void lb_return_tables_add_outcome(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// What each row took: real steps by source, planning, time. Columns that no row has a number for are left out.
void lb_return_tables_add_effort(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// How many real samples, and how much planning, each row needed to come 50, 80 and 95 % of the way to the reference.
void lb_return_tables_add_arrivals(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// How far the model is from the real system at the end, over 1, 5 and 20 steps, on the expert's and the learner's
// states.
void lb_return_tables_add_errors(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// The terms of the performance difference lemmas at the end: disagreements, planning error, advantages, discounted and
// not; and how far their sum is from the left side.
void lb_return_tables_add_terms(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// What rows that are references came to with fewer demonstrations, evaluation by evaluation.
void lb_return_tables_add_demonstrations(lb_doc* doc, const lb_results* results, const lb_results_task* task);

#endif  // LB_REPORT_RETURN_TABLES_H_
