// The derivatives of one update: see sac.h.
#include <assert.h>
#include <string.h>

#include "nn/columns.h"
#include "nn/tanh_gaussian.h"
#include "plan/sac_private.h"

void lb_sac_take_batch(lb_sac* sac, const lb_transitions* batch) {
  int nobs = sac->config.nobs, nact = sac->config.nact, stride = lb_transitions_width(nobs, nact);
  assert(batch->nobs == nobs && batch->nact == nact && batch->n >= 1 && batch->n <= sac->config.batch);
  const float* data = batch->data;
  sac->n = batch->n;
  lb_columns_gather(sac->x, data, batch->rows, nobs + nact, stride, batch->n);
  lb_columns_gather(sac->reward, data + lb_transitions_reward(nobs, nact), batch->rows, 1, stride, batch->n);
  lb_columns_gather(sac->terminated, data + lb_transitions_terminated(nobs, nact), batch->rows, 1, stride, batch->n);
  lb_columns_gather(sac->x_next, data + lb_transitions_next(nobs, nact), batch->rows, nobs, stride, batch->n);
}

void lb_sac_take_states(lb_sac* sac, const lb_transitions* states) {
  int nobs = sac->config.nobs, nact = sac->config.nact, stride = lb_transitions_width(nobs, nact);
  if (!states) {
    memcpy(sac->x_pi, sac->x, (size_t)nobs * (size_t)lb_columns(sac->n) * sizeof *sac->x);
    return;
  }
  assert(states->nobs == nobs && states->nact == nact && states->n >= 1 && states->n <= sac->config.batch);
  sac->n = states->n;
  lb_columns_gather(sac->x_pi, states->data, states->rows, nobs, stride, states->n);
}

void lb_sac_find_targets(lb_sac* sac, const lb_real* next_noise, const int* subset) {
  int n = sac->n, nobs = sac->config.nobs, nact = sac->config.nact;
  lb_real* action = sac->x_next + (long)nobs * lb_columns(n);
  const lb_real* head = lb_net_forward(sac->actor, 0, sac->forward_actor, sac->x_next, n);
  lb_tanh_gaussian_sample(action, sac->log_density, head, next_noise, nact, n);
  for (int i = 0; i < sac->config.target_critics; i++) {
    const lb_real* q = lb_net_forward(sac->targets, subset[i], sac->forward_critic, sac->x_next, n);
    for (int j = 0; j < n; j++) sac->y[j] = i == 0 || q[j] < sac->y[j] ? q[j] : sac->y[j];
  }
  lb_real alpha = (lb_real)lb_sac_alpha(sac), gamma = (lb_real)sac->config.gamma;
  for (int j = 0; j < n; j++) {
    sac->y[j] = sac->reward[j] + gamma * (1 - sac->terminated[j]) * (sac->y[j] - alpha * sac->log_density[j]);
  }
}

double lb_sac_critic_gradient(lb_sac* sac) {
  int n = sac->n;
  double loss = 0;
  for (int i = 0; i < sac->config.critics; i++) {
    const lb_real* q = lb_net_forward(sac->critics, i, sac->critic_tape[0], sac->x, n);
    for (int j = 0; j < n; j++) {
      lb_real error = q[j] - sac->y[j];
      sac->dq[j] = error * (lb_real)(2.0 / n);
      loss += (double)error * (double)error;
    }
    lb_net_backward(sac->critics, i, sac->critic_tape[0], sac->critic_gradient + i * sac->critics->stride, NULL,
                    sac->dq, 0, 0);
  }
  return loss / n;
}

// The samples where critic i is the least one, and no others, go back through it.
static void through_least(lb_sac* sac, int i, lb_real* dx, lb_real* own, double weight, int first, int count, int n) {
  int ld = lb_columns(n), kept = 0;
  for (int j = 0; j < n; j++) {
    if (sac->least[j] == i) sac->columns[kept++] = j;
  }
  if (kept == 0) return;
  lb_tape_select(sac->critic_tape[i], sac->columns, kept);
  for (int j = 0; j < kept; j++) sac->dq[j] = (lb_real)weight;
  lb_net_backward(sac->critics, i, sac->critic_tape[i], NULL, own, sac->dq, first, count);
  for (int k = 0; k < count; k++) {
    for (int j = 0; j < kept; j++) dx[k * ld + sac->columns[j]] = own[k * lb_columns(kept) + j];
  }
}

// Q is the mean: every sample goes back through every critic, one after the other on one tape.
static void through_all(lb_sac* sac, double* q, lb_real* dx, lb_real* own, const lb_real* x, double weight, int first,
                        int count, int n) {
  int critics = sac->config.critics, all = count * lb_columns(n);
  for (int j = 0; j < lb_columns(n); j++) sac->dq[j] = (lb_real)(weight / critics);
  for (int i = 0; i < critics; i++) {
    lb_tape* tape = sac->critic_tape[i];
    const lb_real* one = lb_net_forward(sac->critics, i, tape, x, n);
    for (int j = 0; j < n; j++) q[j] = (i == 0 ? 0 : q[j]) + (double)one[j] / critics;
    lb_net_backward(sac->critics, i, tape, NULL, i == 0 ? dx : own, sac->dq, first, count);
    for (int k = 0; k < all && i > 0; k++) dx[k] += own[k];
  }
}

void lb_sac_through_critics(lb_sac* sac, double* q, lb_real* dx, lb_real* own, const lb_real* x, double weight,
                            int first, int count, int n) {
  if (sac->config.mean_value) {
    through_all(sac, q, dx, own, x, weight, first, count, n);
    return;
  }
  for (int i = 0; i < sac->config.critics; i++) {
    const lb_real* one = lb_net_forward(sac->critics, i, sac->critic_tape[i], x, n);
    for (int j = 0; j < n; j++) {
      if (i > 0 && !((double)one[j] < q[j])) continue;
      q[j] = (double)one[j];
      sac->least[j] = i;
    }
  }
  for (int i = 0; i < sac->config.critics; i++) through_least(sac, i, dx, own, weight, first, count, n);
}

// da: the derivatives of -mean Q(s, a) with respect to the actions.
static void through_critics(lb_sac* sac, lb_sac_report* report) {
  int n = sac->n;
  double total = 0;
  lb_sac_through_critics(sac, sac->values, sac->da, sac->da_own, sac->x_pi, -1.0 / n, sac->config.nobs,
                         sac->config.nact, n);
  for (int j = 0; j < n; j++) total += sac->values[j];
  report->q = total / n;
}

void lb_sac_actor_gradient(lb_sac* sac, lb_sac_report* report, const lb_real* noise) {
  int n = sac->n, nact = sac->config.nact;
  double alpha = lb_sac_alpha(sac), total = 0;
  lb_real* action = sac->x_pi + (long)sac->config.nobs * lb_columns(n);
  const lb_real* head = lb_net_forward(sac->actor, 0, sac->actor_tape, sac->x_pi, n);
  lb_tanh_gaussian_sample(action, sac->log_density, head, noise, nact, n);
  through_critics(sac, report);
  lb_tanh_gaussian_backward(sac->dactor, sac->da, alpha / n, action, head, noise, nact, n);
  lb_net_backward(sac->actor, 0, sac->actor_tape, sac->actor_gradient, NULL, sac->dactor, 0, 0);
  for (int j = 0; j < n; j++) total += (double)sac->log_density[j];
  report->log_density = total / n;
  report->actor_loss = alpha * report->log_density - report->q;
}
