// What a suite's sweep says: the final values of the swept rows against the setting, a line an algorithm; as a table
// and a figure of each task, and of all tasks together where there are several.
#ifndef LB_REPORT_SWEEP_H_
#define LB_REPORT_SWEEP_H_

#include "base/text.h"
#include "doc/doc.h"
#include "report/results.h"

// Nothing where the suite has no sweep. `script` may be NULL: no figures.
void lb_sweep_add_task(lb_doc* doc, lb_text* script, const lb_results* results, const lb_results_task* task);
// Normalised returns of all tasks; nothing where there is one task, or no such returns.
void lb_sweep_add_across(lb_doc* doc, lb_text* script, lb_results* results);

#endif  // LB_REPORT_SWEEP_H_
