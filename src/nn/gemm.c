// Register-tiled products: see gemm.h. A tile is up to ROWS x (2 vectors); each step of k loads two vectors of B and
// multiplies them by ROWS broadcast numbers of A, which keeps the multipliers busy and the loads below their limit.
#include "nn/gemm.h"

#include <assert.h>
#include <string.h>

#include "nn/vec.h"

#if defined(__AVX512F__) || defined(__aarch64__)
enum { ROWS = 14 };  // 28 of 32 registers hold sums
#else
enum { ROWS = 6 };  // 12 of 16
#endif
enum { WIDE = 2 * LB_LANES };

// C (rows, vecs * LB_LANES) from element (i, p) of A at A[i * row + p * col]. All but k, and the strides that are not
// 1, are constants where this is inlined.
LB_INLINE void tile(lb_real* restrict C, const lb_real* restrict A, const lb_real* restrict B, int k, long row,
                    long col, long ldb, long ldc, const int rows, const int vecs) {
  lb_vec sum[ROWS][2];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < vecs; j++) sum[i][j] = (lb_vec){0};
  }
  for (int p = 0; p < k; p++) {
    lb_vec b[2];
#pragma GCC unroll 2
    for (int j = 0; j < vecs; j++) b[j] = lb_vec_load(B + j * LB_LANES);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      lb_vec a = lb_vec_of(A[i * row]);
#pragma GCC unroll 2
      for (int j = 0; j < vecs; j++) sum[i][j] += a * b[j];
    }
    A += col;
    B += ldb;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < vecs; j++) lb_vec_store(C + i * ldc + j * LB_LANES, sum[i][j]);
  }
}

#define LB_TILE(rows)                                \
  case rows:                                         \
    if (vecs == 2) {                                 \
      tile(C, A, B, k, row, col, ldb, ldc, rows, 2); \
    } else {                                         \
      tile(C, A, B, k, row, col, ldb, ldc, rows, 1); \
    }                                                \
    break;

LB_INLINE void any_tile(lb_real* C, const lb_real* A, const lb_real* B, int k, long row, long col, long ldb, long ldc,
                        int rows, int vecs) {
  switch (rows) {
    LB_TILE(1)
    LB_TILE(2)
    LB_TILE(3)
    LB_TILE(4)
    LB_TILE(5)
    LB_TILE(6)
#if defined(__AVX512F__) || defined(__aarch64__)
    LB_TILE(7)
    LB_TILE(8)
    LB_TILE(9)
    LB_TILE(10)
    LB_TILE(11)
    LB_TILE(12)
    LB_TILE(13)
    LB_TILE(14)
#endif
    default:
      assert(0);
  }
}

static __attribute__((noinline)) void tile_nn(lb_real* C, const lb_real* A, const lb_real* B, int k, long lda, long ldb,
                                              long ldc, int rows, int vecs) {
  any_tile(C, A, B, k, lda, 1, ldb, ldc, rows, vecs);
}

static __attribute__((noinline)) void tile_tn(lb_real* C, const lb_real* A, const lb_real* B, int k, long lda, long ldb,
                                              long ldc, int rows, int vecs) {
  any_tile(C, A, B, k, 1, lda, ldb, ldc, rows, vecs);
}

int lb_gemm_blocks(int m) {
  return (m + ROWS - 1) / ROWS;
}

int lb_gemm_block(int m, int b) {
  return (int)((long)m * b / lb_gemm_blocks(m));
}

void lb_gemm_nn(lb_real* C, const lb_real* A, const lb_real* B, int m, int n, int k, int lda, int ldb, int ldc) {
  for (int b = 0, blocks = lb_gemm_blocks(m); b < blocks; b++) {
    int i = lb_gemm_block(m, b), rows = lb_gemm_block(m, b + 1) - i;
    for (int j = 0; j < n; j += WIDE) {
      tile_nn(C + (long)i * ldc + j, A + (long)i * lda, B + j, k, lda, ldb, ldc, rows, n - j > LB_LANES ? 2 : 1);
    }
  }
}

void lb_gemm_tn(lb_real* C, const lb_real* A, const lb_real* B, int m, int n, int k, int lda, int ldb, int ldc) {
  for (int b = 0, blocks = lb_gemm_blocks(m); b < blocks; b++) {
    int i = lb_gemm_block(m, b), rows = lb_gemm_block(m, b + 1) - i;
    for (int j = 0; j < n; j += WIDE) {
      tile_tn(C + (long)i * ldc + j, A + i, B + j, k, lda, ldb, ldc, rows, n - j > LB_LANES ? 2 : 1);
    }
  }
}

#if defined(__GNUC__) && !defined(__clang__)
static const lb_lane lane_numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// One stage of a butterfly: exchanges the off-diagonal blocks of side `side` of two rows.
LB_INLINE void exchange(lb_vec* a, lb_vec* b, const int side) {
  lb_mask lane, low;
  memcpy(&lane, lane_numbers, sizeof lane);
  low = lane + (((lane & side) != 0) & (LB_LANES - side));
  lb_vec x = *a, y = *b;
  *a = __builtin_shuffle(x, y, low);
  *b = __builtin_shuffle(x, y, low + side);
}

LB_INLINE void transpose_square(lb_vec r[LB_LANES]) {
#pragma GCC unroll 4
  for (int side = LB_LANES / 2; side >= 1; side /= 2) {
#pragma GCC unroll 16
    for (int i = 0; i < LB_LANES; i++) {
      if (!(i & side)) exchange(&r[i], &r[i + side], side);
    }
  }
}
#else
LB_INLINE void transpose_square(lb_vec r[LB_LANES]) {
  for (int i = 0; i < LB_LANES; i++) {
    for (int j = 0; j < i; j++) {
      lb_real x = r[i][j];
      r[i][j] = r[j][i];
      r[j][i] = x;
    }
  }
}
#endif

// `rows` rows of A, and zeros for those that are missing to a square.
LB_INLINE void transpose_strip(lb_real* T, const lb_real* A, const int rows, int cols, long lda, long ldt) {
  for (int j = 0; j < cols; j += LB_LANES) {
    lb_vec r[LB_LANES];
#pragma GCC unroll 16
    for (int l = 0; l < LB_LANES; l++) r[l] = l < rows ? lb_vec_load(A + l * lda + j) : (lb_vec){0};
    transpose_square(r);
#pragma GCC unroll 16
    for (int l = 0; l < LB_LANES; l++) lb_vec_store(T + (j + l) * ldt, r[l]);
  }
}

void lb_gemm_transpose(lb_real* T, const lb_real* A, int rows, int cols, int lda) {
  int ldt = lb_columns(rows);
  for (int i = 0; i < ldt; i += LB_LANES, A += (long)LB_LANES * lda) {
    if (rows - i >= LB_LANES) {
      transpose_strip(T + i, A, LB_LANES, cols, lda, ldt);
    } else {
      transpose_strip(T + i, A, rows - i, cols, lda, ldt);
    }
  }
}
