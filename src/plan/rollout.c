// Steps a policy through a model until the horizon, or until the state leaves the model's world.
#include "plan/rollout.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

// Whether all numbers are within LB_ROLLOUT_LIMIT, which a NaN is not.
static bool is_sane(const double* v, int n) {
  for (int i = 0; i < n; ++i) {
    if (!(fabs(v[i]) <= LB_ROLLOUT_LIMIT)) return false;
  }
  return true;
}

// u = min(max(u, low), high).
static void clamp(double* u, lb_control_limits limits, int nu) {
  for (int i = 0; i < nu; ++i) {
    if (limits.low && u[i] < limits.low[i]) u[i] = limits.low[i];
    if (limits.high && u[i] > limits.high[i]) u[i] = limits.high[i];
  }
}

static void fill_nan(double* v, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) v[i] = NAN;
}

double lb_rollout(double* x, double* u, const lb_dynamics* f, const lb_cost* cost, const lb_policy* policy,
                  lb_control_limits limits, const double* x0, int H) {
  assert(policy->input == LB_READS_STATE && policy->nin == f->space->nx && policy->nu == f->nu && H >= 0);
  int nx = f->space->nx, nu = f->nu;
  double total = 0;
  for (int i = 0; i < nx; ++i) x[i] = x0[i];
  for (int t = 0; t < H; ++t) {
    double *xt = x + (ptrdiff_t)t * nx, *ut = u + (ptrdiff_t)t * nu;
    lb_policy_act(policy, 1, t, xt, ut);
    clamp(ut, limits, nu);
    if (is_sane(ut, nu)) {
      if (cost) total += cost->stage(cost->ctx, t, xt, ut);
      lb_dynamics_step(f, 1, &t, xt, ut, xt + nx);
    }
    if (!is_sane(ut, nu) || !is_sane(xt + nx, nx)) {
      fill_nan(xt + nx, (ptrdiff_t)(H - t) * nx);
      fill_nan(ut + nu, (ptrdiff_t)(H - t - 1) * nu);
      return INFINITY;
    }
  }
  if (cost) total += cost->terminal(cost->ctx, H, x + (ptrdiff_t)H * nx);
  return isfinite(total) ? total : INFINITY;
}
