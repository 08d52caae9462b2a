// Statistics across tasks against rliable (tests/golden/rliable.npz, made by make_rliable.py): points exactly,
// bootstrap intervals within their Monte Carlo error; and what rliable has no word for: runs that diverged, unequal and
// empty tasks.
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
#include "base/sort.h"
#include "io/npz.h"
#include "stats/scores.h"

enum { TASKS = 3, X_RUNS = 10, Y_RUNS = 8, TAUS = 13, RESAMPLES = 20000 };

static lb_npz* golden;
static lb_arena* arena;
static const int x_count[TASKS] = {X_RUNS, X_RUNS, X_RUNS}, y_count[TASKS] = {Y_RUNS, Y_RUNS, Y_RUNS};

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return lb_npz_load(&golden, LB_SOURCE_DIR "/tests/golden/rliable.npz").code;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(golden);
  lb_arena_free(arena);
  return 0;
}

static const double* get(const char* name, int rows, int columns) {
  double* values;
  const int64_t matrix[] = {rows, columns}, vector[] = {columns};
  lb_status status = lb_npz_doubles(golden, name, rows ? 2 : 1, rows ? matrix : vector, arena, &values, NULL);
  assert_string_equal(status.text, "");
  return values;
}

static void near(double x, double expected, double tolerance) {
  if (!(fabs(x - expected) <= tolerance)) fail_msg("%.17g is not within %g of %.17g", x, tolerance, expected);
}

// `sd` is that of one run of rliable, of which `expected` averages 20: ours, with ten times the resamples, is off by at
// most a third of it; four standard deviations of all of that are 1.6 sd. `grain`: the steps that the statistic takes.
static void near_interval(lb_interval ours, const double* expected, const double* sd, double grain) {
  near(ours.low, expected[0], 1.6 * sd[0] + grain);
  near(ours.high, expected[1], 1.6 * sd[1] + grain);
}

static lb_scores x_scores(void) {
  return (lb_scores){get("x", TASKS, X_RUNS), x_count, TASKS};
}

static lb_scores y_scores(void) {
  return (lb_scores){get("y", TASKS, Y_RUNS), y_count, TASKS};
}

static void the_interquartile_mean_is_rliables(void** state) {
  (void)state;
  lb_scores x = x_scores();
  near(lb_stats_iqm(x.x, lb_scores_total(&x)), get("iqm", 0, 1)[0], 1e-14);
  lb_interval interval = lb_stats_bootstrap(lb_stats_iqm, x.x, x_count, TASKS, 0.95, RESAMPLES, 0);
  near_interval(interval, get("iqm_interval", 0, 2), get("iqm_interval_sd", 0, 2), 0);
}

static void the_probability_of_improvement_is_rliables(void** state) {
  (void)state;
  lb_scores x = x_scores(), y = y_scores();
  const double* expected = get("improvement", 0, 2);
  near(lb_scores_improvement(&x, &y), expected[0], 1e-14);
  near(lb_scores_improvement(&y, &x), expected[1], 1e-14);
  lb_interval interval = lb_scores_improvement_interval(&x, &y, 0.95, RESAMPLES, 0);
  near_interval(interval, get("improvement_interval", 0, 2), get("improvement_interval_sd", 0, 2),
                1.0 / (TASKS * X_RUNS * Y_RUNS));
}

// The interval is that of resamples compared pair by pair, to the bit.
static void the_interval_of_improvement_is_that_of_all_pairs(void** state) {
  (void)state;
  enum { TIMES = 500, T = 2 };
  static const double a[] = {1, 2, 2, 5, -INFINITY, 3, 3, 3, 0.5}, b[] = {2, 2, 4, 1, 3, -INFINITY, -INFINITY, 9};
  static const int na[] = {5, 4}, nb[] = {3, 5};
  const lb_scores x = {a, na, T}, y = {b, nb, T};
  double values[TIMES], xd[9], yd[8];
  lb_rng x_rng = lb_rng_stream(7, LB_RNG_STATISTICS, 2, 0), y_rng = lb_rng_stream(7, LB_RNG_STATISTICS, 3, 0);
  for (int r = 0; r < TIMES; ++r) {
    for (int t = 0, i = 0, k = 0; t < T; i += na[t], k += nb[t], ++t) {
      for (int j = 0; j < na[t]; ++j) xd[i + j] = a[i + (int)lb_rng_below(&x_rng, (uint32_t)na[t])];
      for (int j = 0; j < nb[t]; ++j) yd[k + j] = b[k + (int)lb_rng_below(&y_rng, (uint32_t)nb[t])];
    }
    const lb_scores x_drawn = {xd, na, T}, y_drawn = {yd, nb, T};
    values[r] = lb_scores_improvement(&x_drawn, &y_drawn);
  }
  lb_sort(values, TIMES);
  lb_interval interval = lb_scores_improvement_interval(&x, &y, 0.9, TIMES, 7);
  near(interval.low, lb_stats_quantile(values, TIMES, 0.5 - 0.5 * 0.9), 0);
  near(interval.high, lb_stats_quantile(values, TIMES, 0.5 + 0.5 * 0.9), 0);
}

// So is that of the interquartile mean: drawing by rank gives what drawing by value does.
static void the_interval_of_the_interquartile_mean_is_that_of_draws(void** state) {
  (void)state;
  enum { TIMES = 300, T = 2 };
  static const double a[] = {0.1, 0.7, 0.7, 5.3, -INFINITY, 3.3, 3.3, 1e-3, 0.5, 9.1, -2.7};
  static const int na[] = {6, 5};
  double values[TIMES], drawn[11];
  lb_rng rng = lb_rng_stream(9, LB_RNG_STATISTICS, 0, 0);
  for (int r = 0; r < TIMES; ++r) {
    for (int t = 0, i = 0; t < T; i += na[t], ++t) {
      for (int j = 0; j < na[t]; ++j) drawn[i + j] = a[i + (int)lb_rng_below(&rng, (uint32_t)na[t])];
    }
    values[r] = lb_stats_iqm(drawn, 11);
  }
  lb_sort(values, TIMES);
  lb_interval interval = lb_stats_bootstrap(lb_stats_iqm, a, na, T, 0.8, TIMES, 9);
  near(interval.low, lb_stats_quantile(values, TIMES, 0.5 - 0.5 * 0.8), 0);
  near(interval.high, lb_stats_quantile(values, TIMES, 0.5 + 0.5 * 0.8), 0);
}

static void the_performance_profile_is_rliables(void** state) {
  (void)state;
  lb_scores x = x_scores();
  double share[TAUS], low[TAUS], high[TAUS];
  const double *expected = get("profile", 0, TAUS), *interval = get("profile_interval", 2, TAUS),
               *sd = get("profile_interval_sd", 2, TAUS);
  lb_scores_profile(share, low, high, &x, get("tau", 0, TAUS), TAUS, 0.95, RESAMPLES, 0);
  for (int i = 0; i < TAUS; ++i) {
    near(share[i], expected[i], 1e-14);
    const double ends[] = {interval[i], interval[TAUS + i]}, sds[] = {sd[i], sd[TAUS + i]};
    near_interval((lb_interval){low[i], high[i]}, ends, sds, 1.0 / (TASKS * X_RUNS));
  }
}

static void a_run_that_diverged_is_worse_than_any(void** state) {
  (void)state;
  const double a[] = {-INFINITY, 1, 2, 3}, b[] = {0, 0, 0, 2};
  const int four[] = {4};
  lb_scores x = {a, four, 1}, y = {b, four, 1};
  // Wins of 1: 3; of 2: 3.5; of 3: 4; of the diverged: 0.
  near(lb_scores_improvement(&x, &y), 10.5 / 16, 1e-15);
  double share[2], low[2], high[2];
  lb_scores_profile(share, low, high, &x, (const double[]){-1e300, 2}, 2, 0.95, 100, 0);
  near(share[0], 0.75, 0);
  near(share[1], 0.25, 0);
  near(lb_stats_iqm(a, 4), 1.5, 0);  // one in four is cut
  assert_true(lb_stats_iqm((const double[]){-INFINITY, -INFINITY, 2, 3}, 4) == -INFINITY);
  lb_stats_summary s = lb_stats_summarise((const double[]){-INFINITY, 5, 7}, 3, 0.95);
  assert_true(isnan(s.mean) && s.median == 5 && s.min == -INFINITY && s.max == 7);
  assert_true(lb_stats_quantile((const double[]){-INFINITY, 5}, 2, 0.5) == -INFINITY);
}

static void tasks_count_alike_whatever_their_runs(void** state) {
  (void)state;
  // Task 1: X wins always; task 2: X always loses; task 3: Y has no run.
  const double a[] = {5, 5, 5, 5, 1, 9}, b[] = {2, 3, 4};
  const int na[] = {4, 1, 1}, nb[] = {1, 2, 0}, none[] = {0, 0, 0};
  lb_scores x = {a, na, 3}, y = {b, nb, 3}, empty = {b, none, 3};
  near(lb_scores_improvement(&x, &y), 0.5, 0);
  lb_interval certain = lb_scores_improvement_interval(&x, &y, 0.95, 200, 1);
  assert_true(certain.low == 0.5 && certain.high == 0.5);  // no resample mixes the tasks
  assert_true(isnan(lb_scores_improvement(&x, &empty)));
  assert_true(isnan(lb_scores_improvement_interval(&x, &empty, 0.95, 200, 1).low));
  double share, low, high;
  lb_scores_profile(&share, &low, &high, &empty, (const double[]){0}, 1, 0.95, 10, 0);
  assert_true(isnan(share) && isnan(low) && isnan(high));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_interquartile_mean_is_rliables),
      cmocka_unit_test(the_probability_of_improvement_is_rliables),
      cmocka_unit_test(the_interval_of_improvement_is_that_of_all_pairs),
      cmocka_unit_test(the_interval_of_the_interquartile_mean_is_that_of_draws),
      cmocka_unit_test(the_performance_profile_is_rliables),
      cmocka_unit_test(a_run_that_diverged_is_worse_than_any),
      cmocka_unit_test(tasks_count_alike_whatever_their_runs),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
