// Whether two folders of results of one suite agree: row by row, what rows are compared by (of returns the mean over
// the last fifth of the steps, of costs the last value), by Welch's t test over the seeds with Holm's correction over
// all rows.
#ifndef LB_REPORT_COMPARE_H_
#define LB_REPORT_COMPARE_H_

#include "report/results.h"

typedef enum lb_compare_verdict {
  LB_COMPARE_IDENTICAL,  // every seed that both have has the same number
  LB_COMPARE_AGREE,      // the corrected p value is 0.05 or more
  LB_COMPARE_DIFFER,     // it is less
  LB_COMPARE_OPEN,       // a side has fewer than two seeds
  LB_COMPARE_ONLY_A,     // the other side has no such row, or nothing of it
  LB_COMPARE_ONLY_B,
} lb_compare_verdict;

typedef struct lb_compared_row {
  const char* suite;
  const char* task;
  const char* algo;
  const char* title;
  const char* measure;  // "return", "cost"
  bool other_task;      // the hashes of the task are known and differ: it is another version
  lb_stats_summary a, b;
  int as_worst_a, as_worst_b;  // seeds that diverged or failed: they count as the worst of the task
  lb_stats_welch welch;        // of b minus a
  double holm_p;               // NaN: no test
  lb_compare_verdict verdict;
} lb_compared_row;

// Every row of either, in the order of a's suite; *n of them, in the arena of `a`. LB_INPUT where they have no row in
// common, or compare different things.
lb_status lb_compare(lb_compared_row** out, int* n, lb_results* a, lb_results* b);

// Corrects p values over all rows, of several suites too, and gives the verdicts.
void lb_compare_judge(lb_compared_row* rows, int n);

// "agree", "differ", "identical", "cannot be told", "only in A", "only in B".
const char* lb_compare_word(lb_compare_verdict verdict);

#endif  // LB_REPORT_COMPARE_H_
