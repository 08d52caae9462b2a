// One backward Riccati pass, beside the matrix products that it consists of.
#include <cblas.h>
#include <math.h>
#include <stdio.h>

#include "perf/perf.h"
#include "perf/subject.h"
#include "plan/lqr.h"

enum { REPETITIONS = 9 };
static const double seconds_each = 0.05;

typedef struct pass {
  lb_subject s;
  lb_lqr* lqr;
  lb_lq_policy policy;
  lb_lqr_config config;
  int n, m, horizon;
  double* scratch;  // (4, n, n)
} pass;

// n Riccati passes.
static void run_backward(void* ctx, long n) {
  pass* p = ctx;
  for (long i = 0; i < n; i++) lb_lqr_backward(p->lqr, &p->policy, NULL, &p->config, NULL);
}

// The products of every step, by OpenBLAS: V A, A'(V A), V B, B'(V A), B'(V B), K'(Quu K).
static void run_products(void* ctx, long count) {
  pass* p = ctx;
  int n = p->n, m = p->m;
  double *a = p->scratch, *b = a + n * n, *c = b + n * n, *d = c + n * n;
  for (long i = 0; i < count * p->horizon; i++) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, c, n);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, n, 1, b, n, c, n, 0, d, n);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, m, n, 1, a, n, b, m, 0, d, m);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, n, 1, b, m, c, n, 0, d, n);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, m, n, 1, b, m, c, m, 0, d, m);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, m, 1, b, n, c, n, 0, d, n);
  }
}

lb_status lb_perf_lqr_pass(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)task;
  pass p;
  LB_TRY(lb_subject_open(&p.s, root, "helicopter-hover-2023"));
  const lb_system* system = p.s.system;
  p.n = system->space.ndx;
  p.m = system->nu;
  p.horizon = system->horizon;
  p.config = lb_lqr_default_config();
  p.scratch = LB_TAKE(p.s.arena, double, 4 * p.n * p.n);
  p.lqr = lb_lqr_new(&system->space, p.m, p.horizon, p.s.arena);
  lb_lq_policy_init(&p.policy, &system->space, p.m, p.horizon, p.s.arena);
  lb_lqr_expand(p.lqr, system->truth, system->cost, &p.s.first, true);
  lb_perf_time time = lb_perf_measure(run_backward, &p, seconds_each, REPETITIONS);
  double limit = lb_perf_measure(run_products, &p, seconds_each, REPETITIONS).median;
  *result = lb_perf_duration(name, "us", time, 1e6, limit);
  double n = p.n, m = p.m;
  result->flop = p.horizon * (4 * n * n * n + 6 * n * n * m + 2 * n * m * m + m * m * m / 3 + 2 * m * m * n);
  result->note = "12 states, 4 controls, 100 steps; limit: its matrix products by OpenBLAS";
  lb_subject_close(&p.s);
  return lb_ok();
}
