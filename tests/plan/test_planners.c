// The planners as the loop sees them: counts, reports, limits, warm starts, fall-backs, stored state.
#include "plan/planners.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "../linalg/plain.h"
#include "../support/near.h"
#include "lq.h"

enum { N = 3, M = 2, H = 12 };

static lq p;
static double expert_x[(H + 1) * N], expert_u[H * M], target_x[(H + 1) * N], target_u[H * M];
static const lb_trajectory expert = {H, expert_x, expert_u}, target = {H, target_x, target_u};
static const double x0[N] = {1, -1, 2}, low[M] = {-0.5, -0.5}, high[M] = {0.4, 0.4};
static const double origin[N];
static lb_model model;

// Whether the planner made a policy.
static bool plans(lb_planner* planner, const lb_problem* q, lb_plan_report* r) {
  *r = (lb_plan_report){0};
  assert_int_equal(planner->plan(planner->ctx, q, r).code, LB_OK);
  return r->planned;
}

static lb_problem problem(void) {
  lq_random(&p, N, M, H, 3);
  lb_rng rng = lb_rng_stream(12, LB_RNG_TEST, 0, 0);
  lb_rng_normals(&rng, expert_x, (H + 1) * N);
  lb_rng_normals(&rng, expert_u, H * M);
  model.dynamics = p.f;
  return (lb_problem){.model = &model,
                      .cost = &p.cost,
                      .horizon = H,
                      .x0 = x0,
                      .u_low = low,
                      .u_high = high,
                      .reference = &target,
                      .expert = &expert,
                      .counts = &p.counts};
}

static double cost_of(const lb_planner* planner, lb_control_limits limits) {
  double x[(H + 1) * N], u[H * M];
  return lb_rollout(x, u, &p.f, &p.cost, &planner->policy, limits, x0, H);
}

static void test_psdp(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_psdp_config config = lb_psdp_default_config();
  lb_planner planner = lb_psdp_planner(&p.space, M, H, &config, false);
  lb_plan_report r;
  assert_true(plans(&planner, &q, &r));
  assert_int_equal(p.counts.lqr_passes, 1);
  assert_int_equal(r.iterations, 1);
  assert_string_equal(r.stop, "done");
  assert_true(isnan(r.cost_in_model));
  double v;
  planner.value.at(planner.value.ctx, 1, 0, x0, &v);
  assert_near(v, cost_of(&planner, (lb_control_limits){0}), 1e-10 * v);
  planner.destroy(planner.ctx);
}

static void test_failed_plan_keeps_the_former_policy(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_psdp_config config = lb_psdp_default_config();
  lb_ilqr_planner_config search = lb_ilqr_planner_default_config();
  lb_planner planners[] = {lb_psdp_planner(&p.space, M, H, &config, true), lb_ilqr_planner(&p.space, M, H, &search)};
  for (int i = 0; i < 2; ++i) {
    lb_planner* planner = &planners[i];
    lb_plan_report r;
    double before[M], after[M], kept = p.A[4][1];
    assert_true(plans(planner, &q, &r));
    lb_policy_act(&planner->policy, 1, 3, x0, before);
    p.A[4][1] = NAN;
    assert_false(plans(planner, &q, &r));
    p.A[4][1] = kept;
    lb_policy_act(&planner->policy, 1, 3, x0, after);
    assert_memory_equal(before, after, sizeof before);
    planner->destroy(planner->ctx);
  }
}

static void test_ilqr_within_limits(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_ilqr_planner_config config = lb_ilqr_planner_default_config();
  lb_planner planner = lb_ilqr_planner(&p.space, M, H, &config);
  lb_plan_report r;
  assert_true(plans(&planner, &q, &r));
  assert_int_equal(p.counts.lqr_passes, r.iterations);
  double x[(H + 1) * N], u[H * M];
  lb_control_limits limits = {low, high};
  assert_near(lb_rollout(x, u, &p.f, &p.cost, &planner.policy, (lb_control_limits){0}, x0, H), r.cost_in_model,
              1e-9 * r.cost_in_model);
  for (int i = 0; i < H * M; ++i) assert_true(u[i] >= low[i % M] - 1e-9 && u[i] <= high[i % M] + 1e-9);
  config.limits = false;
  lb_planner free = lb_ilqr_planner(&p.space, M, H, &config);
  lb_plan_report unlimited;
  assert_true(plans(&free, &q, &unlimited));
  assert_true(unlimited.cost_in_model < r.cost_in_model);
  assert_true(cost_of(&free, limits) > r.cost_in_model);  // clipping afterwards is worse than planning with the limits
  planner.destroy(planner.ctx);
  free.destroy(free.ctx);
}

// A warm start at the optimum needs one pass and no first pass.
static void test_warm_start(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_ilqr_planner_config config = lb_ilqr_planner_default_config();
  config.limits = false;
  config.warm_start = true;
  lb_planner planner = lb_ilqr_planner(&p.space, M, H, &config);
  lb_plan_report cold, warm;
  (void)plans(&planner, &q, &cold);
  p.counts.lqr_passes = 0;
  (void)plans(&planner, &q, &warm);
  assert_int_equal(warm.iterations, 1);
  assert_int_equal(p.counts.lqr_passes, 1);
  assert_near(warm.cost_in_model, cold.cost_in_model, 1e-10 * cold.cost_in_model);
  planner.destroy(planner.ctx);
}

// Before the first plan there is nothing to start warm from.
static void test_warm_start_of_the_first_plan(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_ilqr_planner_config config = lb_ilqr_planner_default_config();
  lb_psdp_config first = lb_psdp_default_config();
  config.limits = false;
  config.warm_start = true;
  config.ilqr.max_iterations = 0;
  lb_planner planner = lb_ilqr_planner(&p.space, M, H, &config), psdp = lb_psdp_planner(&p.space, M, H, &first, false);
  lb_plan_report r, ignored;
  (void)plans(&planner, &q, &r);
  (void)plans(&psdp, &q, &ignored);
  assert_int_equal(r.iterations, 1);
  assert_near(r.cost_in_model, cost_of(&psdp, (lb_control_limits){0}), 1e-9 * r.cost_in_model);
  planner.destroy(planner.ctx);
  psdp.destroy(psdp.ctx);
}

static double cost_from_origin(const lb_planner* planner) {
  double x[(H + 1) * N], u[H * M];
  return lb_rollout(x, u, &p.f, &p.cost, &planner->policy, (lb_control_limits){0}, origin, H);
}

// When the rollout of the first policy explodes, the textbook's search begins at the trajectory's controls.
static void test_first_policy_that_explodes(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_ilqr_planner_config config = lb_ilqr_planner_default_config();
  config.limits = false;
  config.first.lqr.affine = false;
  lb_planner planner = lb_ilqr_planner(&p.space, M, H, &config);
  lb_plan_report r;
  expert_x[2] = 1e14;  // the pass is fine; its feedback asks at once for a control beyond the limit of a rollout
  q.x0 = origin;
  assert_true(plans(&planner, &q, &r));
  assert_int_equal(p.counts.lqr_passes, 3);  // the first, one that solves this convex problem, one that sees it
  assert_int_equal(r.iterations, 3);
  assert_near(r.cost_in_model, cost_from_origin(&planner), 1e-10 * r.cost_in_model);
  planner.destroy(planner.ctx);
}

static void test_authors_planner_on_a_perfect_start(void** state) {
  (void)state;
  lb_problem q = problem();
  memset(p.c, 0, sizeof p.c);
  memset(p.r, 0, sizeof p.r);
  lb_ilqr_planner_config config = lb_ilqr_planner_2023_config();
  lb_planner planner = lb_ilqr_planner(&p.space, M, H, &config);
  lb_plan_report r;
  q.x0 = origin;
  assert_true(plans(&planner, &q, &r));
  assert_int_equal(r.iterations, 2);  // the first pass, and the one whose steps are not accepted
  assert_int_equal(p.counts.lqr_passes, 2);
  assert_near(r.cost_in_model, 0, 0);
  planner.destroy(planner.ctx);
}

static void test_stored_state(void** state) {
  (void)state;
  lb_problem q = problem();
  lb_ilqr_planner_config config = lb_ilqr_planner_default_config();
  config.warm_start = true;
  lb_planner a = lb_ilqr_planner(&p.space, M, H, &config), b = lb_ilqr_planner(&p.space, M, H, &config);
  lb_plan_report r[2];
  (void)plans(&a, &q, &r[0]);
  static const char path[] = "/tmp/lb_test_planners.npz";
  lb_arena* scratch = lb_arena_new(0);
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_npz* npz;
  a.save(a.ctx, w, scratch);
  assert_int_equal(lb_npz_save(w, path).code, LB_OK);
  lb_npz_writer_free(w);
  assert_int_equal(lb_npz_load(&npz, path).code, LB_OK);
  assert_string_equal(b.restore(b.ctx, npz, scratch).text, "");
  lb_npz_free(npz);
  unlink(path);
  double u[2][M], v[2];
  lb_policy_act(&a.policy, 1, 5, x0, u[0]);
  lb_policy_act(&b.policy, 1, 5, x0, u[1]);
  a.value.at(a.value.ctx, 1, 5, x0, &v[0]);
  b.value.at(b.value.ctx, 1, 5, x0, &v[1]);
  assert_memory_equal(u[0], u[1], sizeof u[0]);
  assert_near(v[0], v[1], 0);
  (void)plans(&a, &q, &r[0]);  // both warm, both the same
  (void)plans(&b, &q, &r[1]);
  assert_int_equal(r[0].iterations, r[1].iterations);
  assert_near(r[0].cost_in_model, r[1].cost_in_model, 0);
  lb_arena_free(scratch);
  a.destroy(a.ctx);
  b.destroy(b.ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_psdp),
      cmocka_unit_test(test_failed_plan_keeps_the_former_policy),
      cmocka_unit_test(test_ilqr_within_limits),
      cmocka_unit_test(test_warm_start),
      cmocka_unit_test(test_warm_start_of_the_first_plan),
      cmocka_unit_test(test_first_policy_that_explodes),
      cmocka_unit_test(test_authors_planner_on_a_perfect_start),
      cmocka_unit_test(test_stored_state),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
