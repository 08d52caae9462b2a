// Robust least squares about an anchor: closed forms where residuals are small or linear, stationary points of a
// nonlinear problem by differences, and what is not finite.
#include "model/anchored.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"

enum { N = 2, ROWS = 300 };

static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return arena == NULL;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

// r_i = a_i . v + bend |v|^2 - b_i
typedef struct curve {
  double a[ROWS][N], b[ROWS], bend;
} curve;

static void curve_residuals(void* ctx, double* r, const double* v) {
  const curve* c = ctx;
  for (int i = 0; i < ROWS; ++i) {
    r[i] = c->a[i][0] * v[0] + c->a[i][1] * v[1] + c->bend * (v[0] * v[0] + v[1] * v[1]) - c->b[i];
  }
}

static void curve_slopes(void* ctx, double* J, const double* v, int begin, int count) {
  const curve* c = ctx;
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < N; ++j) J[N * i + j] = c->a[begin + i][j] + 2 * c->bend * v[j];
  }
}

static double weights[ROWS];

static lb_anchored_problem make(curve* c, double size, double bend) {
  for (int i = 0; i < ROWS; ++i) {
    c->a[i][0] = sin(i + 0.5);
    c->a[i][1] = cos(1.7 * i);
    c->b[i] = size * (sin(3.1 * i * i) + 0.5 * c->a[i][0]);
    weights[i] = i % 7 == 3 ? 0 : 0.5 + i % 3;
  }
  c->bend = bend;
  return (lb_anchored_problem){
      .n = N, .rows = ROWS, .weight = weights, .ctx = c, .residuals = curve_residuals, .slopes = curve_slopes};
}

static double objective(const lb_anchored_problem* p, const double* v) {
  double r[ROWS], sum = 0.5 * (v[0] * v[0] + v[1] * v[1]);
  p->residuals(p->ctx, r, v);
  for (int i = 0; i < ROWS; ++i) sum += p->weight[i] * (sqrt(1 + r[i] * r[i]) - 1);
  return sum;
}

// Small residuals: (I + sum w a a^T) v = sum w a b.
static void test_small_residuals_are_ridge_least_squares(void** state) {
  (void)state;
  curve c;
  lb_anchored_problem p = make(&c, 1e-5, 0);
  double G[3] = {1, 0, 1}, g[N] = {0}, v[N] = {0};
  for (int i = 0; i < ROWS; ++i) {
    G[0] += weights[i] * c.a[i][0] * c.a[i][0];
    G[1] += weights[i] * c.a[i][0] * c.a[i][1];
    G[2] += weights[i] * c.a[i][1] * c.a[i][1];
    for (int j = 0; j < N; ++j) g[j] += weights[i] * c.a[i][j] * c.b[i];
  }
  lb_anchored_config config = {1e-14, 50};
  lb_anchored_result r = lb_anchored_minimize(&p, v, &config, arena);
  double det = G[0] * G[2] - G[1] * G[1];
  assert_true(r.ok && r.loss < r.start);
  assert_near(v[0], (G[2] * g[0] - G[1] * g[1]) / det, 1e-12);
  assert_near(v[1], (G[0] * g[1] - G[1] * g[0]) / det, 1e-12);
}

// Large residuals and bent ones: the objective is flat in every direction where it ends, and never rises on the way.
static void test_ends_at_a_stationary_point(void** state) {
  (void)state;
  static const double sizes[] = {0.3, 3, 1e4}, bends[] = {0, 0.1};
  for (int k = 0; k < 6; ++k) {
    curve c;
    lb_anchored_problem p = make(&c, sizes[k % 3], bends[k / 3]);
    lb_anchored_config config = {1e-14, 500};
    double v[N] = {0}, start = objective(&p, v), moved[N] = {0};
    lb_anchored_result r = lb_anchored_minimize(&p, v, &config, arena);
    assert_true(r.ok);
    assert_string_equal(r.stop, "the loss settled");
    assert_near(r.start, start, 1e-12 * start);
    assert_near(r.loss + 0.5 * (v[0] * v[0] + v[1] * v[1]), objective(&p, v), 1e-12 * start);
    assert_true(objective(&p, v) < start);
    double steepest = 0;
    for (int j = 0; j < N; ++j) {
      double slope[2];
      for (int at_end = 0; at_end < 2; ++at_end) {
        const double* at = at_end ? v : (const double[N]){0};
        double h = 1e-4 * (1 + fabs(at[j])), up, down;
        moved[0] = at[0], moved[1] = at[1];
        moved[j] = at[j] + h;
        up = objective(&p, moved);
        moved[j] = at[j] - h;
        down = objective(&p, moved);
        slope[at_end] = fabs(up - down) / (2 * h);
      }
      steepest = fmax(steepest, slope[0]);
      assert_true(slope[1] < 1e-4 * (1 + steepest));
    }
  }
}

// Fewer steps than it takes: better than the start, and said.
static void test_runs_out_of_steps(void** state) {
  (void)state;
  curve c;
  lb_anchored_problem p = make(&c, 1e4, 0);
  double v[N] = {0}, start = objective(&p, v);
  lb_anchored_config config = {1e-14, 2};
  lb_anchored_result r = lb_anchored_minimize(&p, v, &config, arena);
  assert_string_equal(r.stop, "the iterations ran out");
  assert_int_equal(r.evaluations, 3);
  assert_true(objective(&p, v) < start);
}

static bool everywhere;

// r = sqrt(1 - v) - 2 beyond whose end there is nothing, or no number anywhere.
static void broken_residuals(void* ctx, double* r, const double* v) {
  (void)ctx;
  r[0] = everywhere ? NAN : 10 * (sqrt(1 - v[0]) + v[0] - 2);
}

static void broken_slopes(void* ctx, double* J, const double* v, int begin, int count) {
  (void)ctx, (void)begin, (void)count;
  J[0] = 10 * (1 - 0.5 / sqrt(1 - v[0]));
}

static void test_numbers_that_are_none(void** state) {
  (void)state;
  const double weight = 1e4;
  lb_anchored_problem p = {
      .n = 1, .rows = 1, .weight = &weight, .residuals = broken_residuals, .slopes = broken_slopes};
  lb_anchored_config config = lb_anchored_default_config();
  double v = 0;
  everywhere = false;  // full steps leave the domain: shorter ones do not
  lb_anchored_result r = lb_anchored_minimize(&p, &v, &config, arena);
  assert_true(r.ok && r.loss < r.start && v > 0 && v < 1);
  assert_near(v, 0.75, 1e-3);  // where sqrt(1 - v) + v is largest
  everywhere = true;
  v = 0.5;
  r = lb_anchored_minimize(&p, &v, &config, arena);
  assert_false(r.ok);
  assert_true(v == 0.5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_small_residuals_are_ridge_least_squares),
      cmocka_unit_test(test_ends_at_a_stationary_point),
      cmocka_unit_test(test_runs_out_of_steps),
      cmocka_unit_test(test_numbers_that_are_none),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
