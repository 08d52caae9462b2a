// Least squares by QR and SVD against Gram-Schmidt, closed forms and the optimality conditions.
#include "linalg/lstsq.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "plain.h"

enum { M = 80, N = 17, RHS = 12 };

typedef struct fixture {
  lb_arena* scratch;
  double A[M * N], B[M * RHS], A1[M * N], B1[M * RHS], X[N * RHS], X1[N * RHS], R[N * N], s[N];
} fixture;

static int set_up(void** state) {
  fixture* f = calloc(1, sizeof *f);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  plain_fill(&rng, f->A, M * N);
  plain_fill(&rng, f->B, M * RHS);
  memcpy(f->A1, f->A, sizeof f->A);
  memcpy(f->B1, f->B, sizeof f->B);
  f->scratch = lb_arena_new(0);
  *state = f;
  return f->scratch == NULL;
}

static int tear_down(void** state) {
  fixture* f = *state;
  lb_arena_free(f->scratch);
  free(f);
  return 0;
}

// |A X - B|^2 with the original A and B.
static double squared_residual(const fixture* f, int m, int n, int nrhs) {
  static double r[M * RHS];
  memcpy(r, f->B1, (size_t)(m * nrhs) * sizeof *r);
  plain_mul(r, f->A1, f->X, m, nrhs, n, 1, -1);
  double sum = 0;
  for (int i = 0; i < m * nrhs; ++i) sum += r[i] * r[i];
  return sum;
}

static void test_qr_against_gram_schmidt(void** state) {
  fixture* f = *state;
  lb_lstsq r = lb_lstsq_qr(f->X, f->A, f->B, M, N, RHS, 1e-12, f->scratch);
  assert_true(r.ok);
  assert_int_equal(r.rank, N);
  assert_true(fabs(r.residual - squared_residual(f, M, N, RHS)) < 1e-10);
  plain_least_squares(f->X1, f->R, f->A1, f->B1, M, N, RHS);
  assert_true(plain_difference(f->X, f->X1, N * RHS) < 1e-12);
  for (int i = 0; i < N; ++i) {  // R up to the signs of its rows
    double sign = f->A[i * N + i] < 0 ? -1 : 1;
    for (int j = i; j < N; ++j) assert_near(sign * f->A[i * N + j], f->R[i * N + j], 1e-12);
  }
}

static void test_square_system(void** state) {
  fixture* f = *state;
  lb_lstsq r = lb_lstsq_qr(f->X, f->A, f->B, N, N, RHS, 1e-12, f->scratch);
  assert_true(r.ok);
  assert_near(r.residual, 0, 0);
  plain_solve(f->A1, f->B1, N, RHS);
  assert_true(plain_difference(f->X, f->B1, N * RHS) < 1e-9);
}

static void test_svd_against_qr(void** state) {
  fixture* f = *state;
  lb_lstsq svd = lb_lstsq_svd(f->X1, f->s, f->A, f->B, M, N, RHS, 1e-12, f->scratch);
  assert_memory_equal(f->A, f->A1, sizeof f->A);  // kept
  assert_memory_equal(f->B, f->B1, sizeof f->B);
  lb_lstsq qr = lb_lstsq_qr(f->X, f->A, f->B, M, N, RHS, 1e-12, f->scratch);
  assert_true(svd.ok && qr.ok);
  assert_int_equal(svd.rank, N);
  assert_true(plain_difference(f->X, f->X1, N * RHS) < 1e-12);
  assert_near(svd.residual, qr.residual, 1e-10);
  double G[N * N], T[N * M], eigenvalues[N];  // squared singular values are the eigenvalues of A^T A
  plain_transpose(T, f->A1, M, N);
  plain_mul(G, T, f->A1, N, N, M, 1, 0);
  plain_eigenvalues(eigenvalues, G, N);
  for (int i = 0; i < N; ++i) assert_near(f->s[i] * f->s[i], eigenvalues[N - 1 - i], 1e-10);
  assert_near(svd.condition, sqrt(eigenvalues[N - 1] / eigenvalues[0]), 1e-10);
  // The 1-norm of an n x n matrix is within a factor sqrt(n) of the 2-norm, for R and for its inverse.
  assert_true(qr.condition < svd.condition * N && qr.condition > svd.condition / N);
}

static void test_condition_by_qr_of_a_diagonal(void** state) {
  fixture* f = *state;
  double A[] = {4, 0, 0, 0, 1e-3, 0, 0, 0, 2}, B[] = {8, 1, 6};
  lb_lstsq r = lb_lstsq_qr(f->X, A, B, 3, 3, 1, 1e-12, f->scratch);
  assert_true(r.ok);
  assert_near(r.condition, 4000, 1e-6);
  assert_near(f->X[1], 1000, 1e-9);
}

static void test_rank_deficiency(void** state) {
  fixture* f = *state;
  for (int i = 0; i < M; ++i) f->A[i * N + 3] = f->A1[i * N + 3] = f->A[i * N] - 2 * f->A[i * N + 1];
  lb_lstsq svd = lb_lstsq_svd(f->X, f->s, f->A, f->B, M, N, RHS, 1e-10, f->scratch);
  assert_true(svd.ok);
  assert_int_equal(svd.rank, N - 1);
  for (int j = 0; j < RHS; ++j) {  // least norm: orthogonal to the null direction (1, -2, 0, -1, 0, ...)
    assert_near(f->X[j] - 2 * f->X[RHS + j] - f->X[3 * RHS + j], 0, 1e-12);
  }
  assert_near(svd.residual, squared_residual(f, M, N, RHS), 1e-10);
  lb_lstsq qr = lb_lstsq_qr(f->X, f->A, f->B, M, N, RHS, 1e-10, f->scratch);
  assert_false(qr.ok);
  assert_int_equal(qr.rank, N - 1);
}

static void test_underdetermined_has_least_norm(void** state) {
  fixture* f = *state;
  double A[] = {1, 1, 0, 0, 0, 2}, B[] = {2, 6}, X[3];
  lb_lstsq r = lb_lstsq_svd(X, f->s, A, B, 2, 3, 1, 1e-12, f->scratch);
  assert_true(r.ok);
  assert_int_equal(r.rank, 2);
  assert_near(X[0], 1, 1e-14);
  assert_near(X[1], 1, 1e-14);
  assert_near(X[2], 3, 1e-14);
}

static void test_no_finite_numbers(void** state) {
  fixture* f = *state;
  f->A[5] = NAN;
  assert_false(lb_lstsq_qr(f->X, f->A, f->B, M, N, RHS, 1e-12, f->scratch).ok);
  assert_false(lb_lstsq_svd(f->X, NULL, f->A, f->B, M, N, RHS, 1e-12, f->scratch).ok);
  f->A[5] = 1;
  f->B[7] = INFINITY;
  assert_false(lb_lstsq_qr(f->X, f->A, f->B, M, N, RHS, 1e-12, f->scratch).ok);
  assert_false(lb_lstsq_svd(f->X, NULL, f->A, f->B, M, N, RHS, 1e-12, f->scratch).ok);
}

static void test_zero_matrix(void** state) {
  fixture* f = *state;
  double A[6] = {0}, B[3] = {1, 2, 3}, X[2];
  lb_lstsq svd = lb_lstsq_svd(X, f->s, A, B, 3, 2, 1, 1e-12, f->scratch);
  assert_true(svd.ok);
  assert_int_equal(svd.rank, 0);
  assert_near(X[0], 0, 0);
  assert_near(svd.residual, 14, 1e-12);
  assert_false(lb_lstsq_qr(X, A, B, 3, 2, 1, 1e-12, f->scratch).ok);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_qr_against_gram_schmidt), TEST(test_square_system),
      TEST(test_svd_against_qr),          TEST(test_condition_by_qr_of_a_diagonal),
      TEST(test_rank_deficiency),         TEST(test_underdetermined_has_least_norm),
      TEST(test_no_finite_numbers),       TEST(test_zero_matrix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
