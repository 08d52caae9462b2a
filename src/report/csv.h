// The report's numbers as files for other programs: RFC 4180, one header line, empty fields where nothing was measured.
#ifndef LB_REPORT_CSV_H_
#define LB_REPORT_CSV_H_

#include "base/text.h"
#include "report/findings.h"
#include "report/results.h"

// suite,task,task_hash,algo,metric,iteration,seeds,mean,low,high,sd,median,min,max: at iteration 0, at those that the
// suite shows, and at the last one.
void lb_csv_tables(lb_text* out, const lb_results* results);

// suite,task,contrast,metric,from,to,seed,baseline,variant,difference
void lb_csv_contrasts(lb_text* out, const lb_results* results, const lb_contrast_result* contrasts, int n);

// suite,task,algo,seed,iteration and a column for every metric.
void lb_csv_curves(lb_text* out, const lb_results* results);

#endif  // LB_REPORT_CSV_H_
