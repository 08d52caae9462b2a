// The statistics of the report against SciPy (tests/golden/report_stats.npz, made by make_report_stats.py), and the
// bootstrap against what it must cover.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "base/rng.h"
#include "io/npz.h"
#include "stats/stats.h"

static lb_npz* golden;
static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return lb_npz_load(&golden, LB_SOURCE_DIR "/tests/golden/report_stats.npz").code;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(golden);
  lb_arena_free(arena);
  return 0;
}

static double* get(const char* name, int* n) {
  double* values;
  int64_t shape[1];
  assert_int_equal(lb_npz_doubles(golden, name, 1, (const int64_t[]){-1}, arena, &values, shape).code, LB_OK);
  *n = (int)shape[0];
  return values;
}

static double one(const char* name) {
  int n;
  double value = get(name, &n)[0];
  assert_int_equal(n, 1);
  return value;
}

static double* matrix(const char* name, int rows, int columns) {
  double* values;
  assert_int_equal(lb_npz_doubles(golden, name, 2, (const int64_t[]){rows, columns}, arena, &values, NULL).code, LB_OK);
  return values;
}

static void near(double x, double expected, double relative) {
  if (!(fabs(x - expected) <= relative * fabs(expected))) fail_msg("%.17g is not %.17g", x, expected);
}

static void the_beta_function_and_t_quantiles_are_scipys(void** state) {
  (void)state;
  int nx, ndf, np;
  double *x = get("beta_x", &nx), *df = get("t_df", &ndf), *p = get("t_p", &np);
  double *ab = matrix("beta_ab", 5, 2), *beta = matrix("beta", 5, nx), *t = matrix("t_quantile", ndf, np);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < nx; ++j)
      near(lb_stats_incomplete_beta(x[j], ab[2 * i], ab[2 * i + 1]), beta[i * nx + j], 1e-10);
  }
  for (int i = 0; i < ndf; ++i) {
    for (int j = 0; j < np; ++j) {
      near(lb_stats_t_quantile(p[j], df[i]), t[i * np + j], 1e-10);
      near(lb_stats_t_upper(t[i * np + j], df[i]), 1 - p[j], 1e-9);
    }
  }
}

static void paired_differences_are_scipys(void** state) {
  (void)state;
  int n, two;
  double *a = get("a", &n), *b = get("b", &n), *interval = get("interval", &two);
  lb_stats_paired paired = lb_stats_compare(a, b, n, 0.95);
  near(paired.difference.low, interval[0], 1e-10);
  near(paired.difference.high, interval[1], 1e-10);
  near(paired.t_p, one("t_test"), 1e-9);
  near(paired.sign_p, one("sign_test"), 1e-9);
  near(paired.wilcoxon_p, one("wilcoxon"), 1e-9);
  assert_int_equal(paired.positive + paired.negative + paired.zero, n);
}

static int ascending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static void quantiles_and_the_interquartile_mean_are_numpys(void** state) {
  (void)state;
  int n, np, nq;
  double *x = get("x", &n), *p = get("quantile_p", &np), *q = get("quantile", &nq);
  near(lb_stats_iqm(x, n), one("iqm"), 1e-12);
  qsort(x, (size_t)n, sizeof *x, ascending);
  for (int i = 0; i < np; ++i) near(lb_stats_quantile(x, n, p[i]), q[i], 1e-12);
}

static void small_samples_have_no_interval(void** state) {
  (void)state;
  lb_stats_summary one_value = lb_stats_summarise((const double[]){3}, 1, 0.95);
  assert_true(one_value.n == 1 && one_value.mean == 3 && isnan(one_value.low) && isnan(one_value.sd));
  lb_stats_summary none = lb_stats_summarise(NULL, 0, 0.95);
  assert_true(none.n == 0 && isnan(none.mean));
  lb_stats_summary diverged = lb_stats_summarise((const double[]){1, INFINITY, 2}, 3, 0.95);
  assert_true(isnan(diverged.mean) && diverged.median == 2 && isinf(diverged.max));
}

// The interval must cover the true mean about as often as it says. 400 samples of 30 normals: the coverage of the
// percentile bootstrap is a little under 95 %; 0.88 and 0.99 are more than four standard deviations away.
static void the_bootstrap_covers(void** state) {
  (void)state;
  int covered = 0;
  for (uint32_t i = 0; i < 400; ++i) {
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, i, 0);
    double x[30];
    lb_rng_normals(&rng, x, 30);
    lb_interval interval = lb_stats_bootstrap(lb_stats_mean, x, (const int[]){30}, 1, 0.95, 400, i);
    covered += interval.low <= 0 && interval.high >= 0;
  }
  assert_true(covered > 0.88 * 400 && covered < 0.99 * 400);
}

static void strata_stay_apart(void** state) {
  (void)state;
  // Two blocks of constants: any resample that mixed them would move the mean.
  const double x[] = {1, 1, 1, 1, 9, 9};
  lb_interval interval = lb_stats_bootstrap(lb_stats_mean, x, (const int[]){4, 2}, 2, 0.95, 500, 3);
  near(interval.low, 22.0 / 6, 1e-14);
  near(interval.high, 22.0 / 6, 1e-14);
}

// From SciPy: binomtest(k, n).proportion_ci(0.95, "exact").
static void shares_have_the_exact_interval(void** state) {
  (void)state;
  static const struct {
    int k, n;
    double low, high;
  } cases[] = {{0, 5, 0, 0.5218237501049814},
               {3, 5, 0.14663279963467254, 0.9472550494736843},
               {5, 5, 1 - 0.5218237501049814, 1},
               {33, 40, 0.6722098666384054, 0.926617270647915}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lb_interval x = lb_stats_proportion(cases[i].k, cases[i].n, 0.95);
    assert_true(fabs(x.low - cases[i].low) < 1e-10 && fabs(x.high - cases[i].high) < 1e-10);
  }
  assert_true(isnan(lb_stats_proportion(0, 0, 0.95).low));
}

// By hand: sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, each at least as much as the one before.
static void holm_steps_down(void** state) {
  (void)state;
  double p[] = {0.01, 0.04, NAN, 0.03, 0.005}, adjusted[5];
  static const double expected[] = {0.03, 0.06, NAN, 0.06, 0.02};
  lb_stats_holm(adjusted, p, 5);
  for (int i = 0; i < 5; i++) {
    if (i == 2) {
      assert_true(isnan(adjusted[i]));
    } else {
      assert_true(fabs(adjusted[i] - expected[i]) < 1e-15);
    }
  }
}

// From SciPy, the power as an integral over the scale: with f(x) = chi.pdf(x, df) (norm.sf(t x / sqrt(df) - d) +
// norm.cdf(-t x / sqrt(df) - d)), brentq of quad(f, 0, sqrt(df) + 14) = 0.8 in d, over sqrt(n).
static void the_smallest_difference_has_the_power(void** state) {
  (void)state;
  static const struct {
    int n;
    double d;
  } cases[] = {{2, 11.54988843588235},
               {3, 3.2640435496995694},
               {5, 1.6819969659555547},
               {10, 0.9960013714554435},
               {40, 0.4542569396835683}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double d = lb_stats_smallest_difference(3, cases[i].n, 0.05, 0.8);
    assert_true(fabs(d / (3 * cases[i].d) - 1) < 1e-6);
  }
  assert_true(isnan(lb_stats_smallest_difference(1, 1, 0.05, 0.8)));
}

// From SciPy: ecdf(CensoredData(uncensored=[3, 5, 5, 8], right=[4, 6, 9])).sf falls to 0.514 at 5 and 0.257 at 8.
static void medians_of_censored_times(void** state) {
  (void)state;
  const double time[] = {3, 5, 5, 8, 4, 6, 9};
  const bool happened[] = {true, true, true, true, false, false, false};
  assert_true(lb_stats_censored_median(time, happened, 7) == 8);
  const double whole[] = {4, 1, 3, 2};
  const bool all[] = {true, true, true, true}, none[] = {false, false, false, false};
  assert_true(lb_stats_censored_median(whole, all, 4) == 2.5);  // as without censoring
  assert_true(lb_stats_censored_median(whole, all, 3) == 3);
  assert_true(isnan(lb_stats_censored_median(whole, none, 4)));
  assert_true(isnan(lb_stats_censored_median(NULL, NULL, 0)));
  const double broken[] = {2, INFINITY, INFINITY};
  const bool one[] = {true, false, false};
  assert_true(isnan(lb_stats_censored_median(broken, one, 3)));
}

// {2, 4, 6} against {1, 2, 3}: variances 4 and 1, t = 2 / sqrt(5 / 3), df = (5 / 3)^2 / ((4 / 3)^2 / 2 + (1 / 3)^2 /
// 2); p and the quantile 3.2187586 by integrating the density of t.
static void two_samples_are_compared_by_welch(void** state) {
  (void)state;
  static const double x[] = {2, 4, 6}, y[] = {1, 2, 3}, same[] = {5, 5}, other[] = {7, 7, 7};
  lb_stats_welch w = lb_stats_compare_means(x, 3, y, 3, 0.95);
  assert_true(fabs(w.difference - 2) < 1e-12 && fabs(w.t - 1.5491933384829668) < 1e-12);
  assert_true(fabs(w.df - 2.9411764705882346) < 1e-12);
  assert_true(fabs(w.p - 0.22088084) < 1e-7);
  assert_true(fabs(w.low - (2 - 3.2187586145 * sqrt(5.0 / 3))) < 1e-6);
  assert_true(fabs(w.high - (2 + 3.2187586145 * sqrt(5.0 / 3))) < 1e-6);
  assert_true(lb_stats_compare_means(same, 2, same, 2, 0.95).p == 1);
  assert_true(lb_stats_compare_means(same, 2, other, 3, 0.95).p == 0);
  w = lb_stats_compare_means(x, 1, y, 3, 0.95);
  assert_true(w.difference == 0 && isnan(w.p) && isnan(w.low));
}

// Of (1, 1), (2, 3), (3, 2), (4, 6), by hand: sum of products 7, of squares 5. And what has no slope.
static void slopes_by_least_squares(void** state) {
  (void)state;
  static const double x[] = {1, 2, 3, 4}, y[] = {1, 3, 2, 6}, same[] = {2, 2, 2, 2};
  assert_true(fabs(lb_stats_slope(x, y, 4) - 7.0 / 5) < 1e-15);
  assert_true(isnan(lb_stats_slope(x, y, 2)));
  assert_true(isnan(lb_stats_slope(same, y, 4)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_samples_are_compared_by_welch),
      cmocka_unit_test(the_beta_function_and_t_quantiles_are_scipys),
      cmocka_unit_test(paired_differences_are_scipys),
      cmocka_unit_test(quantiles_and_the_interquartile_mean_are_numpys),
      cmocka_unit_test(small_samples_have_no_interval),
      cmocka_unit_test(the_bootstrap_covers),
      cmocka_unit_test(shares_have_the_exact_interval),
      cmocka_unit_test(holm_steps_down),
      cmocka_unit_test(the_smallest_difference_has_the_power),
      cmocka_unit_test(medians_of_censored_times),
      cmocka_unit_test(strata_stay_apart),
      cmocka_unit_test(slopes_by_least_squares),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
