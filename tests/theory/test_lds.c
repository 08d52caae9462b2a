// The linear example against the published program's numbers: gains, values, losses, and whole runs, seed by seed on
// the draws that NumPy made for it.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "base/clock.h"
#include "io/npz.h"
#include "theory/lds.h"
#include "theory/mt19937.h"

enum { N = LB_LDS_N, H = LB_LDS_H, NN = N * N };

static lb_arena* arena;
static lb_npz* npz;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return lb_npz_load(&npz, LB_SOURCE_DIR "/tests/golden/lds.npz").code != LB_OK;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(npz);
  lb_arena_free(arena);
  return 0;
}

static const double* numbers(const char* name) {
  const lb_array* a = lb_npz_find(npz, name);
  if (!a || a->dtype != LB_F64) fail_msg("no numbers %s", name);
  return a->data;
}

static void near_relative(double a, double b, double tolerance) {
  assert_near(a, b, tolerance * fmax(fabs(b), 1e-300));
}

static void test_mt19937(void** state) {
  (void)state;
  // numpy.random.RandomState(5489).bytes: the reference's first and thousandth words
  lb_mt19937 m = lb_mt19937_seeded(5489);
  assert_int_equal(lb_mt19937_bits(&m), 3499211612U);
  for (int i = 2; i < 1000; ++i) lb_mt19937_bits(&m);
  assert_int_equal(lb_mt19937_bits(&m), 1341017984U);
  // numpy.random.RandomState(0): rand(), rand(), randint(100)
  m = lb_mt19937_seeded(0);
  assert_near(lb_mt19937_uniform(&m), 0.5488135039273248, 0);
  assert_near(lb_mt19937_uniform(&m), 0.7151893663724195, 0);
}

static void test_gains(void** state) {
  (void)state;
  lb_lds_problem p = lb_lds_published();
  double* K = LB_TAKE(arena, double, (H * N));
  double* P = LB_TAKE(arena, double, ((H + 1) * NN));
  lb_lds_plan(K, P, &p, NULL, NULL, arena);
  for (int i = 0; i < H * N; ++i) near_relative(K[i], numbers("expert_K")[i], 1e-12);
  for (int i = 0; i < (H + 1) * NN; ++i) near_relative(P[i], numbers("expert_P")[i], 1e-12);
  for (int k = 0; k < 3; ++k) {
    double theta[LB_LDS_PARAMS];
    memcpy(theta, numbers("model_A") + k * NN, NN * sizeof *theta);
    memcpy(theta + NN, numbers("model_B") + k * N, N * sizeof *theta);
    lb_counts counts = {0};
    lb_lds_plan(K, P, &p, theta, &counts, arena);
    assert_int_equal(counts.lqr_passes, 1);
    const double *K0 = numbers("model_K") + k * H * N, *P0 = numbers("model_P") + k * (H + 1) * NN;
    double most = 0;
    for (int i = 0; i < (H + 1) * NN; ++i) most = fmax(most, fabs(P0[i]));
    for (int i = 0; i < H * N; ++i) assert_near(K[i], K0[i], 1e-7 * fmax(1, fabs(K0[i])));
    for (int i = 0; i < (H + 1) * NN; ++i) assert_near(P[i], P0[i], 1e-8 * most);
  }
}

static lb_lds_samples published_samples(void) {
  enum { SAMPLES = 200 };
  const lb_array* times = lb_npz_find(npz, "loss_t");
  int* t = LB_TAKE(arena, int, SAMPLES);
  double* weight = LB_TAKE(arena, double, SAMPLES);
  for (int i = 0; i < SAMPLES; ++i) {
    t[i] = (int)((const int64_t*)times->data)[i];
    weight[i] = 1;
  }
  return (lb_lds_samples){.n = SAMPLES,
                          .t = t,
                          .weight = weight,
                          .x = numbers("loss_x"),
                          .u = numbers("loss_u"),
                          .x_next = numbers("loss_next")};
}

static void test_losses(void** state) {
  (void)state;
  lb_lds_samples data = published_samples();
  lb_lds_values values = {.k = 3, .P = numbers("model_P")};
  for (int k = 0; k < 10; ++k) {
    double theta[LB_LDS_PARAMS], moved[LB_LDS_PARAMS], g1[LB_LDS_PARAMS], g2[LB_LDS_PARAMS], norm = 0;
    memcpy(theta, numbers("loss_A") + k * NN, NN * sizeof *theta);
    memcpy(theta + NN, numbers("loss_B") + k * N, N * sizeof *theta);
    near_relative(lb_lds_likelihood(g1, theta, &data), numbers("loss_mle")[k], 1e-12);
    near_relative(lb_lds_moments(g2, theta, &data, &values, arena), numbers("loss_moment_noreg")[k], 1e-11);
    for (int i = 0; i < LB_LDS_PARAMS; ++i) norm += theta[i] * theta[i];
    near_relative(0.01 * norm, numbers("loss_reg")[k], 1e-12);
    for (int i = 0; i < LB_LDS_PARAMS; ++i) {
      double e = 1e-5;
      memcpy(moved, theta, sizeof theta);
      moved[i] = theta[i] + e;
      double a = lb_lds_likelihood(NULL, moved, &data), c = lb_lds_moments(NULL, moved, &data, &values, arena);
      moved[i] = theta[i] - e;
      double b = lb_lds_likelihood(NULL, moved, &data), d = lb_lds_moments(NULL, moved, &data, &values, arena);
      assert_near(g1[i], (a - b) / (2 * e), 1e-6 * fmax(1, fabs(g1[i])));
      assert_near(g2[i], (c - d) / (2 * e), 1e-5 * fmax(1e4, fabs(g2[i])));
    }
  }
}

// The published curves. One coordinate is controlled, so the optimum has a closed form: 0.01 P_11 + what the other four
// come to, 2 (0.1 0.75^50)^2; doing nothing costs 2.5 (0.1 0.75^50)^2.
static void test_costs(void** state) {
  (void)state;
  lb_lds_problem p = lb_lds_published();
  lb_lds_config config = lb_lds_default_config();
  lb_lds* l = lb_lds_new(&p, &config, NULL, arena);
  double end = 0.1 * pow(0.75, 50);
  near_relative(lb_lds_expert_cost(l), 6.60466212752298e-15, 1e-12);
  near_relative(lb_lds_expert_cost(l), 0.01 * numbers("expert_P")[0] + 2 * end * end, 1e-12);
  near_relative(lb_lds_zero_cost(l), 2.5 * end * end, 1e-12);
  near_relative(lb_lds_cost(l), 1.3706553581674386e-06, 1e-9);
}

static void test_likelihood_runs(void** state) {
  (void)state;
  lb_lds_problem p = lb_lds_published();
  const double* published = numbers("run_mle_cost_seeds0_9");
  double mean[51] = {0}, mean0[51] = {0}, worst = 0, worst_mean = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    lb_mark mark = lb_arena_mark(arena);
    lb_lds_config config = lb_lds_default_config();
    config.published_draws = true;
    config.seed = seed;
    lb_lds* l = lb_lds_new(&p, &config, NULL, arena);
    for (int k = 0; k <= 50; ++k) {
      if (k > 0) assert_true(lb_lds_iteration(l));
      double cost = lb_lds_cost(l), theirs = published[seed * 51 + (uint64_t)k];
      worst = fmax(worst, fabs(cost - theirs) / theirs);
      mean[k] += cost / 10;
      mean0[k] += theirs / 10;
    }
    lb_arena_release(arena, mark);
  }
  for (int k = 0; k <= 50; ++k) worst_mean = fmax(worst_mean, fabs(mean[k] - mean0[k]) / mean0[k]);
  print_message("likelihood: worst %g of a seed's cost, %g of the mean\n", worst, worst_mean);
  assert_true(worst_mean < 0.001 && worst < 0.01);
}

static void test_moment_runs(void** state) {
  (void)state;
  lb_lds_problem p = lb_lds_published();
  for (uint64_t seed = 0; seed < 2; ++seed) {
    lb_mark mark = lb_arena_mark(arena);
    lb_lds_config config = lb_lds_default_config();
    config.loss = LB_LDS_MOMENTS;
    config.published_draws = true;
    config.seed = seed;
    lb_counts counts = {0};
    double start = lb_cpu_seconds();
    lb_lds* l = lb_lds_new(&p, &config, &counts, arena);
    const double* published = numbers(seed == 0 ? "run_mm_cost_seed0" : "run_mm_cost_seed1");
    for (int k = 1; k <= 50; ++k) {
      assert_true(lb_lds_iteration(l));
      near_relative(lb_lds_cost(l), published[k], 1e-3);
    }
    near_relative(lb_lds_cost(l), 8.018e-15, 1e-4);
    assert_int_equal(counts.lqr_passes, 51);
    print_message("moments: %.3f s, %lld evaluations\n", lb_cpu_seconds() - start, (long long)counts.model_queries);
    lb_arena_release(arena, mark);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_mt19937),         cmocka_unit_test(test_gains),
                                     cmocka_unit_test(test_losses),          cmocka_unit_test(test_costs),
                                     cmocka_unit_test(test_likelihood_runs), cmocka_unit_test(test_moment_runs)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
