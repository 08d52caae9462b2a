// What a suite's claims come to: where the 95 % interval of a paired difference lies against where the claim says that
// the difference does.
//
//   holds here           all of the interval is there
//   does not hold here   none of it is
//   cannot be told       else, and where fewer than two seeds have both values
#ifndef LB_REPORT_CLAIMS_H_
#define LB_REPORT_CLAIMS_H_

#include "base/text.h"
#include "doc/doc.h"
#include "report/findings.h"

typedef enum lb_claim_verdict { LB_CLAIM_HOLDS, LB_CLAIM_FAILS, LB_CLAIM_OPEN } lb_claim_verdict;

// One claim on one task.
typedef struct lb_claim_result {
  const lb_suite_claim* claim;
  const lb_contrast_result* contrast;
  lb_claim_verdict verdict;
  const char* number;    // "1.72 [-4.48, 7.92]", "-" without any
  const char* expected;  // where it should lie: "> 0", "within 0.02"
  const char* words;     // "holds here", "does not hold here", "cannot be told with 5 seeds"
  const char* sentence;  // for the terminal: all of it, the words first
} lb_claim_result;

// The verdict on an interval of n >= 2 seeds.
lb_claim_verdict lb_claims_judge(lb_claim_kind expect, double margin, double low, double high);

// Every claim of the suite on every task of its contrast that has results or was asked for; *n of them.
lb_claim_result* lb_claims_find(const lb_results* results, const lb_contrast_result* contrasts, int n_contrasts,
                                int* n);

// The claims of several results as one table under a caption that says the rule; nothing where there are none. The
// suite is a column where there are several.
void lb_claims_doc_add(lb_doc* doc, lb_results* const* results, int n);

// suite,task,claim,contrast,metric,expect,margin,seeds,difference,low,high,verdict
void lb_claims_csv(lb_text* out, const lb_results* results);

#endif  // LB_REPORT_CLAIMS_H_
