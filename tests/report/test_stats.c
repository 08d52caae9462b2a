// The statistics of the report against SciPy (tests/golden/report_stats.npz, made by make_report_stats.py), and the
// bootstrap against what it must cover.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "base/rng.h"
#include "io/npz.h"
#include "report/stats.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_beta_function_and_t_quantiles_are_scipys),
      cmocka_unit_test(paired_differences_are_scipys),
      cmocka_unit_test(quantiles_and_the_interquartile_mean_are_numpys),
      cmocka_unit_test(small_samples_have_no_interval),
      cmocka_unit_test(the_bootstrap_covers),
      cmocka_unit_test(strata_stay_apart),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
