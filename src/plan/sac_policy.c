// What others see of a learner: its policy and its value, see sac.h. Any number of inputs, in parts that fit the tapes.
#include <string.h>

#include "nn/columns.h"
#include "nn/tanh_gaussian.h"
#include "plan/sac_private.h"

// Mean or sampled actions below the observations in x_pi; returns them.
static lb_real* act_below(lb_sac* sac, const double* obs, int n, lb_rng* rng) {
  int nobs = sac->config.nobs, nact = sac->config.nact, ld = lb_columns(n);
  lb_real* action = sac->x_pi + (long)nobs * ld;
  lb_columns_take(sac->x_pi, obs, nobs, n);
  const lb_real* head = lb_net_forward(sac->actor, 0, sac->forward_actor, sac->x_pi, n);
  if (!rng) {
    lb_tanh_gaussian_mean(action, head, nact, n);
    return action;
  }
  // One sample after the other, so that the same stream gives the same actions one at a time or many at once.
  lb_rng_normals(rng, sac->draws, n * nact);
  lb_columns_take(sac->noise, sac->draws, nact, n);
  lb_tanh_gaussian_sample(action, NULL, head, sac->noise, nact, n);
  return action;
}

void lb_sac_act(lb_sac* sac, double* action, const double* obs, int n, lb_rng* rng) {
  int nobs = sac->config.nobs, nact = sac->config.nact;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < sac->config.batch ? n - done : sac->config.batch;
    const lb_real* a = act_below(sac, obs + (long)done * nobs, part, rng);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < nact; i++) action[(long)(done + j) * nact + i] = (double)a[(long)i * lb_columns(part) + j];
    }
  }
}

// lb_policy.act: the mean action.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_sac_act(ctx, u, in, n, NULL);
}

lb_policy lb_sac_policy(lb_sac* sac) {
  return (lb_policy){
      .input = LB_READS_OBSERVATION, .nin = sac->config.nobs, .nu = sac->config.nact, .ctx = sac, .act = act};
}

// The actor's Q of n columns of x_pi.
static void value_of_columns(lb_sac* sac, double* v, int n) {
  int critics = sac->config.critics;
  for (int i = 0; i < critics; i++) {
    const lb_real* q = lb_net_forward(sac->critics, i, sac->forward_critic, sac->x_pi, n);
    for (int j = 0; j < n; j++) {
      if (sac->config.mean_value) {
        v[j] = (i == 0 ? 0 : v[j]) + (double)q[j] / critics;
      } else if (i == 0 || (double)q[j] < v[j]) {
        v[j] = (double)q[j];
      }
    }
  }
}

// v = min over the critics (or their mean) of Q(x, mean action), a batch at a time.
static void value_at(void* ctx, int n, int t, const double* x, double* v) {
  (void)t;
  lb_sac* sac = ctx;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < sac->config.batch ? n - done : sac->config.batch;
    act_below(sac, x + (long)done * sac->config.nobs, part, NULL);
    value_of_columns(sac, v + done, part);
  }
}

// The derivatives of V at the states of one batch, by columns: the lesser critic's by the state itself, and by the
// action through the actor's mean. Between updates the learner's own batch is free: x holds them, x_next helps.
static const lb_real* slope_by_columns(lb_sac* sac, double* v, const double* x, int n) {
  int nobs = sac->config.nobs, nact = sac->config.nact, ld = lb_columns(n);
  lb_real *action = sac->x_pi + (long)nobs * ld, *dx = sac->x, *own = sac->x_next, *da = sac->x + (long)nobs * ld;
  lb_columns_take(sac->x_pi, x, nobs, n);
  lb_tanh_gaussian_mean(action, lb_net_forward(sac->actor, 0, sac->actor_tape, sac->x_pi, n), nact, n);
  lb_sac_through_critics(sac, v, dx, own, sac->x_pi, 1, 0, nobs + nact, n);
  memset(sac->dactor, 0, 2 * (size_t)nact * (size_t)ld * sizeof *sac->dactor);
  for (int i = 0; i < nact * ld; i++) sac->dactor[i] = da[i] * (1 - action[i] * action[i]);
  lb_net_backward(sac->actor, 0, sac->actor_tape, NULL, own, sac->dactor, 0, nobs);
  for (int i = 0; i < nobs * ld; i++) dx[i] += own[i];
  return dx;
}

// The same with dv (n, nobs) = dQ/dx + dQ/da da/dx.
static void value_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  (void)t;
  lb_sac* sac = ctx;
  int nobs = sac->config.nobs;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < sac->config.batch ? n - done : sac->config.batch;
    const lb_real* dx = slope_by_columns(sac, v + done, x + (long)done * nobs, part);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < nobs; i++) dv[(long)(done + j) * nobs + i] = (double)dx[(long)i * lb_columns(part) + j];
    }
  }
}

lb_value lb_sac_value(lb_sac* sac) {
  return (lb_value){.nx = sac->config.nobs, .ctx = sac, .at = value_at, .slope = value_slope};
}
