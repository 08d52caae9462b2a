// The tables of a task: what each row came to, when it came near the reference, what it took, how wrong its model was,
// and the terms of the lemmas. The same for all that suites compare: which way is better, and what a number is called,
// comes from the table of metrics, and a table or a column is there where some row has a number for it.
#ifndef LB_REPORT_TABLES_H_
#define LB_REPORT_TABLES_H_

#include "doc/doc.h"
#include "report/results.h"

// Appends all of them.
void lb_tables_add(lb_doc* doc, const lb_results* results, const lb_results_task* task);

#endif  // LB_REPORT_TABLES_H_
