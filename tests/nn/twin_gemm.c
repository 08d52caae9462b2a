// Products and transposition against plain loops, at shapes on all sides of the tiles.
#include "nn/gemm.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <float.h>
#include <string.h>

#include "fill.h"

enum { SIZE = 128 * 128 };

static lb_real A[SIZE], B[SIZE], C[SIZE];

static const int shapes[][3] = {{1, 1, 1},    {3, 16, 5},    {6, 17, 12},  {7, 31, 1},   {13, 33, 9},
                                {14, 32, 14}, {15, 48, 40},  {27, 64, 2},  {28, 65, 33}, {29, 96, 50},
                                {43, 5, 100}, {57, 100, 31}, {4, 112, 16}, {10, 80, 11}, {12, 20, 77}};

#ifdef LB_NN_DOUBLE
static const double tolerance = 1e-13;
#else
static const double tolerance = 1e-5;
#endif

static void check_product(int m, int n, int k, bool turned) {
  int ld = lb_columns(n), lda = (turned ? m : k) + 3;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, (uint32_t)m, (uint32_t)n);
  fill_normals(&rng, A, SIZE, 1);
  fill_normals(&rng, B, SIZE, 1);
  for (int i = 0; i < SIZE; i++) C[i] = 77;
  if (turned) {
    lb_gemm_tn(C, A, B, m, n, k, lda, ld, ld);
  } else {
    lb_gemm_nn(C, A, B, m, n, k, lda, ld, ld);
  }
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double sum = 0, size = 0;
      for (int p = 0; p < k; p++) {
        double term = (double)(turned ? A[p * lda + i] : A[i * lda + p]) * (double)B[p * ld + j];
        sum += term;
        size += fabs(term);
      }
      assert_true(fabs((double)C[i * ld + j] - sum) <= tolerance * size);
    }
  }
  for (int i = m * ld; i < SIZE; i++) assert_true(C[i] == 77);
}

static void test_products(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    check_product(shapes[s][0], shapes[s][1], shapes[s][2], false);
    check_product(shapes[s][0], shapes[s][1], shapes[s][2], true);
  }
}

// A sample's result is the same bits whatever the batch around it.
static void test_columns_do_not_depend_on_the_batch(void** state) {
  (void)state;
  enum { M = 20, K = 37, WIDE = 64, NARROW = 16 };
  static lb_real narrow[K * NARROW], D[M * NARROW];
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  fill_normals(&rng, A, SIZE, 1);
  fill_normals(&rng, B, SIZE, 1);
  lb_gemm_nn(C, A, B, M, WIDE, K, K, WIDE, WIDE);
  for (int p = 0; p < K; p++) memcpy(narrow + p * NARROW, B + p * WIDE + 40, NARROW * sizeof *narrow);
  lb_gemm_nn(D, A, narrow, M, NARROW, K, K, NARROW, NARROW);
  for (int i = 0; i < M; i++) assert_memory_equal(D + i * NARROW, C + i * WIDE + 40, NARROW * sizeof *D);
}

static void test_transposition(void** state) {
  (void)state;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    int rows = shapes[s][0], cols = shapes[s][1], lda = lb_columns(cols), ldt = lb_columns(rows);
    lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
    fill_normals(&rng, A, SIZE, 1);
    for (int i = 0; i < SIZE; i++) C[i] = 77;
    lb_gemm_transpose(C, A, rows, cols, lda);
    for (int j = 0; j < cols; j++) {
      for (int i = 0; i < ldt; i++) assert_true(C[j * ldt + i] == (i < rows ? A[i * lda + j] : 0));
    }
    for (int i = lb_columns(cols) * ldt; i < SIZE; i++) assert_true(C[i] == 77);
  }
}

static void test_blocks_cover_the_rows(void** state) {
  (void)state;
  for (int m = 1; m < 600; m++) {
    assert_int_equal(lb_gemm_block(m, 0), 0);
    assert_int_equal(lb_gemm_block(m, lb_gemm_blocks(m)), m);
    for (int b = 0; b < lb_gemm_blocks(m); b++) assert_true(lb_gemm_block(m, b) < lb_gemm_block(m, b + 1));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_products),
      cmocka_unit_test(test_columns_do_not_depend_on_the_batch),
      cmocka_unit_test(test_transposition),
      cmocka_unit_test(test_blocks_cover_the_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
