// Forest plots: tables with an interval drawn in every line, better to the right. All rows of a task in the order of
// what is compared, the contrasts that the suite is there for, and what is claimed of them: what a report answers
// first.
#ifndef LB_REPORT_FOREST_H_
#define LB_REPORT_FOREST_H_

#include "doc/doc.h"
#include "report/findings.h"
#include "report/results.h"

// A table of every task that has run, the best row first.
void lb_forest_add_rows(lb_doc* doc, lb_results* results);

// The primary contrasts in what is compared and in what it took; of a suite without any, all of its contrasts. Nothing
// where there are none.
void lb_forest_add_contrasts(lb_doc* doc, lb_results* results);

// The claims of several results, part by part; nothing where there are none. They lead to the sections of their tasks:
// on the same page, or where `beside` names one, on that page in the folders of their suites ("report.html").
void lb_forest_add_claims(lb_doc* doc, lb_results* const* results, int n, const char* beside);

// A contrast's gain in percent: of a return, of the way from the start row to the reference; of a cost, of what the
// baseline's is above its floor; of a count, of the baseline's. Positive: the variant is better. NaN where that means
// nothing.
lb_span lb_forest_gain(const lb_results* results, const lb_contrast_result* contrast);

// The axis that gains are drawn on.
lb_table_axis lb_forest_gain_axis(const lb_span* gains, int n);

// How the rows of a task stand to the one of the best mean, by paired t tests over the seeds with Holm's correction:
// best: it is told from all others; tied: it is the best and some are not told from it, or is one of these.
typedef enum lb_standing { LB_STANDING_NONE, LB_STANDING_BEST, LB_STANDING_TIED } lb_standing;
void lb_forest_standings(lb_standing* out, const lb_results* results, const lb_results_task* task);

// Where the section of a task begins: an id.
const char* lb_forest_task_id(const lb_doc* doc, const lb_results_task* task);

#endif  // LB_REPORT_FOREST_H_
