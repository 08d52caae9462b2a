// A number that was estimated from samples, and how well.
#ifndef LB_EVAL_ESTIMATE_H_
#define LB_EVAL_ESTIMATE_H_

#include <math.h>

#include "base/running.h"

typedef struct lb_estimate {
  int n;            // independent samples behind it
  double mean, se;  // NAN where there is nothing to estimate it from (se: from fewer than two samples)
} lb_estimate;

static inline lb_estimate lb_estimate_none(void) {
  return (lb_estimate){.mean = NAN, .se = NAN};
}

// The mean of what was added to the moments.
static inline lb_estimate lb_estimate_of(const lb_moments* m) {
  if (m->n == 0) return lb_estimate_none();
  return (lb_estimate){.n = m->n, .mean = m->mean, .se = m->n > 1 ? lb_moments_se(m) : NAN};
}

#endif  // LB_EVAL_ESTIMATE_H_
