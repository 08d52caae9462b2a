// The ball on the beam: it moves as Lagrange's equations have it, is paid for resting in the middle, falls to an end
// when nothing is done, and is brought back by a damped controller.
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

#include "../support/near.h"
#include "task/task.h"
#include "task_fixture.h"

// Time derivative of (tilt, place along the beam, and their velocities) under a torque of 2 u. The ball's centre lies
// 0.05 m above the beam's axis; the inertia is that of a box and of a sphere that turns with it.
static void flow(const double x[4], double u, double dx[4]) {
  const double m = 0.2, g = 9.81, h = 0.05, r = x[1];
  const double inertia = (0.6 * 0.6 + 0.01 * 0.01) / 3 + 0.4 * m * 0.04 * 0.04 + m * (r * r + h * h);
  double along = m * r * x[2] * x[2] + m * g * sin(x[0]) - 0.02 * x[3];
  double turn = m * g * (r * cos(x[0]) + h * sin(x[0])) - 2 * m * r * x[3] * x[2] - 0.3 * x[2] + 2 * u;
  dx[0] = x[2];
  dx[1] = x[3];
  dx[2] = (turn - h * along) / (inertia - m * h * h);
  dx[3] = along / m - h * dx[2];
}

// One control step of 0.05 s, in a hundred steps of the midpoint rule.
static void move(double x[4], double u) {
  double dx[4], middle[4];
  for (int k = 0; k < 100; ++k) {
    flow(x, u, dx);
    for (int i = 0; i < 4; ++i) middle[i] = x[i] + 0.00025 * dx[i];
    flow(middle, u, dx);
    for (int i = 0; i < 4; ++i) x[i] += 0.0005 * dx[i];
  }
}

// 1 within `bounds` of 0, a tenth at `margin` beyond.
static double near_zero(double x, double bounds, double margin) {
  double far = fmax(fabs(x) - bounds, 0) / margin;
  return pow(0.1, far * far);
}

static void it_moves_and_is_paid_as_written(void** state) {
  (void)state;
  lb_system* s = open_task("ball-and-beam");
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  for (int k = 0; k < 200; ++k) {
    double x[4], next[4], u[1], scale[4] = {0.2, 0.4, 1, 1};
    draw(&rng, x, 4, 1);
    draw(&rng, u, 1, 1);
    for (int i = 0; i < 4; ++i) x[i] *= scale[i];
    s->set_state(s->self, x, 0);
    double reward = lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward;
    s->get_state(s->self, next);
    move(x, u[0]);
    for (int i = 0; i < 4; ++i) assert_near(next[i], x[i], 1e-5);
    double paid = near_zero(next[1], 0.02, 0.4) * (0.5 + 0.5 * near_zero(next[3], 0, 1)) * (1 - 0.1 * u[0] * u[0]);
    assert_near(reward, paid, 1e-12);
  }
  lb_system_free(s);
}

// Mean return of twenty episodes, of a controller that asks for a tilt against place and speed, or of none.
static double mean_return(lb_system* s, bool controlled) {
  double total = 0;
  for (uint32_t episode = 0; episode < 20; ++episode) {
    lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, episode, 0);
    s->reset(s->self, &rng);
    for (int t = 0; t < s->horizon; ++t) {
      double x[4], u[1] = {0};
      s->get_state(s->self, x);
      double tilt = fmax(-0.35, fmin(0.35, -0.6 * x[1] - 0.6 * x[3]));
      if (controlled) u[0] = fmax(-1, fmin(1, 8 * (tilt - x[0]) - x[2] - 0.981 * x[1]));
      total += lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward;
    }
  }
  return total / 20;
}

static void a_controller_brings_it_back(void** state) {
  (void)state;
  lb_system* s = open_task("ball-and-beam");
  double controlled = mean_return(s, true), left = mean_return(s, false);
  print_message("controlled %.1f, left alone %.1f\n", controlled, left);
  assert_true(controlled > 130 && left < 15);
  lb_system_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(it_moves_and_is_paid_as_written),
      simulated_test(a_controller_brings_it_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
