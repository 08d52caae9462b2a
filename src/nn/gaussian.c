// Predictive heads: see gaussian.h.
#include "nn/gaussian.h"

#include "nn/vec.h"

lb_gaussian_bounds lb_gaussian_default_bounds(void) {
  return (lb_gaussian_bounds){.low = -10, .high = 0.5};
}

void lb_gaussian_bound(lb_real* y, lb_real* slope, const lb_gaussian_bounds* bounds, int d, int n) {
  int ld = lb_columns(n);
  lb_real low = (lb_real)bounds->low, high = (lb_real)bounds->high;
  lb_real* lv = y + (long)d * ld;
  for (long i = 0; i < (long)d * ld; i += LB_LANES) {
    lb_vec below = high - lb_vec_load(lv + i);
    lb_vec above = (high - low) - lb_vec_softplus(below);
    lb_vec_store(lv + i, low + lb_vec_softplus(above));
    if (slope) lb_vec_store(slope + i, lb_vec_sigmoid(below) * lb_vec_sigmoid(above));
  }
}

// Adds the first n lanes of a vector to a double, in the lanes' order.
static double add_lanes(double total, lb_vec v, int n) {
  for (int l = 0; l < (n < LB_LANES ? n : LB_LANES); l++) total += (double)v[l];
  return total;
}

double lb_gaussian_nll(lb_real* dy, const lb_real* y, const lb_real* slope, const lb_real* target, int d, int n) {
  int ld = lb_columns(n);
  double total = 0, scale = 1.0 / ((double)d * n);
  for (int i = 0; i < d; i++) {
    long at = (long)i * ld, lower = (long)(d + i) * ld;
    lb_vec sum = {0};
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec error = lb_vec_load(y + at + j) - lb_vec_load(target + at + j), lv = lb_vec_load(y + lower + j);
      lb_vec scaled = error * lb_vec_exp(-lv), squares = error * scaled;
      if (j + LB_LANES <= n) {
        sum += squares + lv;
      } else if (j < n) {
        total = add_lanes(total, squares + lv, n - j);
      }
      if (!dy) continue;
      lb_vec_store(dy + at + j, scaled * (lb_real)(2 * scale));
      lb_vec_store(dy + lower + j, (1 - squares) * lb_vec_load(slope + at + j) * (lb_real)scale);
    }
    total = add_lanes(total, sum, LB_LANES);
  }
  return total * scale;
}

void lb_gaussian_weigh(lb_real* dy, const lb_real* y, double power, int d, int n) {
  long half = (long)d * lb_columns(n);
  for (long i = 0; i < half; i += LB_LANES) {
    lb_vec weight = lb_vec_exp((lb_real)power * lb_vec_load(y + half + i));
    lb_vec_store(dy + i, weight * lb_vec_load(dy + i));
    lb_vec_store(dy + half + i, weight * lb_vec_load(dy + half + i));
  }
}

double lb_gaussian_squared(lb_real* dy, const lb_real* y, const lb_real* target, int d, int n) {
  int ld = lb_columns(n);
  double total = 0, scale = 1.0 / ((double)d * n);
  for (int i = 0; i < d; i++) {
    lb_vec sum = {0};
    for (int j = 0; j < ld; j += LB_LANES) {
      long at = (long)i * ld + j;
      lb_vec error = lb_vec_load(y + at) - lb_vec_load(target + at);
      if (j + LB_LANES <= n) {
        sum += error * error;
      } else if (j < n) {
        total = add_lanes(total, error * error, n - j);
      }
      if (dy) lb_vec_store(dy + at, error * (lb_real)(2 * scale));
    }
    total = add_lanes(total, sum, LB_LANES);
  }
  return total * scale;
}
