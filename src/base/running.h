// Mean and variance of numbers that arrive one by one (Welford 1962).
#ifndef LB_BASE_RUNNING_H_
#define LB_BASE_RUNNING_H_

#include <math.h>

typedef struct lb_moments {
  int n;
  double mean;
  double m2;  // sum of squared deviations from the mean
} lb_moments;

static inline void lb_moments_add(lb_moments* m, double value) {
  double delta = value - m->mean;
  m->n += 1;
  m->mean += delta / m->n;
  m->m2 += delta * (value - m->mean);
}

// Mean and variance (over n) of a mixture: a with this share, b with the rest; one that has no numbers does not count.
static inline void lb_moments_mix(double* mean, double* variance, const lb_moments* a, const lb_moments* b,
                                  double share) {
  double wa = b->n == 0 ? 1 : a->n == 0 ? 0 : share, wb = 1 - wa;
  double va = a->n > 0 ? a->m2 / a->n : 0, vb = b->n > 0 ? b->m2 / b->n : 0, apart = a->mean - b->mean;
  *mean = wa * a->mean + wb * b->mean;
  *variance = wa * va + wb * vb + wa * wb * apart * apart;
}

// Sample standard deviation over n - 1; 0 below two values.
static inline double lb_moments_sd(const lb_moments* m) {
  return m->n > 1 ? sqrt(m->m2 / (m->n - 1)) : 0.0;
}

// Standard error of the mean; 0 below two values.
static inline double lb_moments_se(const lb_moments* m) {
  return m->n > 1 ? lb_moments_sd(m) / sqrt(m->n) : 0.0;
}

#endif  // LB_BASE_RUNNING_H_
