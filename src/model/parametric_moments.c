// Value moment matching of a family's parameters (LAMPS-MM; see linear.h), from the least squares z^ on:
//   min_z  sum_i rho((E V_{t_i+1}(f(x_i, u_i; z)) - V_{t_i+1}(x'_i)) / s)
//          + anchor / 2 (z - z^)^T (J^T J + ridge^2) (z - z^) / noise,
// the second term being `anchor` times the negative log-likelihood, expanded about z^; noise is the mean squared error
// a direction. In units v = L^T (z - z^) of how well the data determine z (L L^T the matrix in that term) it is
// |v|^2 / 2 (anchored.h).
#include <assert.h>
#include <math.h>
#include <string.h>

#include "linalg/chol.h"
#include "linalg/mat.h"
#include "model/anchored.h"
#include "model/moments.h"
#include "model/parametric_private.h"

typedef struct job {
  lb_parametric* m;
  const lb_value* value;
  const lb_batch* data;
  lb_moments_aim aim;
  double* L;          // (n, n)
  double *z, *moved;  // (n) what is tried, and what it is moved to
  double* x_next;     // (data.n, nx)
  double* base;       // (2, data.n) residuals
  int64_t queries;
} job;

// Rows [begin, begin + count) of the data.
static lb_batch part_of(const job* j, int begin, int count) {
  lb_batch part = lb_parametric_part_of(j->m, j->data, begin);
  part.n = count;
  return part;
}

// x_next (count, nx) of transitions from begin on, at z; false where there is no member.
static bool step_part(job* j, double* x_next, const double* z, int begin, int count) {
  const lb_family* f = j->m->family;
  lb_mark mark = lb_arena_mark(j->m->arena);
  double* theta = LB_TAKE(j->m->arena, double, f->nparam);
  for (int i = 0; i < f->nparam; ++i) theta[i] = z[i] * j->m->scale[i];
  bool member = f->member_set(j->m->trial, theta);
  lb_arena_release(j->m->arena, mark);
  if (!member) return false;
  lb_batch part = part_of(j, begin, count);
  f->step(j->m->trial, count, part.t, part.x, part.u, x_next);
  j->queries += count;
  return true;
}

// r (count) at z; NAN where there is no member.
static void residuals_at(job* j, double* r, const double* z, int begin, int count) {
  size_t nx = (size_t)j->m->family->space->nx;
  bool member = step_part(j, j->x_next, z, begin, count);
  for (int i = 0; i < count; ++i) {
    int t = (j->data->t ? j->data->t[begin + i] : 0) + 1;
    double v = NAN;
    if (member) j->value->at(j->value->ctx, 1, t, j->x_next + (size_t)i * nx, &v);
    r[i] = (v - j->aim.target[begin + i]) / j->aim.scale;
  }
}

// x (n) becomes L^-T x.
static void solve_upper(const double* L, double* x, int n) {
  for (int i = n - 1; i >= 0; --i) {
    for (int k = i + 1; k < n; ++k) x[i] -= L[k * n + i] * x[k];
    x[i] /= L[i * n + i];
  }
}

// x (n) becomes L^-1 x.
static void solve_lower(const double* L, double* x, int n) {
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < i; ++k) x[i] -= L[i * n + k] * x[k];
    x[i] /= L[i * n + i];
  }
}

// z = z^ + L^-T v.
static void set_z(job* j, const double* v) {
  int n = j->m->family->nparam;
  memcpy(j->z, v, (size_t)n * sizeof *v);
  solve_upper(j->L, j->z, n);
  for (int i = 0; i < n; ++i) j->z[i] += j->m->z[i];
}

// r (data.n) at z^ + L^-T v.
static void residuals(void* ctx, double* r, const double* v) {
  job* j = ctx;
  set_z(j, v);
  residuals_at(j, r, j->z, 0, j->data->n);
}

// By differences in z, forward ones or, at the edge of the family, backward ones; 0 beyond both.
static void slopes(void* ctx, double* J, const double* v, int begin, int count) {
  job* j = ctx;
  int n = j->m->family->nparam;
  double h = j->m->config.difference;
  set_z(j, v);
  residuals_at(j, j->base, j->z, begin, count);
  memcpy(j->moved, j->z, (size_t)n * sizeof *v);
  double* r = j->base + j->data->n;
  for (int k = 0; k < n; ++k) {
    double step = h;
    j->moved[k] = j->z[k] + step;
    residuals_at(j, r, j->moved, begin, count);
    if (isnan(r[0])) {
      step = -h;
      j->moved[k] = j->z[k] + step;
      residuals_at(j, r, j->moved, begin, count);
    }
    step = j->moved[k] - j->z[k];
    for (int i = 0; i < count; ++i) J[(size_t)i * (size_t)n + (size_t)k] = isnan(r[0]) ? 0 : (r[i] - j->base[i]) / step;
    j->moved[k] = j->z[k];
  }
  for (int i = 0; i < count; ++i) solve_lower(j->L, J + (size_t)i * (size_t)n, n);
}

// J^T J at z^: that of the kept rows, or of the sums.
static void information(lb_parametric* m, double* G, const lb_batch* data) {
  int n = m->family->nparam;
  if (!m->sums) {
    memcpy(G, m->rows.G, (size_t)n * (size_t)n * sizeof *G);
    return;
  }
  lb_residual residual = lb_parametric_residual_on(m, data);
  double *J = LB_TAKE(m->arena, double, (m->family->nresidual * n)), *z = LB_TAKE(m->arena, double, n);
  memcpy(z, m->z, (size_t)n * sizeof *z);
  lb_rows_jacobian(J, &residual, z, m->arena);
  lb_mat_gram(G, J, n, m->family->nresidual, 1, 0);
}

// The likelihood's matrix as its factor. False where the data and the ridge leave directions open, or nothing is noise.
static bool factor_anchor(job* j) {
  lb_parametric* m = j->m;
  int n = m->family->nparam;
  double ridge = lb_parametric_ridge(m, m->loss), noise = m->loss / m->family->space->ndx;
  if (!(noise > 0)) return false;
  information(m, j->L, j->data);
  for (int i = 0; i < n; ++i) j->L[i * n + i] += ridge * ridge;
  for (int i = 0; i < n * n; ++i) j->L[i] *= m->config.anchor / noise;
  return lb_chol_factor(j->L, n);
}

// Targets and scale, from what the least squares leave.
static bool take_aim(job* j) {
  lb_parametric* m = j->m;
  const lb_space* s = m->family->space;
  int n = j->data->n;
  if (!step_part(j, j->x_next, m->z, 0, n)) return false;
  double *errors = LB_TAKE(m->arena, double, ((size_t)n * (size_t)s->ndx)), *sigma = LB_TAKE(m->arena, double, s->ndx);
  for (size_t i = 0; i < (size_t)n; ++i) {
    lb_space_difference(s, errors + i * (size_t)s->ndx, j->x_next + i * (size_t)s->nx,
                        j->data->x_next + i * (size_t)s->nx);
  }
  lb_moments_noise(sigma, errors, n, s->ndx, m->arena);
  j->aim = lb_moments_aim_at(j->value, s, j->data, j->x_next, m->config.spread ? sigma : NULL, m->arena);
  return j->aim.scale > 0 && isfinite(j->aim.scale);
}

// Room for a fit to all rows of data.
static job make_job(lb_parametric* m, const lb_batch* data, const lb_value* value) {
  int n = m->family->nparam;
  job j = {.m = m, .value = value, .data = data};
  j.L = LB_TAKE(m->arena, double, (n * n));
  j.z = LB_TAKE(m->arena, double, n);
  j.moved = LB_TAKE(m->arena, double, n);
  j.x_next = LB_TAKE(m->arena, double, ((size_t)data->n * (size_t)m->family->space->nx));
  j.base = LB_TAKE(m->arena, double, 2 * (size_t)data->n);
  return j;
}

void lb_parametric_fit_moments(lb_parametric* m, lb_fit_report* report, const lb_batch* data, int first_new,
                               const lb_value* value, lb_rng* rng) {
  int n = m->family->nparam;
  assert(m->config.anchor > 0 && m->config.method == LB_FIT_LEAST_SQUARES && value->nx == m->family->space->nx);
  lb_parametric_fit(m, report, data, first_new, rng);
  if (data->n == 0 || !isfinite(report->loss)) return;
  lb_mark mark = lb_arena_mark(m->arena);
  job j = make_job(m, data, value);
  if (factor_anchor(&j) && take_aim(&j)) {
    double *v = LB_TAKE(m->arena, double, n), *weight = LB_TAKE(m->arena, double, data->n);
    for (int i = 0; i < data->n; ++i) weight[i] = 1;
    lb_anchored_problem problem = {
        .n = n, .rows = data->n, .weight = weight, .ctx = &j, .residuals = residuals, .slopes = slopes};
    lb_anchored_config config = lb_anchored_default_config();
    config.tolerance = m->config.moments_tolerance;
    lb_anchored_result found = lb_anchored_minimize(&problem, v, &config, m->arena);
    set_z(&j, v);
    if (found.ok) lb_parametric_act_as(m, j.z);
    report->evaluations += found.evaluations;
    report->loss = lb_parametric_loss(m, data);
  }
  m->report.queries += j.queries;
  lb_arena_release(m->arena, mark);
}
