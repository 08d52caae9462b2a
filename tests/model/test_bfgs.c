// BFGS against SciPy's iterates (tests/golden/make_bfgs_scipy.py) and its line searches against the Wolfe conditions.
#include "model/bfgs.h"

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

#include "io/npz.h"
#include "model/line_search.h"

static lb_arena* arena;
static lb_npz* scipy;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  assert_int_equal(lb_npz_load(&scipy, LB_SOURCE_DIR "/tests/golden/bfgs_scipy.npz").code, LB_OK);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(scipy);
  lb_arena_free(arena);
  return 0;
}

static double rosenbrock(void* ctx, const double* x) {
  double sum = 0;
  for (int i = 0; i + 1 < *(int*)ctx; ++i) {
    double valley = x[i + 1] - x[i] * x[i];
    sum += 100 * valley * valley + (1 - x[i]) * (1 - x[i]);
  }
  return sum;
}

// The whole path: the k-th iterate is what a run of k iterations ends at.
static void check_path(const char* name, int n, int followed, double path_tolerance) {
  char key[40];
  const lb_array* part[3];
  const char* suffix[] = {"x0", "points", "values"};
  for (int i = 0; i < 3; ++i) {
    snprintf(key, sizeof key, "%s_%s", name, suffix[i]);
    part[i] = lb_npz_find(scipy, key);
    assert_non_null(part[i]);
  }
  const double *x0 = part[0]->data, *points = part[1]->data, *values = part[2]->data;
  double x[16];
  lb_bfgs_config config = lb_bfgs_default_config();
  for (int k = 1; k <= followed; ++k) {
    memcpy(x, x0, sizeof(double) * (size_t)n);
    config.max_iterations = k;
    lb_bfgs_result r = lb_bfgs_minimize(x, n, rosenbrock, &n, &config, arena);
    assert_int_equal(r.stop, LB_BFGS_MAX_ITERATIONS);
    assert_int_equal(r.iterations, k);
    for (int i = 0; i < n; ++i) {
      double want = points[(k - 1) * n + i];
      if (!(fabs(x[i] - want) <= path_tolerance))
        fail_msg("%s, iterate %d, x[%d]: %.12g, SciPy %.12g", name, k, i, x[i], want);
    }
  }
  memcpy(x, x0, sizeof(double) * (size_t)n);
  config.max_iterations = 0;
  lb_bfgs_result r = lb_bfgs_minimize(x, n, rosenbrock, &n, &config, arena);
  int scipy_iterations = (int)part[2]->size;
  print_message("%s: %d iterations, %d evaluations, value %.3g (SciPy %d, %.3g)\n", name, r.iterations, r.evaluations,
                r.value, scipy_iterations, values[scipy_iterations - 1]);
  assert_int_equal(r.stop, LB_BFGS_CONVERGED);
  assert_true(r.gradient <= 1e-5);
  assert_true(abs(r.iterations - scipy_iterations) <= 1 + scipy_iterations / 10);
  assert_true(fabs(r.value - values[scipy_iterations - 1]) < 1e-8);
}

static void follows_scipy(void** state) {
  (void)state;
  check_path("rosenbrock2", 2, 12, 3e-5);  // rounding in the differences grows along the path
  check_path("rosenbrock7", 7, 10, 3e-5);
}

static double quadratic(void* ctx, const double* x) {
  (void)ctx;
  double sum = 0;
  for (int i = 0; i < 5; ++i) sum += 0.5 * (1 + i) * (x[i] - i) * (x[i] - i);
  return sum + 3;
}

static void finds_the_minimum_of_a_quadratic(void** state) {
  (void)state;
  double x[5] = {9, 8, -7, 6, 5};
  lb_bfgs_config config = lb_bfgs_default_config();
  lb_bfgs_result r = lb_bfgs_minimize(x, 5, quadratic, NULL, &config, arena);
  assert_int_equal(r.stop, LB_BFGS_CONVERGED);
  for (int i = 0; i < 5; ++i) assert_true(fabs(x[i] - i) < 1e-5);
  assert_true(fabs(r.value - 3) < 1e-10);
  assert_true(r.iterations <= 15);
}

static double cliff(void* ctx, const double* x) {
  (void)ctx;
  return x[0] > 0 ? log(x[0]) : NAN;  // no minimum, and no value at and beyond 0
}

static double slope_down(void* ctx, const double* x) {
  (void)ctx;
  return -x[0];
}

static void failures_are_told(void** state) {
  (void)state;
  lb_bfgs_config config = lb_bfgs_default_config();
  double x = NAN;
  assert_int_equal(lb_bfgs_minimize(&x, 1, cliff, NULL, &config, arena).stop, LB_BFGS_NOT_FINITE);
  x = 1;
  lb_bfgs_result r = lb_bfgs_minimize(&x, 1, cliff, NULL, &config, arena);
  assert_true(r.stop == LB_BFGS_LINE_SEARCH || r.stop == LB_BFGS_NOT_FINITE);
  assert_true(x > 0 && isfinite(r.value));  // the last good iterate
  x = 0;
  r = lb_bfgs_minimize(&x, 1, slope_down, NULL, &config, arena);
  assert_int_equal(r.stop, LB_BFGS_LINE_SEARCH);
  assert_true(isfinite(x));
}

// Lines of the More-Thuente paper's section 5 (its functions 5.1, 5.2 and 5.3), from small and from large first steps.
typedef struct test_line {
  int which, evaluations;
} test_line;

static double value_of(void* ctx, double a) {
  test_line* l = ctx;
  l->evaluations += 1;
  if (l->which == 0) return -a / (a * a + 2);
  if (l->which == 1) return pow(a + 0.004, 5) - 2 * pow(a + 0.004, 4);
  double pi = acos(-1), bend = 0.01, corner = 2 * (1 - bend) / (39 * pi) * sin(39 * pi / 2 * a);
  if (a <= 1 - bend) return 1 - a + corner;
  if (a >= 1 + bend) return a - 1 + corner;
  return (a - 1) * (a - 1) / (2 * bend) + bend / 2 + corner;
}

static double slope_of(void* ctx, double a) {
  test_line* l = ctx;
  if (l->which == 0) return (a * a - 2) / ((a * a + 2) * (a * a + 2));
  if (l->which == 1) return 5 * pow(a + 0.004, 4) - 8 * pow(a + 0.004, 3);
  double pi = acos(-1), bend = 0.01, corner = (1 - bend) * cos(39 * pi / 2 * a);
  return (a <= 1 - bend ? -1 : a >= 1 + bend ? 1 : (a - 1) / bend) + corner;
}

typedef bool (*search)(lb_line_point*, const lb_line*, const lb_line_point*, double, const lb_line_config*);

static void check_search(search find, int which, double first, double curvature, int most) {
  test_line l = {.which = which};
  lb_line line = {.ctx = &l, .value = value_of, .slope = slope_of};
  lb_line_point start = {.value = value_of(&l, 0), .slope = slope_of(&l, 0)}, found;
  lb_line_config c = lb_line_default_config();
  c.curvature = curvature;
  l.evaluations = 0;
  if (!find(&found, &line, &start, first, &c)) fail_msg("line %d from %g: nothing found", which, first);
  assert_true(found.step > 0 && found.value == value_of(&l, found.step) && found.slope == slope_of(&l, found.step));
  assert_true(found.value <= start.value + c.decrease * found.step * start.slope);
  assert_true(fabs(found.slope) <= c.curvature * -start.slope);
  assert_true(l.evaluations <= most + 1);
}

// The paper's tables I, II and III need at most 17, 11 and 12 evaluations from these first steps, with tighter
// conditions.
static void searches_satisfy_wolfe(void** state) {
  (void)state;
  const double first[] = {1e-3, 1e-1, 1e1, 1e3};
  for (int i = 0; i < 4; ++i) {
    for (int which = 0; which < 3; ++which) {
      check_search(lb_line_more_thuente, which, first[i], 0.1, 20);
      check_search(lb_line_more_thuente, which, first[i], 0.9, 20);
    }
    check_search(lb_line_bracket_and_zoom, 0, fmin(fmax(first[i], 0.01), 10), 0.1, 30);
  }
}

static void searches_refuse_an_ascent(void** state) {
  (void)state;
  test_line l = {0};
  lb_line line = {.ctx = &l, .value = value_of, .slope = slope_of};
  lb_line_point uphill = {.slope = 0.1}, found;
  lb_line_config c = lb_line_default_config();
  assert_false(lb_line_more_thuente(&found, &line, &uphill, 1, &c));
  assert_false(lb_line_bracket_and_zoom(&found, &line, &uphill, 1, &c));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(follows_scipy),
      cmocka_unit_test(finds_the_minimum_of_a_quadratic),
      cmocka_unit_test(failures_are_told),
      cmocka_unit_test(searches_satisfy_wolfe),
      cmocka_unit_test(searches_refuse_an_ascent),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
