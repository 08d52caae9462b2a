// Which figures a report has, and what is in them: for every group of algorithms on a task one overview and a set of
// single figures, and where the time went. The same algorithm has the same colour in all of them.
#ifndef LB_REPORT_FIGURES_H_
#define LB_REPORT_FIGURES_H_

#include "base/text.h"
#include "doc/doc.h"
#include "report/results.h"

// Appends the figures of one task to the document, and the commands that draw them in the folder plots/ to the script.
// Published curves lie beside the suite's definition; one that cannot be read is left out, and the document says so.
void lb_figures_add(lb_doc* doc, lb_text* script, const lb_results* results, const lb_results_task* task);

#endif  // LB_REPORT_FIGURES_H_
