// Cholesky factors and solutions on both sides of the thresholds, and what is refused.
#include "linalg/chol.h"

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

enum { MOST = 60, SIZE = MOST * MOST };

static double G[SIZE], S[SIZE], L[SIZE], T[SIZE], B[SIZE], X[SIZE];
static const int sizes[] = {1, 2, 4, 8, 9, 12, 13, 30, 60};

// S = G G^T + I.
static void make_positive(int n) {
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, (uint32_t)n, 0);
  plain_fill(&rng, G, n * n);
  plain_fill(&rng, B, SIZE);
  plain_transpose(T, G, n, n);
  plain_mul(S, G, T, n, n, n, 1, 0);
  for (int i = 0; i < n; ++i) S[i * n + i] += 1;
}

static void test_factor_gives_back_the_matrix(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
    int n = sizes[s];
    make_positive(n);
    memcpy(L, S, sizeof S);
    for (int i = 0; i < n; ++i) {
      for (int j = i + 1; j < n; ++j) L[i * n + j] = NAN;  // never read, never written
    }
    assert_true(lb_chol_factor(L, n));
    for (int i = 0; i < n; ++i) {
      for (int j = i + 1; j < n; ++j) {
        assert_true(isnan(L[i * n + j]));
        L[i * n + j] = 0;
      }
    }
    plain_transpose(T, L, n, n);
    plain_mul(X, L, T, n, n, n, 1, 0);
    assert_true(plain_difference(X, S, n * n) < 1e-11);
  }
}

static void test_solve(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
    for (int nrhs = 1; nrhs <= 12; nrhs += 11) {
      int n = sizes[s];
      make_positive(n);
      memcpy(L, S, sizeof S);
      memcpy(X, B, sizeof B);
      assert_true(lb_chol_factor(L, n));
      lb_chol_solve(X, L, n, nrhs);
      plain_solve(S, B, n, nrhs);
      assert_true(plain_difference(X, B, n * nrhs) < 1e-9);
    }
  }
}

static void test_refuses(void** state) {
  (void)state;
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
    int n = sizes[s];
    make_positive(n);
    for (int i = 0; i < 3; ++i) {
      memcpy(L, S, sizeof S);
      L[(n - 1) * n + n / 2] = bad[i];
      assert_false(lb_chol_factor(L, n));
    }
    memcpy(L, S, sizeof S);
    L[n * n - 1] -= 1e6;  // an indefinite matrix
    assert_false(lb_chol_factor(L, n));
    memset(L, 0, sizeof L);  // a semidefinite one
    assert_false(lb_chol_factor(L, n));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_factor_gives_back_the_matrix),
      cmocka_unit_test(test_solve),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
