// A row-major A (m, n) is LAPACK's column-major A^T, so its LQ factorisation A^T = L Q there is the QR factorisation
// A = Q^T L^T here: R = L^T stands in the upper triangle of the row-major array, and nothing is transposed.
#include "linalg/lstsq.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/finite.h"
#include "linalg/lapack.h"

// With NaN inside, LAPACK's iterations need not end.
static bool are_finite(const double* A, const double* B, int m, int n, int nrhs) {
  return lb_all_finite(A, (ptrdiff_t)m * n) && lb_all_finite(B, (ptrdiff_t)m * nrhs);
}

// Overwrites A by R above reflectors and B by Q B. False when LAPACK complains.
static bool factor_and_apply(double* A, double* B, int m, int n, int nrhs, lb_arena* scratch) {
  int lwork = 64 * (n > nrhs ? n : nrhs), info = 0;
  double* tau = LB_TAKE(scratch, double, n);
  double* work = LB_TAKE(scratch, double, lwork);
  dgelqf_(&n, &m, A, &n, tau, work, &lwork, &info);
  if (info != 0) return false;
  dormlq_("R", "T", &nrhs, &m, &n, A, &n, tau, B, &nrhs, work, &lwork, &info, 1, 1);
  return info == 0;
}

// Rows of R whose diagonal entry is not negligible beside the largest.
static int diagonal_rank(const double* R, int n, double rcond) {
  double largest = 0;
  int rank = 0;
  for (int i = 0; i < n; ++i) largest = fmax(largest, fabs(R[(ptrdiff_t)i * n + i]));
  for (int i = 0; i < n; ++i) {
    double d = fabs(R[(ptrdiff_t)i * n + i]);
    rank += d > 0 && d > rcond * largest;
  }
  return rank;
}

// Estimate of the condition number |R|_1 |R^-1|_1 of the triangle R (n, n), as LAPACK's dtrcon makes it; INFINITY where
// it is singular.
static double condition_of(const double* R, int n, lb_arena* scratch) {
  double rcond = 0;
  int info = 0;
  double* work = LB_TAKE(scratch, double, 3 * n);
  int* iwork = LB_TAKE(scratch, int, n);
  dtrcon_("1", "L", "N", &n, R, &n, &rcond, work, iwork, &info, 1, 1, 1);
  return info == 0 && rcond > 0 ? 1 / rcond : INFINITY;
}

lb_lstsq lb_lstsq_qr(double* X, double* A, double* B, int m, int n, int nrhs, double rcond, lb_arena* scratch) {
  assert(m >= n && n >= 1 && nrhs >= 1);
  lb_lstsq r = {.condition = INFINITY, .residual = NAN};
  if (!are_finite(A, B, m, n, nrhs)) return r;
  lb_mark mark = lb_arena_mark(scratch);
  if (factor_and_apply(A, B, m, n, nrhs, scratch)) {
    r.rank = diagonal_rank(A, n, rcond);
    r.condition = condition_of(A, n, scratch);
    r.ok = r.rank == n;
  }
  lb_arena_release(scratch, mark);
  if (!r.ok) return r;
  memcpy(X, B, (size_t)n * (size_t)nrhs * sizeof *X);
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, n, nrhs, 1, A, n, X, nrhs);
  r.residual = 0;
  for (ptrdiff_t i = (ptrdiff_t)n * nrhs; i < (ptrdiff_t)m * nrhs; ++i) r.residual += B[i] * B[i];
  r.ok = lb_all_finite(X, (ptrdiff_t)n * nrhs);
  return r;
}

// out (cols, ld) column-major of the row-major in (rows, cols).
static void to_columns(double* out, const double* in, int rows, int cols, int ld) {
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) out[(ptrdiff_t)j * ld + i] = in[(ptrdiff_t)i * cols + j];
  }
}

// |A X - B|^2 over all entries.
static double squared_residual(const double* X, const double* A, const double* B, int m, int n, int nrhs,
                               lb_arena* scratch) {
  double* R = LB_TAKE(scratch, double, ((ptrdiff_t)m * nrhs));
  memcpy(R, B, (size_t)m * (size_t)nrhs * sizeof *R);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, nrhs, n, 1, A, n, X, nrhs, -1, R, nrhs);
  return cblas_ddot(m * nrhs, R, 1, R, 1);
}

lb_lstsq lb_lstsq_svd(double* X, double* singular, const double* A, const double* B, int m, int n, int nrhs,
                      double rcond, lb_arena* scratch) {
  assert(m >= 1 && n >= 1 && nrhs >= 1);
  lb_lstsq r = {.condition = INFINITY, .residual = NAN};
  if (!are_finite(A, B, m, n, nrhs)) return r;
  lb_mark mark = lb_arena_mark(scratch);
  int ldb = m > n ? m : n, small = m < n ? m : n, lwork = -1, info = 0, liwork = 0;
  double* a = LB_TAKE(scratch, double, ((ptrdiff_t)m * n));
  double* b = LB_TAKE(scratch, double, ((ptrdiff_t)ldb * nrhs));
  double* s = LB_TAKE(scratch, double, small);
  double lwork_wanted = 0;
  to_columns(a, A, m, n, m);
  to_columns(b, B, m, nrhs, ldb);
  dgelsd_(&m, &n, &nrhs, a, &m, b, &ldb, s, &rcond, &r.rank, &lwork_wanted, &lwork, &liwork, &info);
  lwork = (int)lwork_wanted;
  double* work = LB_TAKE(scratch, double, lwork);
  int* iwork = LB_TAKE(scratch, int, liwork);
  dgelsd_(&m, &n, &nrhs, a, &m, b, &ldb, s, &rcond, &r.rank, work, &lwork, iwork, &info);
  r.ok = info == 0;
  if (r.ok) {
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < nrhs; ++j) X[(ptrdiff_t)i * nrhs + j] = b[(ptrdiff_t)j * ldb + i];
    }
    if (singular) memcpy(singular, s, (size_t)small * sizeof *s);
    r.condition = m >= n && s[small - 1] > 0 ? s[0] / s[small - 1] : INFINITY;
    r.residual = squared_residual(X, A, B, m, n, nrhs, scratch);
  }
  lb_arena_release(scratch, mark);
  return r;
}
