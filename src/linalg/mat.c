// Thin calls of CBLAS; what is not thin is plain loops for vectors so short that a call costs more than the work.
#include "linalg/mat.h"

#include <cblas.h>
#include <stddef.h>

// Entries of A up to which the loops win in a product with a vector (measured with AVX2 and AVX-512).
enum { SMALL_VEC = 12 * 12 };

void lb_mat_mul(double* C, const double* A, const double* B, int m, int n, int k, double alpha, double beta) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, alpha, A, k, B, n, beta, C, n);
}

void lb_mat_mul_tn(double* C, const double* A, const double* B, int m, int n, int k, double alpha, double beta) {
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, alpha, A, m, B, n, beta, C, n);
}

void lb_mat_mul_nt(double* C, const double* A, const double* B, int m, int n, int k, double alpha, double beta) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, alpha, A, k, B, k, beta, C, n);
}

void lb_mat_gram(double* C, const double* A, int n, int k, double alpha, double beta) {
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, n, k, alpha, A, n, beta, C, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < i; ++j) C[(ptrdiff_t)i * n + j] = C[(ptrdiff_t)j * n + i];
  }
}

static double blend(double product, double alpha, double old, double beta) {
  return beta == 0 ? alpha * product : alpha * product + beta * old;
}

void lb_mat_vec(double* y, const double* A, const double* x, int m, int n, double alpha, double beta) {
  if ((double)m * n > SMALL_VEC) {
    cblas_dgemv(CblasRowMajor, CblasNoTrans, m, n, alpha, A, n, x, 1, beta, y, 1);
    return;
  }
  for (int i = 0; i < m; ++i) y[i] = blend(lb_mat_dot(A + (ptrdiff_t)i * n, x, n), alpha, y[i], beta);
}

void lb_mat_vec_t(double* y, const double* A, const double* x, int m, int n, double alpha, double beta) {
  if ((double)m * n > SMALL_VEC) {
    cblas_dgemv(CblasRowMajor, CblasTrans, m, n, alpha, A, n, x, 1, beta, y, 1);
    return;
  }
  for (int j = 0; j < n; ++j) y[j] = beta == 0 ? 0 : beta * y[j];
  for (int i = 0; i < m; ++i) {
    double xi = alpha * x[i];
    for (int j = 0; j < n; ++j) y[j] += xi * A[(ptrdiff_t)i * n + j];
  }
}

double lb_mat_dot(const double* x, const double* y, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

void lb_mat_symmetrise(double* A, int n) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < i; ++j) {
      double mean = 0.5 * (A[(ptrdiff_t)i * n + j] + A[(ptrdiff_t)j * n + i]);
      A[(ptrdiff_t)i * n + j] = A[(ptrdiff_t)j * n + i] = mean;
    }
  }
}
