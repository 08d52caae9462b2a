// Bands of results: worked by hand, counted by brute force, and drawn from distributions whose answer is known.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/rng.h"
#include "verify/band.h"

static void is_the_range_and_half_of_it(void** state) {
  (void)state;
  const double values[] = {3, 7, 5, 4};
  lb_band band = lb_band_of(values, 4, -1);
  assert_float_equal(band.low, 1, 1e-12);
  assert_float_equal(band.high, 9, 1e-12);
  assert_true(lb_band_holds(&band, 1) && lb_band_holds(&band, 9));
  assert_false(lb_band_holds(&band, 0.999) || lb_band_holds(&band, 9.001) || lb_band_holds(&band, NAN));
  assert_false(lb_band_holds(&band, INFINITY) || lb_band_holds(&band, -INFINITY));
  band = lb_band_of(values, 4, 3.5);
  assert_float_equal(band.low, -0.5, 1e-12);
  assert_float_equal(band.high, 10.5, 1e-12);
}

static void what_is_exact_must_be_equal(void** state) {
  (void)state;
  const double values[] = {24, 24, 24};
  lb_band band = lb_band_of(values, 3, -1);
  assert_true(lb_band_holds(&band, 24));
  assert_false(lb_band_holds(&band, 24.001) || lb_band_holds(&band, 23));
}

static void median_of_any_order(void** state) {
  (void)state;
  double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2}, none[] = {1, NAN, 2}, one[] = {7};
  assert_float_equal(lb_band_median(odd, 3), 5, 0);
  assert_float_equal(lb_band_median(even, 4), 2.5, 0);
  assert_float_equal(lb_band_median(one, 1), 7, 0);
  assert_true(isnan(lb_band_median(none, 3)));
}

// Of ranks 1..n+m in random order; the formula is exact.
static void chance_of_leaving_the_range(void** state) {
  (void)state;
  enum { N = 6, M = 3, DRAWS = 200000 };
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  int outside = 0;
  for (int k = 0; k < DRAWS; k++) {
    double low = INFINITY, high = -INFINITY, others[M];
    for (int i = 0; i < N; i++) {
      double x = lb_rng_uniform(&rng);
      low = fmin(low, x);
      high = fmax(high, x);
    }
    for (int i = 0; i < M; i++) others[i] = lb_rng_uniform(&rng);
    double median = lb_band_median(others, M);
    outside += median < low || median > high;
  }
  double expected = lb_band_outside_range(N, M);
  assert_float_equal(expected, 2.0 * 3 * 2 / (9 * 8), 1e-12);
  assert_true(fabs((double)outside / DRAWS - expected) < 4 * sqrt(expected / DRAWS));
}

// Four equal values and two far away: the pair is refused when both are chosen, and nothing else is.
static void false_alarms_by_hand(void** state) {
  (void)state;
  const double values[] = {1, 50, 1, 50, 1, 1};
  long tried;
  assert_float_equal(lb_band_false_alarms(values, 6, 2, -1, &tried), 1.0 / 15, 1e-12);
  assert_int_equal(tried, 15);
  assert_float_equal(lb_band_false_alarms(values, 6, 1, -1, &tried), 0, 0);
  assert_int_equal(tried, 6);
  assert_float_equal(lb_band_false_alarms(values, 6, 2, 49, &tried), 0, 0);

  // Too many choices to go through: 7 of 26, refused when all four that lie far away are among them.
  double many[26] = {0};
  for (int i = 0; i < 4; i++) many[i] = 100;
  double share = lb_band_false_alarms(many, 26, 7, -1, &tried);
  double all_four = 7.0 * 6 * 5 * 4 / (26.0 * 25 * 24 * 23);  // C(22, 3) / C(26, 7)
  assert_true(tried < 657800);
  assert_true(fabs(share - all_four) < 5 * sqrt(all_four / (double)tried));
}

// How often a correct build fails a check of 5 seeds beside 24, by the kind of distribution: next to never for normal
// ones, rarely for those with far tails, and never more often than the range alone would have it.
static void false_alarms_of_distributions(void** state) {
  (void)state;
  enum { N = 24, M = 5, DRAWS = 40000 };
  int alarms[3] = {0};
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  for (int k = 0; k < 3 * DRAWS; k++) {
    double x[N + M];
    for (int i = 0; i < N + M; i++) {
      double z = lb_rng_normal(&rng);
      if (k % 3 == 1) z = exp(z);                                        // lognormal
      if (k % 3 == 2) z = lb_rng_uniform(&rng) < 0.1 ? 0 : 150 + 2 * z;  // one run in ten learns nothing
      x[i] = z;
    }
    lb_band band = lb_band_of(x, N, -1);
    alarms[k % 3] += !lb_band_holds(&band, lb_band_median(x + N, M));
  }
  assert_true(alarms[0] <= 2);
  assert_true(alarms[1] <= DRAWS / 500);
  assert_true(alarms[2] <= DRAWS / 500);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_the_range_and_half_of_it), cmocka_unit_test(what_is_exact_must_be_equal),
      cmocka_unit_test(median_of_any_order),         cmocka_unit_test(chance_of_leaving_the_range),
      cmocka_unit_test(false_alarms_by_hand),        cmocka_unit_test(false_alarms_of_distributions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
