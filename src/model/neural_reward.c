// The derivatives of the predicted reward: see neural.h. The way back through the networks gives the gradient at any
// number of samples at once; the Hessian is the gradient's differences between samples moved along each input.
#include <assert.h>
#include <string.h>

#include "model/neural_private.h"

// In standard deviations of the inputs: large against the rounding of floats, small against the curves of a fit.
#define MOVE 0.03

// (inputs, columns): the derivatives of the elites' mean reward by the normalized inputs, at the n columns of model->x.
static const lb_real* go_back(lb_neural* model, int n) {
  const lb_neural_config* c = &model->config;
  int inputs = c->nobs + c->nact, ld = lb_columns(n);
  long numbers = (long)inputs * ld;
  lb_real *sum = model->back, *dx = sum + numbers;
  memset(model->dy, 0, 2 * (size_t)model->targets * (size_t)ld * sizeof(lb_real));
  for (int j = 0; j < n; j++) model->dy[(long)c->nobs * ld + j] = model->unit[c->nobs] / (lb_real)c->elites;
  memset(sum, 0, (size_t)numbers * sizeof *sum);
  for (int e = 0; e < c->elites; e++) {
    lb_net_forward(model->net, model->elites[e], model->tape, model->x, n);
    lb_net_backward(model->net, model->elites[e], model->tape, NULL, dx, model->dy, 0, inputs);
    for (long i = 0; i < numbers; i++) sum[i] += dx[i];
  }
  return sum;
}

// gradient (n, nobs + nact) of the predicted reward, by one pass back through the networks.
static void take_gradients(lb_neural* model, double* gradient, const double* obs, const double* act, int n) {
  int nobs = model->config.nobs, nact = model->config.nact, inputs = nobs + nact, ld = lb_columns(n);
  for (int j = 0; j < n; j++) lb_neural_put(model, j, n, obs + (long)j * nobs, act + (long)j * nact);
  const lb_real* back = go_back(model, n);
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < inputs; i++) {
      gradient[(long)j * inputs + i] = (double)(back[(long)i * ld + j] * model->normalizer.scale[i]);
    }
  }
}

// Moves [first, first + n) of all: move q is of sample q / (2 inputs) along input q % (2 inputs) / 2, up if q is even.
static void add_differences(lb_neural* model, double* hessian, const double* obs, const double* act, long first,
                            int n) {
  int nobs = model->config.nobs, nact = model->config.nact, inputs = nobs + nact, ld = lb_columns(n);
  for (int j = 0; j < n; j++) {
    long q = first + j, sample = q / (2 * inputs);
    int along = (int)(q % (2 * inputs)) / 2;
    lb_neural_put(model, j, n, obs + sample * nobs, act + sample * nact);
    model->x[(long)along * ld + j] += (lb_real)(q % 2 ? -MOVE : MOVE);
  }
  const lb_real* back = go_back(model, n);
  for (int j = 0; j < n; j++) {
    long q = first + j, sample = q / (2 * inputs);
    int along = (int)(q % (2 * inputs)) / 2;
    double* row = hessian + (sample * inputs + along) * inputs;
    double weight = (q % 2 ? -0.5 : 0.5) / MOVE * (double)model->normalizer.scale[along];
    for (int i = 0; i < inputs; i++) row[i] += weight * (double)(back[(long)i * ld + j] * model->normalizer.scale[i]);
  }
}

// Rounding leaves differences that are not quite those of a symmetric matrix.
static void symmetrise(double* h, int m) {
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < i; j++) h[i * m + j] = h[j * m + i] = 0.5 * (h[i * m + j] + h[j * m + i]);
  }
}

void lb_neural_reward_expansion(lb_neural* model, double* gradient, double* hessian, const double* obs,
                                const double* act, int n) {
  const lb_neural_config* c = &model->config;
  int inputs = c->nobs + c->nact;
  assert(c->reward);
  for (int at = 0, part; at < n; at += part) {
    part = n - at < c->batch ? n - at : c->batch;
    take_gradients(model, gradient + (long)at * inputs, obs + (long)at * c->nobs, act + (long)at * c->nact, part);
  }
  if (!hessian) return;
  memset(hessian, 0, (size_t)n * (size_t)inputs * (size_t)inputs * sizeof *hessian);
  long moves = 2L * inputs * n;
  for (long at = 0, part; at < moves; at += part) {
    part = moves - at < c->batch ? moves - at : c->batch;
    add_differences(model, hessian, obs, act, at, (int)part);
  }
  for (int j = 0; j < n; j++) symmetrise(hessian + (long)j * inputs * inputs, inputs);
}
