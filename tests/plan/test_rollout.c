// Rollouts: cost, trajectory, limits, counts, and the ways to leave the finite numbers.
#include "plan/rollout.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "lq.h"
#include "plan/lq_policy.h"

enum { H = 8 };

static lq p;
static lb_arena* arena;
static lb_lq_policy policy;

// x' = a x + u, stage (x^2 + u^2) / 2, terminal x^2 / 2, under the constant control u.
static void scalar(double a, double u) {
  lq_init(&p, 1, 1, H);
  for (int t = 0; t < H; ++t) {
    p.A[t][0] = a;
    p.B[t][0] = 1;
  }
  lb_lq_policy_init(&policy, &p.space, 1, H, arena);
  for (int t = 0; t < H; ++t) policy.u_nominal[t] = u;
}

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

static void test_cost_by_hand(void** state) {
  (void)state;
  scalar(1, 2);
  double x[H + 1], u[H], x0 = -3, expected = 0;
  lb_policy view = lb_lq_policy_view(&policy);
  double cost = lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, H);
  for (int t = 0; t <= H; ++t) {
    assert_near(x[t], -3 + 2 * t, 0);
    expected += 0.5 * x[t] * x[t] + (t < H ? 2 : 0);
  }
  assert_near(cost, expected, 1e-12);
  assert_int_equal(p.counts.model_queries, H);
  assert_near(lb_rollout(x, u, &p.f, NULL, &view, (lb_control_limits){0}, &x0, H), 0, 0);
  assert_near(lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, 0), 4.5, 0);
}

static void test_limits(void** state) {
  (void)state;
  scalar(1, 2);
  double x[H + 1], u[H], x0 = 0, low = -1, high = 0.5;
  lb_policy view = lb_lq_policy_view(&policy);
  lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){&low, &high}, &x0, H);
  assert_near(x[H], 0.5 * H, 0);
  lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){&low, NULL}, &x0, H);
  assert_near(x[H], 2 * H, 0);
  for (int t = 0; t < H; ++t) policy.u_nominal[t] = -2;
  lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){&low, NULL}, &x0, H);
  assert_near(x[H], -H, 0);
}

static void test_explosion_is_infinite(void** state) {
  (void)state;
  scalar(1e4, 0);
  double x[H + 1], u[H], x0 = 1;
  lb_policy view = lb_lq_policy_view(&policy);
  assert_true(isinf(lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, H)));
  assert_int_equal(p.counts.model_queries, 4);  // 1e16 is beyond the limit
  assert_near(x[3], 1e12, 0);
  for (int t = 4; t <= H; ++t) assert_true(isnan(x[t]));
  for (int t = 4; t < H; ++t) assert_true(isnan(u[t]));
}

static void test_not_finite_is_infinite(void** state) {
  (void)state;
  double x[H + 1], u[H], x0 = 1;
  scalar(1, NAN);
  lb_policy view = lb_lq_policy_view(&policy);
  assert_true(isinf(lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, H)));
  assert_int_equal(p.counts.model_queries, 0);  // such a control is never given to the model
  assert_true(isnan(x[1]) && isnan(x[H]));
  scalar(NAN, 0);
  view = lb_lq_policy_view(&policy);
  assert_true(isinf(lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, H)));
  scalar(1, 0);
  view = lb_lq_policy_view(&policy);
  p.Q[0] = INFINITY;  // the states are fine, the cost is not
  assert_true(isinf(lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, H)));
  p.Q[0] = NAN;
  assert_true(isinf(lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, &x0, H)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_cost_by_hand),
      TEST(test_limits),
      TEST(test_explosion_is_infinite),
      TEST(test_not_finite_is_infinite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
