#include "tabular/hedge.h"

#include <math.h>

void lb_hedge_update(double* weight, const double* loss, int n, double eta) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += weight[i] *= exp(-eta * loss[i]);
  for (int i = 0; i < n; ++i) weight[i] /= sum;
}

int lb_hedge_draw(const double* weight, int n, lb_rng* rng) {
  return lb_mdp_pick(weight, n, lb_rng_uniform(rng));
}

double lb_hedge_sampled_loss(lb_hedge_loss kind, const lb_mdp* model, const double* W, const lb_transition* data, int n,
                             lb_rng* rng) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const lb_transition* d = &data[i];
    int drawn = lb_mdp_successor(model, d->s, d->a, lb_rng_uniform(rng));
    sum += kind == LB_HEDGE_PREDICTION ? drawn != d->next : fabs(W[d->next] - W[drawn]);
  }
  return n > 0 ? sum / n : 0;
}

double lb_hedge_expected_loss(lb_hedge_loss kind, const lb_mdp* model, const double* W, const lb_transition* data,
                              int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    int sa = data[i].s * model->na + data[i].a;
    for (int j = model->row[sa]; j < model->row[sa + 1]; ++j) {
      int drawn = model->next[j];
      double loss = kind == LB_HEDGE_PREDICTION ? drawn != data[i].next : fabs(W[data[i].next] - W[drawn]);
      sum += model->p[j] * loss;
    }
  }
  return n > 0 ? sum / n : 0;
}
