// Products against plain triple loops, at shapes on both sides of every threshold.
#include "linalg/mat.h"

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

enum { MOST = 70, SIZE = MOST * MOST };

static const int shapes[][3] = {{1, 1, 1},   {4, 4, 12},  {4, 12, 4},  {12, 12, 12},
                                {13, 5, 11}, {17, 12, 9}, {70, 33, 65}};
static const double scales[][2] = {{1, 0}, {1, 1}, {-0.5, 2}};

static double A[SIZE], B[SIZE], C[SIZE], expected[SIZE], T[SIZE];

static void fill(void) {
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  plain_fill(&rng, A, SIZE);
  plain_fill(&rng, B, SIZE);
  plain_fill(&rng, C, SIZE);
  memcpy(expected, C, sizeof C);
}

static void test_products(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s) {
    for (size_t c = 0; c < sizeof scales / sizeof *scales; ++c) {
      int m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
      double alpha = scales[c][0], beta = scales[c][1];
      fill();
      plain_mul(expected, A, B, m, n, k, alpha, beta);
      lb_mat_mul(C, A, B, m, n, k, alpha, beta);
      assert_true(plain_difference(C, expected, SIZE) < 1e-12);
      fill();
      plain_transpose(T, A, k, m);
      plain_mul(expected, T, B, m, n, k, alpha, beta);
      lb_mat_mul_tn(C, A, B, m, n, k, alpha, beta);
      assert_true(plain_difference(C, expected, SIZE) < 1e-12);
      fill();
      plain_transpose(T, B, n, k);
      plain_mul(expected, A, T, m, n, k, alpha, beta);
      lb_mat_mul_nt(C, A, B, m, n, k, alpha, beta);
      assert_true(plain_difference(C, expected, SIZE) < 1e-12);
    }
  }
}

static void test_gram_is_symmetric(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s) {
    int n = shapes[s][1], k = shapes[s][2];
    fill();
    plain_transpose(T, A, k, n);
    plain_mul(expected, T, A, n, n, k, 2, 0);
    lb_mat_gram(C, A, n, k, 2, 0);
    assert_true(plain_difference(C, expected, n * n) < 1e-12);
    lb_mat_gram(C, A, n, k, 1, 0.5);  // C was symmetric: half of it and A^T A
    assert_true(plain_difference(C, expected, n * n) < 1e-12);
  }
}

static void test_vectors(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s) {
    for (size_t c = 0; c < sizeof scales / sizeof *scales; ++c) {
      int m = shapes[s][0], n = shapes[s][1];
      double alpha = scales[c][0], beta = scales[c][1];
      fill();
      plain_mul(expected, A, B, m, 1, n, alpha, beta);
      lb_mat_vec(C, A, B, m, n, alpha, beta);
      assert_true(plain_difference(C, expected, SIZE) < 1e-12);
      fill();
      plain_transpose(T, A, m, n);
      plain_mul(expected, T, B, n, 1, m, alpha, beta);
      lb_mat_vec_t(C, A, B, m, n, alpha, beta);
      assert_true(plain_difference(C, expected, SIZE) < 1e-12);
    }
  }
}

static void test_zero_beta_ignores_old(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s) {
    int m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
    for (int form = 0; form < 5; ++form) {
      fill();
      for (int i = 0; i < SIZE; ++i) C[i] = NAN;
      if (form == 0) lb_mat_mul(C, A, B, m, n, k, 1, 0);
      if (form == 1) lb_mat_mul_tn(C, A, B, m, n, k, 1, 0);
      if (form == 2) lb_mat_mul_nt(C, A, B, m, n, k, 1, 0);
      if (form == 3) lb_mat_vec(C, A, B, m, n, 1, 0);
      if (form == 4) lb_mat_vec_t(C, A, B, m, n, 1, 0);
      int written = form < 3 ? m * n : form == 3 ? m : n;
      for (int i = 0; i < written; ++i) assert_true(isfinite(C[i]));
      for (int i = written; i < SIZE; ++i) assert_true(isnan(C[i]));
    }
  }
}

static void test_dot_and_symmetrise(void** state) {
  (void)state;
  double x[] = {1, 2, 3, 4, 5}, y[] = {1, -1, 2, 0.5, 3};
  assert_near(lb_mat_dot(x, y, 5), 22, 0);
  assert_near(lb_mat_dot(x, y, 0), 0, 0);
  double S[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, mean[] = {1, 3, 5, 3, 5, 7, 5, 7, 9};
  lb_mat_symmetrise(S, 3);
  assert_memory_equal(S, mean, sizeof S);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_products),
      cmocka_unit_test(test_gram_is_symmetric),
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_zero_beta_ignores_old),
      cmocka_unit_test(test_dot_and_symmetrise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
