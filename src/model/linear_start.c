// Taking up the linearisation of other dynamics as a linear model's parameters. On a curved space the derivatives of y
// come from central differences of the space's maps, for dynamics give theirs in other tangent spaces.
#include <string.h>

#include "core/tangent.h"
#include "model/linear_private.h"

// y = (f + moved) (-) base, where base moves along in the DELTA form: one column of the derivative of y.
static void derivative_of_y(const lb_linear* m, double* column, int stride, int t, const double* reached,
                            const double* shift, const double* moved_by) {
  const lb_space* s = m->space;
  double *to = m->moved, *base = to + s->nx, *e = base + s->nx, *plus = e + s->ndx, *minus = plus + s->ndx;
  for (int sign = 1; sign >= -1; sign -= 2) {
    for (int i = 0; i < s->ndx; ++i) e[i] = sign * LB_TANGENT_STEP * moved_by[i];
    lb_space_displace(s, to, reached, e);
    for (int i = 0; i < s->ndx; ++i) e[i] = shift ? sign * LB_TANGENT_STEP * shift[i] : 0;
    lb_space_displace(s, base, x_ref(m, t), e);
    lb_space_difference(s, sign > 0 ? plus : minus, lb_linear_base(m, t, base), to);
  }
  for (int i = 0; i < s->ndx; ++i) column[i * stride] = (plus[i] - minus[i]) / (2 * LB_TANGENT_STEP);
}

// W (ndx, nz) of the linearisation of f about the reference at t, from f's A, B and the state that it reaches.
static void model_at(const lb_linear* m, double* W, int t, const double* A, const double* B, const double* reached) {
  int ndx = m->space->ndx, nu = m->nu, nz = m->nz;
  bool delta = m->config.form == LB_LINEAR_DELTA, plain = lb_space_is_plain(m->space);
  double *shift = m->J, *moved_by = m->V;
  lb_space_difference(m->space, m->y, lb_linear_base(m, t, x_ref(m, t)), reached);
  for (int j = 0; j < ndx + nu; ++j) {
    const double* D = j < ndx ? A + j : B + (j - ndx);
    int stride = j < ndx ? ndx : nu;
    for (int i = 0; i < ndx; ++i) {
      moved_by[i] = D[i * stride];
      shift[i] = i == j;
      W[i * nz + j] = moved_by[i] - (delta ? shift[i] : 0);
    }
    if (!plain) derivative_of_y(m, W + j, nz, t, reached, shift, moved_by);
  }
  for (int i = 0; i < ndx; ++i) W[i * nz + ndx + nu] = m->y[i];
}

void lb_linear_start_from(lb_linear* m, const lb_dynamics* f) {
  int H = m->horizon, nx = m->space->nx, ndx = m->space->ndx, size = ndx * m->nz;
  assert(f->nu == m->nu && f->space->nx == nx && f->space->ndx == ndx);
  lb_mark mark = lb_arena_mark(m->work);
  int* t = LB_TAKE(m->work, int, H);
  double* A = LB_TAKE(m->work, double, at(H, ndx, ndx));
  double* B = LB_TAKE(m->work, double, at(H, ndx, m->nu));
  double* reached = LB_TAKE(m->work, double, at(H, nx, 1));
  double* W = LB_TAKE(m->work, double, size);
  for (int k = 0; k < H; ++k) t[k] = k;
  lb_dynamics_step(f, H, t, m->x_ref, m->u_ref, reached);
  lb_dynamics_linearize(f, H, t, m->x_ref, m->u_ref, A, B);
  memset(m->W, 0, at(m->knots, size, 1) * sizeof(double));
  for (int k = 0; k < H; ++k) {
    double* mean = m->W + (m->config.time_varying ? at(k, size, 1) : 0);
    model_at(m, W, k, A + at(k, ndx, ndx), B + at(k, ndx, m->nu), reached + at(k, nx, 1));
    for (int i = 0; i < size; ++i) mean[i] += m->config.time_varying ? W[i] : W[i] / H;
  }
  memcpy(m->W0, m->W, at(m->knots, size, 1) * sizeof(double));
  lb_arena_release(m->work, mark);
}
