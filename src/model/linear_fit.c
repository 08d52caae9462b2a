// The fit solves for the difference to the prior: its rows then pull towards zero, and in directions that no row
// determines the solution of least norm stays at the prior.
#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "linalg/lstsq.h"
#include "linalg/mat.h"
#include "model/linear_private.h"

// Counting sort: the rows of knot k are order[first[k] .. first[k + 1]).
static void sort_by_time(const lb_linear* m, lb_linear_rows* r, const int* t) {
  for (int i = 0; i < r->n; ++i) r->first[clamp_time(m, t ? t[i] : 0) + 1] += 1;
  for (int k = 0; k < m->horizon; ++k) r->first[k + 1] += r->first[k];
  int* next = LB_TAKE(m->work, int, m->horizon);
  memcpy(next, r->first, (size_t)m->horizon * sizeof *next);
  for (int i = 0; i < r->n; ++i) r->order[next[clamp_time(m, t ? t[i] : 0)]++] = i;
}

bool lb_linear_read_rows(const lb_linear* m, lb_linear_rows* r, const lb_batch* data) {
  int n = data->n, nx = m->space->nx, ndx = m->space->ndx, rows = m->nz + (n > 2 * m->nz ? n : 2 * m->nz);
  *r = (lb_linear_rows){.n = n};
  r->Z = LB_TAKE(m->work, double, at(n, m->nz, 1));
  r->Y = LB_TAKE(m->work, double, at(n, ndx, 1));
  r->A = LB_TAKE(m->work, double, at(rows, m->nz, 1));
  r->B = LB_TAKE(m->work, double, at(rows, ndx, 1));
  r->X = LB_TAKE(m->work, double, at(m->nz, ndx, 1));
  r->prior = LB_TAKE(m->work, double, at(m->nz, m->nz, 1));
  r->order = LB_TAKE(m->work, int, n);
  r->first = LB_TAKE(m->work, int, m->horizon + 1);
  for (int i = 0; i < n; ++i) {
    int t = clamp_time(m, data->t ? data->t[i] : 0);
    const double* x = data->x + at(i, nx, 1);
    lb_linear_features(m, r->Z + at(i, m->nz, 1), t, x, data->u + at(i, m->nu, 1));
    lb_space_difference(m->space, r->Y + at(i, ndx, 1), lb_linear_base(m, t, x), data->x_next + at(i, nx, 1));
  }
  sort_by_time(m, r, data->t);
  return lb_all_finite(r->Z, (ptrdiff_t)n * m->nz) && lb_all_finite(r->Y, (ptrdiff_t)n * ndx);
}

// R (nz, nz) upper triangular, R^T R = A^T A, from A (count, nz), which is overwritten and has room for nz rows more.
static void triangular_factor(const lb_linear* m, lb_linear_rows* r, double* R, int count) {
  int nz = m->nz;
  memset(r->A + at(count, nz, 1), 0, at(nz, nz, 1) * sizeof(double));
  memset(r->B, 0, at(count + nz, 1, 1) * sizeof(double));
  lb_lstsq_qr(r->X, r->A, r->B, count + nz, nz, 1, 0, m->work);
  memset(R, 0, at(nz, nz, 1) * sizeof(double));
  for (int i = 0; i < nz; ++i) {
    for (int j = i; j < nz; ++j) R[i * nz + j] = r->A[i * nz + j];
  }
}

// The rows of the prior at a knot: prior_strength samples spread like the data, and the ridge.
static void prior_of_knots(const lb_linear* m, lb_linear_rows* r) {
  int nz = m->nz;
  double scale = r->n ? sqrt(m->config.prior_strength / r->n) : 0;
  memcpy(r->A, r->Z, at(r->n, nz, 1) * sizeof(double));
  triangular_factor(m, r, r->prior, r->n);
  memset(r->A, 0, at(2 * nz, nz, 1) * sizeof(double));
  for (int i = 0; i < nz * nz; ++i) r->A[i] = scale * r->prior[i];
  for (int i = 0; i < nz; ++i) r->A[at(nz + i, nz, 1) + (size_t)i] = sqrt(m->config.ridge);
  triangular_factor(m, r, r->prior, 2 * nz);
}

// The prior's factor sqrt(ridge) I.
static void prior_of_ridge(const lb_linear* m, lb_linear_rows* r) {
  memset(r->prior, 0, at(m->nz, m->nz, 1) * sizeof(double));
  for (int i = 0; i < m->nz; ++i) r->prior[i * m->nz + i] = sqrt(m->config.ridge);
}

// Row `count` of the problem: sqrt(weight) z and sqrt(weight) (y - W1 z).
static void add_row(const lb_linear* m, lb_linear_rows* r, int count, int i, double weight, const double* W1) {
  int ndx = m->space->ndx, nz = m->nz;
  double root = sqrt(weight), *a = r->A + at(count, nz, 1), *b = r->B + at(count, ndx, 1);
  const double *z = r->Z + at(i, nz, 1), *y = r->Y + at(i, ndx, 1);
  for (int j = 0; j < nz; ++j) a[j] = root * z[j];
  for (int j = 0; j < ndx; ++j) b[j] = root * y[j];
  lb_mat_vec(b, W1, a, ndx, nz, -1, 1);
}

lb_linear_reach lb_linear_reach_of(const lb_linear* m, int k) {
  if (!m->config.time_varying) return (lb_linear_reach){.end = m->horizon};
  int reach = (int)ceil(m->config.window), begin = k - reach, end = k + reach + 1;
  return (lb_linear_reach){begin > 0 ? begin : 0, end < m->horizon ? end : m->horizon};
}

double lb_linear_weight(const lb_linear* m, int k, int s) {
  double q = m->config.time_varying ? (s - k) / (m->config.window + 1) : 0;
  return (1 - q * q) * (1 - q * q);
}

// The triangular factor of the solved rows.
static void keep_factor(const lb_linear* m, lb_linear_rows* r, double* R, int count) {
  int nz = m->nz;
  if (m->config.solver == LB_LINEAR_SVD) {  // that one left the rows as they were
    memset(r->B, 0, at(count, 1, 1) * sizeof(double));
    lb_lstsq_qr(r->X, r->A, r->B, count, nz, 1, 0, m->work);
  }
  for (int i = 0; i < nz; ++i) {
    for (int j = 0; j < nz; ++j) R[i * nz + j] = j < i ? 0 : r->A[i * nz + j];
  }
}

// Knot k's W (ndx, nz), and R (nz, nz) unless NULL, from the rows within its reach (of the time-varying model:
// `varying`, else all of weight 1) and the prior about W1.
static lb_lstsq solve(const lb_linear* m, lb_linear_rows* r, double* W, double* R, const double* W1, int k,
                      bool varying) {
  int ndx = m->space->ndx, nz = m->nz, count = 0;
  lb_linear_reach reach = varying ? lb_linear_reach_of(m, k) : (lb_linear_reach){.end = m->horizon};
  for (int s = reach.begin; s < reach.end; ++s) {
    double weight = varying ? lb_linear_weight(m, k, s) : 1;
    for (int j = r->first[s]; j < r->first[s + 1]; ++j) add_row(m, r, count++, r->order[j], weight, W1);
  }
  memcpy(r->A + at(count, nz, 1), r->prior, at(nz, nz, 1) * sizeof(double));
  memset(r->B + at(count, ndx, 1), 0, at(nz, ndx, 1) * sizeof(double));
  lb_lstsq found = m->config.solver == LB_LINEAR_QR
                       ? lb_lstsq_qr(r->X, r->A, r->B, count + nz, nz, ndx, m->config.rcond, m->work)
                       : lb_lstsq_svd(r->X, NULL, r->A, r->B, count + nz, nz, ndx, m->config.rcond, m->work);
  for (int i = 0; found.ok && i < ndx; ++i) {
    for (int j = 0; j < nz; ++j) W[i * nz + j] = W1[i * nz + j] + r->X[j * ndx + i];
  }
  if (R && found.ok) keep_factor(m, r, R, count + nz);
  return found;
}

// mean = sum_k W_k / knots.
static void mean_of_knots(const lb_linear* m, double* mean, const double* W) {
  int size = m->space->ndx * m->nz;
  memset(mean, 0, (size_t)size * sizeof(double));
  for (int k = 0; k < m->knots; ++k) {
    for (int i = 0; i < size; ++i) mean[i] += W[at(k, size, 1) + (size_t)i] / m->knots;
  }
}

// Takes a solution into the report: the least rank, the largest condition.
static void note(lb_linear_report* report, const lb_lstsq* found) {
  report->ok = report->ok && found->ok;
  report->rank = found->rank < report->rank ? found->rank : report->rank;
  report->condition = fmax(report->condition, found->condition);
}

// One W for all times from all rows, drawn to W1 by the ridge.
static void solve_invariant(const lb_linear* m, lb_linear_rows* r, double* W, double* R, const double* W1,
                            lb_linear_report* report) {
  prior_of_ridge(m, r);
  lb_lstsq found = solve(m, r, W, R, W1, 0, false);
  note(report, &found);
}

// A W for each time, drawn to the prior of the settings: the initial model, the previous one, or the fit that all times
// share.
static void solve_knots(const lb_linear* m, lb_linear_rows* r, double* W, double* R, lb_linear_report* report) {
  int size = m->space->ndx * m->nz;
  bool pooled = m->config.prior == LB_LINEAR_PRIOR_INVARIANT;
  const double* prior = m->config.prior == LB_LINEAR_PRIOR_PREVIOUS ? m->W : m->W0;
  double* shared = LB_TAKE(m->work, double, size);
  if (pooled) {
    lb_linear_report ignored = {.ok = true, .rank = m->nz};
    mean_of_knots(m, shared, m->W0);
    solve_invariant(m, r, shared, NULL, shared, &ignored);  // without a solution the mean initial model stays
  }
  prior_of_knots(m, r);
  for (int k = 0; k < m->knots && report->ok; ++k) {
    lb_lstsq found = solve(m, r, W + at(k, size, 1), R ? R + at(k, m->nz, m->nz) : NULL,
                           pooled ? shared : prior + at(k, size, 1), k, true);
    note(report, &found);
  }
}

lb_linear_report lb_linear_solve(const lb_linear* m, lb_linear_rows* r, double* W, double* R) {
  lb_linear_report report = {.ok = true, .rank = m->nz};
  if (m->config.time_varying) {
    solve_knots(m, r, W, R, &report);
  } else {
    solve_invariant(m, r, W, R, m->config.prior == LB_LINEAR_PRIOR_PREVIOUS ? m->W : m->W0, &report);
  }
  return report;
}

double lb_linear_mean_loss(const lb_linear* m, const lb_batch* data) {
  int nx = m->space->nx, ndx = m->space->ndx;
  double sum = 0;
  for (int i = 0; i < data->n; ++i) {
    lb_linear_predict(m, m->x_next, clamp_time(m, data->t ? data->t[i] : 0), data->x + at(i, nx, 1),
                      data->u + at(i, m->nu, 1));
    lb_space_difference(m->space, m->y, m->x_next, data->x_next + at(i, nx, 1));
    sum += lb_mat_dot(m->y, m->y, ndx);
  }
  return data->n ? sum / data->n : 0;
}

lb_linear_report lb_linear_fit(lb_linear* m, const lb_batch* data) {
  lb_mark mark = lb_arena_mark(m->work);
  lb_linear_report report = {.condition = INFINITY};
  size_t size = at(m->knots, m->space->ndx, m->nz);
  double* W = LB_TAKE(m->work, double, size);
  lb_linear_rows r;
  if (lb_linear_read_rows(m, &r, data)) report = lb_linear_solve(m, &r, W, NULL);
  if (report.ok) memcpy(m->W, W, size * sizeof *W);
  report.loss = lb_linear_mean_loss(m, data);
  lb_arena_release(m->work, mark);
  return report;
}
