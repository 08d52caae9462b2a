// Linear least squares min |A X - B|_F by orthogonal factors, never by normal equations.
#ifndef LB_LINALG_LSTSQ_H_
#define LB_LINALG_LSTSQ_H_

#include <stdbool.h>

#include "base/arena.h"

typedef struct lb_lstsq {
  bool ok;           // false: A has no full column rank (QR), or LAPACK did not converge; X is then void
  int rank;          // of A, to the tolerance; by QR it is n or an estimate from the diagonal of R
  double condition;  // of A: largest over smallest singular value (SVD), or LAPACK's 1-norm estimate of R (QR)
  double residual;   // |A X - B|_F^2
} lb_lstsq;

// X (n, nrhs) from A (m, n) and B (m, nrhs), m >= n, by Householder QR. A and B are overwritten: the upper triangle of
// A's first n rows becomes R (up to the signs of its rows), with R^T R = A^T A. Not ok when a diagonal entry of R is
// below rcond times the largest one, or when numbers are not finite. The rows are worked on in place; the arena gives a
// few vectors and has them back.
lb_lstsq lb_lstsq_qr(double* X, double* A, double* B, int m, int n, int nrhs, double rcond, lb_arena* scratch);

// The same for any shape and rank by the singular value decomposition (dgelsd): X is the solution of least norm, and
// singular values below rcond times the largest count as zero. A and B are kept (LAPACK works on transposed copies);
// singular (min(m, n)) receives the singular values in descending order, or is NULL. Not ok when numbers are not
// finite.
lb_lstsq lb_lstsq_svd(double* X, double* singular, const double* A, const double* B, int m, int n, int nrhs,
                      double rcond, lb_arena* scratch);

#endif  // LB_LINALG_LSTSQ_H_
