// Symmetric eigenvalues against Jacobi rotations and a closed form.
#include "linalg/eig.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "plain.h"

enum { N = 12 };

// The second difference with fixed ends has eigenvalues 2 - 2 cos(k pi / (n + 1)).
static void second_difference(double* A, int n) {
  memset(A, 0, (size_t)(n * n) * sizeof *A);
  for (int i = 0; i < n; ++i) {
    A[i * n + i] = 2;
    if (i) A[i * n + i - 1] = A[(i - 1) * n + i] = -1;
  }
}

static void test_closed_form(void** state) {
  (void)state;
  double A[N * N], values[N];
  lb_arena* scratch = lb_arena_new(0);
  second_difference(A, N);
  assert_true(lb_eig_symmetric(values, NULL, A, N, scratch));
  for (int k = 0; k < N; ++k) assert_near(values[k], 2 - 2 * cos((k + 1) * acos(-1) / (N + 1)), 1e-13);
  lb_arena_free(scratch);
}

static void test_vectors_against_jacobi(void** state) {
  (void)state;
  double A[N * N], V[N * N], values[N], expected[N], copy[N * N], Av[N];
  lb_arena* scratch = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  plain_fill(&rng, V, N * N);
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) A[i * N + j] = V[i * N + j] + V[j * N + i];
  }
  memcpy(copy, A, sizeof A);
  plain_eigenvalues(expected, copy, N);
  assert_true(lb_eig_symmetric(values, V, A, N, scratch));
  for (int k = 0; k < N; ++k) {
    const double* v = V + k * N;
    assert_near(values[k], expected[k], 1e-12);
    plain_mul(Av, A, v, N, 1, N, 1, 0);
    for (int i = 0; i < N; ++i) assert_near(Av[i], values[k] * v[i], 1e-12);
    for (int l = 0; l < N; ++l) {
      double dot = 0;
      for (int i = 0; i < N; ++i) dot += v[i] * V[l * N + i];
      assert_near(dot, k == l, 1e-13);
    }
  }
  assert_true(lb_eig_symmetric(values, A, A, N, scratch));  // in place
  for (int i = 0; i < N * N; ++i) assert_near(fabs(A[i]), fabs(V[i]), 1e-12);
  lb_arena_free(scratch);
}

static void test_not_finite(void** state) {
  (void)state;
  double A[4] = {1, NAN, NAN, 1}, values[2];
  lb_arena* scratch = lb_arena_new(0);
  assert_false(lb_eig_symmetric(values, NULL, A, 2, scratch));
  lb_arena_free(scratch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_closed_form),
      cmocka_unit_test(test_vectors_against_jacobi),
      cmocka_unit_test(test_not_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
