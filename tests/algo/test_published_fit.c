// Fits of the published helicopter's parameters on 502 transitions (tests/golden/helicopter_2023_fit.npz): the authors'
// optimiser against SciPy's path and against the loss that they reached, and least squares by three ways that must
// agree.
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

#include "base/arena.h"
#include "io/npz.h"
#include "model/bfgs.h"
#include "model/parametric.h"
#include "task/helicopter_2023.h"

enum { NX = 12, NU = 4, NPARAM = 20, MOST_SUMS = 200 };

static lb_arena* arena;
static lb_system* heli;
static lb_npz *fit, *scipy;
static lb_batch data;
static const double* nominal;
static double sums[MOST_SUMS];

static const double* numbers(const lb_npz* npz, const char* name, int* size) {
  const lb_array* a = lb_npz_find(npz, name);
  assert_non_null(a);
  assert_int_equal(a->dtype, LB_F64);
  if (size) *size = (int)a->size;
  return a->data;
}

static int set_up(void** state) {
  (void)state;
  int size;
  arena = lb_arena_new(0);
  assert_int_equal(lb_helicopter_2023_open(&heli).code, LB_OK);
  assert_int_equal(lb_npz_load(&fit, LB_SOURCE_DIR "/tests/golden/helicopter_2023_fit.npz").code, LB_OK);
  assert_int_equal(lb_npz_load(&scipy, LB_SOURCE_DIR "/tests/golden/bfgs_scipy.npz").code, LB_OK);
  data.x = numbers(fit, "x", &size);
  data.u = numbers(fit, "u", NULL);
  data.x_next = numbers(fit, "next", NULL);
  data.n = size / NX;
  nominal = numbers(fit, "nominal", NULL);
  assert_true(heli->family->nsums <= MOST_SUMS);
  heli->family->absorb(heli->family->ctx, sums, data.n, data.x, data.u, data.x_next);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(fit);
  lb_npz_free(scipy);
  lb_system_free(heli);
  lb_arena_free(arena);
  return 0;
}

static double loss_of(void* ctx, const double* theta) {
  (void)ctx;
  return heli->family->loss(heli->family->ctx, sums, data.n, theta);
}

static void assert_relative(double got, double want, double relative, const char* what) {
  if (!(fabs(got - want) <= relative * fabs(want)))
    fail_msg("%s: %.17g, wanted %.17g (relative %.2g)", what, got, want, got / want - 1);
}

// The first iterates, and the end, of a run of SciPy.
static void check_path(const char* name) {
  char key[40];
  int iterations;
  double theta[NPARAM];
  snprintf(key, sizeof key, "%s_values", name);
  const double* values = numbers(scipy, key, &iterations);
  snprintf(key, sizeof key, "%s_points", name);
  const double* points = numbers(scipy, key, NULL);
  snprintf(key, sizeof key, "%s_x0", name);
  const double* x0 = numbers(scipy, key, NULL);
  lb_bfgs_config config = lb_bfgs_default_config();
  config.gradient_tolerance = 1e-3;
  for (int k = 1; k <= 15; ++k) {
    memcpy(theta, x0, sizeof theta);
    config.max_iterations = k;
    lb_bfgs_minimize(theta, NPARAM, loss_of, NULL, &config, arena);
    for (int i = 0; i < NPARAM; ++i) {
      if (!(fabs(theta[i] - points[(k - 1) * NPARAM + i]) <= 1e-5))
        fail_msg("%s, iterate %d, theta %d: %.12g, SciPy %.12g", name, k, i, theta[i], points[(k - 1) * NPARAM + i]);
    }
  }
  memcpy(theta, x0, sizeof theta);
  config.max_iterations = 0;
  lb_bfgs_result r = lb_bfgs_minimize(theta, NPARAM, loss_of, NULL, &config, arena);
  snprintf(key, sizeof key, "%s_evaluations", name);
  print_message("%s: %d iterations, %d evaluations, loss %.6e (SciPy %d, %g, %.6e)\n", name, r.iterations,
                r.evaluations, r.value, iterations, *numbers(scipy, key, NULL), values[iterations - 1]);
  assert_int_equal(r.stop, LB_BFGS_CONVERGED);
  assert_true(abs(r.iterations - iterations) <= 1 + iterations / 10);
  assert_relative(r.value, values[iterations - 1], 1e-3, name);
}

static void bfgs_follows_scipy(void** state) {
  (void)state;
  check_path("helicopter");
  check_path("restart0");
  check_path("restart1");
  check_path("restart2");
  check_path("restart3");
}

static void published_setting_stops_where_the_authors_did(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_2023_config();
  config.restarts = 0;
  lb_parametric* m = lb_parametric_new(heli->family, nominal, &config, NULL);
  lb_rng rng = lb_rng_stream(0, LB_RNG_FIT, 1, 0);
  lb_fit_report report;
  lb_parametric_fit(m, &report, &data, 0, &rng);
  assert_relative(report.loss, *numbers(fit, "fit_loss", NULL), 1e-4, "loss from the nominal parameters");
  const double* theta = numbers(fit, "fit_params", NULL);
  for (int i = 0; i < NPARAM; ++i) assert_true(fabs(lb_parametric_theta(m)[i] - theta[i]) < 1e-3);
  lb_parametric_free(m);

  config.restarts = 4;
  m = lb_parametric_new(heli->family, nominal, &config, NULL);
  lb_parametric_fit(m, &report, &data, 0, &rng);
  assert_int_equal(lb_parametric_last_fit(m)->runs, 5);
  assert_true(report.loss > 8.2e-4 && report.loss < 9.01e-4);
  double first = report.loss;
  lb_parametric_fit(m, &report, &data, data.n, &rng);  // never warm-started: other restarts, about the same loss
  assert_true(report.loss > 8.2e-4 && report.loss < 9.01e-4 && report.loss != first);
  lb_parametric_free(m);
}

// The same family without its sums, stepped through the data.
static lb_family stepped_family(void) {
  lb_family f = *heli->family;
  f.absorb = NULL;
  f.loss = NULL;
  f.residual = NULL;
  return f;
}

static void least_squares_with_and_without_sums_agree(void** state) {
  (void)state;
  lb_family stepped = stepped_family();
  lb_parametric_config config = lb_parametric_default_config();
  config.ridge = 0;
  config.tolerance = 1e-13;
  lb_parametric* a = lb_parametric_new(heli->family, nominal, &config, NULL);
  lb_parametric* b = lb_parametric_new(&stepped, nominal, &config, NULL);
  lb_fit_report by_sums, by_steps;
  lb_parametric_fit(a, &by_sums, &data, 0, NULL);
  lb_parametric_fit(b, &by_steps, &data, 0, NULL);
  print_message("least squares: loss %.9e, rank %d (by sums), %.9e, rank %d (by steps)\n", by_sums.loss, by_sums.rank,
                by_steps.loss, by_steps.rank);
  assert_relative(by_sums.loss, by_steps.loss, 1e-9, "loss");
  assert_int_equal(by_sums.rank, 16);  // mass and three inertias are units of the rest
  assert_int_equal(by_steps.rank, 16);
  assert_int_equal(lb_parametric_last_fit(a)->unidentified, 4);
  assert_int_equal(lb_parametric_last_fit(a)->queries, 0);
  assert_true(by_sums.loss < *numbers(fit, "loss", NULL));  // row 0: the truth
  assert_true(by_sums.loss < *numbers(fit, "fit_loss", NULL));
  lb_parametric_free(a);
  lb_parametric_free(b);
}

// Growing data on kept rows, against the sums, which forget nothing.
static void growing_data_agree_with_the_sums(void** state) {
  (void)state;
  lb_family stepped = stepped_family();
  lb_parametric_config config = lb_parametric_default_config();
  config.ridge = 0.05;
  config.gain_tolerance = 1e-8;
  lb_parametric* a = lb_parametric_new(heli->family, nominal, &config, NULL);
  lb_parametric* b = lb_parametric_new(&stepped, nominal, &config, NULL);
  lb_batch part = data;
  int64_t queries = 0;
  for (int k = 1; k <= 10; ++k) {
    lb_fit_report by_sums, by_steps;
    part.n = 50 * k;
    lb_parametric_fit(a, &by_sums, &part, 50 * (k - 1), NULL);
    lb_parametric_fit(b, &by_steps, &part, 50 * (k - 1), NULL);
    queries += lb_parametric_last_fit(b)->queries;
    assert_relative(by_steps.loss, by_sums.loss, 1e-6, "loss");
    assert_relative(by_steps.loss, lb_parametric_loss(b, &part), 1e-11, "reported loss");
    assert_relative(by_sums.loss, lb_parametric_loss(a, &part), 1e-9, "reported loss");
    assert_true(abs(by_steps.rank - by_sums.rank) <= 1);
  }
  print_message("%.1f queries a transition\n", (double)queries / part.n);
  lb_parametric_free(a);
  lb_parametric_free(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bfgs_follows_scipy),
      cmocka_unit_test(published_setting_stops_where_the_authors_did),
      cmocka_unit_test(least_squares_with_and_without_sums_agree),
      cmocka_unit_test(growing_data_agree_with_the_sums),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
