// The tracking cost: values in closed form, gradients against finite differences in the tangent space, Hessians.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "task/quadratic.h"
#include "task_fixture.h"

enum { NX = 13, N = 12, NU = 4 };

static void hover_cost_is_the_papers(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  const lb_cost* cost = system->cost;
  // Velocity (1, 2, 2), position (2, 0, 0), rates (0, 0, 3), a rotation of 0.8 rad; controls (1, -1, 0, 2).
  double x[NX] = {2, 0, 0, cos(0.4), 0, sin(0.4), 0, 1, 2, 2, 0, 0, 3}, u[NU] = {1, -1, 0, 2};
  double want = 0.5 * (9 + 4 + 9 + 0.64);
  assert_true(fabs(cost->terminal(cost->ctx, 100, x) - want) < 1e-12);
  assert_true(fabs(cost->stage(cost->ctx, 7, x, u) - want - 0.5 * 6) < 1e-12);
  u[0] = 200;  // the cost counts what was asked for, not what the limits let through
  assert_true(fabs(cost->stage(cost->ctx, 7, x, u) - want - 0.5 * (40000 + 5)) < 1e-9);
  for (int i = 0; i < 4; ++i) x[3 + i] = -x[3 + i];  // the same attitude
  assert_true(fabs(cost->terminal(cost->ctx, 100, x) - want) < 1e-12);
  lb_system_free(system);
}

static void rewards_are_minus_the_stage_cost(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  double x[NX], u[NU] = {0.1, 0.2, -0.3, 0.01}, w[6] = {1, -1, 1, 0.5, 0, -2};
  system->reset(system->self, NULL);
  for (int t = 0; t < system->horizon; ++t) {
    system->get_state(system->self, x);
    double cost = system->cost->stage(system->cost->ctx, t, x, u);
    lb_outcome outcome = lb_system_step(system, LB_STEP_LEARNER, u, w);
    assert_true(outcome.reward == -cost && !outcome.terminated && !outcome.diverged);
    assert_int_equal(outcome.truncated, t == system->horizon - 1);
  }
  assert_int_equal(system->ledger.steps[LB_STEP_LEARNER], system->horizon);
  lb_system_free(system);
}

static void check_gradient(const lb_system* system, int t, const double* x, const double* u) {
  const lb_cost* cost = system->cost;
  double lx[N], lu[NU], lxx[N * N], luu[NU * NU], lux[NU * N], tx[N], txx[N * N], dx[N] = {0}, y[NX], v[NU];
  const double e = 1e-5;
  cost->stage_derivatives(cost->ctx, t, x, u, lx, lu, lxx, luu, lux);
  cost->terminal_derivatives(cost->ctx, t, x, tx, txx);
  for (int i = 0; i < N; ++i) {
    double stage[2], terminal[2];
    for (int k = 0; k < 2; ++k) {
      dx[i] = k ? e : -e;
      lb_space_displace(&system->space, y, x, dx);
      stage[k] = cost->stage(cost->ctx, t, y, u);
      terminal[k] = cost->terminal(cost->ctx, t, y);
    }
    dx[i] = 0;
    assert_true(fabs((stage[1] - stage[0]) / (2 * e) - lx[i]) < 1e-7);
    assert_true(fabs((terminal[1] - terminal[0]) / (2 * e) - tx[i]) < 1e-7);
  }
  for (int i = 0; i < NU; ++i) {
    double stage[2];
    for (int k = 0; k < 2; ++k) {
      memcpy(v, u, sizeof v);
      v[i] += k ? e : -e;
      stage[k] = cost->stage(cost->ctx, t, x, v);
    }
    assert_true(fabs((stage[1] - stage[0]) / (2 * e) - lu[i]) < 1e-7);
    for (int j = 0; j < NU; ++j) assert_true(luu[i * NU + j] == (i == j ? 1 : 0));
    for (int j = 0; j < N; ++j) assert_true(lux[i * N + j] == 0);
  }
}

static void gradients_are_exact(void** state) {
  (void)state;
  static const char* const tasks[] = {"helicopter-hover", "helicopter-funnel"};
  for (int k = 0; k < 2; ++k) {
    lb_system* system = open_task(tasks[k]);
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
    double x[NX], u[NU];
    for (int trial = 0; trial < 50; ++trial) {
      int t = 2 * trial;
      draw_state(&system->space, &rng, x, system->reference->x + t * NX, 1.7);
      draw(&rng, u, NU, 3);
      check_gradient(system, t, x, u);
    }
    check_gradient(system, 3, system->reference->x + 3 * NX, system->reference->u);
    lb_system_free(system);
  }
}

// On the reference the Gauss-Newton Hessian is the Hessian: differences of the gradient. Away from it, it stays
// symmetric with no negative direction.
static void hessians(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  const lb_cost* cost = system->cost;
  double lx[2][N], lxx[N * N], unused[N * N], x[NX], dx[N] = {0};
  const double *ref = system->reference->x + 20 * NX, e = 1e-5;
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  cost->terminal_derivatives(cost->ctx, 20, ref, lx[0], lxx);
  for (int j = 0; j < N; ++j) {
    for (int k = 0; k < 2; ++k) {
      dx[j] = k ? e : -e;
      lb_space_displace(&system->space, x, ref, dx);
      cost->terminal_derivatives(cost->ctx, 20, x, lx[k], unused);
    }
    dx[j] = 0;
    for (int i = 0; i < N; ++i) assert_true(fabs((lx[1][i] - lx[0][i]) / (2 * e) - lxx[i * N + j]) < 1e-6);
  }
  for (int trial = 0; trial < 50; ++trial) {
    draw_state(&system->space, &rng, x, ref, 1.7);
    cost->terminal_derivatives(cost->ctx, 20, x, lx[0], lxx);
    draw(&rng, dx, N, 1);
    double form = 0;
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j < N; ++j) {
        form += dx[i] * lxx[i * N + j] * dx[j];
        assert_true(fabs(lxx[i * N + j] - lxx[j * N + i]) < 1e-12);
      }
    }
    assert_true(form > 0);
  }
  lb_system_free(system);
}

// J = d log(exp(phi) exp(e)) / d e by differences, small and large angles, through MuJoCo's own log and exp.
static void rotation_jacobian(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  static const double scales[] = {0, 1e-6, 1e-3, 9e-3, 0.011, 0.5, 1.7};
  for (int s = 0; s < 7; ++s) {
    double origin[NX] = {0, 0, 0, 1}, at[NX], y[NX], dx[N] = {0}, got[2][N], phi[3], J[9];
    draw(&rng, phi, 3, scales[s]);
    memcpy(dx + 3, phi, sizeof phi);
    lb_space_displace(&system->space, at, origin, dx);
    lb_quadratic_rotation_jacobian(J, phi);
    memset(dx, 0, sizeof dx);
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 2; ++k) {
        dx[3 + j] = k ? 1e-5 : -1e-5;
        lb_space_displace(&system->space, y, at, dx);
        lb_space_difference(&system->space, got[k], origin, y);
      }
      dx[3 + j] = 0;
      for (int i = 0; i < 3; ++i) assert_true(fabs((got[1][3 + i] - got[0][3 + i]) / 2e-5 - J[3 * i + j]) < 1e-8);
    }
  }
  lb_system_free(system);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(hover_cost_is_the_papers), simulated_test(rewards_are_minus_the_stage_cost),
      simulated_test(gradients_are_exact),      simulated_test(hessians),
      simulated_test(rotation_jacobian),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
