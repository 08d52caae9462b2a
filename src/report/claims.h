// What a suite's claims come to: whether a paired difference lies where the claim says that it does.
//
//   holds here           the t tests against the ends of that region say that it is inside, at 5 %
//   does not hold here   they say that it is outside
//   cannot be told       else, and where fewer than two seeds have both values
//
// For a claim by itself that is: all of the 95 % interval is there, none of it is, else. The claims of a suite are
// several tests, and the p values are corrected for that by Holm's method.
#ifndef LB_REPORT_CLAIMS_H_
#define LB_REPORT_CLAIMS_H_

#include "base/text.h"
#include "report/findings.h"

typedef enum lb_claim_verdict { LB_CLAIM_HOLDS, LB_CLAIM_FAILS, LB_CLAIM_OPEN } lb_claim_verdict;

// "holds here", "does not hold here", "cannot be told".
const char* lb_claims_verdict(lb_claim_verdict verdict);

// One claim on one task.
typedef struct lb_claim_result {
  const lb_suite_claim* claim;
  const lb_contrast_result* contrast;
  lb_claim_verdict verdict;
  double p, holm_p;      // of the tests against the nearest end, and corrected for the suite's other claims; NaN: none
  const char* number;    // variant minus baseline: "1.72 [-4.48, 7.92]", "-" without any
  const char* expected;  // where it should lie: "> 0", "within 0.02"
  const char* words;     // the verdict; "cannot be told with 5 seeds", "not run yet"
  const char* sentence;  // for the terminal: all of it, the words first
} lb_claim_result;

// Whether a gain (positive: the variant is better) of this mean and standard error over n >= 2 seeds is inside the
// claim's region, and the two-sided p value of the t test against the end that it is nearest to; inside a region with
// two ends, the larger of both.
bool lb_claims_test(double* p, lb_claim_kind expect, double margin, double mean, double se, int n);

// Every claim of the suite on every task of its contrast that has results or was asked for; *n of them.
const lb_claim_result* lb_claims_find(lb_results* results, int* n);

// suite,task,claim,contrast,metric,expect,margin,seeds,difference,low,high,p,holm_p,verdict
void lb_claims_csv(lb_text* out, lb_results* results);

#endif  // LB_REPORT_CLAIMS_H_
