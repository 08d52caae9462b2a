// Episodes moment by moment: the shares of the terms add up to the reward; a recording's states are those that it
// holds; an end has its reason.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "task/task.h"
#include "view/play.h"

enum { STEPS = 45 };

static const char models[] = LB_SOURCE_DIR "/models";

// Different controls at every step, within reach of the limits.
static void wave(void* ctx, int n, int t, const double* in, double* u) {
  (void)n;
  (void)in;
  const lb_system* s = ctx;
  for (int i = 0; i < s->nu; ++i) u[i] = 0.4 * sin(0.7 * t + i);
}

static lb_policy waves(lb_system* s) {
  return (lb_policy){.input = LB_READS_STATE, .nin = s->space.nx, .nu = s->nu, .ctx = s, .act = wave};
}

static double sum(const lb_play_moment* m) {
  double total = 0;
  for (int i = 0; i < m->nterms; ++i) total += m->terms[i];
  return total;
}

static void terms_add_up(void** state) {
  (void)state;
  static const char* const tasks[] = {"hopper",           "ant", "reacher", "cartpole-swingup", "helicopter-hover",
                                      "helicopter-funnel"};
  for (size_t k = 0; k < sizeof tasks / sizeof *tasks; ++k) {
    lb_system* s;
    lb_play* p;
    assert_int_equal(lb_task_open(&s, models, tasks[k]).code, LB_OK);
    lb_policy policy = waves(s);
    assert_int_equal(lb_play_new(&p, s, &policy, NULL, 3).code, LB_OK);
    const lb_play_moment* m = lb_play_now(p);
    assert_true(m->nterms > 0);
    double total = 0;
    for (int t = 0; t < STEPS && !m->over; ++t) {
      lb_play_step(p);
      double shares = s->cost ? -sum(m) : sum(m);
      assert_true(fabs(shares - m->reward) <= 1e-12 * fmax(1, fabs(m->reward)));
      total += s->cost ? -m->reward : m->reward;
      if (!m->over) assert_true(m->total == total);
      assert_true(fabs(m->time - (t + 1) * s->dt) < 1e-12);
    }
    assert_true(total != 0);
    lb_play_free(p);
    lb_system_free(s);
  }
}

static void watching_is_the_same_every_time(void** state) {
  (void)state;
  lb_system* s;
  lb_play* p;
  assert_int_equal(lb_task_open(&s, models, "hopper").code, LB_OK);
  lb_policy policy = waves(s);
  assert_int_equal(lb_play_new(&p, s, &policy, NULL, 3).code, LB_OK);
  const lb_play_moment* m = lb_play_now(p);
  double total[3];
  int length[3];
  for (int k = 0; k < 3; ++k) {
    lb_play_begin(p, k == 1 ? 7 : 0);
    while (!m->over) lb_play_step(p);
    total[k] = m->total;
    length[k] = m->t;
  }
  assert_true(total[0] == total[2] && length[0] == length[2]);
  assert_true(total[0] != total[1]);
  // It fell, and the condition that failed is named.
  assert_true(m->terminated && !m->truncated);
  assert_non_null(strstr(m->why, "does not hold: "));
  int steps = m->t;
  lb_play_step(p);
  assert_int_equal(m->t, steps);
  lb_play_free(p);
  lb_system_free(s);
}

// Against the recording loaded with every state rebuilt.
static void recorded_states_are_exact(void** state) {
  (void)state;
  static const char* const tasks[] = {"hopper", "helicopter-hover", "serpentine-1"};
  for (size_t k = 0; k < sizeof tasks / sizeof *tasks; ++k) {
    char path[300];
    lb_system *s, *other;
    lb_demos *stored, *exact;
    lb_play* p;
    snprintf(path, sizeof path, "%s/expert_data/%s.npz", LB_SOURCE_DIR, tasks[k]);
    assert_int_equal(lb_task_open(&s, models, tasks[k]).code, LB_OK);
    assert_int_equal(lb_task_open(&other, models, tasks[k]).code, LB_OK);
    assert_int_equal(lb_demos_load_with(&stored, s, path, LB_DEMOS_AS_STORED).code, LB_OK);
    assert_int_equal(lb_demos_load_with(&exact, other, path, LB_DEMOS_EXACT).code, LB_OK);
    assert_int_equal(lb_play_new(&p, s, NULL, stored, 0).code, LB_OK);
    const lb_play_moment* m = lb_play_now(p);
    int last = lb_demos_episodes(stored) - 1, length = lb_demos_episode(exact, last, NULL, NULL).length;
    lb_play_begin(p, last);
    assert_memory_equal(m->x, lb_demos_step(exact, last, 0).x, (size_t)s->space.nx * sizeof(double));
    for (int t = 0; t < length; ++t) {
      lb_demo_step step = lb_demos_step(exact, last, t);
      assert_false(m->over);
      lb_play_step(p);
      assert_memory_equal(m->u, step.u, (size_t)s->nu * sizeof(double));
      assert_true(m->reward == step.reward);
      double shares = s->cost ? -sum(m) : sum(m);
      assert_true(fabs(shares - step.reward) <= 1e-9 * fmax(1, fabs(step.reward)));
      // Between keyframes the rebuilt states are those of this machine's simulator, which are these.
      if (t + 1 == length) break;
      assert_memory_equal(m->x, lb_demos_step(exact, last, t + 1).x, (size_t)s->space.nx * sizeof(double));
    }
    assert_true(m->over);
    lb_play_free(p);
    lb_demos_free(stored);
    lb_demos_free(exact);
    lb_system_free(s);
    lb_system_free(other);
  }
}

// At rest nothing moves by itself; a push does, for one step.
static void a_push_moves_a_body(void** state) {
  (void)state;
  static const double force[3] = {30, 0, 0}, none[3] = {0, 0, 0};
  lb_system* s;
  lb_play* p;
  assert_int_equal(lb_task_open(&s, models, "cartpole-swingup").code, LB_OK);
  lb_policy policy = waves(s);
  policy.act = wave;
  assert_int_equal(lb_play_new(&p, s, &policy, NULL, 3).code, LB_OK);
  const lb_play_moment* m = lb_play_now(p);
  lb_play_step(p);
  double alone = m->x[0];
  lb_play_begin(p, 0);
  lb_play_push(p, 1, force, none);
  lb_play_step(p);
  assert_true(m->x[0] > alone + 1e-6);
  lb_play_free(p);
  lb_system_free(s);
}

static void a_policy_that_does_not_fit_is_refused(void** state) {
  (void)state;
  lb_system* s;
  lb_play* p;
  assert_int_equal(lb_task_open(&s, models, "hopper").code, LB_OK);
  lb_policy policy = waves(s);
  policy.nu += 1;
  lb_status status = lb_play_new(&p, s, &policy, NULL, 0);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "to 4 controls, where hopper has"));
  lb_system_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(terms_add_up),
      cmocka_unit_test(watching_is_the_same_every_time),
      cmocka_unit_test(recorded_states_are_exact),
      cmocka_unit_test(a_push_moves_a_body),
      cmocka_unit_test(a_policy_that_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
