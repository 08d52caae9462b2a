// Plain loops that do what src/linalg does, as the oracle of its tests. None of them shares a method with LAPACK's
// routine: Gram-Schmidt for QR, Gauss-Jordan for solving, Jacobi rotations for eigenvalues.
#ifndef LB_TESTS_LINALG_PLAIN_H_
#define LB_TESTS_LINALG_PLAIN_H_

#include <math.h>
#include <string.h>

#include "base/rng.h"

static inline void plain_fill(lb_rng* rng, double* a, int n) {
  lb_rng_normals(rng, a, n);
}

static inline double plain_difference(const double* a, const double* b, int n) {
  double largest = 0;
  for (int i = 0; i < n; ++i) {
    double d = fabs(a[i] - b[i]);
    if (!(d <= largest)) largest = d;  // keeps a NaN
  }
  return largest;
}

// out (cols, rows) = in (rows, cols)^T.
static inline void plain_transpose(double* out, const double* in, int rows, int cols) {
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) out[j * rows + i] = in[i * cols + j];
  }
}

static inline void plain_mul(double* C, const double* A, const double* B, int m, int n, int k, double alpha,
                             double beta) {
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int p = 0; p < k; ++p) sum += A[i * k + p] * B[p * n + j];
      C[i * n + j] = alpha * sum + (beta == 0 ? 0 : beta * C[i * n + j]);
    }
  }
}

// B (n, nrhs) becomes A^-1 B by Gauss-Jordan elimination with partial pivoting; A is destroyed.
static inline void plain_solve(double* A, double* B, int n, int nrhs) {
  for (int c = 0; c < n; ++c) {
    int pivot = c;
    for (int i = c; i < n; ++i) {
      if (fabs(A[i * n + c]) > fabs(A[pivot * n + c])) pivot = i;
    }
    for (int j = 0; j < n; ++j) {
      double s = A[c * n + j];
      A[c * n + j] = A[pivot * n + j];
      A[pivot * n + j] = s;
    }
    for (int j = 0; j < nrhs; ++j) {
      double s = B[c * nrhs + j];
      B[c * nrhs + j] = B[pivot * nrhs + j];
      B[pivot * nrhs + j] = s;
    }
    for (int i = 0; i < n; ++i) {
      double factor = A[i * n + c] / A[c * n + c];
      if (i == c) continue;
      for (int j = 0; j < n; ++j) A[i * n + j] -= factor * A[c * n + j];
      for (int j = 0; j < nrhs; ++j) B[i * nrhs + j] -= factor * B[c * nrhs + j];
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < nrhs; ++j) B[i * nrhs + j] /= A[i * n + i];
  }
}

// X (n, nrhs) = argmin |A X - B| by modified Gram-Schmidt; A (m, n) and B (m, nrhs) are destroyed, R (n, n) is the
// triangular factor with a positive diagonal.
static inline void plain_least_squares(double* X, double* R, double* A, double* B, int m, int n, int nrhs) {
  memset(R, 0, (size_t)n * (size_t)n * sizeof *R);
  for (int c = 0; c < n; ++c) {
    double norm = 0;
    for (int i = 0; i < m; ++i) norm += A[i * n + c] * A[i * n + c];
    R[c * n + c] = sqrt(norm);
    for (int i = 0; i < m; ++i) A[i * n + c] /= R[c * n + c];
    for (int j = c + 1; j < n; ++j) {
      for (int i = 0; i < m; ++i) R[c * n + j] += A[i * n + c] * A[i * n + j];
      for (int i = 0; i < m; ++i) A[i * n + j] -= R[c * n + j] * A[i * n + c];
    }
    for (int j = 0; j < nrhs; ++j) {
      double dot = 0;
      for (int i = 0; i < m; ++i) dot += A[i * n + c] * B[i * nrhs + j];
      for (int i = 0; i < m; ++i) B[i * nrhs + j] -= dot * A[i * n + c];
      X[c * nrhs + j] = dot;
    }
  }
  for (int c = n - 1; c >= 0; --c) {
    for (int j = 0; j < nrhs; ++j) {
      for (int p = c + 1; p < n; ++p) X[c * nrhs + j] -= R[c * n + p] * X[p * nrhs + j];
      X[c * nrhs + j] /= R[c * n + c];
    }
  }
}

// values (n), ascending, of the symmetric A (n, n), which is destroyed, by cyclic Jacobi rotations.
static inline void plain_eigenvalues(double* values, double* A, int n) {
  for (int sweep = 0; sweep < 60; ++sweep) {
    for (int p = 0; p < n; ++p) {
      for (int q = p + 1; q < n; ++q) {
        if (A[p * n + q] == 0) continue;
        double angle = 0.5 * atan2(2 * A[p * n + q], A[q * n + q] - A[p * n + p]), c = cos(angle), s = sin(angle);
        for (int i = 0; i < n; ++i) {
          double a = A[i * n + p], b = A[i * n + q];
          A[i * n + p] = c * a - s * b;
          A[i * n + q] = s * a + c * b;
        }
        for (int i = 0; i < n; ++i) {
          double a = A[p * n + i], b = A[q * n + i];
          A[p * n + i] = c * a - s * b;
          A[q * n + i] = s * a + c * b;
        }
      }
    }
  }
  for (int i = 0; i < n; ++i) {
    double v = A[i * n + i];
    int j = i;
    for (; j > 0 && values[j - 1] > v; --j) values[j] = values[j - 1];
    values[j] = v;
  }
}

#endif  // LB_TESTS_LINALG_PLAIN_H_
