// Value moment matching, see linear.h. A knot's parameters are counted from the least squares W^ in units of how well
// these determine them: W_j = W^_j + c_j R^-1 v_j with c_j = sigma_j / sqrt(anchor), so that the second term is
// |v|^2 / 2, a prediction is y_j = (W^ z)_j + c_j v_j . R^-T z, and a row of the Jacobian is (c dV/dy) (x) (R^-T z).
#include <math.h>
#include <string.h>

#include "core/tangent.h"
#include "linalg/mat.h"
#include "model/anchored.h"
#include "model/linear_private.h"
#include "model/moments.h"

// What all knots share.
typedef struct moments {
  lb_linear* m;
  const lb_value* value;
  const lb_batch* data;
  lb_linear_rows rows;
  double *W, *R;  // (knots, ndx, nz), (knots, nz, nz) of the least squares
  double* sigma;  // (ndx)
  lb_moments_aim aim;
} moments;

// One knot as an anchored problem.
typedef struct knot {
  const moments* all;
  int rows, nz;
  const int* index;  // (rows) in the data
  double* zeta;      // (rows, nz) R^-T z
  double* y;         // (rows, ndx) W^ z
  double* c;         // (ndx)
} knot;

static int time_of(const lb_linear* m, const lb_batch* data, int i) {
  return clamp_time(m, data->t ? data->t[i] : 0);
}

// V at the state that m->y leads to from transition i; slope (ndx) by y unless NULL.
static double value_at(const lb_linear* m, double* slope, const lb_value* value, const lb_batch* data, int i) {
  const lb_space* s = m->space;
  int t = time_of(m, data, i);
  const double* base = lb_linear_base(m, t, data->x + at(i, s->nx, 1));
  double v;
  lb_space_displace(s, m->x_next, base, m->y);
  if (!slope) {
    value->at(value->ctx, 1, t + 1, m->x_next, &v);
  } else if (lb_space_is_plain(s)) {
    value->slope(value->ctx, 1, t + 1, m->x_next, &v, slope);
  } else {
    value->slope(value->ctx, 1, t + 1, m->x_next, &v, m->slope);
    lb_tangent_of_displace(s, NULL, m->V, base, m->y, m->moved);
    lb_mat_vec_t(slope, m->V, m->slope, s->ndx, s->ndx, 1, 0);
  }
  return v;
}

// V(x'_i) at the time after row i, as the true system went on.
static double value_reached(const lb_linear* m, const lb_value* value, const lb_batch* data, int i) {
  double v;
  value->at(value->ctx, 1, time_of(m, data, i) + 1, data->x_next + at(i, m->space->nx, 1), &v);
  return v;
}

static double rho(double r) {
  return r * r / (sqrt(1 + r * r) + 1);
}

double lb_linear_moments(const lb_linear* m, double* gradient, const lb_batch* data, const lb_value* value,
                         double scale) {
  int nx = m->space->nx, ndx = m->space->ndx, nz = m->nz;
  lb_mark mark = lb_arena_mark(m->work);
  double *slope = LB_TAKE(m->work, double, ndx), sum = 0;
  if (gradient) memset(gradient, 0, (size_t)lb_linear_nparam(m) * sizeof *gradient);
  for (int i = 0; i < data->n; ++i) {
    int t = time_of(m, data, i);
    lb_linear_predict(m, m->x_next, t, data->x + at(i, nx, 1), data->u + at(i, m->nu, 1));
    double r = value_at(m, gradient ? slope : NULL, value, data, i);
    r = (r - value_reached(m, value, data, i)) / scale;
    sum += rho(r) / data->n;
    double pull = r / sqrt(1 + r * r) / scale / data->n;
    double* to = gradient ? gradient + (m->knots > 1 ? at(t, ndx, nz) : 0) : NULL;
    for (int j = 0; to && j < ndx * nz; ++j) to[j] += pull * slope[j / nz] * m->z[j % nz];
  }
  lb_arena_release(m->work, mark);
  return sum;
}

// y (ndx) = W^ z of transition i at knot k.
static void predict(const moments* f, double* y, int k, int i) {
  const lb_linear* m = f->m;
  int ndx = m->space->ndx, nz = m->nz;
  lb_mat_vec(y, f->W + at(k, ndx, nz), f->rows.Z + at(i, nz, 1), ndx, nz, 1, 0);
}

static int knot_of(const moments* f, int i) {
  return f->m->knots > 1 ? time_of(f->m, f->data, i) : 0;
}

// The noise, the targets and their scale, from what the least squares leave.
static void take_aim(moments* f) {
  lb_linear* m = f->m;
  const lb_space* s = m->space;
  int n = f->rows.n, ndx = s->ndx;
  double* errors = LB_TAKE(m->work, double, at(n, ndx, 1));
  double* predicted = LB_TAKE(m->work, double, at(n, s->nx, 1));
  for (int i = 0; i < n; ++i) {
    predict(f, m->y, knot_of(f, i), i);
    const double *base = lb_linear_base(m, time_of(m, f->data, i), f->data->x + at(i, s->nx, 1)),
                 *y = f->rows.Y + at(i, ndx, 1);
    lb_space_displace(s, predicted + at(i, s->nx, 1), base, m->y);
    for (int j = 0; j < ndx; ++j) errors[at(i, ndx, 1) + (size_t)j] = y[j] - m->y[j];
  }
  lb_moments_noise(f->sigma, errors, n, ndx, m->work);
  f->aim = lb_moments_aim_at(f->value, s, f->data, predicted, m->config.spread ? f->sigma : NULL, m->work);
}

// y = (the prediction of row i) + c * (v zeta_i): the state that parameters moved by v predict.
static void predict_moved(const knot* k, const double* v, int i) {
  int ndx = k->all->m->space->ndx;
  double* y = k->all->m->y;
  lb_mat_vec(y, v, k->zeta + at(i, k->nz, 1), ndx, k->nz, 1, 0);
  for (int j = 0; j < ndx; ++j) y[j] = k->y[at(i, ndx, 1) + (size_t)j] + k->c[j] * y[j];
}

// r_i = (V(predicted state of row i) - target_i) / scale.
static void residuals(void* ctx, double* r, const double* v) {
  const knot* k = ctx;
  const moments* f = k->all;
  for (int i = 0; i < k->rows; ++i) {
    predict_moved(k, v, i);
    r[i] = (value_at(f->m, NULL, f->value, f->data, k->index[i]) - f->aim.target[k->index[i]]) / f->aim.scale;
  }
}

// J (count, ndx nz): dr_i / dv by the chain rule through V's gradient.
static void slopes(void* ctx, double* J, const double* v, int begin, int count) {
  const knot* k = ctx;
  const moments* f = k->all;
  int ndx = f->m->space->ndx, nz = k->nz;
  for (int i = begin; i < begin + count; ++i) {
    double *row = J + at(i - begin, ndx, nz), *slope = f->m->T;
    const double* zeta = k->zeta + at(i, nz, 1);
    predict_moved(k, v, i);
    value_at(f->m, slope, f->value, f->data, k->index[i]);
    for (int j = 0; j < ndx; ++j) {
      double factor = k->c[j] * slope[j] / f->aim.scale;
      for (int l = 0; l < nz; ++l) row[j * nz + l] = factor * zeta[l];
    }
  }
}

// zeta (nz) = R^-T z.
static void solve_transposed(double* zeta, const double* R, const double* z, int nz) {
  for (int j = 0; j < nz; ++j) {
    double sum = z[j];
    for (int l = 0; l < j; ++l) sum -= R[l * nz + j] * zeta[l];
    zeta[j] = sum / R[j * nz + j];
  }
}

// W_j += c_j R^-1 v_j; overwrites v.
static void move_parameters(double* W, double* v, const double* R, const double* c, int ndx, int nz) {
  for (int j = 0; j < ndx; ++j) {
    double* x = v + j * nz;
    for (int l = nz - 1; l >= 0; --l) {
      for (int q = l + 1; q < nz; ++q) x[l] -= R[l * nz + q] * x[q];
      x[l] /= R[l * nz + l];
      W[j * nz + l] += c[j] * x[l];
    }
  }
}

// The rows within the knot's reach, and their weights.
static lb_anchored_problem knot_problem(const moments* f, knot* k, int at_knot, const double* R) {
  const lb_linear* m = f->m;
  int ndx = m->space->ndx, nz = m->nz;
  lb_linear_reach reach = lb_linear_reach_of(m, at_knot);
  int from = f->rows.first[reach.begin], n = f->rows.first[reach.end] - from;
  *k = (knot){.all = f, .rows = n, .nz = nz, .index = f->rows.order + from};
  k->zeta = LB_TAKE(m->work, double, at(n, nz, 1));
  k->y = LB_TAKE(m->work, double, at(n, ndx, 1));
  k->c = LB_TAKE(m->work, double, ndx);
  double* weight = LB_TAKE(m->work, double, n);
  for (int j = 0; j < ndx; ++j) k->c[j] = f->sigma[j] / sqrt(m->config.anchor);
  for (int i = 0; i < n; ++i) {
    weight[i] = lb_linear_weight(m, at_knot, time_of(m, f->data, k->index[i]));
    predict(f, k->y + at(i, ndx, 1), at_knot, k->index[i]);
    solve_transposed(k->zeta + at(i, nz, 1), R, f->rows.Z + at(k->index[i], nz, 1), nz);
  }
  return (lb_anchored_problem){
      .n = ndx * nz, .rows = n, .weight = weight, .ctx = k, .residuals = residuals, .slopes = slopes};
}

// Whether no pivot of R (nz, nz) is below rcond times the largest.
static bool is_regular(const double* R, int nz, double rcond) {
  double largest = 0, least = INFINITY;
  for (int j = 0; j < nz; ++j) {
    largest = fmax(largest, fabs(R[j * nz + j]));
    least = fmin(least, fabs(R[j * nz + j]));
  }
  return least > rcond * largest;
}

// Moves knot k of W from the least squares to the moments.
static void match_knot(const moments* f, double* W, int at_knot, lb_linear_report* report) {
  const lb_linear* m = f->m;
  int ndx = m->space->ndx, nz = m->nz;
  const double* R = f->R + at(at_knot, nz, nz);
  if (!is_regular(R, nz, m->config.rcond)) return;
  lb_mark mark = lb_arena_mark(m->work);
  knot k;
  lb_anchored_problem problem = knot_problem(f, &k, at_knot, R);
  lb_anchored_config config = lb_anchored_default_config();
  config.tolerance = m->config.moments_tolerance;
  double* v = LB_TAKE(m->work, double, at(ndx, nz, 1));
  lb_anchored_result found = lb_anchored_minimize(&problem, v, &config, m->work);
  report->evaluations += found.evaluations;
  if (found.ok) {
    report->moments_before += found.start;
    report->moments += found.loss;
    move_parameters(W + at(at_knot, ndx, nz), v, R, k.c, ndx, nz);
  }
  lb_arena_release(m->work, mark);
}

// From the least squares in f->W on, into m->W.
static void match(moments* f, lb_linear_report* report) {
  lb_linear* m = f->m;
  take_aim(f);
  memcpy(m->W, f->W, at(m->knots, m->space->ndx, m->nz) * sizeof(double));
  if (!(f->aim.scale > 0) || !isfinite(f->aim.scale)) return;  // all values agree already, or are none
  for (int k = 0; k < m->knots; ++k) match_knot(f, m->W, k, report);
}

lb_linear_report lb_linear_fit_moments(lb_linear* m, const lb_batch* data, const lb_value* value) {
  assert(m->config.anchor > 0 && value->slope && value->nx == m->space->nx);
  lb_mark mark = lb_arena_mark(m->work);
  int ndx = m->space->ndx;
  lb_linear_report report = {.condition = INFINITY};
  moments f = {.m = m, .value = value, .data = data};
  f.W = LB_TAKE(m->work, double, at(m->knots, ndx, m->nz));
  f.R = LB_TAKE(m->work, double, at(m->knots, m->nz, m->nz));
  f.sigma = LB_TAKE(m->work, double, ndx);
  if (lb_linear_read_rows(m, &f.rows, data)) report = lb_linear_solve(m, &f.rows, f.W, f.R);
  if (report.ok && data->n > 0) match(&f, &report);
  if (report.ok && data->n == 0) memcpy(m->W, f.W, at(m->knots, ndx, m->nz) * sizeof(double));
  report.loss = lb_linear_mean_loss(m, data);
  lb_arena_release(m->work, mark);
  return report;
}
