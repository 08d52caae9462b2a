// The values of the heads and losses against their formulas by libm, and what happens at their ends.
#include "nn/gaussian.h"
#include "nn/tanh_gaussian.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../support/near.h"
#include "fill.h"

enum { D = 3, SAMPLES = 37, COLUMNS = 48 };

#ifdef LB_NN_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 2e-5;
#endif

static lb_real y[2 * D * COLUMNS], target[2 * D * COLUMNS], noise[D * COLUMNS], action[D * COLUMNS], density[COLUMNS];
static lb_real dy[2 * D * COLUMNS], slope[D * COLUMNS], zeros[D * COLUMNS];

static int set_up(void** state) {
  (void)state;
  lb_rng rng = lb_rng_stream(8, LB_RNG_TEST, 0, 0);
  fill_normals(&rng, y, 2 * D * COLUMNS, 1);
  fill_normals(&rng, target, 2 * D * COLUMNS, 1);
  fill_normals(&rng, noise, D * COLUMNS, 1);
  // Whatever stands in the padding must not be seen.
  for (int i = 0; i < 2 * D; i++) {
    for (int j = SAMPLES; j < COLUMNS; j++) y[i * COLUMNS + j] = target[i * COLUMNS + j] = (lb_real)1e3;
  }
  return 0;
}

static double soft_bound(double lv, double low, double high) {
  lv = high - log1p(exp(high - lv));
  return low + log1p(exp(lv - low));
}

static void test_gaussian(void** state) {
  (void)state;
  lb_gaussian_bounds bounds = lb_gaussian_default_bounds();
  double expected = 0, squared = 0;
  lb_real free_lv[D * COLUMNS];
  for (int i = 0; i < D * COLUMNS; i++) free_lv[i] = y[D * COLUMNS + i];
  for (int i = 0; i < D; i++) {
    for (int j = 0; j < SAMPLES; j++) {
      double lv = soft_bound((double)free_lv[i * COLUMNS + j], -10, 0.5);
      double error = (double)y[i * COLUMNS + j] - (double)target[i * COLUMNS + j];
      expected += (error * error * exp(-lv) + lv) / (D * SAMPLES);
      squared += error * error / (D * SAMPLES);
    }
  }
  assert_near(lb_gaussian_squared(NULL, y, target, D, SAMPLES), squared, tolerance);
  lb_gaussian_bound(y, NULL, &bounds, D, SAMPLES);
  assert_near(lb_gaussian_nll(NULL, y, NULL, target, D, SAMPLES), expected, tolerance);
}

// Weighed by the whole variance, the means' derivatives are those of the squared error, the others the variance times
// what they were; weighed by half its logarithm, between.
static void test_weighed_derivatives(void** state) {
  (void)state;
  static lb_real bare[2 * D * COLUMNS], weighed[2 * D * COLUMNS], plain[D * COLUMNS];
  lb_gaussian_bounds bounds = lb_gaussian_default_bounds();
  lb_gaussian_bound(y, slope, &bounds, D, SAMPLES);
  lb_gaussian_nll(bare, y, slope, target, D, SAMPLES);
  lb_gaussian_squared(plain, y, target, D, SAMPLES);
  for (int k = 1; k <= 2; k++) {
    memcpy(weighed, bare, sizeof weighed);
    lb_gaussian_weigh(weighed, y, 0.5 * k, D, SAMPLES);
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < SAMPLES; j++) {
        int at = i * COLUMNS + j, lower = (D + i) * COLUMNS + j;
        double weight = exp(0.5 * k * (double)y[lower]);
        if (k == 2) assert_near((double)weighed[at], (double)plain[at], 10 * tolerance);
        assert_near((double)weighed[at], weight * (double)bare[at], 10 * tolerance);
        assert_near((double)weighed[lower], weight * (double)bare[lower], 10 * tolerance);
      }
    }
  }
}

static void test_log_variance_stays_in_its_bounds(void** state) {
  (void)state;
  lb_gaussian_bounds bounds = lb_gaussian_default_bounds();
  const double raw[] = {-1e4, -30, -10, 0, 0.5, 30, 1e4};
  for (int j = 0; j < 7; j++) y[D * COLUMNS + j] = (lb_real)raw[j];
  lb_gaussian_bound(y, slope, &bounds, D, SAMPLES);
  for (int j = 0; j < 7; j++) {
    double lv = (double)y[D * COLUMNS + j];
    assert_true(lv >= -10 - 1e-6 && lv <= 0.5 + 3e-5);
    assert_true(slope[j] >= 0 && slope[j] <= 1);
    if (j > 0) assert_true(lv >= (double)y[D * COLUMNS + j - 1]);
  }
}

static void test_tanh_gaussian_density(void** state) {
  (void)state;
  lb_tanh_gaussian_sample(action, density, y, noise, D, SAMPLES);
  for (int j = 0; j < SAMPLES; j++) {
    double expected = 0;
    for (int i = 0; i < D; i++) {
      double e = (double)noise[i * COLUMNS + j], log_std = (double)y[(D + i) * COLUMNS + j];
      double u = (double)y[i * COLUMNS + j] + exp(fmin(2, fmax(-20, log_std))) * e, a = tanh(u);
      assert_near((double)action[i * COLUMNS + j], a, tolerance);
      expected += -0.5 * e * e - fmin(2, log_std) - 0.5 * log(2 * acos(-1)) - log(4 / pow(exp(u) + exp(-u), 2));
    }
    assert_near((double)density[j], expected, 10 * tolerance * fmax(1, fabs(expected)));
  }
  lb_tanh_gaussian_mean(action, y, D, SAMPLES);
  for (int i = 0; i < D * COLUMNS; i++) assert_near((double)action[i], tanh((double)y[i]), tolerance);
}

static void test_squared_error_of_the_action(void** state) {
  (void)state;
  double expected = 0;
  for (int i = 0; i < D; i++) {
    for (int j = 0; j < SAMPLES; j++) {
      expected += pow(tanh((double)y[i * COLUMNS + j]) - (double)target[i * COLUMNS + j], 2) / (D * SAMPLES);
    }
  }
  assert_near(lb_tanh_gaussian_squared(NULL, y, target, D, SAMPLES), expected, tolerance);
}

// exp(log density) must integrate to 1 over the actions: a rule of many points along one action, by the density of
// given actions.
static void test_density_integrates_to_one(void** state) {
  (void)state;
  enum { POINTS = 4000 };
  double total = 0;
  for (int k = 0; k < POINTS; k++) {
    double a = -1 + (2 * k + 1.0) / POINTS;
    y[0] = (lb_real)0.3;
    y[LB_NN_PAD] = (lb_real)-0.4;  // with one sample a row is no longer than this
    action[0] = (lb_real)a;
    total += exp(-lb_tanh_gaussian_nll(NULL, y, action, 1, 1)) * 2 / POINTS;
  }
  assert_near(total, 1, 2e-3);
}

// Far out the density stays finite where 1 - tanh^2 is 0, and a log standard deviation past its cut has no derivative.
static void test_ends(void** state) {
  (void)state;
  for (int i = 0; i < D * COLUMNS; i++) {
    y[i] = 50;
    noise[i] = 0;
    y[D * COLUMNS + i] = i < COLUMNS ? (lb_real)3 : i < 2 * COLUMNS ? (lb_real)-25 : 0;
  }
  lb_tanh_gaussian_sample(action, density, y, noise, D, SAMPLES);
  double expected = 3 * (100 - 2 * log(2) - 0.5 * log(2 * acos(-1))) - 2 + 20;
  for (int j = 0; j < SAMPLES; j++) {
    assert_true(action[j] == 1);
    assert_near((double)density[j], expected, 1e-3);
  }
  lb_tanh_gaussian_backward(dy, zeros, 1, action, y, noise, D, SAMPLES);
  for (int j = 0; j < SAMPLES; j++) {
    assert_true(dy[D * COLUMNS + j] == 0 && dy[(D + 1) * COLUMNS + j] == 0 && dy[(D + 2) * COLUMNS + j] == -1);
    assert_true(dy[j] == 2);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_gaussian, set_up),
      cmocka_unit_test_setup(test_weighed_derivatives, set_up),
      cmocka_unit_test_setup(test_log_variance_stays_in_its_bounds, set_up),
      cmocka_unit_test_setup(test_tanh_gaussian_density, set_up),
      cmocka_unit_test_setup(test_squared_error_of_the_action, set_up),
      cmocka_unit_test_setup(test_density_integrates_to_one, set_up),
      cmocka_unit_test_setup(test_ends, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
