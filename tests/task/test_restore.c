// Rewards from observations alone, against those that the real system gave for the same steps: exact where everything
// that they read is observed, and to second order in the step where a position enters by its change and only its
// velocity is seen. Which tasks allow it is a list.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "core/system.h"
#include "task/task.h"

enum { MOST_X = 64, MOST_OBS = 400, MOST_U = 32, STEPS = 400 };

static lb_system* open_task(const char* name) {
  lb_system* s;
  lb_status status = lb_task_open(&s, LB_SOURCE_DIR "/models", name);
  assert_string_equal(status.text, "");
  assert_true(s->space.nx <= MOST_X && s->nobs <= MOST_OBS && s->nu <= MOST_U);
  return s;
}

// The largest difference between real and restored reward over random steps, and the rewards' own range.
typedef struct gap {
  double largest, mean, range;
} gap;

static gap measure(lb_system* s) {
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  double before[MOST_OBS], after[MOST_OBS], u[MOST_U], x[MOST_X], x_next[MOST_X], told;
  double low = INFINITY, high = -INFINITY;
  gap g = {0, 0, 0};
  s->reset(s->self, &rng);
  for (int t = 0; t < STEPS; ++t) {
    for (int i = 0; i < s->nu; ++i) u[i] = s->u_low[i] + lb_rng_uniform(&rng) * (s->u_high[i] - s->u_low[i]);
    s->observe(s->self, before);
    lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
    s->observe(s->self, after);
    s->restore(s->self, x, 1, before);
    s->restore_next(s->self, x_next, x, 1, after);
    s->imagine(s->self, &(lb_imagined){.reward = &told}, 1, x, u, x_next);
    g.largest = fmax(g.largest, fabs(told - outcome.reward));
    g.mean += fabs(told - outcome.reward) / STEPS;
    low = fmin(low, outcome.reward);
    high = fmax(high, outcome.reward);
    if (outcome.terminated || outcome.truncated) s->reset(s->self, &rng);
  }
  g.range = high - low;
  return g;
}

static void rewards_come_back_from_observations(void** state) {
  (void)state;
  static const struct {
    const char* task;
    double mean;  // at most this share of the range
  } rows[] = {{"pendulum-swingup", 1e-12},
              {"cartpole-swingup", 1e-12},
              {"pointmaze-large", 1e-12},
              {"inverted-pendulum", 1e-12},
              {"inverted-double-pendulum", 1e-4},  // its tip is read one physics step late
              {"reacher", 1e-4},                   // so is its fingertip
              {"hopper", 0.002},
              {"walker2d", 0.005},
              {"halfcheetah", 0.05},
              {"swimmer", 0.01}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_system* s = open_task(rows[i].task);
    assert_non_null(s->restore_next);
    gap g = measure(s);
    print_message("%s: mean %.2g, largest %.2g of a range of %.3g\n", rows[i].task, g.mean, g.largest, g.range);
    assert_true(g.mean <= rows[i].mean * fmax(g.range, 1e-6));
    lb_system_free(s);
  }
}

// Contact forces depend on all of the state; a coordinate that is left out is part of it.
static void some_rewards_are_not_observed(void** state) {
  (void)state;
  static const char* const tasks[] = {"ant", "ant-truncated", "humanoid", "humanoid-truncated"};
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; ++i) {
    lb_system* s = open_task(tasks[i]);
    assert_null(s->restore_next);
    lb_system_free(s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rewards_come_back_from_observations),
      cmocka_unit_test(some_rewards_are_not_observed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
