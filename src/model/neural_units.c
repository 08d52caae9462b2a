// The units in which an ensemble predicts: see neural.h.
#include <math.h>
#include <string.h>

#include "model/neural_private.h"

// A unit follows the data beyond this factor, a centre beyond this many units.
static const double factor = 2, apart = 0.5;

// The moments of every target over two parts of the data.
static void measure(lb_neural* model, const lb_transitions* data, int first) {
  int nobs = data->nobs, nact = data->nact, width = lb_transitions_width(nobs, nact);
  memset(model->moments, 0, 2 * (size_t)model->targets * sizeof *model->moments);
  for (int j = 0; j < data->n; j++) {
    const float* row = data->data + (long)(data->rows ? data->rows[j] : j) * width;
    const float* next = row + lb_transitions_next(nobs, nact);
    lb_moments* moments = model->moments + (j < first ? 0 : model->targets);
    for (int i = 0; i < nobs; i++) lb_moments_add(&moments[i], (double)(next[i] - row[i]));
    if (model->config.reward) lb_moments_add(&moments[nobs], (double)row[lb_transitions_reward(nobs, nact)]);
  }
}

// A target that does not vary is measured by its size, and 0 in any unit.
static double unit_of(double centre, double variance) {
  double deviation = sqrt(variance);
  if (deviation > 1e-6 * fabs(centre)) return deviation;
  return fabs(centre) > 0 ? fabs(centre) : 1;
}

// Every member's output i in other units, to the same predictions (up to the bounds of the variance); the optimiser's
// moments are those of the new gradient.
static void rescale(lb_neural* model, int i, double centre, double unit) {
  double old = (double)model->unit[i], ratio = old / unit, shift = ((double)model->centre[i] - centre) / unit;
  for (int m = 0; m < model->config.members; m++) {
    lb_layer last = lb_net_layer(model->net, m, model->config.hidden);
    long row = last.weights + (long)i * last.ld, bias = last.biases + i;
    for (int j = 0; j <= last.ld; j++) {
      long at = j < last.ld ? row + j : bias;
      model->net->theta[at] *= (lb_real)ratio;
      model->adam.m[at] /= (lb_real)ratio;
      model->adam.v[at] /= (lb_real)(ratio * ratio);
    }
    model->net->theta[bias] += (lb_real)shift;
    model->net->theta[last.biases + model->targets + i] += (lb_real)(2 * log(ratio));
  }
}

void lb_neural_settle_units(lb_neural* model, const lb_transitions* data, int first, double share) {
  if (!model->config.standard) return;
  measure(model, data, first);
  for (int i = 0; i < model->targets; i++) {
    double centre, variance;
    lb_moments_mix(&centre, &variance, &model->moments[i], &model->moments[model->targets + i], share);
    double unit = unit_of(centre, variance), old = (double)model->unit[i];
    if (!isfinite(unit) || !isfinite(centre)) continue;  // the fit will say so
    bool same = unit < factor * old && old < factor * unit && fabs(centre - (double)model->centre[i]) < apart * unit;
    if (model->has_units && same) continue;
    if (model->has_units) rescale(model, i, centre, unit);
    model->centre[i] = (lb_real)centre;
    model->unit[i] = (lb_real)unit;
  }
  model->has_units = 1;
}
