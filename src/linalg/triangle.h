// A least-squares problem of any length in one triangle: the factor R of a QR decomposition that grows a row at a time
// by Givens rotations (Golub & Van Loan, section 6.5.3). With the right-hand side as the last column, |R (x, 1)| is the
// residual of the whole problem for any x. Nothing is squared, so nothing is lost that the rows themselves still have.
#ifndef LB_LINALG_TRIANGLE_H_
#define LB_LINALG_TRIANGLE_H_

// Rotates a row (n) into the upper triangular R (n, n), all zero before the first row; the lower triangle is neither
// read nor written. The row is spent. Leading zeros of a row cost nothing.
void lb_triangle_add_row(double* R, double* row, int n);

// y (n) = R x (n).
void lb_triangle_apply(double* y, const double* R, const double* x, int n);

#endif  // LB_LINALG_TRIANGLE_H_
