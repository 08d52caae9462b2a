// The model as an object and as dynamics: prediction, derivatives, parameters.
#include "model/linear.h"

#include <assert.h>
#include <string.h>

#include "core/tangent.h"
#include "linalg/mat.h"
#include "model/linear_private.h"

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

void lb_linear_features(const lb_linear* m, double* z, int t, const double* x, const double* u) {
  int ndx = m->space->ndx;
  lb_space_difference(m->space, z, x_ref(m, t), x);
  for (int i = 0; i < m->nu; ++i) z[ndx + i] = u[i] - m->u_ref[at(t, m->nu, 1) + (size_t)i];
  z[ndx + m->nu] = 1;
}

const double* lb_linear_base(const lb_linear* m, int t, const double* x) {
  return m->config.form == LB_LINEAR_NEXT ? x_ref(m, t + 1) : x;
}

void lb_linear_predict(const lb_linear* m, double* x_next, int t, const double* x, const double* u) {
  lb_linear_features(m, m->z, t, x, u);
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
  m->J = LB_TAKE(arena, double, ndx* ndx);
  m->V = LB_TAKE(arena, double, ndx* ndx);
  m->T = LB_TAKE(arena, double, ndx*(ndx > nu ? ndx : nu));
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
