// Iterative LQR: one step on a convex problem, descent on a pendulum, optimality conditions with and without limits,
// and every reason to stop.
#include "plan/ilqr.h"

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

// A pendulum, angle from the bottom and rate, explicit Euler with dt = 0.05; its cost draws it upright.
enum { PEN_H = 60 };

static const double pen_dt = 0.05, pen_weight = 50;
static const lb_space pen_space = {.nx = 2, .ndx = 2};

static void pen_step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)ctx, (void)t;
  for (int i = 0; i < n; ++i) {
    double angle = x[2 * i], rate = x[2 * i + 1];
    x_next[2 * i] = angle + pen_dt * rate;
    x_next[2 * i + 1] = rate + pen_dt * (-9.81 * sin(angle) - 0.1 * rate + u[i]);
  }
}

static long pen_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)ctx, (void)t, (void)u;
  for (int i = 0; i < n; ++i) {
    const double a[] = {1, pen_dt, -pen_dt * 9.81 * cos(x[2 * i]), 1 - 0.1 * pen_dt};
    memcpy(A + 4 * i, a, sizeof a);
    B[2 * i] = 0;
    B[2 * i + 1] = pen_dt;
  }
  return n;
}

// Stage u^2 / 200 + (1 + cos angle) / 10: its Hessian in the angle is negative near the bottom.
static double pen_stage(void* ctx, int t, const double* x, const double* u) {
  (void)ctx, (void)t;
  return 0.005 * u[0] * u[0] + 0.1 * (1 + cos(x[0]));
}

static double pen_terminal(void* ctx, int t, const double* x) {
  (void)ctx, (void)t;
  double d = x[0] - acos(-1);
  return 0.5 * pen_weight * (d * d + 0.1 * x[1] * x[1]);
}

static void pen_stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu,
                                  double* lxx, double* luu, double* lux) {
  (void)ctx, (void)t;
  lx[0] = -0.1 * sin(x[0]);
  lx[1] = 0;
  lu[0] = 0.01 * u[0];
  lxx[0] = -0.1 * cos(x[0]);
  lxx[1] = lxx[2] = lxx[3] = 0;
  luu[0] = 0.01;
  lux[0] = lux[1] = 0;
}

static void pen_terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  (void)ctx, (void)t;
  lx[0] = pen_weight * (x[0] - acos(-1));
  lx[1] = pen_weight * 0.1 * x[1];
  lxx[0] = pen_weight;
  lxx[1] = lxx[2] = 0;
  lxx[3] = pen_weight * 0.1;
}

static const lb_dynamics pen_f = {.space = &pen_space, .nu = 1, .step = pen_step, .linearize = pen_linearize};
static const lb_cost pen_cost = {.ndx = 2,
                                 .nu = 1,
                                 .stage = pen_stage,
                                 .terminal = pen_terminal,
                                 .stage_derivatives = pen_stage_derivatives,
                                 .terminal_derivatives = pen_terminal_derivatives};
static const double pen_x0[2], pen_u0[PEN_H];

static lb_ilqr_result swing(const lb_ilqr_config* config, lb_counts* counts) {
  lb_ilqr* s = lb_ilqr_new(&pen_space, 1, PEN_H, arena);
  return lb_ilqr_solve(s, &pen_f, &pen_cost, &(lb_ilqr_start){.x0 = pen_x0, .u = pen_u0}, config, counts);
}

// Cost of the open-loop controls u.
static double pen_total(const double* u) {
  double x[2] = {0, 0}, next[2], sum = 0;
  for (int t = 0; t < PEN_H; ++t) {
    sum += pen_stage(NULL, t, x, u + t);
    pen_step(NULL, 1, NULL, x, u + t, next);
    memcpy(x, next, sizeof x);
  }
  return sum + pen_terminal(NULL, PEN_H, x);
}

static double pen_slope(const double* u, int t) {
  double v[PEN_H], h = 1e-5;
  memcpy(v, u, sizeof v);
  v[t] = u[t] + h;
  double plus = pen_total(v);
  v[t] = u[t] - h;
  return (plus - pen_total(v)) / (2 * h);
}

static void check_descent(const lb_ilqr_result* r) {
  assert_near(r->history[0], r->start_cost, 0);
  assert_near(r->history[r->accepted], r->cost, 0);
  for (int i = 0; i < r->accepted; ++i) assert_true(r->history[i + 1] < r->history[i]);
  assert_near(pen_total(r->trajectory.u), r->cost, 1e-9 * (1 + r->cost));
}

// The policy must reproduce the best trajectory in the model.
static void check_policy(const lb_ilqr_result* r, lb_control_limits limits) {
  double x[2 * (PEN_H + 1)], u[PEN_H];
  lb_policy view = lb_lq_policy_view(r->policy);
  assert_near(lb_rollout(x, u, &pen_f, &pen_cost, &view, limits, pen_x0, PEN_H), r->cost, 1e-9 * (1 + r->cost));
  assert_true(plain_difference(u, r->trajectory.u, PEN_H) < 1e-9);
}

static void test_convex_problem_takes_one_step(void** state) {
  (void)state;
  for (uint32_t index = 0; index < 5; ++index) {
    lq_random(&p, 4, 2, 30, index);
    const double x0[] = {1, 2, -1, 0.5}, u0[60] = {0};
    lb_ilqr_config config = lb_ilqr_default_config();
    lb_ilqr* s = lb_ilqr_new(&p.space, p.m, p.H, arena);
    lb_ilqr_start start = {.x0 = x0, .u = u0};
    lb_ilqr_result r = lb_ilqr_solve(s, &p.f, &p.cost, &start, &config, &p.counts);
    assert_int_equal(r.accepted, 1);
    assert_int_equal(r.iterations, 2);  // the second pass sees that nothing is left
    assert_int_equal(r.stop, LB_ILQR_CONVERGED_GRADIENT);
    assert_string_equal(lb_ilqr_stop_text(r.stop), "converged: the feed-forward terms vanished");
    assert_int_equal(p.counts.lqr_passes, 2);
    double v;
    lb_value value = lb_lq_value_view(r.value);
    value.at(value.ctx, 1, 0, x0, &v);
    assert_near(v, r.cost, 1e-10 * r.cost);
  }
}

static void test_pendulum_descends_to_a_minimum(void** state) {
  (void)state;
  for (int on_state = 0; on_state < 2; ++on_state) {
    lb_counts counts = {0};
    lb_ilqr_config config = lb_ilqr_default_config();
    config.mu_on_state = on_state;
    config.max_iterations = 300;
    lb_ilqr_result r = swing(&config, &counts);
    assert_true(r.stop == LB_ILQR_CONVERGED_GRADIENT || r.stop == LB_ILQR_CONVERGED_COST);
    assert_true(r.accepted > 2);
    assert_true(r.cost < 0.2 * r.start_cost);
    assert_int_equal(counts.lqr_passes, r.iterations);
    check_descent(&r);
    check_policy(&r, (lb_control_limits){0});
    for (int t = 0; t < PEN_H; ++t) assert_near(pen_slope(r.trajectory.u, t), 0, 1e-3);
  }
}

static void test_limits_hold_and_are_optimal(void** state) {
  (void)state;
  double low = -4, high = 3;
  int held = 0;
  lb_ilqr_config config = lb_ilqr_default_config();
  config.max_iterations = 500;
  lb_ilqr_result free = swing(&config, NULL);
  config.limits = (lb_control_limits){&low, &high};
  config.cost_tolerance = 1e-12;
  lb_ilqr_result r = swing(&config, NULL);
  check_descent(&r);
  check_policy(&r, config.limits);
  assert_true(r.cost > free.cost);
  for (int t = 0; t < PEN_H; ++t) {
    double u = r.trajectory.u[t], slope = pen_slope(r.trajectory.u, t);
    assert_true(u >= low && u <= high);
    if (u == low) assert_true(slope > -1e-3);
    if (u == high) assert_true(slope < 1e-3);
    if (u > low && u < high) assert_near(slope, 0, 5e-3);
    held += u == low || u == high;
  }
  assert_true(held > 5 && held < PEN_H);
}

static void test_authors_settings_on_the_pendulum(void** state) {
  (void)state;
  lb_ilqr_config config = lb_ilqr_2023_config();
  config.rule = LB_RULE_TEXTBOOK;
  lb_counts counts = {0};
  lb_ilqr_result r = swing(&config, &counts);
  assert_true(r.stop == LB_ILQR_NO_STEP || r.stop == LB_ILQR_MAX_ITERATIONS);
  assert_int_equal(counts.lqr_passes, r.iterations);
  assert_near(r.mu, 0, 0);
  check_descent(&r);
  check_policy(&r, (lb_control_limits){0});
  assert_true(r.policy->alpha > 0);  // the accepted pass itself
}

static void test_starts_agree(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 15, 7);
  const double x0[] = {1, 2, -1};
  double u0[30];
  lb_rng rng = lb_rng_stream(9, LB_RNG_TEST, 0, 0);
  lb_rng_normals(&rng, u0, 30);
  lb_lq_policy open;
  lb_lq_policy_init(&open, &p.space, 2, 15, arena);
  memcpy(open.u_nominal, u0, sizeof u0);
  lb_policy view = lb_lq_policy_view(&open);
  lb_ilqr_start starts[] = {{.x0 = x0, .u = u0}, {.x0 = x0, .lq = &open}, {.x0 = x0, .policy = &view}};
  lb_ilqr_config config = lb_ilqr_default_config();
  lb_ilqr_result first = {0};
  for (int i = 0; i < 3; ++i) {
    lb_ilqr_result r =
        lb_ilqr_solve(lb_ilqr_new(&p.space, 2, 15, arena), &p.f, &p.cost, &starts[i], &config, &p.counts);
    if (i == 0) first = r;
    assert_near(r.start_cost, first.start_cost, 0);
    assert_true(plain_difference(r.policy->K, first.policy->K, 15 * 6) < 1e-12);
    assert_true(plain_difference(r.trajectory.u, first.trajectory.u, 30) < 1e-12);
  }
}

// A solver that was used before gives the same as a fresh one.
static void test_solver_keeps_no_memory(void** state) {
  (void)state;
  lb_ilqr_config config = lb_ilqr_default_config();
  lb_ilqr* s = lb_ilqr_new(&pen_space, 1, PEN_H, arena);
  lb_ilqr_start start = {.x0 = pen_x0, .u = pen_u0};
  double u[2][PEN_H];
  for (int i = 0; i < 2; ++i) {
    lb_ilqr_result r = lb_ilqr_solve(s, &pen_f, &pen_cost, &start, &config, NULL);
    memcpy(u[i], r.trajectory.u, sizeof u[i]);
  }
  assert_memory_equal(u[0], u[1], sizeof u[0]);
}

static void test_stops_at_max_iterations(void** state) {
  (void)state;
  lb_ilqr_config config = lb_ilqr_default_config();
  config.max_iterations = 2;
  lb_ilqr_result r = swing(&config, NULL);
  assert_int_equal(r.stop, LB_ILQR_MAX_ITERATIONS);
  assert_int_equal(r.iterations, 2);
  check_policy(&r, (lb_control_limits){0});
  config.max_iterations = 0;
  r = swing(&config, NULL);
  assert_int_equal(r.iterations, 0);
  assert_near(r.cost, r.start_cost, 0);
  assert_null(r.value);
  check_policy(&r, (lb_control_limits){0});
}

static void test_stops_by_cost(void** state) {
  (void)state;
  lb_ilqr_config config = lb_ilqr_default_config();
  config.gradient_tolerance = 0;
  config.cost_tolerance = 1e-3;
  lb_ilqr_result r = swing(&config, NULL);
  assert_int_equal(r.stop, LB_ILQR_CONVERGED_COST);
  assert_true(r.history[r.accepted - 1] - r.cost <= 1e-3 * (1 + r.cost) || r.accepted < r.iterations);
}

static void test_stops_without_a_step(void** state) {
  (void)state;
  lb_ilqr_config config = lb_ilqr_default_config();
  config.accept_ratio = 1e6;  // no step gains that much
  config.gradient_tolerance = config.cost_tolerance = 0;
  config.mu_max = 0;
  lb_ilqr* s = lb_ilqr_new(&pen_space, 1, PEN_H, arena);
  lb_ilqr_start start = {.x0 = pen_x0, .u = pen_u0};
  lb_ilqr_result r = lb_ilqr_solve(s, &pen_f, &pen_cost, &start, &config, NULL);
  assert_int_equal(r.stop, LB_ILQR_NO_STEP);
  assert_int_equal(r.iterations, 1);
  assert_near(r.cost, r.start_cost, 0);
  assert_near(r.policy->alpha, 0, 0);
  double K[2 * PEN_H];
  memcpy(K, r.policy->K, sizeof K);
  config.mu_max = 1;  // raises mu until there is no more room; the gains to fly with are free of it again
  r = lb_ilqr_solve(s, &pen_f, &pen_cost, &start, &config, NULL);
  assert_int_equal(r.stop, LB_ILQR_NO_STEP);
  assert_true(r.iterations > 1);
  assert_near(r.mu, 1, 0);
  assert_memory_equal(r.policy->K, K, sizeof K);
}

// x' = x + u with a cost that is concave in u at the start: without regularisation the pass fails, with it the search
// finds the minimum at |u| = 1 of (u^2 - 1)^2.
static double quartic_stage(void* ctx, int t, const double* x, const double* u) {
  (void)ctx, (void)t, (void)x;
  return (u[0] * u[0] - 1) * (u[0] * u[0] - 1);
}

static double quartic_terminal(void* ctx, int t, const double* x) {
  (void)ctx, (void)t, (void)x;
  return 0;
}

static void quartic_stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu,
                                      double* lxx, double* luu, double* lux) {
  (void)ctx, (void)t, (void)x;
  lx[0] = lxx[0] = lux[0] = 0;
  lu[0] = 4 * u[0] * (u[0] * u[0] - 1);
  luu[0] = 12 * u[0] * u[0] - 4;
}

static void quartic_terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  (void)ctx, (void)t, (void)x;
  lx[0] = lxx[0] = 0;
}

static void test_regularisation(void** state) {
  (void)state;
  lq_init(&p, 1, 1, 5);
  for (int t = 0; t < 5; ++t) p.A[t][0] = p.B[t][0] = 1;
  lb_cost cost = {.ndx = 1,
                  .nu = 1,
                  .stage = quartic_stage,
                  .terminal = quartic_terminal,
                  .stage_derivatives = quartic_stage_derivatives,
                  .terminal_derivatives = quartic_terminal_derivatives};
  const double x0 = 0, u0[] = {0.1, -0.1, 0.2, 0.3, -0.2};
  lb_ilqr_start start = {.x0 = &x0, .u = u0};
  lb_ilqr* s = lb_ilqr_new(&p.space, 1, 5, arena);
  lb_ilqr_config config = lb_ilqr_default_config();
  lb_ilqr_result r = lb_ilqr_solve(s, &p.f, &cost, &start, &config, &p.counts);
  assert_true(r.stop == LB_ILQR_CONVERGED_GRADIENT || r.stop == LB_ILQR_CONVERGED_COST);
  for (int t = 0; t < 5; ++t) assert_near(r.trajectory.u[t], u0[t] > 0 ? 1 : -1, 1e-4);
  assert_true(r.iterations > r.accepted + 1);  // passes that failed are counted
  assert_int_equal(p.counts.lqr_passes, r.iterations);
  config.mu_max = 0;
  r = lb_ilqr_solve(s, &p.f, &cost, &start, &config, NULL);
  assert_int_equal(r.stop, LB_ILQR_MAX_REGULARISATION);
  assert_int_equal(r.pass, LB_LQR_NOT_POSITIVE);
  assert_int_equal(r.iterations, 1);
  assert_null(r.value);
  config.mu_max = 1;
  r = lb_ilqr_solve(s, &p.f, &cost, &start, &config, NULL);
  assert_int_equal(r.stop, LB_ILQR_MAX_REGULARISATION);
  assert_near(r.mu, 1, 0);
}

// Under heavy regularisation all steps are short; that is no convergence.
static void test_short_steps_are_not_convergence(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 15, 9);
  const double x0[] = {1, 2, -1}, u0[30] = {0};
  lb_ilqr_start start = {.x0 = x0, .u = u0};
  lb_ilqr* s = lb_ilqr_new(&p.space, 2, 15, arena);
  lb_ilqr_config config = lb_ilqr_default_config();
  lb_ilqr_result r = lb_ilqr_solve(s, &p.f, &p.cost, &start, &config, NULL);
  double best = r.cost;
  config.mu_initial = 1e9;
  config.cost_tolerance = 0;
  r = lb_ilqr_solve(s, &p.f, &p.cost, &start, &config, NULL);
  assert_int_equal(r.stop, LB_ILQR_CONVERGED_GRADIENT);
  assert_near(r.cost, best, 1e-9 * best);
  assert_near(r.mu, 0, 0);
}

static void test_divergence(void** state) {
  (void)state;
  lq_random(&p, 2, 1, 400, 8);
  for (int t = 0; t < p.H; ++t) {
    memset(p.A[t], 0, sizeof p.A[t]);
    p.A[t][0] = p.A[t][3] = 3;
  }
  const double x0[] = {1, 1}, u0[400] = {0};
  lb_ilqr* s = lb_ilqr_new(&p.space, 1, 400, arena);
  lb_ilqr_config config = lb_ilqr_default_config();
  lb_ilqr_result r = lb_ilqr_solve(s, &p.f, &p.cost, &(lb_ilqr_start){.x0 = x0, .u = u0}, &config, &p.counts);
  assert_int_equal(r.stop, LB_ILQR_DIVERGED);
  assert_true(isinf(r.cost));
  assert_int_equal(r.iterations, 0);
  lq_random(&p, 2, 1, 10, 8);
  p.counts.lqr_passes = 0;
  lb_lq_policy zero;
  lb_lq_policy_init(&zero, &p.space, 1, 10, arena);
  p.Q[0] = 1e200;  // finite costs whose Hessian overflows in the recursion
  p.F[0] = p.F[3] = 1e305;
  p.A[9][0] = 1e6;
  s = lb_ilqr_new(&p.space, 1, 10, arena);
  const double origin[2] = {0};
  memset(p.c, 0, sizeof p.c);
  memset(p.r, 0, sizeof p.r);
  r = lb_ilqr_solve(s, &p.f, &p.cost, &(lb_ilqr_start){.x0 = origin, .lq = &zero}, &config, &p.counts);
  assert_int_equal(r.stop, LB_ILQR_DIVERGED);
  assert_int_equal(r.pass, LB_LQR_NOT_FINITE);
  assert_near(r.cost, 0, 0);
  assert_int_equal(p.counts.lqr_passes, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_convex_problem_takes_one_step),
      TEST(test_pendulum_descends_to_a_minimum),
      TEST(test_limits_hold_and_are_optimal),
      TEST(test_authors_settings_on_the_pendulum),
      TEST(test_starts_agree),
      TEST(test_solver_keeps_no_memory),
      TEST(test_stops_at_max_iterations),
      TEST(test_stops_by_cost),
      TEST(test_stops_without_a_step),
      TEST(test_regularisation),
      TEST(test_short_steps_are_not_convergence),
      TEST(test_divergence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
