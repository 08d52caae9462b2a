// A linear model: see linear.h.
#include "model/linear.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "core/tangent.h"
#include "linalg/lstsq.h"
#include "linalg/mat.h"
#include "model/linear_private.h"

// ---------------------------------------------------------------------------------------------------------------------
// The model as an object and as dynamics: prediction, derivatives, parameters

lb_linear_config lb_linear_default_config(void) {
  return (lb_linear_config){.form = LB_LINEAR_NEXT,
                            .solver = LB_LINEAR_QR,
                            .prior = LB_LINEAR_PRIOR_INITIAL,
                            .ridge = 1e-6,
                            .prior_strength = 10,
                            .window = 5,
                            .rcond = 1e-12,
                            .spread = true,
                            .moments_tolerance = 1e-5};
}

// z (nz) = (x (-) x_ref_t, u - u_ref_t, 1); t as clamp_time gives it, here and below.
static void features_of(const lb_linear* m, double* z, int t, const double* x, const double* u) {
  int ndx = m->space->ndx;
  lb_space_difference(m->space, z, x_ref(m, t), x);
  for (int i = 0; i < m->nu; ++i) z[ndx + i] = u[i] - m->u_ref[at(t, m->nu, 1) + (size_t)i];
  z[ndx + m->nu] = 1;
}

const double* lb_linear_base(const lb_linear* m, int t, const double* x) {
  return m->config.form == LB_LINEAR_NEXT ? x_ref(m, t + 1) : x;
}

void lb_linear_predict(const lb_linear* m, double* x_next, int t, const double* x, const double* u) {
  features_of(m, m->z, t, x, u);
  lb_mat_vec(m->y, parameters(m, t), m->z, m->space->ndx, m->nz, 1, 0);
  lb_space_displace(m->space, x_next, lb_linear_base(m, t, x), m->y);
}

// lb_dynamics.step: each row by the parameters of its time.
static void step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  const lb_linear* m = ctx;
  int nx = m->space->nx;
  for (int i = 0; i < n; ++i) {
    lb_linear_predict(m, x_next + at(i, nx, 1), clamp_time(m, t ? t[i] : 0), x + at(i, nx, 1), u + at(i, m->nu, 1));
  }
}

// W (ndx, ndx + nu + 1) into A and B; the last column, the offset, is left out.
static void split(const lb_linear* m, const double* W, double* A, double* B) {
  int ndx = m->space->ndx, nu = m->nu;
  for (int i = 0; i < ndx; ++i) {
    memcpy(A + at(i, ndx, 1), W + at(i, m->nz, 1), (size_t)ndx * sizeof(double));
    memcpy(B + at(i, nu, 1), W + at(i, m->nz, 1) + ndx, (size_t)nu * sizeof(double));
  }
}

// M (ndx, cols) becomes S M.
static void multiply_left(const lb_linear* m, double* M, const double* S, int cols) {
  int ndx = m->space->ndx;
  memcpy(m->T, M, at(1, ndx, cols) * sizeof(double));
  lb_mat_mul(M, S, m->T, ndx, cols, ndx, 1, 0);
}

// On a curved space: dx changes by J e when x moves by e, and the next state by V when y moves.
static void curve(const lb_linear* m, int t, const double* x, const double* u, double* A, double* B) {
  const lb_space* s = m->space;
  int ndx = s->ndx;
  bool delta = m->config.form == LB_LINEAR_DELTA;
  lb_tangent_of_difference(s, m->J, x_ref(m, t), x, m->moved);
  memcpy(m->T, A, at(1, ndx, ndx) * sizeof(double));
  lb_mat_mul(A, m->T, m->J, ndx, ndx, ndx, 1, 0);
  lb_linear_predict(m, m->x_next, t, x, u);
  lb_tangent_of_displace(s, delta ? m->J : NULL, m->V, lb_linear_base(m, t, x), m->y, m->moved);
  multiply_left(m, A, m->V, ndx);
  multiply_left(m, B, m->V, m->nu);
  for (int i = 0; delta && i < ndx * ndx; ++i) A[i] += m->J[i];
}

// lb_dynamics.linearize: A and B are the parameters themselves on a plain space (plus I in delta form), else seen
// through the space's charts.
static long linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  const lb_linear* m = ctx;
  int nx = m->space->nx, ndx = m->space->ndx, nu = m->nu;
  for (int i = 0; i < n; ++i) {
    int time = clamp_time(m, t ? t[i] : 0);
    double* Ai = A + at(i, ndx, ndx);
    split(m, parameters(m, time), Ai, B + at(i, ndx, nu));
    if (!lb_space_is_plain(m->space)) {
      curve(m, time, x + at(i, nx, 1), u + at(i, nu, 1), Ai, B + at(i, ndx, nu));
    } else if (m->config.form == LB_LINEAR_DELTA) {
      for (int j = 0; j < ndx; ++j) Ai[j * ndx + j] += 1;
    }
  }
  return n;
}

// The trajectory that states are differences from; of length 0: its one state at all times.
static void copy_reference(lb_linear* m, const lb_trajectory* reference) {
  size_t nx = (size_t)m->space->nx;
  if (!reference) {
    assert(lb_space_is_plain(m->space));
    return;
  }
  assert(reference->length == m->horizon || reference->length == 0);
  for (int t = 0; t <= m->horizon; ++t) {
    memcpy(m->x_ref + (size_t)t * nx, reference->x + (reference->length ? (size_t)t * nx : 0), nx * sizeof(double));
  }
  if (reference->length) memcpy(m->u_ref, reference->u, at(m->horizon, m->nu, 1) * sizeof(double));
}

// "Nothing moves": A = I, unless the model predicts the change.
static void identity(lb_linear* m, double* W) {
  int ndx = m->space->ndx;
  if (m->config.form == LB_LINEAR_DELTA) return;
  for (int k = 0; k < m->knots; ++k) {
    for (int i = 0; i < ndx; ++i) W[at(k, ndx, m->nz) + at(i, m->nz, 1) + (size_t)i] = 1;
  }
}

lb_linear* lb_linear_new(const lb_space* space, int nu, int horizon, const lb_trajectory* reference,
                         const lb_linear_config* config, lb_counts* counts) {
  assert(nu >= 0 && horizon >= 1 && config->ridge >= 0 && config->prior_strength >= 0 && config->window >= 0);
  assert(config->anchor >= 0);
  lb_arena *arena = lb_arena_new(0), *work = lb_arena_new(0);
  if (!arena || !work) {
    lb_arena_free(arena);
    lb_arena_free(work);
    return NULL;
  }
  int nx = space->nx, ndx = space->ndx;
  lb_linear* m = LB_TAKE(arena, lb_linear, 1);
  *m = (lb_linear){.arena = arena,
                   .work = work,
                   .space = space,
                   .nu = nu,
                   .horizon = horizon,
                   .nz = ndx + nu + 1,
                   .knots = config->time_varying ? horizon : 1,
                   .config = *config};
  m->x_ref = LB_TAKE(arena, double, at(horizon + 1, nx, 1));
  m->u_ref = LB_TAKE(arena, double, at(horizon, nu, 1));
  m->W = LB_TAKE(arena, double, at(m->knots, ndx, m->nz));
  m->W0 = LB_TAKE(arena, double, at(m->knots, ndx, m->nz));
  m->z = LB_TAKE(arena, double, m->nz);
  m->y = LB_TAKE(arena, double, ndx);
  m->x_next = LB_TAKE(arena, double, nx);
  m->J = LB_TAKE(arena, double, (ndx * ndx));
  m->V = LB_TAKE(arena, double, (ndx * ndx));
  m->T = LB_TAKE(arena, double, (ndx * (ndx > nu ? ndx : nu)));
  m->moved = LB_TAKE(arena, double, 2 * nx + 4 * ndx);
  m->slope = LB_TAKE(arena, double, ndx);
  copy_reference(m, reference);
  identity(m, m->W);
  identity(m, m->W0);
  m->dynamics =
      (lb_dynamics){.space = space, .nu = nu, .ctx = m, .counts = counts, .step = step, .linearize = linearize};
  return m;
}

void lb_linear_free(lb_linear* m) {
  if (!m) return;
  lb_arena_free(m->work);
  lb_arena_free(m->arena);
}

const lb_dynamics* lb_linear_dynamics(const lb_linear* m) {
  return &m->dynamics;
}

int lb_linear_nparam(const lb_linear* m) {
  return m->knots * m->space->ndx * m->nz;
}

void lb_linear_get(const lb_linear* m, double* params) {
  memcpy(params, m->W, (size_t)lb_linear_nparam(m) * sizeof(double));
}

void lb_linear_set(lb_linear* m, const double* params) {
  memcpy(m->W, params, (size_t)lb_linear_nparam(m) * sizeof(double));
}

int lb_linear_nstate(const lb_linear* m) {
  return 2 * lb_linear_nparam(m);
}

void lb_linear_get_state(const lb_linear* m, double* state) {
  lb_linear_get(m, state);
  memcpy(state + lb_linear_nparam(m), m->W0, (size_t)lb_linear_nparam(m) * sizeof(double));
}

void lb_linear_set_state(lb_linear* m, const double* state) {
  lb_linear_set(m, state);
  memcpy(m->W0, state + lb_linear_nparam(m), (size_t)lb_linear_nparam(m) * sizeof(double));
}

// ---------------------------------------------------------------------------------------------------------------------
// Taking up the linearisation of other dynamics. On a curved space the derivatives of y come from central differences
// of the space's maps, for dynamics give theirs in other tangent spaces.

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

// ---------------------------------------------------------------------------------------------------------------------
// The fit. It solves for the difference to the prior: its rows then pull towards zero, and in directions that no row
// determines the solution of least norm stays at the prior.

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
    features_of(m, r->Z + at(i, m->nz, 1), t, x, data->u + at(i, m->nu, 1));
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
