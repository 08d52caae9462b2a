// The lower triangle of a row-major matrix is the upper one of LAPACK's column-major view of it, so nothing is copied.
#include "linalg/chol.h"

#include <cblas.h>
#include <math.h>
#include <stddef.h>

#include "linalg/lapack.h"
#include "linalg/mat.h"

// Sizes up to which the loops win over the calls (measured with AVX-512).
enum { SMALL_FACTOR = 8, SMALL_SOLVE = 12 };

// A = L L^T row by row, L in the lower triangle of A (n, n). False at the first pivot that is not positive and finite.
static bool small_factor(double* A, int n) {
  for (int i = 0; i < n; ++i) {
    double* a = A + (ptrdiff_t)i * n;
    for (int j = 0; j < i; ++j) {
      const double* b = A + (ptrdiff_t)j * n;
      a[j] = (a[j] - lb_mat_dot(a, b, j)) / b[j];
    }
    double pivot = a[i] - lb_mat_dot(a, a, i);
    if (!(pivot > 0) || !isfinite(pivot)) return false;
    a[i] = sqrt(pivot);
  }
  return true;
}

// Whether the lower triangle of A (n, n) is finite.
static bool is_finite_lower(const double* A, int n) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      if (!isfinite(A[(ptrdiff_t)i * n + j])) return false;
    }
  }
  return true;
}

bool lb_chol_factor(double* A, int n) {
  if (n <= SMALL_FACTOR) return small_factor(A, n);
  int info = 0;
  if (!is_finite_lower(A, n)) return false;
  dpotrf_("U", &n, A, &n, &info, 1);
  return info == 0;
}

// Row i of B -= coefficient times row j.
static void eliminate(double* b, const double* b_other, double coefficient, int nrhs) {
  for (int c = 0; c < nrhs; ++c) b[c] -= coefficient * b_other[c];
}

// B (n, nrhs) becomes (L L^T)^-1 B: forward, then backward substitution.
static void small_solve(double* B, const double* L, int n, int nrhs) {
  for (int i = 0; i < n; ++i) {
    double* b = B + (ptrdiff_t)i * nrhs;
    for (int j = 0; j < i; ++j) eliminate(b, B + (ptrdiff_t)j * nrhs, L[(ptrdiff_t)i * n + j], nrhs);
    for (int c = 0; c < nrhs; ++c) b[c] /= L[(ptrdiff_t)i * n + i];
  }
  for (int i = n - 1; i >= 0; --i) {
    double* b = B + (ptrdiff_t)i * nrhs;
    for (int j = i + 1; j < n; ++j) eliminate(b, B + (ptrdiff_t)j * nrhs, L[(ptrdiff_t)j * n + i], nrhs);
    for (int c = 0; c < nrhs; ++c) b[c] /= L[(ptrdiff_t)i * n + i];
  }
}

void lb_chol_solve(double* B, const double* L, int n, int nrhs) {
  if (n <= SMALL_SOLVE) {
    small_solve(B, L, n, nrhs);
    return;
  }
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, nrhs, 1, L, n, B, nrhs);
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n, nrhs, 1, L, n, B, nrhs);
}
