// What the results say, as numbers and as sentences made from them: paired contrasts between rows, and verdicts on the
// bands that a suite promises.
#ifndef LB_REPORT_FINDINGS_H_
#define LB_REPORT_FINDINGS_H_

#include "report/results.h"

// One metric of one contrast on one task, seed by seed: differences are variant minus baseline.
typedef struct lb_contrast_result {
  const lb_suite_contrast* contrast;
  const lb_results_task* task;
  const lb_results_row* baseline;
  const lb_results_row* variant;
  int metric;  // -1: no run has it
  const char* metric_name;
  int from, to;                // resolved iterations; equal for cumulative metrics
  int n;                       // seeds that both rows have
  int* seeds;                  // [n]
  double* a;                   // baseline's values
  double* b;                   // variant's values
  int left_out;                // seeds that only one of them has
  int as_worst_a, as_worst_b;  // of baseline and variant, seeds that diverged or failed: their value is the worst that
                               // any run of the task has of the same number
  lb_stats_paired paired;
  int better;     // seeds in which the variant is
  double holm_p;  // of a primary contrast in the suite's metric, corrected for the others; NaN: exploratory, or no test
  double smallest;  // the true difference that so many seeds find with 80 % power at 5 %, from their spread; NaN: n < 2
  lb_interval bootstrap;  // of the mean difference, percentile, 10,000 resamples
  const char* verdict;    // "excludes 0", "includes 0", "no interval", "no data"
  const char* sentence;   // the finding in words
} lb_contrast_result;

// Which iterations or steps a contrast is of: "mean over steps 750 to 2000", "at iteration 20".
const char* lb_findings_where(lb_arena* arena, const lb_results* results, const lb_contrast_result* contrast);

// Every contrast of the suite on every task that has its rows; *n of them, in the suite's order. Worked out once and
// kept with the results.
const lb_contrast_result* lb_findings_contrasts(lb_results* results, int* n);

// A difference as a gain: positive where the variant is better.
static inline double lb_findings_gain(const lb_contrast_result* c, double difference) {
  return lb_metric_is_higher(c->metric) ? difference : -difference;
}

// Whether the interval of the difference excludes 0.
static inline bool lb_findings_decided(const lb_contrast_result* c) {
  return c->n > 1 && (c->paired.difference.low > 0 || c->paired.difference.high < 0);
}

typedef enum lb_band_verdict { LB_BAND_INSIDE, LB_BAND_OUTSIDE, LB_BAND_NO_DATA } lb_band_verdict;

typedef struct lb_band_result {
  const lb_suite_band* band;
  const lb_results_task* task;  // NULL: no results
  int iteration;                // resolved
  lb_stats_summary value;       // over seeds
  double low, high;             // as stated, or for as many seeds as there are; NaN without any
  int broken;                   // seeds that diverged or failed before they had a value: then it is outside
  lb_band_verdict verdict;      // whether the mean lies in the band
  const char* sentence;
} lb_band_result;

// The bands of the suite, in its order; *n of them. Worked out once and kept with the results.
const lb_band_result* lb_findings_bands(lb_results* results, int* n);

#endif  // LB_REPORT_FINDINGS_H_
