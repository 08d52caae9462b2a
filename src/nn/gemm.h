// Products of row-major matrices along columns of a batch (nn/real.h), and transposition. The kernels hold a tile of C
// in registers and read A and B where they lie: at the sizes of these networks nothing needs to be packed, which is
// what lets them pass a general BLAS. Each element is one sum over k in ascending order, so a result does not depend on
// the size of the batch that it is computed in.
//
// In all of them n, the number of columns, is rounded up to a whole number of vectors: rows of B and C must be padded
// (lb_columns). C must not overlap A or B.
#ifndef LB_NN_GEMM_H_
#define LB_NN_GEMM_H_

#include "nn/real.h"

// C (m, n) = A (m, k) B (k, n); lda, ldb, ldc are the lengths of a row.
void lb_gemm_nn(lb_real* C, const lb_real* A, const lb_real* B, int m, int n, int k, int lda, int ldb, int ldc);

// C (m, n) = A^T B with A (k, m).
void lb_gemm_tn(lb_real* C, const lb_real* A, const lb_real* B, int m, int n, int k, int lda, int ldb, int ldc);

// The number of rows of C that a kernel computes at a time: callers that go on with C while it is in the cache cut
// their m rows into lb_gemm_blocks(m) parts, part b from lb_gemm_block(m, b) to lb_gemm_block(m, b + 1).
int lb_gemm_blocks(int m);
int lb_gemm_block(int m, int b);

// T (cols, rows) = A^T, where A has rows of length lda and T rows of length lb_columns(rows), padded with zeros. T must
// have room for lb_columns(cols) rows; those past cols are void.
void lb_gemm_transpose(lb_real* T, const lb_real* A, int rows, int cols, int lda);

#endif  // LB_NN_GEMM_H_
