// A linear-quadratic model with a reward, and the optimal feedback in it by the textbook's recursion.
#ifndef LB_TESTS_PLAN_REWARD_LQ_H_
#define LB_TESTS_PLAN_REWARD_LQ_H_

#include <stdbool.h>
#include <string.h>

#include "base/rng.h"
#include "core/reward_model.h"

// x' = A x + B u, reward -(x^T Q x + u^T R u) / 2 - q^T u, on NX states and NU controls.
enum { NX = 3, NU = 2, NK = NX + NU };
typedef struct lq {
  double A[NX * NX], B[NX * NU], Q[NX * NX], R[NU * NU], q[NU];
} lq;

static inline double form(const double* M, const double* v, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) sum += v[i] * M[i * n + j] * v[j];
  }
  return 0.5 * sum;
}

static inline void lq_step(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward,
                           bool* ended) {
  const lq* p = ctx;
  for (int s = 0; s < n; ++s, x += NX, u += NU, x_next += NX) {
    for (int i = 0; i < NX; ++i) {
      x_next[i] = 0;
      for (int j = 0; j < NX; ++j) x_next[i] += p->A[i * NX + j] * x[j];
      for (int j = 0; j < NU; ++j) x_next[i] += p->B[i * NU + j] * u[j];
    }
    reward[s] = -form(p->Q, x, NX) - form(p->R, u, NU);
    for (int i = 0; i < NU; ++i) reward[s] -= p->q[i] * u[i];
    ended[s] = false;
  }
}

static inline long lq_expand(void* ctx, int n, const double* x, const double* u, const double* x_next, double* A,
                             double* B, double* g, double* H) {
  const lq* p = ctx;
  (void)x_next;
  memset(g, 0, sizeof(double) * (size_t)(n * NK));
  memset(H, 0, sizeof(double) * (size_t)(n * NK * NK));
  for (int s = 0; s < n; ++s, x += NX, u += NU, g += NK, H += NK * NK) {
    memcpy(A + s * NX * NX, p->A, sizeof p->A);
    memcpy(B + s * NX * NU, p->B, sizeof p->B);
    for (int i = 0; i < NX; ++i) {
      for (int j = 0; j < NX; ++j) {
        H[i * NK + j] = -p->Q[i * NX + j];
        g[i] -= p->Q[i * NX + j] * x[j];
      }
    }
    for (int i = 0; i < NU; ++i) {
      g[NX + i] = -p->q[i];
      for (int j = 0; j < NU; ++j) {
        H[(NX + i) * NK + NX + j] = -p->R[i * NU + j];
        g[NX + i] -= p->R[i * NU + j] * u[j];
      }
    }
  }
  return n;
}

// A random positive definite matrix.
static inline void positive(double* M, int n, lb_rng* rng) {
  double L[NX * NX];
  lb_rng_normals(rng, L, n * n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      M[i * n + j] = i == j ? 0.5 : 0;
      for (int k = 0; k < n; ++k) M[i * n + j] += L[i * n + k] * L[j * n + k];
    }
  }
}

static inline lq random_lq(lb_rng* rng) {
  lq p = {.q = {0}};
  lb_rng_normals(rng, p.A, NX * NX);
  for (int i = 0; i < NX * NX; ++i) p.A[i] *= 0.5;
  lb_rng_normals(rng, p.B, NX * NU);
  positive(p.Q, NX, rng);
  positive(p.R, NU, rng);
  return p;
}

// Solves the 2 x 2 system S k = b.
static inline void solve_two(double* k, const double* S, const double* b) {
  double det = S[0] * S[3] - S[1] * S[2];
  k[0] = (b[0] * S[3] - S[1] * b[1]) / det;
  k[1] = (S[0] * b[1] - b[0] * S[2]) / det;
}

// u_0 = -K_0 x by the textbook's Riccati recursion, P_H = 0.
static inline void riccati(double* u, const lq* p, const double* x, int horizon) {
  double P[NX * NX] = {0}, gain[NU * NX] = {0};
  for (int t = 0; t < horizon; ++t) {
    double PA[NX * NX] = {0}, PB[NX * NU] = {0}, S[NU * NU], G[NU * NX] = {0}, next[NX * NX];
    for (int i = 0; i < NX; ++i) {
      for (int k = 0; k < NX; ++k) {
        for (int j = 0; j < NX; ++j) PA[i * NX + j] += P[i * NX + k] * p->A[k * NX + j];
        for (int j = 0; j < NU; ++j) PB[i * NU + j] += P[i * NX + k] * p->B[k * NU + j];
      }
    }
    memcpy(S, p->R, sizeof S);
    for (int k = 0; k < NX; ++k) {
      for (int i = 0; i < NU; ++i) {
        for (int j = 0; j < NU; ++j) S[i * NU + j] += p->B[k * NU + i] * PB[k * NU + j];
        for (int j = 0; j < NX; ++j) G[i * NX + j] += p->B[k * NU + i] * PA[k * NX + j];
      }
    }
    for (int j = 0; j < NX; ++j) {
      double b[NU] = {G[j], G[NX + j]}, k[NU];
      solve_two(k, S, b);
      gain[j] = k[0];
      gain[NX + j] = k[1];
    }
    memcpy(next, p->Q, sizeof next);
    for (int i = 0; i < NX; ++i) {
      for (int j = 0; j < NX; ++j) {
        for (int k = 0; k < NX; ++k) next[i * NX + j] += p->A[k * NX + i] * PA[k * NX + j];
        for (int k = 0; k < NU; ++k) next[i * NX + j] -= G[k * NX + i] * gain[k * NX + j];
      }
    }
    memcpy(P, next, sizeof P);
  }
  for (int i = 0; i < NU; ++i) {
    u[i] = 0;
    for (int j = 0; j < NX; ++j) u[i] -= gain[i * NX + j] * x[j];
  }
}

#endif  // LB_TESTS_PLAN_REWARD_LQ_H_
