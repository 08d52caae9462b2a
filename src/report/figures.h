// Which figures a report has: the panels of each group of rows on each task, and where the time went.
#ifndef LB_REPORT_FIGURES_H_
#define LB_REPORT_FIGURES_H_

#include "base/text.h"
#include "report/doc.h"
#include "report/results.h"

// Appends the figures of one task to the document, and the commands that draw them in the folder plots/ to the script.
void lb_figures_add(lb_doc* doc, lb_text* script, const lb_results* results, const lb_results_task* task);

#endif  // LB_REPORT_FIGURES_H_
