// Inputs on a common scale: see normalizer.h.
#include "nn/normalizer.h"

#include <math.h>

#include "nn/vec.h"

void lb_normalizer_init(lb_normalizer* z, int dim, lb_arena* arena) {
  z->dim = dim;
  z->mean = LB_TAKE(arena, lb_real, dim);
  z->scale = LB_TAKE(arena, lb_real, dim);
  for (int i = 0; i < dim; i++) z->scale[i] = 1;
}

void lb_normalizer_fit(lb_normalizer* z, const float* data, int n) {
  for (int i = 0; i < z->dim; i++) {
    double mean = 0, variance = 0;
    for (int j = 0; j < n; j++) mean += (double)data[(long)j * z->dim + i];
    mean /= n;
    for (int j = 0; j < n; j++) variance += pow((double)data[(long)j * z->dim + i] - mean, 2);
    double deviation = sqrt(variance / n);
    z->mean[i] = (lb_real)mean;
    z->scale[i] = (lb_real)(deviation < 1e-12 ? 1 : 1 / deviation);
  }
}

void lb_normalizer_apply(const lb_normalizer* z, lb_real* x, int n) {
  int ld = lb_columns(n);
  for (int i = 0; i < z->dim; i++, x += ld) {
    lb_vec mean = lb_vec_of(z->mean[i]), scale = lb_vec_of(z->scale[i]);
    for (int j = 0; j < ld; j += LB_LANES) lb_vec_store(x + j, (lb_vec_load(x + j) - mean) * scale);
  }
}
