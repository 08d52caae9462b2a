// Cholesky factors of symmetric positive definite row-major matrices: LAPACK's dpotrf, or plain loops where a call
// costs more than the work.
#ifndef LB_LINALG_CHOL_H_
#define LB_LINALG_CHOL_H_

#include <stdbool.h>

// Overwrites the lower triangle of A (n, n) with L, A = L L^T; only the lower triangle is read, the strict upper one is
// left alone. False when A is not positive definite to working precision or not finite; A is then void.
bool lb_chol_factor(double* A, int n);

// B (n, nrhs) becomes A^-1 B, from the factor L (n, n).
void lb_chol_solve(double* B, const double* L, int n, int nrhs);

#endif  // LB_LINALG_CHOL_H_
