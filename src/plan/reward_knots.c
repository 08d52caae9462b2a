// Minus a reward as costs: see reward_knots.h.
#include "plan/reward_knots.h"

#include <string.h>

#include "linalg/eig.h"

static size_t at(int t, int rows, int cols) {
  return (size_t)t * (size_t)rows * (size_t)cols;
}

lb_reward_knots lb_reward_knots_new(int nx, int nu, lb_arena* arena) {
  int m = nx + nu;
  lb_reward_knots s = {.nx = nx, .nu = nu, .arena = arena};
  s.eigenvalue = LB_TAKE(arena, double, m);
  s.eigenvector = LB_TAKE(arena, double, at(1, m, m));
  return s;
}

// The nearest positive semidefinite matrix to -h (m, m), written over h.
static void make_convex(const lb_reward_knots* s, double* h) {
  int m = s->nx + s->nu;
  double *value = s->eigenvalue, *vector = s->eigenvector;
  if (!lb_eig_symmetric(value, vector, h, m, s->arena)) {
    memset(h, 0, at(1, m, m) * sizeof(double));
    return;
  }
  memset(h, 0, at(1, m, m) * sizeof(double));
  for (int e = 0; e < m && value[e] < 0; ++e) {
    const double* v = vector + at(e, m, 1);
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < m; ++j) h[i * m + j] -= value[e] * v[i] * v[j];
    }
  }
}

void lb_reward_knots_write(const lb_reward_knots* s, const lb_lqr_expansion* to, int t, double reward,
                           const double* gradient, double* hessian) {
  int nx = s->nx, nu = s->nu, m = nx + nu;
  const double *g = gradient, *h = hessian;
  make_convex(s, hessian);
  to->stage[t] = -reward;
  for (int i = 0; i < m; ++i) {
    if (i < nx) {
      to->lx[at(t, nx, 1) + (size_t)i] = -g[i];
      memcpy(to->lxx + at(t, nx, nx) + at(i, nx, 1), h + at(i, m, 1), (size_t)nx * sizeof(double));
    } else {
      size_t row = (size_t)(i - nx);
      to->lu[at(t, nu, 1) + row] = -g[i];
      memcpy(to->lux + at(t, nu, nx) + row * (size_t)nx, h + at(i, m, 1), (size_t)nx * sizeof(double));
      memcpy(to->luu + at(t, nu, nu) + row * (size_t)nu, h + at(i, m, 1) + nx, (size_t)nu * sizeof(double));
    }
  }
}

void lb_reward_knots_end(const lb_reward_knots* s, const lb_lqr_expansion* to, int horizon) {
  int H = horizon, nx = s->nx;
  to->stage[H] = 0;
  memset(to->lx + at(H, nx, 1), 0, (size_t)nx * sizeof(double));
  memset(to->lxx + at(H, nx, nx), 0, at(1, nx, nx) * sizeof(double));
}
