// Products of dense row-major matrices by OpenBLAS. Shapes stand in the comments as (rows, columns); a leading
// dimension is always the number of columns. Its small-matrix kernels were measured to beat plain loops from 4 x 4 x 12
// on; only products with a vector up to 12 x 12 run in loops. C must not overlap A or B. With beta = 0 the old C is not
// read.
#ifndef LB_LINALG_MAT_H_
#define LB_LINALG_MAT_H_

// C (m, n) = alpha A (m, k) B (k, n) + beta C.
void lb_mat_mul(double* C, const double* A, const double* B, int m, int n, int k, double alpha, double beta);

// C (m, n) = alpha A^T B + beta C, A (k, m), B (k, n).
void lb_mat_mul_tn(double* C, const double* A, const double* B, int m, int n, int k, double alpha, double beta);

// C (m, n) = alpha A B^T + beta C, A (m, k), B (n, k).
void lb_mat_mul_nt(double* C, const double* A, const double* B, int m, int n, int k, double alpha, double beta);

// C (n, n) = alpha A^T A + beta C, A (k, n), C symmetric: both triangles are written.
void lb_mat_gram(double* C, const double* A, int n, int k, double alpha, double beta);

// y (m) = alpha A (m, n) x (n) + beta y.
void lb_mat_vec(double* y, const double* A, const double* x, int m, int n, double alpha, double beta);

// y (n) = alpha A^T x (m) + beta y, A (m, n).
void lb_mat_vec_t(double* y, const double* A, const double* x, int m, int n, double alpha, double beta);

// x (n) . y (n).
double lb_mat_dot(const double* x, const double* y, int n);

// A (n, n) becomes (A + A^T) / 2.
void lb_mat_symmetrise(double* A, int n);

#endif  // LB_LINALG_MAT_H_
