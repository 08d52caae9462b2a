// Open-loop errors of a wrong linear model against its matrix powers, on more segments than go through at once, in a
// curved space too, with their standard error by the formula.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "eval/model_error.h"

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

enum { N = 600, MOST = 5 };

// Real: x' = 0.5 x + u. Model: x' = (0.5 + 0.1) x + u + 0.01 t, in each of two numbers; t counts from 0.
static void step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)ctx;
  for (int i = 0; i < n; ++i) {
    for (int j = 2 * i; j < 2 * i + 2; ++j) x_next[j] = 0.6 * x[j] + u[j] + 0.01 * t[i];
  }
}

static double start[N * 2], actions[MOST * N * 2], end[N * 2];

static lb_segments segments(int n, int k) {
  for (int i = 0; i < 2 * n; ++i) {
    start[i] = sin(i + 1);
    end[i] = start[i];
    for (int j = 0; j < k; ++j) {
      double* u = &actions[(j * n) * 2 + i];
      *u = cos(i + 7 * j);
      end[i] = 0.5 * end[i] + *u;
    }
  }
  return (lb_segments){.n = n, .k = k, .x = start, .u = actions, .end = end};
}

static const double scale[2] = {2, 0.5};

// By one segment after the other.
static void expected(double* rms, double* se, const lb_segments* s) {
  double sum = 0, squares = 0;
  for (int i = 0; i < s->n; ++i) {
    double e = 0;
    for (int c = 0; c < 2; ++c) {
      double x = s->x[2 * i + c];
      for (int j = 0; j < s->k; ++j) x = 0.6 * x + s->u[(j * s->n + i) * 2 + c] + 0.01 * j;
      e += pow((x - s->end[2 * i + c]) / scale[c], 2) / 2;
    }
    sum += e;
    squares += e * e;
  }
  double mean = sum / s->n, variance = (squares - s->n * mean * mean) / (s->n - 1);
  *rms = sqrt(mean);
  *se = sqrt(variance / s->n) / (2 * *rms);
}

static void errors_are_those_of_the_powers(void** state) {
  (void)state;
  lb_space plain = {.nx = 2, .ndx = 2};
  lb_counts counts = {0};
  lb_dynamics model = {.space = &plain, .nu = 2, .counts = &counts, .step = step};
  static const int sizes[][2] = {{N, 1}, {N, MOST}, {3, 2}};
  for (int i = 0; i < 3; ++i) {
    double rms, se;
    lb_segments s = segments(sizes[i][0], sizes[i][1]);
    expected(&rms, &se, &s);
    lb_estimate e = lb_model_error_open_loop(&model, &s, scale, arena);
    assert_int_equal(e.n, s.n);
    assert_near(e.mean, rms, 1e-12);
    assert_near(e.se, se, 1e-12);
  }
  assert_int_equal(counts.model_queries, 0);
  lb_segments none = segments(0, 1), one = segments(1, 1);
  assert_true(isnan(lb_model_error_open_loop(&model, &none, scale, arena).mean));
  assert_true(isnan(lb_model_error_open_loop(&model, &one, scale, arena).se));
}

// An angle beside a number: the difference of 3.1 and -3.1 is small.
static void wrap(const void* ctx, double* dx, const double* from, const double* to) {
  (void)ctx;
  dx[0] = remainder(to[0] - from[0], 2 * acos(-1.0));
  dx[1] = to[1] - from[1];
}

static void still(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)ctx;
  (void)t;
  (void)u;
  for (int i = 0; i < 2 * n; ++i) x_next[i] = x[i];
}

static void differences_are_the_spaces_own(void** state) {
  (void)state;
  lb_space circle = {.nx = 2, .ndx = 2, .difference = wrap};
  lb_dynamics model = {.space = &circle, .nu = 1, .step = still};
  double x[2] = {3.1, 1}, u[1] = {0}, after[2] = {-3.1, 1};
  lb_segments s = {.n = 1, .k = 1, .x = x, .u = u, .end = after};
  double gap = 2 * acos(-1.0) - 6.2;
  assert_near(lb_model_error_open_loop(&model, &s, scale, arena).mean, gap / 2 / sqrt(2), 1e-12);
}

static void the_scale_is_the_standard_deviation(void** state) {
  (void)state;
  // Two observations, one action: rows of 7 numbers.
  float rows[4 * 7] = {0};
  static const float first[] = {1, 3, 5, 100};
  for (int i = 0; i < 4; ++i) {
    rows[7 * i] = first[i];
    rows[7 * i + 1] = 4;
  }
  lb_transitions data = {.n = 3, .nobs = 2, .nact = 1, .data = rows};
  double sd[2];
  lb_model_error_scale(sd, &data, 0, 0, arena);
  assert_near(sd[0], 2, 1e-12);
  assert_true(sd[1] == 1);
  int chosen[] = {3, 0};
  data.rows = chosen;
  data.n = 2;
  lb_model_error_scale(sd, &data, 0, 0, arena);
  assert_near(sd[0], 99 / sqrt(2), 1e-9);
  data.n = 0;
  lb_model_error_scale(sd, &data, 0, 0, arena);
  assert_true(sd[0] == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors_are_those_of_the_powers),
      cmocka_unit_test(differences_are_the_spaces_own),
      cmocka_unit_test(the_scale_is_the_standard_deviation),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
