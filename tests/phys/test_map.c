// The one-step map and its derivatives: against a closed form, against mjd_transitionFD, on any number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <mujoco/mujoco.h>

#include "fixture.h"
#include "phys/map.h"

static lb_phys_map* open_it(const lb_phys_model* model, int frame_skip, int nu, int threads) {
  static const int actuators[] = {0, 1, 2};
  lb_phys_map* map;
  lb_phys_rate rate = {.frame_skip = frame_skip, .nu = nu, .actuators = actuators};
  lb_phys_map_config config = lb_phys_map_default_config();
  config.threads = threads;
  assert_ok(lb_phys_map_new(&map, model, &rate, &config));
  return map;
}

static void check_close(const double* got, const double* want, int n, double tolerance) {
  for (int i = 0; i < n; ++i) {
    if (!(fabs(got[i] - want[i]) <= tolerance)) fail_msg("entry %d is %.17g, not %.17g", i, got[i], want[i]);
  }
}

// C = A B, all (4, 4) but for B and C of `columns` columns.
static void multiply(double* C, const double* A, const double* B, int columns) {
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < columns; ++j) {
      C[i * columns + j] = 0;
      for (int k = 0; k < 4; ++k) C[i * columns + j] += A[4 * i + k] * B[k * columns + j];
    }
  }
}

// One physics step of SPRINGS("Euler"): v' = (1 - h c / m) v - h k / m x + h g / m u, x' = x + h v'.
static void closed_form(double A[16], double B[8]) {
  static const double mass[2] = {2, 0.5}, k[2] = {3, 5}, c[2] = {0.7, 0.2}, gear[2] = {2, 1}, h = 0.01;
  memset(A, 0, 16 * sizeof *A);
  memset(B, 0, 8 * sizeof *B);
  for (int i = 0; i < 2; ++i) {
    double vx = -h * k[i] / mass[i], vv = 1 - h * c[i] / mass[i], vu = h * gear[i] / mass[i];
    A[4 * (2 + i) + i] = vx, A[4 * (2 + i) + 2 + i] = vv, B[2 * (2 + i) + i] = vu;
    A[4 * i + i] = 1 + h * vx, A[4 * i + 2 + i] = h * vv, B[2 * i + i] = h * vu;
  }
}

static void a_linear_system_in_closed_form(void** state) {
  (void)state;
  lb_phys_model* model = load_text(SPRINGS("Euler"));
  lb_phys_map* map = open_it(model, 3, 2, 1);
  double A1[16], B1[8], A[16], B[8], power[16], sum[8], next[16], got_A[16], got_B[8];
  double x[4] = {0.2, -0.1, 0.5, 3}, u[2] = {0.3, -2};
  closed_form(A1, B1);
  memcpy(A, A1, sizeof A);
  memcpy(B, B1, sizeof B);
  for (int i = 1; i < 3; ++i) {  // A^3, (1 + A + A^2) B
    multiply(power, A1, A, 4);
    memcpy(A, power, sizeof A);
    multiply(next, A1, B, 2);
    for (int j = 0; j < 8; ++j) sum[j] = next[j] + B1[j];
    memcpy(B, sum, sizeof B);
  }
  assert_int_equal(lb_phys_map_linearize(map, 1, x, u, got_A, got_B), 2 * (4 + 2));
  check_close(got_A, A, 16, 1e-10);
  check_close(got_B, B, 8, 1e-10);
  lb_phys_map_free(map);
  lb_phys_model_free(model);
}

// At a limit the map has a kink: the derivative there is the inner one; beyond, the control has no effect.
static void controls_at_their_limits(void** state) {
  (void)state;
  lb_phys_model* model = load_text(SPRINGS("Euler"));
  lb_phys_map* map = open_it(model, 1, 2, 1);
  static const double values[] = {1, -1, 1 - 1e-7, 1.5};
  double x[4] = {0}, A[16], B[8], want_A[16], want_B[8];
  closed_form(want_A, want_B);
  for (int i = 0; i < 4; ++i) {
    double u[2] = {values[i], 0};
    lb_phys_map_linearize(map, 1, x, u, A, B);
    if (i == 3) want_B[0] = want_B[4] = 0;
    check_close(B, want_B, 8, 1e-10);
  }
  lb_phys_map_free(map);
  lb_phys_model_free(model);
}

// mjd_transitionFD sees one physics step and refuses RK4; there the two must agree, the free joint included.
static void agrees_with_mujocos_own(void** state) {
  (void)state;
  lb_phys_model* model = load_text(FREE_AND_HINGE);
  lb_phys_map* map = open_it(model, 1, 3, 1);
  mjData* d = mj_makeData(lb_phys_model_raw(model));
  lb_space space = lb_phys_model_space(model);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  double x[15], dx[14], u[3], A[196], B[42], want_A[196], want_B[42];
  for (int trial = 0; trial < 20; ++trial) {
    lb_phys_model_start(model, x);
    draw(&rng, dx, 14, 1.5);
    lb_space_displace(&space, x, x, dx);
    draw(&rng, u, 3, 2);
    mj_resetData(lb_phys_model_raw(model), d);
    memcpy(d->qpos, x, 8 * sizeof *x);
    memcpy(d->qvel, x + 8, 7 * sizeof *x);
    memcpy(d->ctrl, u, sizeof u);
    mjd_transitionFD(lb_phys_model_raw(model), d, 1e-5, 1, want_A, want_B, NULL, NULL);
    lb_phys_map_linearize(map, 1, x, u, A, B);
    check_close(A, want_A, 196, 1e-8);
    check_close(B, want_B, 42, 1e-8);
  }
  mj_deleteData(d);
  lb_phys_map_free(map);
  lb_phys_model_free(model);
}

// f(x + dx, u + du) - f(x, u) = A dx + B du + O(2) along random directions: halving the direction quarters the rest.
static void derivatives_predict_small_displacements(void** state) {
  (void)state;
  lb_phys_model* model = load_text(FREE_AND_HINGE);
  lb_phys_map* map = open_it(model, 5, 3, 1);
  lb_space space = lb_phys_model_space(model);
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
  double x[15], y[15], fx[15], fy[15], dx[14], change[14], direction[17], u[3], v[3], A[196], B[42], rest[2];
  lb_phys_model_start(model, x);
  draw(&rng, dx, 14, 1);
  lb_space_displace(&space, x, x, dx);
  draw(&rng, u, 3, 1);
  lb_phys_map_step(map, 1, x, u, fx);
  lb_phys_map_linearize(map, 1, x, u, A, B);
  for (int trial = 0; trial < 20; ++trial) {
    draw(&rng, direction, 17, 1);
    for (int k = 0; k < 2; ++k) {
      double scale = k == 0 ? 2e-3 : 1e-3;
      for (int i = 0; i < 14; ++i) dx[i] = scale * direction[i];
      for (int i = 0; i < 3; ++i) v[i] = u[i] + scale * direction[14 + i];
      lb_space_displace(&space, y, x, dx);
      lb_phys_map_step(map, 1, y, v, fy);
      lb_space_difference(&space, change, fx, fy);
      rest[k] = 0;
      for (int i = 0; i < 14; ++i) {
        for (int j = 0; j < 14; ++j) change[i] -= A[14 * i + j] * dx[j];
        for (int j = 0; j < 3; ++j) change[i] -= B[3 * i + j] * (v[j] - u[j]);
        rest[k] += change[i] * change[i];
      }
      rest[k] = sqrt(rest[k]);
    }
    assert_true(rest[0] < 1e-4 && fabs(rest[0] / rest[1] - 4) < 0.2);
  }
  lb_phys_map_free(map);
  lb_phys_model_free(model);
}

enum { KNOTS = 37 };

static void threads_give_the_same_bits(void** state) {
  (void)state;
  lb_phys_model* model = load_text(FREE_AND_HINGE);
  lb_space space = lb_phys_model_space(model);
  lb_rng rng = lb_rng_stream(6, LB_RNG_TEST, 0, 0);
  static double x[KNOTS * 15], u[KNOTS * 3], next[2][KNOTS * 15], A[2][KNOTS * 196], B[2][KNOTS * 42];
  for (int i = 0; i < KNOTS; ++i) {
    double dx[14];
    lb_phys_model_start(model, x + 15 * i);
    draw(&rng, dx, 14, 1);
    lb_space_displace(&space, x + 15 * i, x + 15 * i, dx);
    draw(&rng, u + 3 * i, 3, 1);
  }
  for (int k = 0; k < 2; ++k) {
    lb_phys_map* map = open_it(model, 4, 3, k == 0 ? 1 : 3);
    lb_phys_map_step(map, KNOTS, x, u, next[k]);
    assert_int_equal(lb_phys_map_linearize(map, KNOTS, x, u, A[k], B[k]), KNOTS * 34);
    lb_phys_map_step(map, 1, x, u, next[k]);  // fewer items than chunks
    lb_phys_map_free(map);
  }
  assert_memory_equal(next[0], next[1], sizeof next[0]);
  assert_memory_equal(A[0], A[1], sizeof A[0]);
  assert_memory_equal(B[0], B[1], sizeof B[0]);
  lb_phys_model_free(model);
}

static void divergence_spoils_its_own_row_only(void** state) {
  (void)state;
  for (int threads = 1; threads <= 2; ++threads) {
    lb_phys_model* model = load_text(SPRINGS("RK4"));
    lb_phys_map* map = open_it(model, 2, 2, threads);
    double x[12] = {0.1, 0, 0, 0, 0.1, NAN, 0, 0, 0.1, 0, 0, 0}, u[6] = {0}, next[12], A[48], B[24];
    lb_phys_map_step(map, 3, x, u, next);
    for (int i = 0; i < 12; ++i) assert_int_equal(isnan(next[i]) != 0, i / 4 == 1);
    assert_memory_equal(next, next + 8, 4 * sizeof *next);
    expect_warning("QPOS");
    lb_phys_map_linearize(map, 3, x, u, A, B);
    assert_true(isnan(A[16]) && isnan(B[8]) && isfinite(A[15]) && isfinite(A[32]) && isfinite(B[7]) && isfinite(B[16]));
    expect_warning("QPOS");
    lb_phys_map_free(map);
    lb_phys_model_free(model);
  }
}

// One row of three makes MuJoCo raise an error (too little memory for the contacts of a box that stands deep).
static void errors_spoil_their_own_row_only(void** state) {
  (void)state;
  for (int threads = 1; threads <= 2; ++threads) {
    lb_phys_model* model = load_text(
        "<mujoco><size memory='8K'/><worldbody><geom type='plane' size='1 1 1'/><body pos='0 0 1'><freejoint/>"
        "<geom type='box' size='0.1 0.1 0.1'/></body></worldbody></mujoco>");
    lb_phys_map* map = open_it(model, 1, 0, threads);
    double x[39], next[39];
    for (int i = 0; i < 3; ++i) lb_phys_model_start(model, x + 13 * i);
    x[13 + 2] = 0.05;
    lb_phys_map_step(map, 3, x, NULL, next);
    for (int i = 0; i < 39; ++i) assert_int_equal(isnan(next[i]) != 0, i / 13 == 1);
    assert_memory_equal(next, next + 26, 13 * sizeof *next);
    lb_phys_map_free(map);
    lb_phys_model_free(model);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(a_linear_system_in_closed_form),  simulated_test(controls_at_their_limits),
      simulated_test(agrees_with_mujocos_own),         simulated_test(derivatives_predict_small_displacements),
      simulated_test(threads_give_the_same_bits),      simulated_test(divergence_spoils_its_own_row_only),
      simulated_test(errors_spoil_their_own_row_only),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
