// The expansion is stored knot by knot, so that a pass with another regularisation needs no new derivatives.
#include "plan/lqr.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/tangent.h"
#include "linalg/chol.h"
#include "linalg/mat.h"
#include "plan/box_qp.h"

struct lb_lqr {
  const lb_space* space;
  int nu, horizon;
  bool affine;  // of the last expansion
  int* t;       // (H) 0, 1, ...
  // The expansion.
  double *x, *u;      // (H + 1, nx), (H, nu)
  double *A, *B, *d;  // (H, ndx, ndx), (H, ndx, nu), (H, ndx)
  double* stage;      // (H + 1) costs along the trajectory
  double *lx, *lxx;   // (H + 1, ndx), (H + 1, ndx, ndx)
  double *lu, *luu;   // (H, nu), (H, nu, nu)
  double* lux;        // (H, nu, ndx)
  lb_lq_value own;    // when the caller wants no value
  // Scratch of one knot.
  double* x_next;               // (H, nx)
  double *tangent, *moved;      // (ndx, ndx); nx + 3 ndx
  double *vx, *PA, *PB;         // (ndx), (ndx, ndx), (ndx, nu)
  double *Qx, *Qu, *Qux, *Quu;  // Qxx is built in place, in P
  double *Quu_used, *Qux_used;  // with regularisation; Quu_used becomes its factor
  double* Qu_used;              // shortened
  double *W, *gu, *low, *high;  // (nu, ndx), (nu), (nu), (nu)
};

static size_t at(int t, int rows, int cols) {
  return (size_t)t * (size_t)rows * (size_t)cols;
}

lb_lqr_config lb_lqr_default_config(void) {
  return (lb_lqr_config){.affine = true};
}

const char* lb_lqr_outcome_text(lb_lqr_outcome outcome) {
  switch (outcome) {
    case LB_LQR_DONE:
      return "done";
    case LB_LQR_NOT_POSITIVE:
      return "the Hessian of the controls is not positive definite";
    case LB_LQR_NOT_FINITE:
      return "the expansion is not finite";
  }
  return "?";
}

// Room for the expansion at all knots, in the shapes of lb_lqr_expansion.
static void take_expansion(lb_lqr* w, lb_arena* arena) {
  int H = w->horizon, nx = w->space->nx, ndx = w->space->ndx, nu = w->nu;
  w->t = LB_TAKE(arena, int, H);
  for (int t = 0; t < H; ++t) w->t[t] = t;
  w->x = LB_TAKE(arena, double, at(H + 1, nx, 1));
  w->u = LB_TAKE(arena, double, at(H, nu, 1));
  w->A = LB_TAKE(arena, double, at(H, ndx, ndx));
  w->B = LB_TAKE(arena, double, at(H, ndx, nu));
  w->d = LB_TAKE(arena, double, at(H, ndx, 1));
  w->stage = LB_TAKE(arena, double, H + 1);
  w->lx = LB_TAKE(arena, double, at(H + 1, ndx, 1));
  w->lxx = LB_TAKE(arena, double, at(H + 1, ndx, ndx));
  w->lu = LB_TAKE(arena, double, at(H, nu, 1));
  w->luu = LB_TAKE(arena, double, at(H, nu, nu));
  w->lux = LB_TAKE(arena, double, at(H, nu, ndx));
  w->x_next = LB_TAKE(arena, double, at(H, nx, 1));
}

// Room for one knot.
static void take_scratch(lb_lqr* w, lb_arena* arena) {
  int nx = w->space->nx, ndx = w->space->ndx, nu = w->nu;
  w->tangent = LB_TAKE(arena, double, (ndx * ndx));
  w->moved = LB_TAKE(arena, double, nx + 3 * ndx);
  w->vx = LB_TAKE(arena, double, ndx);
  w->PA = LB_TAKE(arena, double, (ndx * ndx));
  w->PB = LB_TAKE(arena, double, (ndx * nu));
  w->Qx = LB_TAKE(arena, double, ndx);
  w->Qu = LB_TAKE(arena, double, nu);
  w->Qux = LB_TAKE(arena, double, (nu * ndx));
  w->Quu = LB_TAKE(arena, double, (nu * nu));
  w->Quu_used = LB_TAKE(arena, double, (nu * nu));
  w->Qux_used = LB_TAKE(arena, double, (nu * ndx));
  w->Qu_used = LB_TAKE(arena, double, nu);
  w->W = LB_TAKE(arena, double, (nu * ndx));
  w->gu = LB_TAKE(arena, double, nu);
  w->low = LB_TAKE(arena, double, nu);
  w->high = LB_TAKE(arena, double, nu);
}

lb_lqr* lb_lqr_new(const lb_space* space, int nu, int horizon, lb_arena* arena) {
  assert(horizon >= 1 && nu >= 1 && nu <= LB_BOX_QP_MAX);
  lb_lqr* w = LB_TAKE(arena, lb_lqr, 1);
  w->space = space;
  w->nu = nu;
  w->horizon = horizon;
  take_expansion(w, arena);
  take_scratch(w, arena);
  lb_lq_value_init(&w->own, space, horizon, arena);
  return w;
}

// d_t, and on a curved space A_t and B_t as seen at x_{t+1}.
static void expand_defects(lb_lqr* w, const lb_dynamics* f) {
  const lb_space* s = w->space;
  int H = w->horizon, nx = s->nx, ndx = s->ndx, nu = w->nu;
  lb_dynamics_step(f, H, w->t, w->x, w->u, w->x_next);
  for (int t = 0; t < H; ++t) {
    double *d = w->d + at(t, ndx, 1), *A = w->A + at(t, ndx, ndx), *B = w->B + at(t, ndx, nu);
    const double *target = w->x + at(t + 1, nx, 1), *reached = w->x_next + at(t, nx, 1);
    lb_space_difference(s, d, target, reached);
    if (lb_space_is_plain(s) || lb_mat_dot(d, d, ndx) == 0) continue;
    lb_tangent_of_difference(s, w->tangent, target, reached, w->moved);
    memcpy(w->PA, A, at(1, ndx, ndx) * sizeof(double));
    memcpy(w->PB, B, at(1, ndx, nu) * sizeof(double));
    lb_mat_mul(A, w->tangent, w->PA, ndx, ndx, ndx, 1, 0);
    lb_mat_mul(B, w->tangent, w->PB, ndx, nu, ndx, 1, 0);
  }
}

void lb_lqr_expand(lb_lqr* w, const lb_dynamics* f, const lb_cost* cost, const lb_trajectory* about, bool affine) {
  int H = w->horizon, nx = w->space->nx, ndx = w->space->ndx, nu = w->nu;
  assert(about->length == H && f->nu == nu && cost->nu == nu && cost->ndx == ndx && f->space->nx == nx);
  memcpy(w->x, about->x, at(H + 1, nx, 1) * sizeof(double));
  memcpy(w->u, about->u, at(H, nu, 1) * sizeof(double));
  w->affine = affine;
  lb_dynamics_linearize(f, H, w->t, w->x, w->u, w->A, w->B);
  if (affine) expand_defects(w, f);
  for (int t = 0; t < H; ++t) {
    const double *x = w->x + at(t, nx, 1), *u = w->u + at(t, nu, 1);
    w->stage[t] = cost->stage(cost->ctx, t, x, u);
    cost->stage_derivatives(cost->ctx, t, x, u, w->lx + at(t, ndx, 1), w->lu + at(t, nu, 1), w->lxx + at(t, ndx, ndx),
                            w->luu + at(t, nu, nu), w->lux + at(t, nu, ndx));
  }
  const double* x = w->x + at(H, nx, 1);
  w->stage[H] = cost->terminal(cost->ctx, H, x);
  cost->terminal_derivatives(cost->ctx, H, x, w->lx + at(H, ndx, 1), w->lxx + at(H, ndx, ndx));
}

lb_lqr_expansion lb_lqr_fill(lb_lqr* w, bool affine) {
  w->affine = affine;
  return (lb_lqr_expansion){.x = w->x,
                            .u = w->u,
                            .A = w->A,
                            .B = w->B,
                            .d = w->d,
                            .stage = w->stage,
                            .lx = w->lx,
                            .lxx = w->lxx,
                            .lu = w->lu,
                            .luu = w->luu,
                            .lux = w->lux};
}

// The quadratic form of knot t from the value of knot t + 1: Qx, Qu, Qux, Quu, and Qxx in P_t.
static void expand_knot(lb_lqr* w, lb_lq_value* v, int t) {
  int ndx = w->space->ndx, nu = w->nu;
  const double *A = w->A + at(t, ndx, ndx), *B = w->B + at(t, ndx, nu), *d = w->d + at(t, ndx, 1);
  const double *P = v->P + at(t + 1, ndx, ndx), *p = v->p + at(t + 1, ndx, 1);
  double* Qxx = v->P + at(t, ndx, ndx);
  v->c[t] = w->stage[t] + v->c[t + 1];
  memcpy(w->vx, p, (size_t)ndx * sizeof(double));
  if (w->affine) {
    lb_mat_vec(w->vx, P, d, ndx, ndx, 1, 1);
    v->c[t] += 0.5 * (lb_mat_dot(p, d, ndx) + lb_mat_dot(w->vx, d, ndx));
  }
  lb_mat_mul(w->PA, P, A, ndx, ndx, ndx, 1, 0);
  lb_mat_mul(w->PB, P, B, ndx, nu, ndx, 1, 0);
  memcpy(w->Qx, w->lx + at(t, ndx, 1), (size_t)ndx * sizeof(double));
  memcpy(w->Qu, w->lu + at(t, nu, 1), (size_t)nu * sizeof(double));
  memcpy(Qxx, w->lxx + at(t, ndx, ndx), at(1, ndx, ndx) * sizeof(double));
  memcpy(w->Qux, w->lux + at(t, nu, ndx), at(1, nu, ndx) * sizeof(double));
  memcpy(w->Quu, w->luu + at(t, nu, nu), at(1, nu, nu) * sizeof(double));
  lb_mat_vec_t(w->Qx, A, w->vx, ndx, ndx, 1, 1);
  lb_mat_vec_t(w->Qu, B, w->vx, ndx, nu, 1, 1);
  lb_mat_mul_tn(Qxx, A, w->PA, ndx, ndx, ndx, 1, 1);
  lb_mat_mul_tn(w->Qux, B, w->PA, nu, ndx, ndx, 1, 1);
  lb_mat_mul_tn(w->Quu, B, w->PB, nu, nu, ndx, 1, 1);
}

// Quu_used = Quu + mu_state B^T B + mu_control I, Qux_used = Qux + mu_state B^T A (Tassa 2012, eq. 10).
static void regularise(lb_lqr* w, int t, const lb_lqr_config* config) {
  int ndx = w->space->ndx, nu = w->nu;
  const double *A = w->A + at(t, ndx, ndx), *B = w->B + at(t, ndx, nu);
  memcpy(w->Quu_used, w->Quu, at(1, nu, nu) * sizeof(double));
  memcpy(w->Qux_used, w->Qux, at(1, nu, ndx) * sizeof(double));
  if (config->mu_state > 0) {
    lb_mat_mul_tn(w->Quu_used, B, B, nu, nu, ndx, config->mu_state, 1);
    lb_mat_mul_tn(w->Qux_used, B, A, nu, ndx, ndx, config->mu_state, 1);
  }
  for (int i = 0; i < nu; ++i) w->Quu_used[i * nu + i] += config->mu_control;
}

// k = -Quu^-1 Qu, K = -Quu^-1 Qux. False when there is no Cholesky factor.
static bool solve_free(lb_lqr* w, double* K, double* k) {
  int ndx = w->space->ndx, nu = w->nu;
  if (!lb_chol_factor(w->Quu_used, nu)) return false;
  for (int i = 0; i < nu; ++i) k[i] = -w->Qu_used[i];
  for (int i = 0; i < nu * ndx; ++i) K[i] = -w->Qux_used[i];
  lb_chol_solve(k, w->Quu_used, nu, 1);
  lb_chol_solve(K, w->Quu_used, nu, ndx);
  return true;
}

// The same within the limits: a control that is held at a limit has no feedback.
static bool solve_limited(lb_lqr* w, double* K, double* k, int t, lb_control_limits limits) {
  int ndx = w->space->ndx, nu = w->nu;
  const double* u = w->u + at(t, nu, 1);
  lb_box_qp qp;
  for (int i = 0; i < nu; ++i) {
    w->low[i] = limits.low ? limits.low[i] - u[i] : -INFINITY;
    w->high[i] = limits.high ? limits.high[i] - u[i] : INFINITY;
    k[i] = t + 1 < w->horizon ? k[i + nu] : 0;  // the next knot's solution is a good start
  }
  lb_box_qp_solve(&qp, k, w->Quu_used, w->Qu_used, w->low, w->high, nu);
  memset(K, 0, at(1, nu, ndx) * sizeof(double));
  if (!qp.ok) return false;
  for (int i = 0; i < qp.nfree; ++i) {
    for (int j = 0; j < ndx; ++j) w->W[i * ndx + j] = -w->Qux_used[qp.free[i] * ndx + j];
  }
  lb_chol_solve(w->W, qp.L, qp.nfree, ndx);
  for (int i = 0; i < qp.nfree; ++i) memcpy(K + qp.free[i] * ndx, w->W + i * ndx, (size_t)ndx * sizeof(double));
  return true;
}

// The length of the next state's displacement by k.
static double reach(const lb_lqr* w, const double* k, int t) {
  int ndx = w->space->ndx, nu = w->nu;
  const double* B = w->B + at(t, ndx, nu);
  double sum = 0;
  for (int i = 0; i < ndx; ++i) {
    double moved = lb_mat_dot(B + i * nu, k, nu);
    sum += moved * moved;
  }
  return sqrt(sum);
}

// K and k with regularisation and limits; k from a gradient that is halved until it reaches no further than it may.
static bool solve(lb_lqr* w, double* K, double* k, int t, const lb_lqr_config* config) {
  enum { MOST_HALVINGS = 60 };
  bool limited = config->limits.low || config->limits.high, solved = false;
  double share = 1;
  for (int i = 0; i <= MOST_HALVINGS; ++i, share /= 2) {
    regularise(w, t, config);
    for (int j = 0; j < w->nu; ++j) w->Qu_used[j] = share * w->Qu[j];
    solved = limited ? solve_limited(w, K, k, t, config->limits) : solve_free(w, K, k);
    if (!solved || !(config->reach > 0) || !(reach(w, k, t) > config->reach)) break;
  }
  return solved;
}

// The value of knot t under its feedback (Tassa 2012, eq. 11): right for any K and k, regularised or held ones too.
static void update_value(lb_lqr* w, lb_lq_value* v, lb_lqr_report* r, const double* K, const double* k, int t) {
  int ndx = w->space->ndx, nu = w->nu;
  double *P = v->P + at(t, ndx, ndx), *p = v->p + at(t, ndx, 1), *gradient = w->gu;
  double linear = lb_mat_dot(w->Qu, k, nu);
  memcpy(w->W, w->Qux, at(1, nu, ndx) * sizeof(double));
  lb_mat_mul(w->W, w->Quu, K, nu, ndx, nu, 1, 2);
  lb_mat_mul_tn(P, K, w->W, ndx, ndx, nu, 1, 1);
  lb_mat_symmetrise(P, ndx);
  memcpy(p, w->Qx, (size_t)ndx * sizeof(double));
  for (int i = 0; i < nu; ++i) gradient[i] = lb_mat_dot(w->Quu + i * nu, k, nu);
  double quadratic = 0.5 * lb_mat_dot(gradient, k, nu);
  for (int i = 0; i < nu; ++i) gradient[i] += w->Qu[i];  // Quu k + Qu
  lb_mat_vec_t(p, K, gradient, nu, ndx, 1, 1);
  lb_mat_vec_t(p, w->Qux, k, nu, ndx, 1, 1);
  v->c[t] += linear + quadratic;
  r->expected_linear += linear;
  r->expected_quadratic += quadratic;
}

// Whether n numbers, `stride` apart, are finite.
static bool is_finite(const double* a, int n, int stride) {
  for (int i = 0; i < n; ++i) {
    if (!isfinite(a[i * stride])) return false;
  }
  return true;
}

// What a knot came to. A number that is not finite anywhere in P reaches its diagonal.
static lb_lqr_outcome judge(const lb_lqr* w, const lb_lq_value* v, const double* k, int t, bool solved) {
  int ndx = w->space->ndx, nu = w->nu;
  if (!is_finite(w->Quu, nu * nu, 1) || !is_finite(w->Qu, nu, 1)) return LB_LQR_NOT_FINITE;
  if (!solved) return LB_LQR_NOT_POSITIVE;
  if (!is_finite(v->P + at(t, ndx, ndx), ndx, ndx + 1) || !is_finite(v->p + at(t, ndx, 1), ndx, 1) ||
      !is_finite(k, nu, 1)) {
    return LB_LQR_NOT_FINITE;
  }
  return LB_LQR_DONE;
}

// Knot t of the recursion: the quadratic form, the gains, the value; and what came of it.
static lb_lqr_outcome backward_knot(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* v, lb_lqr_report* r,
                                    const lb_lqr_config* config, int t) {
  int ndx = w->space->ndx, nu = w->nu;
  double *K = policy->K + at(t, nu, ndx), *k = policy->k + at(t, nu, 1);
  const double* u = w->u + at(t, nu, 1);
  expand_knot(w, v, t);
  bool solved = solve(w, K, k, t, config);
  if (solved) update_value(w, v, r, K, k, t);
  for (int i = 0; i < nu; ++i) r->feedforward = fmax(r->feedforward, fabs(k[i]) / (1 + fabs(u[i])));
  return judge(w, v, k, t, solved);
}

lb_lqr_report lb_lqr_backward(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* value, const lb_lqr_config* config,
                              lb_counts* counts) {
  int H = w->horizon, nx = w->space->nx, ndx = w->space->ndx;
  lb_lq_value* v = value ? value : &w->own;
  lb_lqr_report r = {.outcome = LB_LQR_DONE, .failed_at = -1};
  assert(policy->horizon == H && policy->nu == w->nu && v->horizon == H);
  if (counts) counts->lqr_passes += 1;
  memcpy(policy->x_nominal, w->x, at(H + 1, nx, 1) * sizeof(double));
  memcpy(policy->u_nominal, w->u, at(H, w->nu, 1) * sizeof(double));
  policy->alpha = 1;
  memcpy(v->x_nominal, w->x, at(H + 1, nx, 1) * sizeof(double));
  memcpy(v->P + at(H, ndx, ndx), w->lxx + at(H, ndx, ndx), at(1, ndx, ndx) * sizeof(double));
  memcpy(v->p + at(H, ndx, 1), w->lx + at(H, ndx, 1), (size_t)ndx * sizeof(double));
  v->c[H] = w->stage[H];
  for (int t = H - 1; t >= 0 && r.outcome == LB_LQR_DONE; --t) {
    r.outcome = backward_knot(w, policy, v, &r, config, t);
    if (r.outcome != LB_LQR_DONE) r.failed_at = t;
  }
  return r;
}

lb_lqr_report lb_lqr_pass(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* value, const lb_dynamics* f,
                          const lb_cost* cost, const lb_trajectory* about, const lb_lqr_config* config,
                          lb_counts* counts) {
  lb_lqr_expand(w, f, cost, about, config->affine);
  return lb_lqr_backward(w, policy, value, config, counts);
}
