// The tables of a suite that compares costs; return_tables.h has those of one that compares returns.
#ifndef LB_REPORT_TABLES_H_
#define LB_REPORT_TABLES_H_

#include "doc/doc.h"
#include "report/results.h"

// What each row of a task came to: final cost and spread, cost on the way.
void lb_tables_add_outcome(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// What each row took: real steps by source, planning, time.
void lb_tables_add_effort(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// How many real samples each row needed to come 50, 80 and 95 % of the way to the reference.
void lb_tables_add_samples(lb_doc* doc, const lb_results* results, const lb_results_task* task);

// How wrong the models were in the end, and how the plans looked in them.
void lb_tables_add_models(lb_doc* doc, const lb_results* results, const lb_results_task* task);

#endif  // LB_REPORT_TABLES_H_
