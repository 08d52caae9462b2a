// Affine feedback and quadratic values: evaluation, copies, and their plain arrays.
#include "plan/lq_policy.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "core/tangent.h"
#include "linalg/mat.h"

static size_t count(int a, int b, int c) {
  return (size_t)a * (size_t)b * (size_t)c;
}

// Appends n numbers to a plain array, or takes them from it; returns the place behind them.
static double* put(double* state, const double* from, size_t n) {
  memcpy(state, from, n * sizeof *state);
  return state + n;
}

// Copies n numbers of the state and returns where the next ones are.
static const double* get(double* to, const double* state, size_t n) {
  memcpy(to, state, n * sizeof *to);
  return state + n;
}

void lb_lq_policy_init(lb_lq_policy* p, const lb_space* space, int nu, int horizon, lb_arena* arena) {
  assert(nu >= 1 && horizon >= 1);
  *p = (lb_lq_policy){.space = space, .nu = nu, .horizon = horizon, .rule = LB_RULE_TEXTBOOK, .alpha = 1};
  p->x_nominal = LB_TAKE(arena, double, count(horizon + 1, space->nx, 1));
  p->u_nominal = LB_TAKE(arena, double, count(horizon, nu, 1));
  p->K = LB_TAKE(arena, double, count(horizon, nu, space->ndx));
  p->k = LB_TAKE(arena, double, count(horizon, nu, 1));
  p->dx = LB_TAKE(arena, double, space->ndx);
}

void lb_lq_policy_copy(lb_lq_policy* dst, const lb_lq_policy* src) {
  assert(dst->horizon == src->horizon && dst->nu == src->nu && dst->space->nx == src->space->nx);
  int H = src->horizon, nu = src->nu;
  dst->rule = src->rule;
  dst->alpha = src->alpha;
  memcpy(dst->x_nominal, src->x_nominal, count(H + 1, src->space->nx, 1) * sizeof(double));
  memcpy(dst->u_nominal, src->u_nominal, count(H, nu, 1) * sizeof(double));
  memcpy(dst->K, src->K, count(H, nu, src->space->ndx) * sizeof(double));
  memcpy(dst->k, src->k, count(H, nu, 1) * sizeof(double));
}

// The authors' rule: the nominal trajectory counts only to the share (1 - alpha).
static void act_2023(const lb_lq_policy* p, int t, const double* x, double* u) {
  int nu = p->nu, nx = p->space->nx;
  const double *xn = p->x_nominal + count(t, nx, 1), *un = p->u_nominal + count(t, nu, 1);
  const double *K = p->K + count(t, nu, nx), *k = p->k + count(t, nu, 1);
  double rest = 1 - p->alpha;
  for (int j = 0; j < nx; ++j) p->dx[j] = x[j] - rest * xn[j];
  for (int i = 0; i < nu; ++i) u[i] = rest * un[i] + p->alpha * k[i];
  lb_mat_vec(u, K, p->dx, nu, nx, 1, 1);
}

// u = u_nominal + alpha k + K (x (-) x_nominal) at time t.
static void act_textbook(const lb_lq_policy* p, int t, const double* x, double* u) {
  int nu = p->nu, ndx = p->space->ndx;
  const double *un = p->u_nominal + count(t, nu, 1), *K = p->K + count(t, nu, ndx), *k = p->k + count(t, nu, 1);
  lb_space_difference(p->space, p->dx, p->x_nominal + count(t, p->space->nx, 1), x);
  for (int i = 0; i < nu; ++i) u[i] = un[i] + p->alpha * k[i];
  lb_mat_vec(u, K, p->dx, nu, ndx, 1, 1);
}

// lb_policy.act: controls for n states by the policy's rule; beyond the horizon those of its last step.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  const lb_lq_policy* p = ctx;
  if (t >= p->horizon) t = p->horizon - 1;
  assert(p->rule != LB_RULE_2023 || lb_space_is_plain(p->space));
  for (int i = 0; i < n; ++i) {
    const double* x = in + count(i, p->space->nx, 1);
    if (p->rule == LB_RULE_2023) {
      act_2023(p, t, x, u + count(i, p->nu, 1));
    } else {
      act_textbook(p, t, x, u + count(i, p->nu, 1));
    }
  }
}

lb_policy lb_lq_policy_view(lb_lq_policy* p) {
  return (lb_policy){.input = LB_READS_STATE, .nin = p->space->nx, .nu = p->nu, .ctx = p, .act = act};
}

const lb_lq_policy* lb_lq_policy_of(const lb_policy* view) {
  return view->act == act ? view->ctx : NULL;
}

int lb_lq_policy_nstate(const lb_lq_policy* p) {
  int H = p->horizon;
  return 2 + (H + 1) * p->space->nx + H * p->nu * (2 + p->space->ndx);
}

void lb_lq_policy_save(const lb_lq_policy* p, double* state) {
  int H = p->horizon;
  state[0] = p->alpha;
  state[1] = (double)p->rule;
  state = put(state + 2, p->x_nominal, count(H + 1, p->space->nx, 1));
  state = put(state, p->u_nominal, count(H, p->nu, 1));
  state = put(state, p->K, count(H, p->nu, p->space->ndx));
  put(state, p->k, count(H, p->nu, 1));
}

void lb_lq_policy_load(lb_lq_policy* p, const double* state) {
  int H = p->horizon;
  p->alpha = state[0];
  p->rule = state[1] == (double)LB_RULE_2023 ? LB_RULE_2023 : LB_RULE_TEXTBOOK;
  state = get(p->x_nominal, state + 2, count(H + 1, p->space->nx, 1));
  state = get(p->u_nominal, state, count(H, p->nu, 1));
  state = get(p->K, state, count(H, p->nu, p->space->ndx));
  get(p->k, state, count(H, p->nu, 1));
}

void lb_lq_value_init(lb_lq_value* v, const lb_space* space, int horizon, lb_arena* arena) {
  assert(horizon >= 0);
  *v = (lb_lq_value){.space = space, .horizon = horizon};
  v->x_nominal = LB_TAKE(arena, double, count(horizon + 1, space->nx, 1));
  v->P = LB_TAKE(arena, double, count(horizon + 1, space->ndx, space->ndx));
  v->p = LB_TAKE(arena, double, count(horizon + 1, space->ndx, 1));
  v->c = LB_TAKE(arena, double, horizon + 1);
  v->scratch = LB_TAKE(arena, double, space->nx + space->ndx * (5 + space->ndx));
}

void lb_lq_value_copy(lb_lq_value* dst, const lb_lq_value* src) {
  assert(dst->horizon == src->horizon && dst->space->nx == src->space->nx);
  int knots = src->horizon + 1, ndx = src->space->ndx;
  memcpy(dst->x_nominal, src->x_nominal, count(knots, src->space->nx, 1) * sizeof(double));
  memcpy(dst->P, src->P, count(knots, ndx, ndx) * sizeof(double));
  memcpy(dst->p, src->p, count(knots, ndx, 1) * sizeof(double));
  memcpy(dst->c, src->c, (size_t)knots * sizeof(double));
}

// v = c + p^T dx + dx^T P dx / 2 with dx = x (-) x_nominal at time t.
static void value_at(void* ctx, int n, int t, const double* x, double* v) {
  const lb_lq_value* value = ctx;
  int nx = value->space->nx, ndx = value->space->ndx;
  if (t > value->horizon) t = value->horizon;
  const double *P = value->P + count(t, ndx, ndx), *p = value->p + count(t, ndx, 1);
  double *dx = value->scratch, *Pdx = dx + ndx;
  for (int i = 0; i < n; ++i) {
    lb_space_difference(value->space, dx, value->x_nominal + count(t, nx, 1), x + count(i, nx, 1));
    lb_mat_vec(Pdx, P, dx, ndx, ndx, 0.5, 0);
    v[i] = value->c[t] + lb_mat_dot(p, dx, ndx) + lb_mat_dot(Pdx, dx, ndx);
  }
}

// p + P dx, and on a curved space its product with how dx moves as x does.
static void value_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  const lb_lq_value* value = ctx;
  int nx = value->space->nx, ndx = value->space->ndx;
  if (t > value->horizon) t = value->horizon;
  const double *P = value->P + count(t, ndx, ndx), *p = value->p + count(t, ndx, 1);
  const double* x_nominal = value->x_nominal + count(t, nx, 1);
  double *dx = value->scratch, *gradient = dx + ndx, *J = gradient + ndx, *moved = J + count(1, ndx, ndx);
  value_at(ctx, n, t, x, v);
  for (int i = 0; i < n; ++i) {
    const double* xi = x + count(i, nx, 1);
    bool plain = lb_space_is_plain(value->space);
    double* out = plain ? dv + count(i, ndx, 1) : gradient;
    lb_space_difference(value->space, dx, x_nominal, xi);
    memcpy(out, p, (size_t)ndx * sizeof *out);
    lb_mat_vec(out, P, dx, ndx, ndx, 1, 1);
    if (plain) continue;
    lb_tangent_of_difference(value->space, J, x_nominal, xi, moved);
    lb_mat_vec_t(dv + count(i, ndx, 1), J, gradient, ndx, ndx, 1, 0);
  }
}

lb_value lb_lq_value_view(lb_lq_value* v) {
  return (lb_value){.nx = v->space->nx, .ctx = v, .at = value_at, .slope = value_slope};
}

int lb_lq_value_nstate(const lb_lq_value* v) {
  int ndx = v->space->ndx;
  return (v->horizon + 1) * (v->space->nx + ndx * ndx + ndx + 1);
}

void lb_lq_value_save(const lb_lq_value* v, double* state) {
  int knots = v->horizon + 1, ndx = v->space->ndx;
  state = put(state, v->x_nominal, count(knots, v->space->nx, 1));
  state = put(state, v->P, count(knots, ndx, ndx));
  state = put(state, v->p, count(knots, ndx, 1));
  put(state, v->c, (size_t)knots);
}

void lb_lq_value_load(lb_lq_value* v, const double* state) {
  int knots = v->horizon + 1, ndx = v->space->ndx;
  state = get(v->x_nominal, state, count(knots, v->space->nx, 1));
  state = get(v->P, state, count(knots, ndx, ndx));
  state = get(v->p, state, count(knots, ndx, 1));
  get(v->c, state, (size_t)knots);
}
