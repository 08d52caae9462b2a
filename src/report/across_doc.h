// The section of a report about all tasks together: aggregates of normalised returns, the probability of improvement,
// performance profiles, learning curves.
#ifndef LB_REPORT_ACROSS_DOC_H_
#define LB_REPORT_ACROSS_DOC_H_

#include "base/text.h"
#include "doc/doc.h"
#include "report/across.h"
#include "report/results.h"

// Appends the section, and to the script (NULL: no figures) what draws its figures. Nothing for suites of costs; where
// nothing can be normalised, a sentence that says why.
void lb_across_doc_add(lb_doc* doc, lb_text* script, const lb_results* results);

// Its figures: interquartile means along the axes of cost, and performance profiles.
void lb_across_figures_add(lb_doc* doc, lb_text* script, const lb_results* results, const lb_across* across);

// suite,statistic,algo,against,tasks,runs,planned,value,low,high: iqm_tail, mean_tail, iqm_last, mean_last, iqm_best,
// iqm_area, and improvement for every ordered pair (or against the suite's baseline).
void lb_across_csv(lb_text* out, const lb_results* results);

#endif  // LB_REPORT_ACROSS_DOC_H_
