// Inputs brought to mean 0 and standard deviation 1.
#ifndef LB_NN_NORMALIZER_H_
#define LB_NN_NORMALIZER_H_

#include "base/arena.h"
#include "base/running.h"
#include "nn/real.h"

typedef struct lb_normalizer {
  int dim;
  lb_real* mean;        // (dim)
  lb_real* scale;       // (dim) 1 / standard deviation
  lb_moments* moments;  // (2, dim) of the last fit
} lb_normalizer;

// The identity, in the arena.
void lb_normalizer_init(lb_normalizer* z, int dim, lb_arena* arena);

// Mean and standard deviation (over n, not n - 1) of n samples, in double precision. Sample j is row rows[j] (rows
// NULL: row j) of data, whose rows have `stride` numbers, the first dim of which count. A component whose deviation is
// below 1e-12 is only centred.
void lb_normalizer_fit(lb_normalizer* z, const float* data, const int* rows, int stride, int n);

// The same of a mixture: samples 0..first-1 weigh `share` in all and the others the rest.
void lb_normalizer_fit_shares(lb_normalizer* z, const float* data, const int* rows, int stride, int n, int first,
                              double share);

// x (dim, lb_columns(n)) <- (x - mean) scale.
void lb_normalizer_apply(const lb_normalizer* z, lb_real* x, int n);

#endif  // LB_NN_NORMALIZER_H_
