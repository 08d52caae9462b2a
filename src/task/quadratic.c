#include "task/quadratic.h"

#include <math.h>
#include <string.h>

typedef struct quadratic {
  lb_cost cost;
  const lb_space* space;
  const lb_trajectory* reference;
  double *wx, *wx_end;  // (ndx)
  double* wu;           // (nu)
  int nrotation;
  int* rotation;  // (nrotation) first of three directions that are a rotation vector
  double* dx;     // (ndx) scratch
} quadratic;

// The inverse right Jacobian of SO(3): 1 + [phi] / 2 + (1 / a^2 - cot(a / 2) / (2 a)) [phi]^2, a = |phi|.
void lb_quadratic_rotation_jacobian(double J[9], const double phi[3]) {
  double x = phi[0], y = phi[1], z = phi[2];
  double square = x * x + y * y + z * z, angle = sqrt(square);
  double c = square < 1e-4 ? 1.0 / 12 + square / 720 : 1 / square - 1 / (2 * angle * tan(angle / 2));
  double cross[9] = {0, -z, y, z, 0, -x, -y, x, 0};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      double identity = i == j;
      J[3 * i + j] = identity + cross[3 * i + j] / 2 + c * (phi[i] * phi[j] - identity * square);
    }
  }
}

static int clamp(int t, int last) {
  return t < last ? t : last;
}

// dx = x (-) x_ref at time t.
static const double* state_error(quadratic* q, int t, const double* x) {
  const double* x_ref = q->reference->x + (size_t)clamp(t, q->reference->length) * (size_t)q->space->nx;
  lb_space_difference(q->space, q->dx, x_ref, x);
  return q->dx;
}

static const double* reference_control(const quadratic* q, int t) {
  return q->reference->u + (size_t)clamp(t, q->reference->length - 1) * (size_t)q->cost.nu;
}

// sum_i w_i e_i^2 / 2.
static double weigh(const double* w, const double* e, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += w[i] * e[i] * e[i];
  return 0.5 * sum;
}

// lb_cost.terminal.
static double terminal(void* ctx, int t, const double* x) {
  quadratic* q = ctx;
  return weigh(q->wx_end, state_error(q, t, x), q->cost.ndx);
}

// lb_cost.stage: weighted squares of dx and du, halved.
static double stage(void* ctx, int t, const double* x, const double* u) {
  quadratic* q = ctx;
  const double* u_ref = reference_control(q, t);
  double sum = 0;
  for (int i = 0; i < q->cost.nu; ++i) sum += q->wu[i] * (u[i] - u_ref[i]) * (u[i] - u_ref[i]);
  return weigh(q->wx, state_error(q, t, x), q->cost.ndx) + 0.5 * sum;
}

// Gradient and Hessian of 0.5 dx' W dx.
static void state_derivatives(quadratic* q, const double* w, const double* dx, double* lx, double* lxx) {
  int n = q->cost.ndx;
  memset(lxx, 0, sizeof(double) * (size_t)(n * n));
  for (int i = 0; i < n; ++i) {
    lx[i] = w[i] * dx[i];
    lxx[i * n + i] = w[i];
  }
  for (int r = 0; r < q->nrotation; ++r) {
    int at = q->rotation[r];
    double J[9];
    lb_quadratic_rotation_jacobian(J, dx + at);
    for (int i = 0; i < 3; ++i) {
      lx[at + i] = 0;
      for (int k = 0; k < 3; ++k) lx[at + i] += J[3 * k + i] * w[at + k] * dx[at + k];
      for (int j = 0; j < 3; ++j) {
        double sum = 0;
        for (int k = 0; k < 3; ++k) sum += J[3 * k + i] * w[at + k] * J[3 * k + j];
        lxx[(at + i) * n + at + j] = sum;
      }
    }
  }
}

// lb_cost.terminal_derivatives.
static void terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  quadratic* q = ctx;
  state_derivatives(q, q->wx_end, state_error(q, t, x), lx, lxx);
}

// lb_cost.stage_derivatives: state and control do not mix.
static void stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu, double* lxx,
                              double* luu, double* lux) {
  quadratic* q = ctx;
  int ndx = q->cost.ndx, nu = q->cost.nu;
  const double* u_ref = reference_control(q, t);
  state_derivatives(q, q->wx, state_error(q, t, x), lx, lxx);
  memset(luu, 0, sizeof(double) * (size_t)(nu * nu));
  memset(lux, 0, sizeof(double) * (size_t)(nu * ndx));
  for (int i = 0; i < nu; ++i) {
    lu[i] = q->wu[i] * (u[i] - u_ref[i]);
    luu[i * nu + i] = q->wu[i];
  }
}

// Adds the terms' weights to those of states (wx) and controls (wu).
static void add_terms(double* wx, double* wu, const lb_task_term* terms, int n) {
  for (int i = 0; i < n; ++i) {
    double* w = (terms[i].of ? wx : wu) + terms[i].first;
    for (int k = 0; k < terms[i].n; ++k) w[k] += terms[i].weight[k];
  }
}

// The rotations among the joints of the model.
static void list_rotations(quadratic* q, lb_arena* arena, const lb_phys_model* model) {
  int n = lb_phys_model_joints(model);
  q->rotation = LB_TAKE(arena, int, n);
  for (int i = 0; i < n; ++i) {
    lb_phys_joint joint = lb_phys_model_joint(model, i);
    if (joint.type == LB_PHYS_FREE) q->rotation[q->nrotation++] = joint.dof + 3;
    if (joint.type == LB_PHYS_BALL) q->rotation[q->nrotation++] = joint.dof;
  }
}

lb_cost* lb_quadratic_new(lb_arena* arena, const lb_task_spec* spec, const lb_space* space,
                          const lb_trajectory* reference) {
  quadratic* q = LB_TAKE(arena, quadratic, 1);
  *q = (quadratic){.space = space, .reference = reference};
  q->cost = (lb_cost){.ndx = space->ndx,
                      .nu = spec->nu,
                      .ctx = q,
                      .stage = stage,
                      .terminal = terminal,
                      .stage_derivatives = stage_derivatives,
                      .terminal_derivatives = terminal_derivatives};
  q->wx = LB_TAKE(arena, double, space->ndx);
  q->wx_end = LB_TAKE(arena, double, space->ndx);
  q->wu = LB_TAKE(arena, double, spec->nu);
  q->dx = LB_TAKE(arena, double, space->ndx);
  add_terms(q->wx, q->wu, spec->stage, spec->nstage);
  add_terms(q->wx_end, q->wu, spec->terminal, spec->nterminal);
  list_rotations(q, arena, spec->model);
  return &q->cost;
}
