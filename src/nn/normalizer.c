// Inputs on a common scale: see normalizer.h.
#include "nn/normalizer.h"

#include <math.h>
#include <string.h>

#include "nn/vec.h"

void lb_normalizer_init(lb_normalizer* z, int dim, lb_arena* arena) {
  z->dim = dim;
  z->mean = LB_TAKE(arena, lb_real, dim);
  z->scale = LB_TAKE(arena, lb_real, dim);
  z->moments = LB_TAKE(arena, lb_moments, 2 * dim);
  for (int i = 0; i < dim; i++) z->scale[i] = 1;
}

// Welford's sums, row by row: one pass over the data whatever their order.
void lb_normalizer_fit_shares(lb_normalizer* z, const float* data, const int* rows, int stride, int n, int first,
                              double share) {
  memset(z->moments, 0, 2 * (size_t)z->dim * sizeof *z->moments);
  for (int j = 0; j < n; j++) {
    const float* row = data + (long)(rows ? rows[j] : j) * stride;
    lb_moments* moments = z->moments + (j < first ? 0 : z->dim);
    for (int i = 0; i < z->dim; i++) lb_moments_add(&moments[i], (double)row[i]);
  }
  for (int i = 0; i < z->dim; i++) {
    double mean, variance;
    lb_moments_mix(&mean, &variance, &z->moments[i], &z->moments[z->dim + i], share);
    double deviation = sqrt(variance);
    z->mean[i] = (lb_real)mean;
    z->scale[i] = (lb_real)(deviation < 1e-12 ? 1 : 1 / deviation);
  }
}

void lb_normalizer_fit(lb_normalizer* z, const float* data, const int* rows, int stride, int n) {
  lb_normalizer_fit_shares(z, data, rows, stride, n, 0, 0);
}

void lb_normalizer_apply(const lb_normalizer* z, lb_real* x, int n) {
  int ld = lb_columns(n);
  for (int i = 0; i < z->dim; i++, x += ld) {
    lb_vec mean = lb_vec_of(z->mean[i]), scale = lb_vec_of(z->scale[i]);
    for (int j = 0; j < ld; j += LB_LANES) lb_vec_store(x + j, (lb_vec_load(x + j) - mean) * scale);
  }
}
