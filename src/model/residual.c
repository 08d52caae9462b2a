#include "model/residual.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/finite.h"

int lb_residual_rows(const lb_residual* p) {
  return p->sums ? p->family->nresidual : p->data.n * p->family->space->ndx;
}

bool lb_residual_at(lb_residual* p, double* r, const double* z) {
  const lb_family* f = p->family;
  int nx = f->space->nx, ndx = f->space->ndx, n = p->data.n;
  for (int i = 0; i < f->nparam; ++i) p->theta[i] = z[i] * p->scale[i];
  p->evaluations += 1;
  if (!f->member_set(p->member, p->theta)) return false;
  if (p->sums) {
    f->residual(f->ctx, p->sums, p->theta, r);
  } else {
    f->step(p->member, n, p->data.t, p->data.x, p->data.u, p->x_next);
    p->queries += n;
    for (ptrdiff_t i = 0; i < n; ++i)
      lb_space_difference(f->space, r + i * ndx, p->data.x_next + i * nx, p->x_next + i * nx);
  }
  return lb_all_finite(r, lb_residual_rows(p));
}

// column = (r(z + h e_j) - r(z - h e_j)) / 2h; 0 where one of them has no member.
static void central_difference(lb_residual* p, double* column, double* z, int j, double* scratch) {
  double middle = z[j], plus = middle + p->difference, minus = middle - p->difference;
  z[j] = plus;
  bool good = lb_residual_at(p, column, z);
  z[j] = minus;
  good = lb_residual_at(p, scratch, z) && good;
  z[j] = middle;
  int m = lb_residual_rows(p);
  for (int i = 0; i < m; ++i) column[i] = good ? (column[i] - scratch[i]) / (plus - minus) : 0;
}

// column = (r(z + h e_j) - r(z)) / h, or to the other side where that has no member; 0 where neither has.
static void one_sided_difference(lb_residual* p, double* column, double* z, int j, const double* r) {
  double middle = z[j], moved = middle + p->difference;
  z[j] = moved;
  bool good = lb_residual_at(p, column, z);
  if (!good) {
    moved = middle - p->difference;
    z[j] = moved;
    good = lb_residual_at(p, column, z);
  }
  z[j] = middle;
  int m = lb_residual_rows(p);
  for (int i = 0; i < m; ++i) column[i] = good ? (column[i] - r[i]) / (moved - middle) : 0;
}

void lb_residual_jacobian(lb_residual* p, double* J, double* z, const double* r, double* scratch) {
  ptrdiff_t m = lb_residual_rows(p);
  for (int j = 0; j < p->family->nparam; ++j) {
    if (p->sums)
      central_difference(p, J + j * m, z, j, scratch);
    else
      one_sided_difference(p, J + j * m, z, j, r);
  }
}
