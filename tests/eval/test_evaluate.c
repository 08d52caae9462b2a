// Evaluation against closed forms: the expected cost of linear feedback on a noisy linear system is a sum of traces,
// the error of a wrong model is known to the last digit, and the noise of a rollout does not depend on who else was
// measured.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/toy.h"
#include "eval/evaluate.h"

static double gain[2] = {1.5, 1.8};
static toy self;
static lb_system toy_world;
static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  toy_world = toy_system(&self);
  arena = lb_arena_new(0);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

// E[cost] by propagating the second moment M_t = E[x x^T]: M' = F M F^T + diag(s^2), F = A - B k.
static double expected_cost(void) {
  double F[4], M[4] = {1, 0, 0, 0}, total = 0;
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) F[2 * i + j] = toy_A[2 * i + j] - toy_B[i] * gain[j];
  }
  for (int t = 0; t < TOY_H; ++t) {
    double u2 = gain[0] * gain[0] * M[0] + 2 * gain[0] * gain[1] * M[1] + gain[1] * gain[1] * M[3];
    total += 0.5 * (M[0] + M[3] + u2);
    double N[4] = {0};
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        for (int k = 0; k < 4; ++k) N[2 * i + j] += F[2 * i + k / 2] * M[k] * F[2 * j + k % 2];
      }
    }
    N[0] += toy_s[0] * toy_s[0];
    N[3] += toy_s[1] * toy_s[1];
    for (int k = 0; k < 4; ++k) M[k] = N[k];
  }
  return total + 0.5 * (M[0] + M[3]);
}

static void the_mean_cost_is_the_expected_cost(void** state) {
  (void)state;
  lb_policy policy = toy_policy(gain);
  lb_evaluation e = lb_evaluate(&toy_world, &policy, 20000, 11, 0, arena, 0, NULL, NULL);
  assert_int_equal(e.diverged, 0);
  assert_true(e.se > 0 && e.se < 0.01);
  // Five standard errors: a right estimator fails once in two million, one that is off by 1 % practically always.
  assert_true(fabs(e.mean - expected_cost()) < 5 * e.se);
  assert_int_equal(toy_world.ledger.steps[LB_STEP_EVALUATION], 20000 * TOY_H);
  assert_int_equal(toy_world.ledger.steps[LB_STEP_LEARNER], 0);
}

static void noise_belongs_to_seed_iteration_and_rollout(void** state) {
  (void)state;
  lb_policy policy = toy_policy(gain);
  lb_evaluation few = lb_evaluate(&toy_world, &policy, 1, 11, 4, arena, 0, NULL, NULL);
  lb_rng rng = lb_rng_stream(11, LB_RNG_EVALUATION, 4, 0);
  lb_episode alone = lb_episode_run(&toy_world, &policy, LB_STEP_LEARNER, &rng, LB_NO_EARLY_STOP, NULL, arena);
  assert_true(few.mean == alone.cost);
  lb_evaluation other_iteration = lb_evaluate(&toy_world, &policy, 1, 11, 5, arena, 0, NULL, NULL);
  lb_evaluation other_seed = lb_evaluate(&toy_world, &policy, 1, 12, 4, arena, 0, NULL, NULL);
  assert_true(other_iteration.mean != few.mean && other_seed.mean != few.mean);
  assert_true(few.se == 0);
}

static void the_median_is_the_middle_rollout(void** state) {
  (void)state;
  lb_policy policy = toy_policy(gain);
  double cost[4];
  for (uint32_t i = 0; i < 4; ++i) {
    lb_rng rng = lb_rng_stream(11, LB_RNG_EVALUATION, 7, i);
    cost[i] = lb_episode_run(&toy_world, &policy, LB_STEP_LEARNER, &rng, LB_NO_EARLY_STOP, NULL, arena).cost;
  }
  for (int i = 0; i < 4; ++i) {
    for (int j = i + 1; j < 4; ++j) {
      if (cost[j] < cost[i]) {
        double swap = cost[i];
        cost[i] = cost[j];
        cost[j] = swap;
      }
    }
  }
  lb_evaluation even = lb_evaluate(&toy_world, &policy, 4, 11, 7, arena, 0, NULL, NULL);
  assert_true(even.median == 0.5 * (cost[1] + cost[2]));
}

static void records_hold_the_transitions_in_order(void** state) {
  (void)state;
  enum { KEPT = 3 };
  int t[KEPT * TOY_H], n;
  double x[KEPT * TOY_H * 2], u[KEPT * TOY_H], x_next[KEPT * TOY_H * 2];
  lb_record record = {.t = t, .x = x, .u = u, .x_next = x_next};
  lb_policy policy = toy_policy(gain);
  lb_evaluate(&toy_world, &policy, 10, 11, 0, arena, KEPT, &record, &n);
  assert_int_equal(n, KEPT * TOY_H);
  for (int i = 0; i < n; ++i) {
    assert_int_equal(t[i], i % TOY_H);
    assert_true(u[i] == -gain[0] * x[2 * i] - gain[1] * x[2 * i + 1]);
    if (t[i] + 1 < TOY_H) assert_memory_equal(x_next + 2 * i, x + 2 * (i + 1), 2 * sizeof(double));
  }
}

static void early_stop_keeps_the_steps_before_it(void** state) {
  (void)state;
  double wild[2] = {-30, -30};  // drives the state away
  lb_policy policy = toy_policy(wild);
  toy_world.stop_norm = 35;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  int t[TOY_H];
  double x[TOY_H * 2], u[TOY_H];
  lb_record record = {.t = t, .x = x, .u = u};
  lb_episode episode = lb_episode_run(&toy_world, &policy, LB_STEP_LEARNER, &rng, 0, &record, arena);
  assert_true(episode.length > 0 && episode.length < TOY_H);
  for (int i = 0; i < episode.length; ++i) {
    assert_true(sqrt(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1] + u[i] * u[i]) <= 35);
  }
  toy_world.stop_norm = 1e-3;  // even the first step is too far
  assert_int_equal(lb_episode_run(&toy_world, &policy, LB_STEP_LEARNER, &rng, 0, &record, arena).length, 0);
  assert_int_equal(lb_episode_run(&toy_world, &policy, LB_STEP_LEARNER, &rng, 1, &record, arena).length, 1);
  toy_world.stop_norm = INFINITY;
}

static void a_diverged_rollout_makes_the_mean_infinite(void** state) {
  (void)state;
  lb_policy policy = toy_policy(gain);
  self.diverge_at = 0.999;
  lb_evaluation e = lb_evaluate(&toy_world, &policy, 8, 11, 0, arena, 0, NULL, NULL);
  assert_true(e.diverged > 0 && isinf(e.mean) && isnan(e.se));
  self.diverge_at = 1e6;
}

// A model that predicts a constant offset from the truth.
static void offset_step(void* ctx, int n, const int* t, const double* x, const double* u, double* next) {
  toy_dynamics_step(ctx, n, t, x, u, next);
  for (int i = 0; i < 2 * n; ++i) next[i] += i % 2 ? 0.3 : 0.4;
}

static void the_model_error_is_the_squared_offset(void** state) {
  (void)state;
  enum { N = 1000 };  // more than one chunk
  static int t[N];
  static double x[2 * N], u[N], next[2 * N];
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  lb_rng_normals(&rng, x, 2 * N);
  lb_rng_normals(&rng, u, N);
  toy_dynamics_step(NULL, N, t, x, u, next);
  lb_batch batch = {.n = N, .t = t, .x = x, .u = u, .x_next = next};
  lb_dynamics model = toy_truth;
  assert_true(lb_model_error(&model, &batch, arena) == 0);
  model.step = offset_step;
  assert_true(fabs(lb_model_error(&model, &batch, arena) - 0.25) < 1e-12);
  batch.n = 0;
  assert_true(isnan(lb_model_error(&model, &batch, arena)));
}

// V_t(x) = 10 t + x_0 + x_1.
static void toy_value_at(void* ctx, int n, int t, const double* x, double* v) {
  (void)ctx;
  for (int i = 0; i < n; ++i) v[i] = 10 * t + x[2 * i] + x[2 * i + 1];
}

// The model is off by (0.4, 0.3), so each value by 0.7.
static void the_value_error_is_what_the_offset_is_worth(void** state) {
  (void)state;
  enum { N = 30 };
  double x[2 * N], u[N], next[2 * N];
  int t[N];
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 2, 0);
  lb_rng_normals(&rng, x, 2 * N);
  lb_rng_normals(&rng, u, N);
  for (int i = 0; i < N; ++i) t[i] = i % TOY_H;
  toy_dynamics_step(NULL, N, t, x, u, next);
  lb_batch batch = {.n = N, .t = t, .x = x, .u = u, .x_next = next};
  lb_value value = {.nx = 2, .at = toy_value_at};
  lb_dynamics model = toy_truth;
  assert_true(lb_value_error(&model, &value, &batch, arena) == 0);
  model.step = offset_step;
  assert_true(fabs(lb_value_error(&model, &value, &batch, arena) - 0.7) < 1e-12);
  next[0] += 4;  // one error of 0.7 becomes one of 3.3 the other way
  assert_true(fabs(lb_value_error(&model, &value, &batch, arena) - (0.7 + 2.6 / N)) < 1e-12);
  batch.n = 0;
  assert_true(isnan(lb_value_error(&model, &value, &batch, arena)));
}

static void cost_in_the_model_is_noise_free(void** state) {
  (void)state;
  lb_policy policy = toy_policy(gain);
  double x[2] = {1, 0}, total = 0;
  for (int t = 0; t < TOY_H; ++t) {
    double u = -gain[0] * x[0] - gain[1] * x[1];
    total += toy_stage(NULL, t, x, &u);
    toy_next(x, u, x);
  }
  total += toy_terminal(NULL, TOY_H, x);
  double cost = lb_cost_in_model(&toy_truth, &toy_cost, &policy, (const double[]){1, 0}, TOY_H, arena);
  assert_true(fabs(cost - total) < 1e-13);
  double explosive[2] = {-1e200, 0};
  policy.ctx = explosive;
  assert_true(isinf(lb_cost_in_model(&toy_truth, &toy_cost, &policy, (const double[]){1, 0}, TOY_H, arena)));
}

// Ends where it is told to.
static lb_outcome step_to_an_end(void* ctx, const double* u, const double* w) {
  lb_outcome outcome = toy_step(ctx, u, w);
  outcome.terminated = ((toy*)ctx)->t >= 4;
  return outcome;
}

static void a_recording_has_what_was_observed(void** state) {
  (void)state;
  enum { EPISODES = 2, LENGTH = 4, ROOM = EPISODES * TOY_H };
  double x[ROOM * 2], x_next[ROOM * 2], u[ROOM], obs[ROOM * 2], obs_next[ROOM * 2], reward[ROOM];
  int t[ROOM], n;
  bool terminated[ROOM];
  lb_record record = {.t = t,
                      .x = x,
                      .u = u,
                      .x_next = x_next,
                      .obs = obs,
                      .obs_next = obs_next,
                      .reward = reward,
                      .terminated = terminated};
  lb_system ending = toy_world;
  ending.step = step_to_an_end;
  lb_policy policy = toy_policy(gain);
  for (int i = 0; i < 2; ++i) {
    policy.input = i == 0 ? LB_READS_STATE : LB_READS_OBSERVATION;
    lb_evaluate(&ending, &policy, 3, 11, 4, arena, EPISODES, &record, &n);
    assert_int_equal(n, EPISODES * LENGTH);
    // The toy observes its state.
    assert_memory_equal(obs, x, (size_t)n * 2 * sizeof *x);
    assert_memory_equal(obs_next, x_next, (size_t)n * 2 * sizeof *x);
    for (int k = 0; k < n; ++k) {
      assert_int_equal(t[k], k % LENGTH);
      assert_int_equal(terminated[k], k % LENGTH == LENGTH - 1);
      assert_true(reward[k] == -toy_stage(NULL, 0, x + 2 * k, u + k));
    }
    assert_true(x_next[0] != x_next[2 * LENGTH]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_mean_cost_is_the_expected_cost),
      cmocka_unit_test(noise_belongs_to_seed_iteration_and_rollout),
      cmocka_unit_test(the_median_is_the_middle_rollout),
      cmocka_unit_test(records_hold_the_transitions_in_order),
      cmocka_unit_test(early_stop_keeps_the_steps_before_it),
      cmocka_unit_test(a_diverged_rollout_makes_the_mean_infinite),
      cmocka_unit_test(the_model_error_is_the_squared_offset),
      cmocka_unit_test(the_value_error_is_what_the_offset_is_worth),
      cmocka_unit_test(cost_in_the_model_is_noise_free),
      cmocka_unit_test(a_recording_has_what_was_observed),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
