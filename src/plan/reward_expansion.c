// Differences and chain rule: see reward_expansion.h.
#include "plan/reward_expansion.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 256 };  // evaluations asked for at once

struct lb_reward_expansion {
  int nx, nu, m;  // m = 2 nx + nu
  double step;
  double* z;             // (m) the transition (x, u, x_next) at work
  double* h;             // (m) steps
  double *plus, *minus;  // (m) rewards at z + h_i, z - h_i
  int* active;           // (m) the numbers that r depends on
  double *g, *H;         // (m), (m, m) before the chain rule
  double* J;             // (m, nx + nu): d z / d (x, u)
  double* HJ;            // (m, nx + nu)
  int npair, pairs[CHUNK / 2][2];
  double *x, *u, *x_next, *r;  // (CHUNK, .) transitions asked for
};

lb_reward_expansion* lb_reward_expansion_new(int nx, int nu, double step, lb_arena* arena) {
  lb_reward_expansion* e = LB_TAKE(arena, lb_reward_expansion, 1);
  int m = 2 * nx + nu;
  *e = (lb_reward_expansion){.nx = nx, .nu = nu, .m = m, .step = step};
  e->z = LB_TAKE(arena, double, m);
  e->h = LB_TAKE(arena, double, m);
  e->plus = LB_TAKE(arena, double, m);
  e->minus = LB_TAKE(arena, double, m);
  e->active = LB_TAKE(arena, int, m);
  e->g = LB_TAKE(arena, double, m);
  e->H = LB_TAKE(arena, double, ((long)m * m));
  e->J = LB_TAKE(arena, double, ((long)m * (nx + nu)));
  e->HJ = LB_TAKE(arena, double, ((long)m * (nx + nu)));
  e->x = LB_TAKE(arena, double, (CHUNK * nx));
  e->u = LB_TAKE(arena, double, (CHUNK * nu));
  e->x_next = LB_TAKE(arena, double, (CHUNK * nx));
  e->r = LB_TAKE(arena, double, CHUNK);
  return e;
}

// Number i of transition `row` of those asked for.
static double* number(lb_reward_expansion* e, int row, int i) {
  int nx = e->nx, nu = e->nu;
  if (i < nx) return e->x + (long)row * nx + i;
  return i < nx + nu ? e->u + (long)row * nu + (i - nx) : e->x_next + (long)row * nx + (i - nx - nu);
}

// Writes z as transition `row` of those to ask for.
static void put(lb_reward_expansion* e, int row) {
  size_t nx = (size_t)e->nx, nu = (size_t)e->nu;
  memcpy(e->x + (size_t)row * nx, e->z, nx * sizeof(double));
  memcpy(e->u + (size_t)row * nu, e->z + nx, nu * sizeof(double));
  memcpy(e->x_next + (size_t)row * nx, e->z + nx + nu, nx * sizeof(double));
}

static void ask(lb_reward_expansion* e, const lb_transition_reward* r, int n) {
  r->at(r->ctx, n, e->x, e->u, e->x_next, e->r);
}

// r at z, and at z moved along each number; the numbers that it depends on. Returns how many those are; -1: r is not
// finite.
static int probe(lb_reward_expansion* e, double* value, const lb_transition_reward* r) {
  int active = 0;
  put(e, 0);
  ask(e, r, 1);
  *value = e->r[0];
  bool finite = isfinite(*value);
  for (int at = 0; at < e->m; at += CHUNK / 2) {
    int count = e->m - at < CHUNK / 2 ? e->m - at : CHUNK / 2;
    for (int i = 0; i < count; ++i) {
      double h = e->step * fmax(1, fabs(e->z[at + i]));
      e->h[at + i] = h;
      put(e, 2 * i);
      put(e, 2 * i + 1);
      *number(e, 2 * i, at + i) += h;
      *number(e, 2 * i + 1, at + i) -= h;
    }
    ask(e, r, 2 * count);
    for (int i = 0; i < count; ++i) {
      e->plus[at + i] = e->r[2 * i];
      e->minus[at + i] = e->r[2 * i + 1];
    }
  }
  for (int i = 0; i < e->m; ++i) {
    finite = finite && isfinite(e->plus[i]) && isfinite(e->minus[i]);
    if (e->plus[i] < *value || e->plus[i] > *value || e->minus[i] < *value || e->minus[i] > *value) {
      e->active[active++] = i;
    }
  }
  return finite ? active : -1;
}

// H_ij from r(++) + r(--), less what the single moves explain, for the pairs that wait.
static void settle_pairs(lb_reward_expansion* e, double value, const lb_transition_reward* r) {
  if (e->npair > 0) ask(e, r, 2 * e->npair);
  for (int p = 0; p < e->npair; ++p) {
    int i = e->pairs[p][0], j = e->pairs[p][1];
    double both = e->r[2 * p] + e->r[2 * p + 1] + 2 * value;
    double curve = (both - e->plus[i] - e->minus[i] - e->plus[j] - e->minus[j]) / (2 * e->h[i] * e->h[j]);
    e->H[(long)i * e->m + j] = e->H[(long)j * e->m + i] = isfinite(curve) ? curve : 0;
  }
  e->npair = 0;
}

// Two points for the mixed second derivative of numbers i and j: both moved by +h, and both by -h.
static void add_pair(lb_reward_expansion* e, int i, int j) {
  for (int k = 0; k < 2; ++k) {
    int row = 2 * e->npair + k, sign = k ? -1 : 1;
    put(e, row);
    *number(e, row, i) += sign * e->h[i];
    *number(e, row, j) += sign * e->h[j];
  }
  e->pairs[e->npair][0] = i;
  e->pairs[e->npair][1] = j;
  e->npair += 1;
}

// H_ij of all pairs of active numbers, CHUNK points at a time.
static void mixed(lb_reward_expansion* e, double value, const lb_transition_reward* r, int active) {
  for (int a = 0; a < active; ++a) {
    for (int b = a + 1; b < active; ++b) {
      add_pair(e, e->active[a], e->active[b]);
      if (e->npair == CHUNK / 2) settle_pairs(e, value, r);
    }
  }
  settle_pairs(e, value, r);
}

// gradient = J^T g and hessian = J^T H J with z = (x, u, x_next) moving by J (dx, du).
static void chain(lb_reward_expansion* e, double* gradient, double* hessian, const double* A, const double* B) {
  int nx = e->nx, nu = e->nu, m = e->m, k = nx + nu;
  memset(e->J, 0, (size_t)m * (size_t)k * sizeof(double));
  for (int i = 0; i < k; ++i) e->J[(long)i * k + i] = 1;
  for (int i = 0; i < nx; ++i) {
    memcpy(e->J + (long)(k + i) * k, A + (long)i * nx, (size_t)nx * sizeof(double));
    memcpy(e->J + (long)(k + i) * k + nx, B + (long)i * nu, (size_t)nu * sizeof(double));
  }
  memset(gradient, 0, (size_t)k * sizeof(double));
  memset(hessian, 0, (size_t)k * (size_t)k * sizeof(double));
  memset(e->HJ, 0, (size_t)m * (size_t)k * sizeof(double));
  for (int i = 0; i < m; ++i) {
    double *row = e->HJ + (long)i * k, *from = e->H + (long)i * m;
    for (int j = 0; j < k; ++j) gradient[j] += e->g[i] * e->J[(long)i * k + j];
    for (int l = 0; l < m; ++l) {
      if (from[l] < 0 || from[l] > 0) {
        for (int j = 0; j < k; ++j) row[j] += from[l] * e->J[(long)l * k + j];
      }
    }
  }
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < k; ++j) {
      double weight = e->J[(long)i * k + j];
      if (!(weight < 0 || weight > 0)) continue;
      for (int l = 0; l < k; ++l) hessian[(long)j * k + l] += weight * e->HJ[(long)i * k + l];
    }
  }
}

// g = (r+ - r-) / 2h and H_ii = (r+ - 2r + r-) / h^2 for the numbers that move the reward at all, then the mixed terms.
static void differentiate(lb_reward_expansion* e, const lb_transition_reward* r) {
  double value;
  memset(e->g, 0, (size_t)e->m * sizeof(double));
  memset(e->H, 0, (size_t)e->m * (size_t)e->m * sizeof(double));
  int active = probe(e, &value, r);
  for (int a = 0; a < active; ++a) {
    int i = e->active[a];
    double h = e->h[i];
    e->g[i] = (e->plus[i] - e->minus[i]) / (2 * h);
    e->H[(long)i * e->m + i] = (e->plus[i] - 2 * value + e->minus[i]) / (h * h);
  }
  mixed(e, value, r, active);
}

void lb_reward_expansion_take(lb_reward_expansion* e, double* gradient, double* hessian, const lb_transition_reward* r,
                              int n, const double* x, const double* u, const double* x_next, const double* A,
                              const double* B) {
  long nx = e->nx, nu = e->nu, k = nx + nu;
  for (int i = 0; i < n; ++i) {
    memcpy(e->z, x + i * nx, (size_t)nx * sizeof(double));
    memcpy(e->z + nx, u + i * nu, (size_t)nu * sizeof(double));
    memcpy(e->z + k, x_next + i * nx, (size_t)nx * sizeof(double));
    differentiate(e, r);
    chain(e, gradient + i * k, hessian + i * k * k, A + i * nx * nx, B + i * nx * nu);
  }
}
