// Mean trajectories in plain and curved spaces, and PSDP about them.
#include "plan/psdp.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../linalg/plain.h"
#include "../support/near.h"
#include "lq.h"
#include "plan/mean_trajectory.h"
#include "sphere.h"

static lq p;
static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return arena == NULL;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

static lb_trajectory random_trajectory(int length, int nx, int nu, uint32_t index) {
  lb_rng rng = lb_rng_stream(11, LB_RNG_TEST, index, 0);
  double* x = LB_TAKE(arena, double, (length + 1) * nx);
  double* u = LB_TAKE(arena, double, (length * nu));
  lb_rng_normals(&rng, x, (length + 1) * nx);
  lb_rng_normals(&rng, u, length * nu);
  return (lb_trajectory){length, x, u};
}

static void test_is_one_pass_along_the_trajectory(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 12, 0);
  lb_trajectory expert = random_trajectory(12, 3, 2, 0), target = random_trajectory(12, 3, 2, 1);
  lb_lqr* w = lb_lqr_new(&p.space, 2, 12, arena);
  for (int about = 0; about < 2; ++about) {
    lb_psdp_config config = lb_psdp_default_config();
    assert_int_equal(config.about, LB_PSDP_ABOUT_EXPERT);
    if (about) config.about = LB_PSDP_ABOUT_TARGET;
    lb_lq_policy policy, expected;
    lb_lq_policy_init(&policy, &p.space, 2, 12, arena);
    lb_lq_policy_init(&expected, &p.space, 2, 12, arena);
    memset(&p.counts, 0, sizeof p.counts);
    lb_lqr_report r = lb_psdp_plan(w, &policy, NULL, &p.f, &p.cost, &expert, &target, &config, &p.counts);
    assert_int_equal(r.outcome, LB_LQR_DONE);
    assert_int_equal(p.counts.lqr_passes, 1);
    lb_lqr_pass(w, &expected, NULL, &p.f, &p.cost, about ? &target : &expert, &config.lqr, NULL);
    assert_memory_equal(policy.K, expected.K, 12 * 6 * sizeof(double));
    assert_memory_equal(policy.k, expected.k, 12 * 2 * sizeof(double));
    assert_memory_equal(policy.x_nominal, about ? target.x : expert.x, 13 * 3 * sizeof(double));
    assert_int_equal(policy.rule, LB_RULE_TEXTBOOK);
  }
}

// Backward in time as Bagnell et al. define it: at the expert's state of each time, the control that minimises the
// stage cost and then the cost of the policy already made. On a linear-quadratic problem its gradient vanishes there.
static void test_is_dynamic_programming_at_the_experts_states(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 10, 1);
  lb_trajectory expert = random_trajectory(10, 3, 2, 2);
  lb_psdp_config config = lb_psdp_default_config();
  lb_lq_policy policy;
  lb_lq_policy_init(&policy, &p.space, 2, 10, arena);
  lb_psdp_plan(lb_lqr_new(&p.space, 2, 10, arena), &policy, NULL, &p.f, &p.cost, &expert, NULL, &config, NULL);
  lb_policy view = lb_lq_policy_view(&policy);
  for (int t = 0; t < 10; ++t) {
    double u[2], cost[3];
    lb_policy_act(&view, 1, t, expert.x + 3 * t, u);
    for (int i = 0; i < 2; ++i) {
      for (int s = -1; s <= 1; ++s) {
        double x[3], next[3], v[2] = {u[0], u[1]}, h = 1e-3;
        v[i] += s * h;
        memcpy(x, expert.x + 3 * t, sizeof x);
        cost[s + 1] = 0;
        for (int k = t; k < 10; ++k) {
          if (k > t) lb_policy_act(&view, 1, k, x, v);
          cost[s + 1] += lq_stage(&p, k, x, v);
          lq_step(&p, 1, &k, x, v, next);
          memcpy(x, next, sizeof x);
        }
        cost[s + 1] += lq_terminal(&p, 10, x);
      }
      assert_near((cost[2] - cost[0]) / 2e-3, 0, 1e-8 * (1 + cost[1]));
      assert_true(cost[2] + cost[0] - 2 * cost[1] > 0);
    }
  }
}

static void test_authors_variant(void** state) {
  (void)state;
  lb_psdp_config config = lb_psdp_2023_config();
  lb_trajectory a = {0}, b = {0};
  assert_ptr_equal(lb_psdp_trajectory(&config, &a, &b), &b);
  assert_int_equal(config.rule, LB_RULE_2023);
  assert_false(config.lqr.affine);
}

static void test_mean_in_a_plain_space(void** state) {
  (void)state;
  lb_space space = {.nx = 3, .ndx = 3};
  lb_trajectory demos[] = {random_trajectory(6, 3, 2, 3), random_trajectory(5, 3, 2, 4), random_trajectory(9, 3, 2, 5)};
  lb_trajectory mean = lb_mean_trajectory(&space, 2, demos, 3, arena);
  assert_int_equal(mean.length, 5);
  for (int i = 0; i < 6 * 3; ++i) assert_near(mean.x[i], (demos[0].x[i] + demos[1].x[i] + demos[2].x[i]) / 3, 1e-14);
  for (int i = 0; i < 5 * 2; ++i) assert_near(mean.u[i], (demos[0].u[i] + demos[1].u[i] + demos[2].u[i]) / 3, 1e-14);
  mean = lb_mean_trajectory(&space, 2, demos, 1, arena);
  assert_memory_equal(mean.x, demos[0].x, 7 * 3 * sizeof(double));
}

// The displacements from the mean to the demonstrations sum to zero; q and -q are the same rotation.
static void test_mean_in_a_curved_space(void** state) {
  (void)state;
  lb_trajectory demos[4];
  for (int i = 0; i < 4; ++i) {
    lb_trajectory d = random_trajectory(2, 4, 1, 10 + (uint32_t)i);
    double* x = LB_TAKE(arena, double, 12);
    for (int t = 0; t < 3; ++t) {
      double centre[4] = {0.5, 0.5, -0.5, 0.5}, away[3];
      for (int j = 0; j < 3; ++j) away[j] = 0.4 * d.x[4 * t + j];
      sphere_displace(NULL, x + 4 * t, centre, away);
      for (int j = 0; j < 4; ++j) x[4 * t + j] *= i == 2 ? -1 : 1;
    }
    demos[i] = (lb_trajectory){2, x, d.u};
  }
  lb_trajectory mean = lb_mean_trajectory(&sphere_space, 1, demos, 4, arena);
  for (int t = 0; t < 3; ++t) {
    double sum[3] = {0}, d[3], norm = 0;
    for (int i = 0; i < 4; ++i) {
      sphere_difference(NULL, d, mean.x + 4 * t, demos[i].x + 4 * t);
      for (int j = 0; j < 3; ++j) sum[j] += d[j];
      assert_true(fabs(d[0]) > 1e-3);
    }
    for (int j = 0; j < 3; ++j) assert_near(sum[j], 0, 1e-12);
    for (int j = 0; j < 4; ++j) norm += mean.x[4 * t + j] * mean.x[4 * t + j];
    assert_near(norm, 1, 1e-13);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_is_one_pass_along_the_trajectory),
      TEST(test_is_dynamic_programming_at_the_experts_states),
      TEST(test_authors_variant),
      TEST(test_mean_in_a_plain_space),
      TEST(test_mean_in_a_curved_space),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
