// The ruler of all that is matrix products: how many fused multiply-adds the core itself makes, in registers, where
// none waits for another. Beside OpenBLAS's sgemm, which on some machines is held far below it by its choice of kernel.
#include "perf/perf_peak.h"

#include <cblas.h>
#include <math.h>

#include "base/arena.h"
#include "base/rng.h"
#include "perf/perf.h"

// As many bytes as a register has, and as many sums as hide the latency of one and still fit in the registers.
#if defined __AVX512F__
enum { BYTES = 64, SUMS = 24 };
#elif defined __AVX__
enum { BYTES = 32, SUMS = 12 };
#else
enum { BYTES = 16, SUMS = 12 };
#endif
typedef float lanes __attribute__((vector_size(BYTES)));
enum { LANES = BYTES / (int)sizeof(float), TURNS = 4096, ROWS = 256, REPETITIONS = 9 };

const double lb_perf_peak_flop = 2.0 * LANES * SUMS * TURNS;

// sum <- sum * factor + term in every lane, TURNS times; the numbers stay near 2.
void lb_perf_peak_run(void* ctx, long n) {
  (void)ctx;
  lanes factor, term, sum[SUMS];
  volatile float half = 0.5f, one = 1;  // so that nothing is known when it is compiled
  for (int i = 0; i < LANES; i++) {
    factor[i] = half;
    term[i] = one;
  }
  for (int j = 0; j < SUMS; j++) sum[j] = term + (float)j;
  for (long i = 0; i < n; i++) {
    for (int t = 0; t < TURNS; t++) {
#pragma GCC unroll 24
      for (int j = 0; j < SUMS; j++) sum[j] = sum[j] * factor + term;
    }
  }
  float all = 0;
  for (int j = 0; j < SUMS; j++) all += sum[j][0];
  volatile float sink = all;
  (void)sink;
}

typedef struct product {
  float *A, *B, *C;
  int width;
} product;

// n products of matrices by OpenBLAS.
static void run_product(void* ctx, long n) {
  product* p = ctx;
  int w = p->width;
  for (long i = 0; i < n; i++) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ROWS, w, w, 1, p->A, w, p->B, w, 0, p->C, w);
  }
}

lb_status lb_perf_fma(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  lb_perf_time time = lb_perf_measure(lb_perf_peak_run, NULL, 0.1, REPETITIONS);
  *result = lb_perf_rate(name, "GFLOP/s", time, lb_perf_peak_flop * 1e-9, NAN);
  result->note = "fused multiply-adds of the core, float, in registers";
  return lb_ok();
}

lb_status lb_perf_sgemm(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "no memory to measure '%s'", name);
  product p = {.width = ROWS};
  int n = ROWS * ROWS;
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
  p.A = LB_TAKE(arena, float, n);
  p.B = LB_TAKE(arena, float, n);
  p.C = LB_TAKE(arena, float, n);
  for (int i = 0; i < n; i++) p.A[i] = p.B[i] = (float)lb_rng_normal(&rng);
  double flop = 2.0 * n * ROWS;
  lb_perf_time time, peak;
  lb_perf_measure_beside(&time, &peak, run_product, lb_perf_peak_run, &p, 0.05, REPETITIONS);
  *result = lb_perf_rate(name, "GFLOP/s", time, flop * 1e-9, peak.median * flop / lb_perf_peak_flop);
  result->note = "OpenBLAS, 256 x 256 x 256; limit: fma";
  lb_arena_free(arena);
  return lb_ok();
}
