// The inverse Hessian's update is written as one of rank two, in O(n^2).
#include "model/bfgs.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "linalg/mat.h"
#include "model/line_search.h"

typedef struct state {
  int n;
  lb_objective f;
  void* ctx;
  double difference;
  lb_gradient by_caller;
  int evaluations;
  double *x, *gradient;            // the present iterate
  double *direction, *H;           // H (n, n): the inverse Hessian
  double *trial, *trial_gradient;  // x + step * direction
  double trial_value;
  double *moved, *y, *Hy;  // scratch
} state;

lb_bfgs_config lb_bfgs_default_config(void) {
  return (lb_bfgs_config){.gradient_tolerance = 1e-5, .max_iterations = 0, .difference = 0x1p-26};
}

const char* lb_bfgs_stop_text(lb_bfgs_stop stop) {
  switch (stop) {
    case LB_BFGS_CONVERGED:
      return "the gradient is below the tolerance";
    case LB_BFGS_MAX_ITERATIONS:
      return "the iterations ran out";
    case LB_BFGS_NO_PROGRESS:
      return "a step no longer changed the parameters";
    case LB_BFGS_LINE_SEARCH:
      return "the line search found no step";
    case LB_BFGS_NOT_FINITE:
      return "the loss is not finite";
  }
  return "";
}

// f(x), counted.
static double evaluate(state* s, const double* x) {
  s->evaluations += 1;
  return s->f(s->ctx, x);
}

// gradient (n) at x, where f is `value`: the caller's, or forward differences as SciPy 1.x makes them.
static void differentiate(state* s, double* gradient, const double* x, double value) {
  if (s->by_caller) {
    s->by_caller(s->ctx, gradient, x, value);
    return;
  }
  memcpy(s->moved, x, sizeof(double) * (size_t)s->n);
  for (int i = 0; i < s->n; ++i) {
    s->moved[i] = x[i] + s->difference;
    if (s->moved[i] == x[i]) s->moved[i] = x[i] + s->difference * fabs(x[i]);  // the step was lost to rounding
    gradient[i] = (evaluate(s, s->moved) - value) / (s->moved[i] - x[i]);
    s->moved[i] = x[i];
  }
}

// phi(step) = f(x + step direction), for the line search.
static double line_value(void* ctx, double step) {
  state* s = ctx;
  for (int i = 0; i < s->n; ++i) s->trial[i] = s->x[i] + step * s->direction[i];
  s->trial_value = evaluate(s, s->trial);
  return s->trial_value;
}

// phi'(step) at the point of the last line_value.
static double line_slope(void* ctx, double step) {
  (void)step;
  state* s = ctx;
  differentiate(s, s->trial_gradient, s->trial, s->trial_value);
  return lb_mat_dot(s->trial_gradient, s->direction, s->n);
}

// max |v_i|; NaN where there is one.
static double largest(const double* v, int n) {
  double max = 0;
  for (int i = 0; i < n; ++i) {
    if (!(fabs(v[i]) <= max)) max = fabs(v[i]);  // a NaN wins
  }
  return max;
}

// H = I.
static void reset_inverse(state* s) {
  memset(s->H, 0, sizeof(double) * (size_t)s->n * (size_t)s->n);
  for (int i = 0; i < s->n; ++i) s->H[i * s->n + i] = 1;
}

// H becomes (I - rho s y^T) H (I - rho y s^T) + rho s s^T with s = step * direction, y the change of the gradient
// (Nocedal & Wright, equation 6.17).
static void update_inverse(state* s, double step) {
  int n = s->n;
  for (int i = 0; i < n; ++i) s->y[i] = s->trial_gradient[i] - s->gradient[i];
  double curvature = step * lb_mat_dot(s->y, s->direction, n);
  double rho = curvature == 0 ? 1000 : 1 / curvature;  // 1000: SciPy's choice where the gradient did not change
  lb_mat_vec(s->Hy, s->H, s->y, n, n, 1, 0);
  double grown = rho * (1 + rho * lb_mat_dot(s->y, s->Hy, n));
  for (int i = 0; i < n; ++i) {
    double si = step * s->direction[i];
    for (int j = 0; j < n; ++j) {
      double sj = step * s->direction[j];
      s->H[i * n + j] += grown * si * sj - rho * (s->Hy[i] * sj + si * s->Hy[j]);
    }
  }
}

// A step that holds the Wolfe conditions: More-Thuente, else bracket and zoom, with SciPy's first step min(1, 2.02 (f -
// f_before) / slope).
static bool find_step(state* s, lb_line_point* found, double value, double value_before) {
  lb_line line = {.ctx = s, .value = line_value, .slope = line_slope};
  lb_line_config config = lb_line_default_config();
  lb_line_point start = {.value = value, .slope = lb_mat_dot(s->gradient, s->direction, s->n)};
  double first = start.slope == 0 ? 1 : fmin(1, 1.01 * 2 * (value - value_before) / start.slope);
  if (first < 0) first = 1;
  return lb_line_more_thuente(found, &line, &start, first, &config) ||
         lb_line_bracket_and_zoom(found, &line, &start, first, &config);
}

// The state at x, with room for gradients and the inverse Hessian.
static state new_state(double* x, int n, lb_objective f, void* ctx, const lb_bfgs_config* config, lb_arena* scratch) {
  return (state){.n = n,
                 .f = f,
                 .ctx = ctx,
                 .difference = config->difference,
                 .by_caller = config->gradient,
                 .x = x,
                 .gradient = LB_TAKE(scratch, double, n),
                 .direction = LB_TAKE(scratch, double, n),
                 .H = LB_TAKE(scratch, double, (n * n)),
                 .trial = LB_TAKE(scratch, double, n),
                 .trial_gradient = LB_TAKE(scratch, double, n),
                 .moved = LB_TAKE(scratch, double, n),
                 .y = LB_TAKE(scratch, double, n),
                 .Hy = LB_TAKE(scratch, double, n)};
}

// Steps along -H g until the gradient is below the tolerance or no step gains; fills the result but its stop.
static lb_bfgs_stop iterate(state* s, lb_bfgs_result* r, const lb_bfgs_config* config) {
  int n = s->n, limit = config->max_iterations > 0 ? config->max_iterations : 200 * n;
  size_t bytes = sizeof(double) * (size_t)n;
  double before = r->value + sqrt(lb_mat_dot(s->gradient, s->gradient, n)) / 2;
  for (;; r->iterations += 1) {
    r->gradient = largest(s->gradient, n);
    if (!isfinite(r->value) || !isfinite(r->gradient)) return LB_BFGS_NOT_FINITE;
    if (r->gradient <= config->gradient_tolerance) return LB_BFGS_CONVERGED;
    if (r->iterations >= limit) return LB_BFGS_MAX_ITERATIONS;
    lb_mat_vec(s->direction, s->H, s->gradient, n, n, -1, 0);
    lb_line_point found;
    if (!find_step(s, &found, r->value, before)) return LB_BFGS_LINE_SEARCH;
    update_inverse(s, found.step);
    bool moved = memcmp(s->x, s->trial, bytes) != 0;
    memcpy(s->x, s->trial, bytes);
    memcpy(s->gradient, s->trial_gradient, bytes);
    before = r->value;
    r->value = found.value;
    if (!moved) return LB_BFGS_NO_PROGRESS;
  }
}

lb_bfgs_result lb_bfgs_minimize(double* x, int n, lb_objective f, void* ctx, const lb_bfgs_config* config,
                                lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  state s = new_state(x, n, f, ctx, config, scratch);
  reset_inverse(&s);
  lb_bfgs_result r = {.value = evaluate(&s, x)};
  differentiate(&s, s.gradient, x, r.value);
  r.stop = iterate(&s, &r, config);
  r.evaluations = s.evaluations;
  lb_arena_release(scratch, mark);
  return r;
}
