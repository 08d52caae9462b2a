// The folded corridor: its way has as many cells as the tasks' names say, walls everywhere else, and a reward at its
// end alone. A controller that is given the cells in their order gets there, the later the farther its start is; one
// that makes for the goal as the crow flies does so only where no fold lies between.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "task/task.h"
#include "task_fixture.h"

enum { CELLS = 17 };

// The cells in the order of the way: along row 0 to the right, up, back along row 2, up, along row 4.
static void cell(int k, double at[2]) {
  static const int column[CELLS] = {0, 1, 2, 3, 4, 4, 4, 3, 2, 1, 0, 0, 0, 1, 2, 3, 4};
  static const int row[CELLS] = {0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4, 4};
  at[0] = column[k];
  at[1] = row[k];
}

// Towards a place, damped.
static void steer(const double x[4], const double to[2], double u[2]) {
  for (int i = 0; i < 2; ++i) u[i] = 4 * (to[i] - x[i]) - 0.8 * x[2 + i];
}

// Steps until the first reward of an episode that begins `far` cells before the goal; 0: none. Guided cell by cell, or
// straight to the goal.
static int first_reward(lb_system* s, int far, bool guided, uint32_t episode) {
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, episode, 0);
  double x[4], u[2], to[2];
  int next = CELLS - 1 - far;
  s->reset(s->self, &rng);
  for (int t = 1; t <= s->horizon; ++t) {
    s->get_state(s->self, x);
    cell(guided ? next : CELLS - 1, to);
    if (guided && next < CELLS - 1 && hypot(x[0] - to[0], x[1] - to[1]) < 0.5) cell(++next, to);
    steer(x, to, u);
    if (lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward > 0) return t;
  }
  return 0;
}

static void the_way_is_as_long_as_it_says(void** state) {
  (void)state;
  static const int far[] = {1, 2, 4, 8, 16};
  int before = 0;
  for (int k = 0; k < 5; ++k) {
    char name[40];
    double x[4], at[2];
    snprintf(name, sizeof name, "serpentine-%d", far[k]);
    lb_system* s = open_task(name);
    assert_int_equal(s->horizon, 150);
    lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
    s->reset(s->self, &rng);
    s->get_state(s->self, x);
    cell(CELLS - 1 - far[k], at);
    assert_true(fabs(x[0] - at[0]) <= 0.1 && fabs(x[1] - at[1]) <= 0.1);
    for (uint32_t episode = 0; episode < 5; ++episode) {
      int guided = first_reward(s, far[k], true, episode), straight = first_reward(s, far[k], false, episode);
      assert_true(guided > before);
      assert_true(far[k] <= 4 ? straight > 0 && straight <= guided : straight == 0);
    }
    before = first_reward(s, far[k], true, 0);
    lb_system_free(s);
  }
}

// Pushed for a second from a cell's centre, the ball enters the next cell exactly where the way goes on. 1 a step
// within half a metre of the goal, 0 elsewhere.
static void walls_are_everywhere_else(void** state) {
  (void)state;
  static const int step[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
  lb_system* s = open_task("serpentine");
  for (int k = 0; k < CELLS; ++k) {
    for (int d = 0; d < 4; ++d) {
      double x[4] = {0}, u[2], from[2], other[2];
      bool open = false;
      cell(k, from);
      for (int n = k - 1; n <= k + 1; n += 2) {
        if (n < 0 || n >= CELLS) continue;
        cell(n, other);
        open = open || (fabs(other[0] - from[0] - step[d][0]) < 0.1 && fabs(other[1] - from[1] - step[d][1]) < 0.1);
      }
      for (int i = 0; i < 2; ++i) x[i] = from[i], u[i] = 0.5 * step[d][i];
      s->set_state(s->self, x, 0);
      for (int t = 0; t < 20; ++t) lb_system_step(s, LB_STEP_LEARNER, u, NULL);
      s->get_state(s->self, x);
      double way = (x[0] - from[0]) * step[d][0] + (x[1] - from[1]) * step[d][1];
      assert_true(open ? way > 0.6 : way < 0.4);
    }
  }
  for (int i = 0; i < 2; ++i) {
    double x[4] = {i ? 3.499 : 3.501, 4, 0, 0}, u[2] = {0, 0};
    s->set_state(s->self, x, 0);
    assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward == (i ? 0 : 1));
  }
  lb_system_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_way_is_as_long_as_it_says),
      cmocka_unit_test(walls_are_everywhere_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
