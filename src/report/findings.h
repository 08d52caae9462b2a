// What the results say, as numbers and as sentences made from them: paired contrasts between rows, verdicts on the
// bands that a suite promises, and how many samples a row needed to come near the reference.
#ifndef LB_REPORT_FINDINGS_H_
#define LB_REPORT_FINDINGS_H_

#include "report/results.h"

// One metric of one contrast on one task: baseline minus variant, seed by seed.
typedef struct lb_contrast_result {
  const lb_suite_contrast* contrast;
  const lb_results_task* task;
  const lb_results_row* baseline;
  const lb_results_row* variant;
  int metric;  // -1: no run has it
  const char* metric_name;
  int from, to;  // resolved iterations; equal for cumulative metrics
  int n;         // seeds that both rows have
  int* seeds;    // [n]
  double* a;     // baseline's values
  double* b;     // variant's values
  int left_out;  // seeds that only one of them has, or with a value that is not finite
  lb_stats_paired paired;
  lb_interval bootstrap;  // of the mean difference, percentile, 10,000 resamples
  const char* verdict;    // "excludes 0", "includes 0", "no interval", "no data"
  const char* sentence;   // the finding in words
} lb_contrast_result;

// Every contrast of the suite on every task that has its rows; *n of them, in the suite's order.
lb_contrast_result* lb_findings_contrasts(const lb_results* results, int* n);

typedef enum lb_band_verdict { LB_BAND_INSIDE, LB_BAND_OUTSIDE, LB_BAND_NO_DATA } lb_band_verdict;

typedef struct lb_band_result {
  const lb_suite_band* band;
  const lb_results_task* task;  // NULL: no results
  int iteration;                // resolved
  lb_stats_summary value;       // over seeds
  lb_band_verdict verdict;      // whether the mean lies in the band
  const char* sentence;
} lb_band_result;
lb_band_result* lb_findings_bands(const lb_results* results, int* n);

// Costs on the way to the reference: a share of the way from the start, or a factor of the reference's own cost, the
// constant inside costs taken off first (the start may be so bad that 95 % of the way is nothing).
enum { LB_MILESTONES = 6 };
typedef struct lb_milestone_kind {
  const char* name;   // in files
  const char* title;  // in tables
  double share;       // 0: none
  double factor;      // 0: none
} lb_milestone_kind;
extern const lb_milestone_kind lb_milestone_kinds[LB_MILESTONES];

typedef struct lb_milestones {
  bool defined;                // there is a reference with a mean cost, and a start above it
  double goal, start;          // mean cost of the reference; of the start row, else the median at iteration 0
  double floor;                // the constant inside the costs
  const char* start_from;      // what `start` is, in words
  double cost[LB_MILESTONES];  // NaN: not defined
} lb_milestones;
lb_milestones lb_findings_milestones(const lb_results* results, const lb_results_task* task);

// When a row's runs first came down to a cost: the first evaluated iteration with a cost of at most that.
typedef struct lb_arrival {
  int n, reached;           // runs that are over or came to the last iteration; how many of all got there
  double iteration;         // medians over runs, those that never got there counting as infinite
  double samples, learner;  // real samples with demonstrations, and the learner's alone
} lb_arrival;
lb_arrival lb_findings_arrival(const lb_results_row* row, double cost);

// The area under the cost curve of a run (trapezoid rule) from its first evaluation after iteration 0 to `last`,
// divided by that span: the average cost on the way. NaN when a value is missing on it or the run has not come to
// `last`.
double lb_findings_area(const lb_results_run* run, int last);

#endif  // LB_REPORT_FINDINGS_H_
