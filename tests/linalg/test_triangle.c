// The triangle of a least-squares problem against the problem itself.
#include "linalg/triangle.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/rng.h"

enum { ROWS = 300, N = 7 };

static double norm(const double* v, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += v[i] * v[i];
  return sqrt(sum);
}

static void keeps_every_residual(void** state) {
  (void)state;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  double A[ROWS][N], R[N * N] = {0};
  for (int i = 0; i < ROWS; ++i) {
    double row[N];
    for (int j = 0; j < N; ++j) A[i][j] = i % 3 == 0 && j < 3 ? 0 : lb_rng_normal(&rng) * pow(10, j - 3);
    memcpy(row, A[i], sizeof row);
    lb_triangle_add_row(R, row, N);
  }
  for (int i = 1; i < N; ++i) {
    for (int j = 0; j < i; ++j) assert_true(R[i * N + j] == 0);
  }
  for (int trial = 0; trial < 20; ++trial) {
    double x[N], y[N], direct[ROWS] = {0};
    for (int j = 0; j < N; ++j) x[j] = lb_rng_normal(&rng);
    for (int i = 0; i < ROWS; ++i) {
      for (int j = 0; j < N; ++j) direct[i] += A[i][j] * x[j];
    }
    lb_triangle_apply(y, R, x, N);
    assert_true(fabs(norm(y, N) - norm(direct, ROWS)) <= 1e-13 * norm(direct, ROWS));
  }
}

// A Gram matrix would lose these: entries of 1e-9 beside 1 vanish when squared.
static void keeps_what_squares_would_lose(void** state) {
  (void)state;
  double R[4] = {0}, rows[3][2] = {{1, 1}, {1, 1 + 1e-9}, {1, 1 - 1e-9}}, x[2] = {1, -1}, y[2];
  for (int i = 0; i < 3; ++i) lb_triangle_add_row(R, rows[i], 2);
  lb_triangle_apply(y, R, x, 2);
  assert_true(fabs(norm(y, 2) - sqrt(2) * 1e-9) < 1e-6 * 1e-9);
}

static void rows_of_zeros_and_tiny_rows_are_harmless(void** state) {
  (void)state;
  double R[4] = {0}, zero[2] = {0}, tiny[2] = {1e-200, 3e-200};
  lb_triangle_add_row(R, zero, 2);
  lb_triangle_add_row(R, tiny, 2);
  assert_true(fabs(R[0]) == 1e-200 && isfinite(R[1]) && isfinite(R[3]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_every_residual),
      cmocka_unit_test(keeps_what_squares_would_lose),
      cmocka_unit_test(rows_of_zeros_and_tiny_rows_are_harmless),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
