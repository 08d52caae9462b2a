// The tanh Gaussian: see tanh_gaussian.h.
#include "nn/tanh_gaussian.h"

#include <math.h>
#include <string.h>

#include "nn/vec.h"

static const lb_real log_2 = (lb_real)0.69314718055994530942, half_log_2pi = (lb_real)0.91893853320467274178;

LB_INLINE lb_vec cut(lb_vec log_std) {
  return lb_vec_min(lb_vec_max(log_std, LB_TANH_GAUSSIAN_LOW), LB_TANH_GAUSSIAN_HIGH);
}

// The log density of tanh(u), given the noise that led to u.
LB_INLINE lb_vec log_density_of(lb_vec u, lb_vec noise, lb_vec log_std) {
  return (lb_real)-0.5 * noise * noise - log_std - half_log_2pi - 2 * (log_2 - u - lb_vec_softplus(-2 * u));
}

void lb_tanh_gaussian_sample(lb_real* action, lb_real* log_density, const lb_real* y, const lb_real* noise, int d,
                             int n) {
  int ld = lb_columns(n);
  if (log_density) memset(log_density, 0, (size_t)ld * sizeof *log_density);
  for (int i = 0; i < d; i++) {
    const lb_real *mean = y + (long)i * ld, *raw = y + (long)(d + i) * ld, *e = noise + (long)i * ld;
    lb_real* a = action + (long)i * ld;
    for (int j = 0; j < ld; j += LB_LANES) {
      lb_vec log_std = cut(lb_vec_load(raw + j)), draw = lb_vec_load(e + j);
      lb_vec u = lb_vec_load(mean + j) + lb_vec_exp(log_std) * draw;
      lb_vec_store(a + j, lb_vec_tanh(u));
      if (!log_density) continue;
      lb_vec_store(log_density + j, lb_vec_load(log_density + j) + log_density_of(u, draw, log_std));
    }
  }
}

void lb_tanh_gaussian_mean(lb_real* action, const lb_real* y, int d, int n) {
  long numbers = (long)d * lb_columns(n);
  for (long i = 0; i < numbers; i += LB_LANES) lb_vec_store(action + i, lb_vec_tanh(lb_vec_load(y + i)));
}

// Where the log standard deviation is cut off it has no derivative.
LB_INLINE lb_vec where_free(lb_vec raw, lb_vec derivative) {
  return (lb_vec)((lb_mask)derivative & (raw > LB_TANH_GAUSSIAN_LOW) & (raw < LB_TANH_GAUSSIAN_HIGH));
}

void lb_tanh_gaussian_backward(lb_real* dy, const lb_real* da, double weight, const lb_real* action, const lb_real* y,
                               const lb_real* noise, int d, int n) {
  int ld = lb_columns(n);
  lb_real w = (lb_real)weight;
  long numbers = (long)d * ld;
  const lb_real* raw = y + numbers;
  lb_real* draw = dy + numbers;
  for (long i = 0; i < numbers; i += LB_LANES) {
    lb_vec a = lb_vec_load(action + i), log_std = lb_vec_load(raw + i);
    lb_vec du = lb_vec_load(da + i) * (1 - a * a) + 2 * w * a;
    lb_vec dlog_std = du * lb_vec_exp(cut(log_std)) * lb_vec_load(noise + i) - w;
    lb_vec_store(dy + i, du);
    lb_vec_store(draw + i, where_free(log_std, dlog_std));
  }
}

double lb_tanh_gaussian_nll(lb_real* dy, const lb_real* y, const lb_real* action, int d, int n) {
  int ld = lb_columns(n);
  double total = 0;
  lb_real w = (lb_real)(1.0 / n);
  for (int i = 0; i < d; i++) {
    for (int j = 0; j < ld; j += LB_LANES) {
      long at = (long)i * ld + j, lower = at + (long)d * ld;
      lb_vec u, raw = lb_vec_load(y + lower), log_std = cut(raw);
      for (int l = 0; l < LB_LANES; l++) {
        double a = j + l < n ? (double)action[at + l] : 0;
        u[l] = (lb_real)atanh(fmax(-1 + 1e-6, fmin(1 - 1e-6, a)));
      }
      lb_vec noise = (u - lb_vec_load(y + at)) * lb_vec_exp(-log_std);
      lb_vec value = log_density_of(u, noise, log_std);
      for (int l = 0; l < LB_LANES && j + l < n; l++) total -= (double)value[l];
      if (!dy) continue;
      lb_vec_store(dy + at, -w * noise * lb_vec_exp(-log_std));
      lb_vec_store(dy + lower, where_free(raw, w * (1 - noise * noise)));
    }
  }
  return total / n;
}

double lb_tanh_gaussian_squared(lb_real* dy, const lb_real* y, const lb_real* action, int d, int n) {
  int ld = lb_columns(n);
  double total = 0, share = 1.0 / ((double)d * n);
  lb_real w = (lb_real)(2 * share);
  for (int i = 0; i < d; i++) {
    for (int j = 0; j < ld; j += LB_LANES) {
      long at = (long)i * ld + j;
      lb_vec a = lb_vec_tanh(lb_vec_load(y + at)), error = a - lb_vec_load(action + at);
      for (int l = 0; l < LB_LANES && j + l < n; l++) total += (double)error[l] * (double)error[l];
      if (!dy) continue;
      lb_vec_store(dy + at, w * error * (1 - a * a));
      lb_vec_store(dy + at + (long)d * ld, lb_vec_of(0));
    }
  }
  return total * share;
}
