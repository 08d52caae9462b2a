// A linear-quadratic problem with everything in it: x' = A_t x + B_t u + c_t and
//   sum_t [ (x - r_t)^T Q (x - r_t) / 2 + u^T R u / 2 + u^T N (x - r_t) ] + (x - r_H)^T F (x - r_H) / 2.
#ifndef LB_TESTS_PLAN_LQ_H_
#define LB_TESTS_PLAN_LQ_H_

#include <string.h>

#include "base/rng.h"
#include "core/cost.h"
#include "core/dynamics.h"
#include "linalg/mat.h"

enum { LQ_MOST_X = 6, LQ_MOST_U = 3, LQ_MOST_H = 500 };

typedef struct lq {
  int n, m, H;
  double A[LQ_MOST_H][LQ_MOST_X * LQ_MOST_X], B[LQ_MOST_H][LQ_MOST_X * LQ_MOST_U], c[LQ_MOST_H][LQ_MOST_X];
  double Q[LQ_MOST_X * LQ_MOST_X], R[LQ_MOST_U * LQ_MOST_U], N[LQ_MOST_U * LQ_MOST_X], F[LQ_MOST_X * LQ_MOST_X];
  double r[LQ_MOST_H + 1][LQ_MOST_X];
  lb_space space;
  lb_dynamics f;
  lb_cost cost;
  lb_counts counts;
} lq;

static inline void lq_step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  const lq* p = ctx;
  for (int i = 0; i < n; ++i) {
    int k = t ? t[i] : 0;
    double* next = x_next + i * p->n;
    memcpy(next, p->c[k], (size_t)p->n * sizeof *next);
    lb_mat_vec(next, p->A[k], x + i * p->n, p->n, p->n, 1, 1);
    lb_mat_vec(next, p->B[k], u + i * p->m, p->n, p->m, 1, 1);
  }
}

static inline long lq_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A,
                                double* B) {
  const lq* p = ctx;
  (void)x, (void)u;
  for (int i = 0; i < n; ++i) {
    int k = t ? t[i] : 0;
    memcpy(A + i * p->n * p->n, p->A[k], (size_t)(p->n * p->n) * sizeof *A);
    memcpy(B + i * p->n * p->m, p->B[k], (size_t)(p->n * p->m) * sizeof *B);
  }
  return n;
}

// out (n) = M (x - r_t); returns (x - r_t)^T M (x - r_t) / 2.
static inline double lq_form(const lq* p, double* out, const double* M, int t, const double* x) {
  double d[LQ_MOST_X];
  for (int i = 0; i < p->n; ++i) d[i] = x[i] - p->r[t][i];
  lb_mat_vec(out, M, d, p->n, p->n, 1, 0);
  return 0.5 * lb_mat_dot(out, d, p->n);
}

static inline double lq_stage(void* ctx, int t, const double* x, const double* u) {
  const lq* p = ctx;
  double lx[LQ_MOST_X], Nu[LQ_MOST_X], Ru[LQ_MOST_U], sum = lq_form(p, lx, p->Q, t, x);
  lb_mat_vec(Ru, p->R, u, p->m, p->m, 1, 0);
  lb_mat_vec_t(Nu, p->N, u, p->m, p->n, 1, 0);
  for (int i = 0; i < p->n; ++i) sum += Nu[i] * (x[i] - p->r[t][i]);
  return sum + 0.5 * lb_mat_dot(Ru, u, p->m);
}

static inline double lq_terminal(void* ctx, int t, const double* x) {
  const lq* p = ctx;
  double lx[LQ_MOST_X];
  return lq_form(p, lx, p->F, t, x);
}

static inline void lq_stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu,
                                        double* lxx, double* luu, double* lux) {
  const lq* p = ctx;
  double d[LQ_MOST_X];
  for (int i = 0; i < p->n; ++i) d[i] = x[i] - p->r[t][i];
  lq_form(p, lx, p->Q, t, x);
  lb_mat_vec_t(lx, p->N, u, p->m, p->n, 1, 1);
  lb_mat_vec(lu, p->R, u, p->m, p->m, 1, 0);
  lb_mat_vec(lu, p->N, d, p->m, p->n, 1, 1);
  memcpy(lxx, p->Q, (size_t)(p->n * p->n) * sizeof *lxx);
  memcpy(luu, p->R, (size_t)(p->m * p->m) * sizeof *luu);
  memcpy(lux, p->N, (size_t)(p->m * p->n) * sizeof *lux);
}

static inline void lq_terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  const lq* p = ctx;
  lq_form(p, lx, p->F, t, x);
  memcpy(lxx, p->F, (size_t)(p->n * p->n) * sizeof *lxx);
}

// Q, R and F the identity, all else zero; the functions set. p must not move afterwards.
static inline void lq_init(lq* p, int n, int m, int H) {
  memset(p, 0, sizeof *p);
  p->n = n;
  p->m = m;
  p->H = H;
  for (int i = 0; i < n; ++i) p->Q[i * n + i] = p->F[i * n + i] = 1;
  for (int i = 0; i < m; ++i) p->R[i * m + i] = 1;
  p->space = (lb_space){.nx = n, .ndx = n};
  p->f = (lb_dynamics){
      .space = &p->space, .nu = m, .ctx = p, .counts = &p->counts, .step = lq_step, .linearize = lq_linearize};
  p->cost = (lb_cost){.ndx = n,
                      .nu = m,
                      .ctx = p,
                      .stage = lq_stage,
                      .terminal = lq_terminal,
                      .stage_derivatives = lq_stage_derivatives,
                      .terminal_derivatives = lq_terminal_derivatives};
}

// M (n, n) = G G^T / n + I with a random G.
static inline void lq_random_positive(double* M, int n, lb_rng* rng) {
  double G[LQ_MOST_X * LQ_MOST_X];
  lb_rng_normals(rng, G, n * n);
  lb_mat_mul_nt(M, G, G, n, n, n, 1.0 / n, 0);
  for (int i = 0; i < n; ++i) M[i * n + i] += 1;
}

// A random problem: time-varying, affine, tracking, with a cross term.
static inline void lq_random(lq* p, int n, int m, int H, uint32_t index) {
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, index, 0);
  lq_init(p, n, m, H);
  for (int t = 0; t < H; ++t) {
    lb_rng_normals(&rng, p->A[t], n * n);
    lb_rng_normals(&rng, p->B[t], n * m);
    lb_rng_normals(&rng, p->c[t], n);
    for (int i = 0; i < n * n; ++i) p->A[t][i] *= 0.5;
    lb_rng_normals(&rng, p->r[t], n);
  }
  lb_rng_normals(&rng, p->r[H], n);
  lq_random_positive(p->Q, n, &rng);
  lq_random_positive(p->R, m, &rng);
  lq_random_positive(p->F, n, &rng);
  lb_rng_normals(&rng, p->N, m * n);
  for (int i = 0; i < m * n; ++i) p->N[i] *= 0.1;
}

#endif  // LB_TESTS_PLAN_LQ_H_
