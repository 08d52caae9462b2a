// Returns in a model against sums written down: the discount, the first action, the horizon, the model's own end, the
// times that the policy is asked for, and rollouts that leave the finite numbers while others go on.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "eval/model_return.h"

static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

// x' = x + u, reward x (of the state left) + 100 t, end at 10 and above; 1000 / (8 - x') is infinite once.
static void sample(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                   bool* terminated, lb_rng* rng) {
  (void)rng;
  *(int*)ctx += n;
  for (int i = 0; i < n; ++i) {
    assert_true(isfinite(x[i]));
    x_next[i] = x[i] + u[i];
    if (x_next[i] == 8) x_next[i] = INFINITY;
    reward[i] = x[i] + 100 * t;
    terminated[i] = x_next[i] >= 10 && isfinite(x_next[i]);
  }
}

// The time as an action.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)ctx;
  (void)in;
  for (int i = 0; i < n; ++i) u[i] = t;
}

static const lb_policy policy = {.nin = 1, .nu = 1, .act = act};

static void returns_are_sums(void** state) {
  (void)state;
  int asked = 0;
  lb_sampler model = {.nx = 1, .nu = 1, .ctx = &asked, .sample = sample};
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  double x[2] = {0, -2}, first[2] = {0.5, 4}, J[2];
  lb_model_rollouts how = {.t = 2, .steps = 3, .discount = 0.5};
  // States 0 2 5 and -2 0 3, times 2 3 4.
  lb_model_return(J, &model, &policy, &how, 2, x, NULL, &rng, arena);
  assert_near(J[0], (0 + 200) + 0.5 * (2 + 300) + 0.25 * (5 + 400), 1e-12);
  assert_near(J[1], (-2 + 200) + 0.5 * (0 + 300) + 0.25 * (3 + 400), 1e-12);
  assert_int_equal(asked, 6);
  // States 0 0.5 3.5 and -2 2 5.
  lb_model_return(J, &model, &policy, &how, 2, x, first, &rng, arena);
  assert_near(J[0], (0 + 200) + 0.5 * (0.5 + 300) + 0.25 * (3.5 + 400), 1e-12);
  assert_near(J[1], (-2 + 200) + 0.5 * (2 + 300) + 0.25 * (5 + 400), 1e-12);
  how.steps = 0;
  lb_model_return(J, &model, &policy, &how, 2, x, NULL, &rng, arena);
  assert_true(J[0] == 0 && J[1] == 0);
}

static void an_end_is_final(void** state) {
  (void)state;
  int asked = 0;
  lb_sampler model = {.nx = 1, .nu = 1, .ctx = &asked, .sample = sample};
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  // 9 ends with the third step (9 + 0 + 1); -20 goes on; 7 becomes infinite at the second; both of those stop counting.
  double x[3] = {9, -20, 7}, J[3];
  lb_model_rollouts how = {.t = 0, .steps = 4, .discount = 1};
  lb_model_return(J, &model, &policy, &how, 3, x, NULL, &rng, arena);
  assert_near(J[0], 9 + (9 + 100), 1e-12);
  assert_near(J[1], -20 + (-20 + 100) + (-19 + 200) + (-17 + 300), 1e-12);
  assert_true(isnan(J[2]));
  // All n go through the model to the end, and no further once all are over.
  assert_int_equal(asked, 12);
  lb_model_return(J, &model, &policy, &how, 1, x, NULL, &rng, arena);
  assert_int_equal(asked, 14);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(returns_are_sums),
      cmocka_unit_test(an_end_is_final),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
