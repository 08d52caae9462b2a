// Element-wise passes over rows that are still in the cache: see activation.h.
#include "nn/activation.h"

#include "nn/vec.h"

// h = max(h + bias, 0), a row of h (rows, ld) a unit, a column a sample.
static void relu(lb_real* h, const lb_real* bias, int rows, int ld) {
  for (int i = 0; i < rows; i++) {
    lb_vec b = lb_vec_of(bias[i]);
    lb_real* row = h + (long)i * ld;
    for (int j = 0; j < ld; j += LB_LANES) lb_vec_store(row + j, lb_vec_max(lb_vec_load(row + j) + b, 0));
  }
}

// h = tanh(h + bias), laid out as in relu.
static void tangens(lb_real* h, const lb_real* bias, int rows, int ld) {
  for (int i = 0; i < rows; i++) {
    lb_vec b = lb_vec_of(bias[i]);
    lb_real* row = h + (long)i * ld;
    for (int j = 0; j < ld; j += LB_LANES) lb_vec_store(row + j, lb_vec_tanh(lb_vec_load(row + j) + b));
  }
}

// z sigmoid(z), whose slope is s + z s (1 - s).
static void silu(lb_real* h, lb_real* slope, const lb_real* bias, int rows, int ld) {
  for (int i = 0; i < rows; i++) {
    lb_vec b = lb_vec_of(bias[i]);
    lb_real *row = h + (long)i * ld, *slopes = slope ? slope + (long)i * ld : NULL;
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec z = lb_vec_load(row + j) + b, s = lb_vec_sigmoid(z), y = z * s;
      lb_vec_store(row + j, y);
      if (slopes) lb_vec_store(slopes + j, s + y * (1 - s));
    }
  }
}

void lb_activation_forward(lb_activation f, lb_real* h, lb_real* slope, const lb_real* bias, int rows, int ld) {
  switch (f) {
    case LB_RELU:
      relu(h, bias, rows, ld);
      break;
    case LB_TANH:
      tangens(h, bias, rows, ld);
      break;
    case LB_SILU:
      silu(h, slope, bias, rows, ld);
      break;
  }
}

// The sum over the first n columns of a row whose values are f(j); padding columns are cut off lane by lane.
#define LB_ROW_SUM(total, ld, n, value)                        \
  do {                                                         \
    lb_vec sum_ = {0};                                         \
    int whole_ = (n) / LB_LANES * LB_LANES, j = 0;             \
    for (; j < whole_; j += LB_LANES) sum_ += (value);         \
    (total) = lb_vec_sum(sum_);                                \
    for (; j < (ld); j += LB_LANES) {                          \
      lb_vec last_ = (value);                                  \
      for (int l_ = 0; l_ < (n)-j; l_++) (total) += last_[l_]; \
    }                                                          \
  } while (0)

LB_INLINE lb_vec stored(lb_real* p, lb_vec v) {
  lb_vec_store(p, v);
  return v;
}

LB_INLINE lb_vec relu_back(lb_real* d, const lb_real* h) {
  return stored(d, (lb_vec)((lb_mask)lb_vec_load(d) & (lb_vec_load(h) > 0)));
}

LB_INLINE lb_vec tangens_back(lb_real* d, const lb_real* h) {
  lb_vec t = lb_vec_load(h);
  return stored(d, lb_vec_load(d) * (1 - t * t));
}

LB_INLINE lb_vec silu_back(lb_real* d, const lb_real* slope) {
  return stored(d, lb_vec_load(d) * lb_vec_load(slope));
}

void lb_activation_backward(lb_activation f, lb_real* d, lb_real* sums, const lb_real* h, const lb_real* slope,
                            int rows, int ld, int n) {
  for (int i = 0; i < rows; i++, d += ld, h += ld) {
    lb_real sum = 0;
    switch (f) {
      case LB_RELU:
        LB_ROW_SUM(sum, ld, n, relu_back(d + j, h + j));
        break;
      case LB_TANH:
        LB_ROW_SUM(sum, ld, n, tangens_back(d + j, h + j));
        break;
      case LB_SILU:
        LB_ROW_SUM(sum, ld, n, silu_back(d + j, slope + (long)i * ld + j));
        break;
    }
    if (sums) sums[i] = sum;
  }
}

void lb_activation_bias(lb_real* y, const lb_real* bias, int rows, int ld) {
  for (int i = 0; i < rows; i++, y += ld) {
    lb_vec b = lb_vec_of(bias[i]);
    for (int j = 0; j < ld; j += LB_LANES) lb_vec_store(y + j, lb_vec_load(y + j) + b);
  }
}

void lb_activation_sums(lb_real* sums, const lb_real* d, int rows, int ld, int n) {
  for (int i = 0; i < rows; i++, d += ld) LB_ROW_SUM(sums[i], ld, n, lb_vec_load(d + j));
}
