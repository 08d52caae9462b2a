// Value moment matching: what a member's mean prediction does to the value of the present policy (LAMPS-MM, Vemula et
// al. 2023, the loss of their lemma of advantage in the model). See neural.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"

enum { PART = 256 };  // states that V is asked for at a time

lb_neural_values lb_neural_values_new(const lb_value* value, const lb_transitions* data, lb_arena* arena) {
  int nobs = data->nobs, width = lb_transitions_width(nobs, data->nact), last = 0;
  assert(value->slope && value->nx == nobs);
  for (int j = 0; j < data->n; j++) {
    int row = data->rows ? data->rows[j] : j;
    last = row > last ? row : last;
  }
  double *next = LB_TAKE(arena, double, last + 1), *x = LB_TAKE(arena, double, (PART * nobs)), v[PART];
  for (int at = 0, part; at < data->n; at += part) {
    part = data->n - at < PART ? data->n - at : PART;
    for (int j = 0; j < part; j++) {
      int row = data->rows ? data->rows[at + j] : at + j;
      const float* from = data->data + (long)row * width + lb_transitions_next(nobs, data->nact);
      for (int i = 0; i < nobs; i++) x[(long)j * nobs + i] = (double)from[i];
    }
    value->at(value->ctx, part, 0, x, v);
    for (int j = 0; j < part; j++) next[data->rows ? data->rows[at + j] : at + j] = v[j];
  }
  return (lb_neural_values){.value = value, .next = next};
}

// The next observations that the means lead to.
static void predict_states(lb_neural* model, const lb_real* out, const lb_transitions* data, const int* rows, int n) {
  int nobs = data->nobs, width = lb_transitions_width(nobs, data->nact), ld = lb_columns(n);
  for (int j = 0; j < n; j++) {
    const float* from = data->data + (long)rows[j] * width;
    double* to = model->states + (long)j * nobs;
    for (int i = 0; i < nobs; i++) {
      to[i] = (double)from[i] + (double)model->centre[i] + (double)model->unit[i] * (double)out[(long)i * ld + j];
    }
  }
}

// The value part of the loss, and its derivatives added to dy (NULL: not wanted). Where the values agree it has a kink:
// the derivative there is 0.
static double match_values(lb_neural* model, lb_real* dy, const lb_real* out, const lb_transitions* data,
                           const lb_neural_values* values, const int* rows, int n) {
  int nobs = data->nobs, ld = lb_columns(n), width = lb_transitions_width(nobs, data->nact);
  double reward = model->config.reward ? (double)model->unit[nobs] : 1;
  double total = 0, scale = model->config.value_scale / (n * reward), *v = model->v;
  const lb_value* value = values->value;
  predict_states(model, out, data, rows, n);
  if (dy) {
    value->slope(value->ctx, n, 0, model->states, v, model->slopes);
  } else {
    value->at(value->ctx, n, 0, model->states, v);
  }
  for (int j = 0; j < n; j++) {
    bool end = data->data[(long)rows[j] * width + lb_transitions_terminated(nobs, data->nact)] > 0;
    double error = end ? 0 : v[j] - values->next[rows[j]], pull = error > 0 ? scale : error < 0 ? -scale : 0;
    total += scale * fabs(error);
    for (int i = 0; i < nobs && dy; i++) {
      dy[(long)i * ld + j] += (lb_real)(pull * model->slopes[(long)j * nobs + i] * (double)model->unit[i]);
    }
  }
  return total;
}

// Mean squared error of the predicted reward, whose gradient is added to dy.
static double match_rewards(const lb_neural* model, lb_real* dy, const lb_real* out, int n) {
  long at = (long)model->config.nobs * lb_columns(n);
  double total = 0;
  for (long j = at; j < at + n && model->config.reward; j++) {
    double error = (double)out[j] - (double)model->y[j];
    total += error * error / n;
    if (dy) dy[j] += (lb_real)(2 * error / n);
  }
  return total;
}

double lb_neural_value_loss(lb_neural* model, lb_real* dy, const lb_real* out, const lb_transitions* data,
                            const lb_neural_values* values, const int* rows, int n) {
  long numbers = 2L * model->targets * lb_columns(n);
  double anchor = model->config.anchor, loss = 0;
  if (dy) memset(dy, 0, (size_t)numbers * sizeof *dy);
  if (anchor > 0) loss = anchor * lb_neural_likelihood(model, dy, out, n);
  for (long i = 0; i < numbers && dy && anchor > 0; i++) dy[i] *= (lb_real)anchor;
  loss += match_values(model, dy, out, data, values, rows, n);
  return loss + match_rewards(model, dy, out, n);
}

// One member's likelihood loss, and its gradient by the rows of its variances.
static double differentiate(lb_neural* model, int member, const lb_transitions* data, const int* rows, int n) {
  int targets = model->targets;
  lb_neural_take(model, data, rows, n, true);
  lb_real* out = lb_net_forward(model->net, member, model->tape, model->x, n);
  lb_gaussian_bound(out, model->slope, &model->config.bounds, targets, n);
  double loss = lb_gaussian_nll(model->dy, out, model->slope, model->y, targets, n);
  const lb_real* dvariances = model->dy + (long)targets * lb_columns(n);
  lb_net_backward_last(model->net, model->tape, model->gradient, dvariances, targets, targets);
  return loss;
}

double lb_neural_variance_step(lb_neural* model, const lb_transitions* data, const int* rows, int n) {
  double total = 0;
  lb_adam_advance(&model->adam);
  for (int m = 0; m < model->config.members; m++) {
    double loss = differentiate(model, m, data, rows + (long)m * n, n);
    if (!isfinite(loss) || !lb_neural_descend(model, m, LB_NEURAL_VARIANCES)) return NAN;
    total += loss;
  }
  return total / model->config.members;
}
