// The authors' planners on the published helicopter, against data recorded from their program: gains, costs in the
// model, and the number of LQR passes of ten perturbed models; and their loop with the textbook's update rule.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "heli.h"
#include "io/npz.h"
#include "plan/ilqr.h"
#include "plan/psdp.h"

enum { MODELS = 10, GAINS = HELI_H * HELI_NU * HELI_NX };

// In the products that the authors' program computes: weight and lift then cancel exactly at hover.
static const double true_theta[HELI_NPARAM] = {
    5, 0.3,         0.3,         0.3,        0,       -3.47 * 0.3, 13.20 * 0.3, 0,           -3.06 * 0.3, -9.21 * 0.3,
    0, -2.58 * 0.3, 14.84 * 0.3, -0.048 * 5, 0 * 5.0, -0.12 * 5,   -9.81 * 5,   -0.0005 * 5, -27.5 * 5,   9.81};
static const double x0[HELI_NX], target_x[(HELI_H + 1) * HELI_NX], target_u[HELI_H * HELI_NU];
static const lb_trajectory target = {HELI_H, target_x, target_u};

typedef struct fixture {
  lb_arena* arena;
  lb_npz* npz;
} fixture;

static int set_up(void** state) {
  static fixture f;
  f.arena = lb_arena_new(0);
  lb_status s = lb_npz_load(&f.npz, LB_SOURCE_DIR "/tests/golden/helicopter_2023_lqr.npz");
  if (s.code != LB_OK) print_error("%s\n", s.text);
  *state = &f;
  return s.code != LB_OK;
}

static int tear_down(void** state) {
  fixture* f = *state;
  lb_npz_free(f->npz);
  lb_arena_free(f->arena);
  return 0;
}

static const double* read(fixture* f, const char* name, int64_t n) {
  double* out = NULL;
  const lb_array* a = lb_npz_find(f->npz, name);
  assert_non_null(a);
  assert_int_equal(a->size, n);
  int64_t shape[LB_MAX_RANK];
  for (int i = 0; i < LB_MAX_RANK; ++i) shape[i] = -1;
  lb_status s = lb_npz_doubles(f->npz, name, a->rank, shape, f->arena, &out, NULL);
  if (s.code != LB_OK) fail_msg("%s", s.text);
  return out;
}

static double roll_out(const lb_dynamics* f, lb_lq_policy* policy) {
  static double x[(HELI_H + 1) * HELI_NX], u[HELI_H * HELI_NU];
  lb_policy view = lb_lq_policy_view(policy);
  return lb_rollout(x, u, f, &heli_cost, &view, (lb_control_limits){0}, x0, HELI_H);
}

static void plan_psdp(fixture* f, heli* h, lb_lq_policy* policy) {
  lb_psdp_config config = lb_psdp_2023_config();
  lb_lq_policy_init(policy, &heli_space, HELI_NU, HELI_H, f->arena);
  lb_lqr* w = lb_lqr_new(&heli_space, HELI_NU, HELI_H, f->arena);
  lb_lqr_report r = lb_psdp_plan(w, policy, NULL, &h->f, &heli_cost, NULL, &target, &config, &h->counts);
  assert_int_equal(r.outcome, LB_LQR_DONE);
}

static void check_gains(const lb_lq_policy* policy, const double* K) {
  for (int i = 0; i < GAINS; ++i) assert_near(policy->K[i], K[i], 1e-9 * (1 + fabs(K[i])));
  for (int i = 0; i < HELI_H * HELI_NU; ++i) assert_near(policy->k[i], 0, 0);
}

static void test_true_model(void** state) {
  fixture* f = *state;
  heli h;
  lb_lq_policy psdp;
  heli_init(&h, true_theta);
  plan_psdp(f, &h, &psdp);
  check_gains(&psdp, read(f, "psdp_K", GAINS));
  assert_near(roll_out(&h.f, &psdp), 50.5, 0);
  lb_ilqr_config config = lb_ilqr_2023_config();
  lb_ilqr_start start = {.x0 = x0, .lq = &psdp};
  lb_ilqr_result r =
      lb_ilqr_solve(lb_ilqr_new(&heli_space, HELI_NU, HELI_H, f->arena), &h.f, &heli_cost, &start, &config, &h.counts);
  assert_int_equal(r.stop, LB_ILQR_NO_STEP);
  assert_int_equal(h.counts.lqr_passes, 2);
  assert_near(r.cost, 50.5, 0);
  check_gains(r.policy, read(f, "psdp_K", GAINS));  // no step accepted: the start
}

static void test_psdp_in_perturbed_models(void** state) {
  fixture* f = *state;
  const double *theta = read(f, "pm_params", MODELS * HELI_NPARAM), *K = read(f, "pm_psdp_K", MODELS * GAINS);
  const double *in_model = read(f, "pm_psdp_cost_model", MODELS), *real = read(f, "pm_psdp_cost_true_nonoise", MODELS);
  heli truth;
  heli_init(&truth, true_theta);
  for (int j = 0; j < MODELS; ++j) {
    heli h;
    lb_lq_policy policy;
    heli_init(&h, theta + j * HELI_NPARAM);
    plan_psdp(f, &h, &policy);
    assert_int_equal(h.counts.lqr_passes, 1);
    check_gains(&policy, K + j * GAINS);
    assert_near(roll_out(&h.f, &policy), in_model[j], 1e-9 * in_model[j]);
    assert_near(roll_out(&truth.f, &policy), real[j], 0);  // no feed-forward, and hover is a fixed point
  }
}

// The authors' loop under either rule. It goes on as long as a step gains anything at all; with the textbook's rule the
// last gains in the first five models are a few units of rounding, so the number of passes may differ by `slack` there.
// In the true system, which the first five policies do not stabilise, only the last five costs are comparable.
static void check_search(fixture* f, lb_update_rule rule, const char* costs, const char* calls, const char* reals,
                         int slack) {
  const double *theta = read(f, "pm_params", MODELS * HELI_NPARAM), *cost = read(f, costs, MODELS);
  const double *passes = read(f, calls, MODELS), *real = read(f, reals, MODELS);
  lb_ilqr* solver = lb_ilqr_new(&heli_space, HELI_NU, HELI_H, f->arena);
  lb_ilqr_config config = lb_ilqr_2023_config();
  config.rule = rule;
  heli truth;
  heli_init(&truth, true_theta);
  for (int j = 0; j < MODELS; ++j) {
    heli h;
    lb_lq_policy psdp;
    heli_init(&h, theta + j * HELI_NPARAM);
    plan_psdp(f, &h, &psdp);
    lb_ilqr_start start = {.x0 = x0, .lq = &psdp};
    lb_ilqr_result r = lb_ilqr_solve(solver, &h.f, &heli_cost, &start, &config, &h.counts);
    assert_int_equal(r.stop, LB_ILQR_NO_STEP);
    assert_int_equal(h.counts.lqr_passes, 1 + r.iterations);
    assert_near(r.cost, cost[j], 1e-10 * cost[j]);
    assert_near((double)h.counts.lqr_passes, passes[j], j < MODELS / 2 ? slack : 0);
    if (j >= MODELS / 2) assert_near(roll_out(&truth.f, r.policy), real[j], 1e-8 * real[j]);
    assert_near(roll_out(&h.f, r.policy), r.cost, 1e-9 * r.cost);
  }
}

static void test_search_2023(void** state) {
  check_search(*state, LB_RULE_2023, "pm_ilqr_cost_model", "pm_ilqr_lqr_calls", "pm_ilqr_cost_true_nonoise", 0);
}

static void test_search_textbook_rule(void** state) {
  check_search(*state, LB_RULE_TEXTBOOK, "pm_textbook_ilqr_cost_model", "pm_textbook_ilqr_lqr_calls",
               "pm_textbook_ilqr_cost_true_nonoise", 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_true_model),
      cmocka_unit_test(test_psdp_in_perturbed_models),
      cmocka_unit_test(test_search_2023),
      cmocka_unit_test(test_search_textbook_rule),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
