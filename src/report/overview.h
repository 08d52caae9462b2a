// What a report answers first: all rows in the order of what is compared, each with its interval, and the contrasts
// that the suite is there for, better to the right.
#ifndef LB_REPORT_OVERVIEW_H_
#define LB_REPORT_OVERVIEW_H_

#include "doc/doc.h"
#include "report/findings.h"
#include "report/results.h"

// A table of every task that has run, the best row first.
void lb_overview_add_rows(lb_doc* doc, lb_results* results);

// The primary contrasts in what is compared and in what it took; of a suite without any, all of its contrasts. Nothing
// where there are none.
void lb_overview_add_contrasts(lb_doc* doc, lb_results* results);

// A contrast's gain in percent: of a return, of the way from the start row to the reference; of a cost, of what the
// baseline's is above its floor; of a count, of the baseline's. Positive: the variant is better. NaN where that means
// nothing.
lb_span lb_overview_gain(const lb_results* results, const lb_contrast_result* contrast);

// The axis that gains are drawn on.
lb_table_axis lb_overview_gain_axis(const lb_span* gains, int n);

// How the rows of a task stand to the one of the best mean, by paired t tests over the seeds with Holm's correction:
// best: it is told from all others; tied: it is the best and some are not told from it, or is one of these.
typedef enum lb_standing { LB_STANDING_NONE, LB_STANDING_BEST, LB_STANDING_TIED } lb_standing;
void lb_overview_standings(lb_standing* out, const lb_results* results, const lb_results_task* task);

// Where the section of a task begins: an id.
const char* lb_overview_task_id(const lb_doc* doc, const lb_results_task* task);

#endif  // LB_REPORT_OVERVIEW_H_
