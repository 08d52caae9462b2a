// The report's numbers as files for other programs: RFC 4180, one header line, empty fields where nothing was measured.
// A text that a spreadsheet would take for a formula (it begins with = + - @) has an apostrophe before it.
#ifndef LB_REPORT_CSV_H_
#define LB_REPORT_CSV_H_

#include "base/text.h"
#include "report/findings.h"
#include "report/results.h"

// A text as a field: quoted where it must be, with that apostrophe where it is needed.
void lb_csv_field(lb_text* out, const char* text);

// suite,task,task_hash,algo,metric,iteration,seeds,mean,low,high,sd,median,min,max: at iteration 0, at those that the
// suite shows, and at the last one. Without an iteration: METRIC_tail and METRIC_area of what is compared, its mean
// over the last fifth and on the way (milestones.h), of returns also return_normalised_area and solved; and the medians
// of samples_to_X, learner_steps_to_X, iterations_to_X, cpu_learning_to_X and gradient_updates_to_X (of costs
// lqr_passes_to_X) for every milestone X, whose seeds are those that came there.
void lb_csv_tables(lb_text* out, const lb_results* results);

// suite,task,contrast,baseline_algo,variant_algo,metric,from,to,seed,baseline,variant,difference. The difference is
// variant - baseline.
void lb_csv_contrasts(lb_text* out, const lb_results* results, const lb_contrast_result* contrasts, int n);

// A line a paired difference: means of both sides, the difference with its t interval and bootstrap interval, signs, p
// values of the paired t, signed-rank and sign tests, and whether the interval excludes 0.
void lb_csv_findings(lb_text* out, const lb_results* results, const lb_contrast_result* contrasts, int n);

// suite,task,algo,seed,iteration and a column for every metric.
void lb_csv_curves(lb_text* out, const lb_results* results);

#endif  // LB_REPORT_CSV_H_
