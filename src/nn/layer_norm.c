// Passes over the rows of a layer that lies in the second cache: see layer_norm.h.
#include "nn/layer_norm.h"

#include <math.h>
#include <string.h>

#include "nn/activation.h"
#include "nn/vec.h"

// sum (ld) of the rows of a.
static void add_rows(lb_real* sum, const lb_real* a, int rows, int ld) {
  memset(sum, 0, (size_t)ld * sizeof *sum);
  for (int i = 0; i < rows; i++, a += ld) {
    for (int j = 0; j < ld; j += LB_LANES) lb_vec_store(sum + j, lb_vec_load(sum + j) + lb_vec_load(a + j));
  }
}

// h less its means over the rows, of which sum (ld) are the sums, and inverse (ld) from what is left: the variance
// needs differences, or it would lose its digits where the mean is large beside it.
static void centre_rows(lb_real* h, lb_real* inverse, lb_real* sum, int rows, int ld) {
  memset(inverse, 0, (size_t)ld * sizeof *inverse);
  for (int j = 0; j < ld; j++) sum[j] /= (lb_real)rows;
  for (int i = 0; i < rows; i++, h += ld) {
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec x = lb_vec_load(h + j) - lb_vec_load(sum + j);
      lb_vec_store(h + j, x);
      lb_vec_store(inverse + j, lb_vec_load(inverse + j) + x * x);
    }
  }
  for (int j = 0; j < ld; j++) {
    inverse[j] = (lb_real)(1 / sqrt((double)inverse[j] / rows + LB_LAYER_NORM_EPSILON));
  }
}

void lb_layer_norm_forward(lb_real* h, lb_real* normal, lb_real* inverse, lb_real* sums, const lb_real* gain, int rows,
                           int ld) {
  add_rows(sums, h, rows, ld);
  centre_rows(h, inverse, sums, rows, ld);
  for (int i = 0; i < rows; i++, h += ld) {
    lb_vec g = lb_vec_of(gain[i]);
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec x = lb_vec_load(h + j) * lb_vec_load(inverse + j);
      if (normal) lb_vec_store(normal + (long)i * ld + j, x);
      lb_vec_store(h + j, g * x);
    }
  }
}

// d becomes g = gain d; the sums over the rows of g and of g x^.
static void scale_rows(lb_real* d, lb_real* plain, lb_real* weighed, const lb_real* normal, const lb_real* gain,
                       int rows, int ld) {
  memset(plain, 0, 2 * (size_t)ld * sizeof *plain);
  for (int i = 0; i < rows; i++, d += ld, normal += ld) {
    lb_vec scale = lb_vec_of(gain[i]);
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec g = lb_vec_load(d + j) * scale;
      lb_vec_store(d + j, g);
      lb_vec_store(plain + j, lb_vec_load(plain + j) + g);
      lb_vec_store(weighed + j, lb_vec_load(weighed + j) + g * lb_vec_load(normal + j));
    }
  }
}

// The sum over the first n samples of a b.
static lb_real product(const lb_real* a, const lb_real* b, int n) {
  lb_vec sum = {0};
  int j = 0, whole = n / LB_LANES * LB_LANES;
  for (; j < whole; j += LB_LANES) sum += lb_vec_load(a + j) * lb_vec_load(b + j);
  lb_real total = lb_vec_sum(sum);
  for (; j < n; j++) total += a[j] * b[j];
  return total;
}

// dx = (g - mean g - x^ mean(g x^)) / sqrt(var + epsilon), means over the units.
void lb_layer_norm_backward(lb_real* d, lb_real* gains, lb_real* biases, lb_real* sums, const lb_real* normal,
                            const lb_real* inverse, const lb_real* gain, int rows, int ld, int n) {
  lb_real *plain = sums, *weighed = sums + ld;
  for (int i = 0; i < rows && gains; i++) gains[i] = product(d + (long)i * ld, normal + (long)i * ld, n);
  scale_rows(d, plain, weighed, normal, gain, rows, ld);
  for (int j = 0; j < 2 * ld; j++) sums[j] /= (lb_real)rows;
  for (int i = 0; i < rows; i++) {
    lb_real* row = d + (long)i * ld;
    const lb_real* x = normal + (long)i * ld;
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec g = lb_vec_load(row + j) - lb_vec_load(plain + j) - lb_vec_load(x + j) * lb_vec_load(weighed + j);
      lb_vec_store(row + j, g * lb_vec_load(inverse + j));
    }
  }
  if (biases) lb_activation_sums(biases, d, rows, ld, n);
}
