// Predictions of an ensemble: drawn, in the mean, and their derivatives. See neural.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"
#include "nn/columns.h"
#include "nn/vec.h"

// Draws for part of a batch, dealt to one elite: rows[0..n) of the whole.
static void sample_part(lb_neural* model, int member, float* next_obs, float* reward, const float* obs,
                        const float* act, const int* rows, int n, lb_rng* rng) {
  const lb_neural_config* c = &model->config;
  int nobs = c->nobs, nact = c->nact, ld = lb_columns(n), numbers = model->targets * ld;
  lb_columns_gather(model->x, obs, rows, nobs, nobs, n);
  lb_columns_gather(model->x + nobs * ld, act, rows, nact, nact, n);
  lb_normalizer_apply(&model->normalizer, model->x, n);
  lb_real* out = lb_net_forward(model->net, member, model->forward, model->x, n);
  lb_gaussian_bound(out, NULL, &c->bounds, model->targets, n);
  lb_rng_normals(rng, model->draws, numbers);
  for (int i = 0; i < numbers; i++) model->y[i] = (lb_real)model->draws[i];
  for (int i = 0; i < numbers; i += LB_LANES) {
    lb_vec deviation = lb_vec_exp((lb_real)0.5 * lb_vec_load(out + numbers + i));
    lb_vec_store(out + i, lb_vec_load(out + i) + deviation * lb_vec_load(model->y + i));
  }
  for (int i = 0; i < model->targets; i++) {
    for (int j = 0; j < ld; j++) out[(long)i * ld + j] = model->centre[i] + model->unit[i] * out[(long)i * ld + j];
  }
  for (int j = 0; j < n; j++) {
    const float* from = obs + (long)rows[j] * nobs;
    float* to = next_obs + (long)rows[j] * nobs;
    for (int i = 0; i < nobs; i++) to[i] = (float)((lb_real)from[i] + out[(long)i * ld + j]);
    if (reward) reward[rows[j]] = (float)out[(long)nobs * ld + j];
  }
}

void lb_neural_sample(lb_neural* model, float* next_obs, float* reward, const float* obs, const float* act, int n,
                      lb_rng* rng, lb_arena* scratch) {
  const lb_neural_config* c = &model->config;
  assert(!reward || c->reward);
  lb_mark mark = lb_arena_mark(scratch);
  int* order = LB_TAKE(scratch, int, n);
  for (int i = 0; i < n; i++) order[i] = i;
  for (int i = n - 1; i > 0; i--) {
    int j = (int)lb_rng_below(rng, (uint32_t)i + 1), saved = order[i];
    order[i] = order[j];
    order[j] = saved;
  }
  for (int e = 0; e < c->elites; e++) {
    int at = (int)((long)n * e / c->elites), end = (int)((long)n * (e + 1) / c->elites);
    for (int part; at < end; at += part) {
      part = end - at < c->batch ? end - at : c->batch;
      sample_part(model, model->elites[e], next_obs, reward, obs, act, order + at, part, rng);
    }
  }
  lb_arena_release(scratch, mark);
}

// Writes column `at` of n normalized inputs from one sample's observation (nobs) and action (nact).
static void put_inputs(lb_neural* model, int at, int n, const double* obs, const double* act) {
  int nobs = model->config.nobs, inputs = nobs + model->config.nact, ld = lb_columns(n);
  const lb_normalizer* z = &model->normalizer;
  for (int i = 0; i < inputs; i++) {
    lb_real value = (lb_real)(i < nobs ? obs[i] : act[i - nobs]);
    model->x[(long)i * ld + at] = (value - z->mean[i]) * z->scale[i];
  }
}

// Normalized input columns from rows of doubles.
static void take_inputs(lb_neural* model, const double* obs, const double* act, int n) {
  int nobs = model->config.nobs, nact = model->config.nact, ld = lb_columns(n);
  for (int j = 0; j < ld; j++) {
    for (int i = 0; i < nobs; i++) model->x[(long)i * ld + j] = j < n ? (lb_real)obs[(long)j * nobs + i] : 0;
    for (int i = 0; i < nact; i++) model->x[(long)(nobs + i) * ld + j] = j < n ? (lb_real)act[(long)j * nact + i] : 0;
  }
  lb_normalizer_apply(&model->normalizer, model->x, n);
}

// Adds one member's mean, its square and its variance with weight 1 / members.
static void add_member(lb_neural* model, int member, double weight, double* mean, double* variance, int n) {
  int d = model->targets, ld = lb_columns(n);
  lb_real* out = lb_net_forward(model->net, member, model->forward, model->x, n);
  lb_gaussian_bound(out, NULL, &model->config.bounds, d, n);
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < d; i++) {
      double unit = (double)model->unit[i], mu = (double)model->centre[i] + unit * (double)out[(long)i * ld + j];
      mean[(long)j * d + i] += weight * mu;
      if (variance) {
        variance[(long)j * d + i] += weight * (mu * mu + unit * unit * exp((double)out[(long)(d + i) * ld + j]));
      }
    }
  }
}

// Mean, and variance unless NULL, of one member (-1: of the elites' mixture, E[y^2] - E[y]^2) for n <= batch rows;
// observations come as changes from obs.
static void predict_part(lb_neural* model, int member, double* mean, double* variance, const double* obs,
                         const double* act, int n) {
  int d = model->targets, nobs = model->config.nobs;
  size_t bytes = (size_t)n * (size_t)d * sizeof *mean;
  take_inputs(model, obs, act, n);
  memset(mean, 0, bytes);
  if (variance) memset(variance, 0, bytes);
  if (member >= 0) {
    add_member(model, member, 1, mean, variance, n);
  } else {
    for (int e = 0; e < model->config.elites; e++) {
      add_member(model, model->elites[e], 1.0 / model->config.elites, mean, variance, n);
    }
  }
  for (long i = 0; i < (long)n * d && variance; i++) variance[i] -= mean[i] * mean[i];
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < nobs; i++) mean[(long)j * d + i] += obs[(long)j * nobs + i];
  }
}

void lb_neural_predict(lb_neural* model, int member, double* mean, double* variance, const double* obs,
                       const double* act, int n) {
  const lb_neural_config* c = &model->config;
  assert(member >= -1 && member < c->members);
  for (int at = 0, part; at < n; at += part) {
    part = n - at < c->batch ? n - at : c->batch;
    long to = (long)at * model->targets;
    predict_part(model, member, mean + to, variance ? variance + to : NULL, obs + (long)at * c->nobs,
                 act + (long)at * c->nact, part);
  }
}

// A += weight d(next)/d(obs), B += weight d(next)/d(act) of one member, in the units of the data.
static void add_jacobian(lb_neural* model, int member, double weight, double* A, double* B, int n) {
  int nobs = model->config.nobs, nact = model->config.nact, inputs = nobs + nact, ld = lb_columns(n);
  lb_net_forward(model->net, member, model->tape, model->x, n);
  lb_net_jacobian(model->net, member, model->tape, model->jacobian, nobs);
  for (int o = 0; o < nobs; o++) {
    for (int i = 0; i < inputs; i++) {
      const lb_real* row = model->jacobian + ((long)o * inputs + i) * ld;
      double scale = weight * (double)model->normalizer.scale[i] * (double)model->unit[o];
      double* to = i < nobs ? A + (long)o * nobs + i : B + (long)o * nact + (i - nobs);
      long stride = (long)nobs * (i < nobs ? nobs : nact);
      for (int j = 0; j < n; j++) to[j * stride] += scale * (double)row[j];
    }
  }
}

// A (n, nobs, nobs), B (n, nobs, nact) of one member (-1: mean of the elites), n <= batch rows; A begins as I, for the
// networks predict changes.
static void jacobian_part(lb_neural* model, int member, double* A, double* B, const double* obs, const double* act,
                          int n) {
  long nobs = model->config.nobs, nact = model->config.nact;
  take_inputs(model, obs, act, n);
  memset(A, 0, (size_t)(n * nobs * nobs) * sizeof *A);
  memset(B, 0, (size_t)(n * nobs * nact) * sizeof *B);
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < nobs; i++) A[(j * nobs + i) * nobs + i] = 1;
  }
  if (member >= 0) {
    add_jacobian(model, member, 1, A, B, n);
    return;
  }
  for (int e = 0; e < model->config.elites; e++) {
    add_jacobian(model, model->elites[e], 1.0 / model->config.elites, A, B, n);
  }
}

void lb_neural_jacobian(lb_neural* model, int member, double* A, double* B, const double* obs, const double* act,
                        int n) {
  const lb_neural_config* c = &model->config;
  assert(member >= -1 && member < c->members);
  for (int at = 0, part; at < n; at += part) {
    part = n - at < c->batch ? n - at : c->batch;
    jacobian_part(model, member, A + (long)at * c->nobs * c->nobs, B + (long)at * c->nobs * c->nact,
                  obs + (long)at * c->nobs, act + (long)at * c->nact, part);
  }
}

// In parts whose means fit the buffer of draws.
static void step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  lb_neural* model = ctx;
  const lb_neural_config* c = &model->config;
  for (int at = 0, part; at < n; at += part) {
    part = n - at < c->batch ? n - at : c->batch;
    predict_part(model, -1, model->draws, NULL, x + (long)at * c->nobs, u + (long)at * c->nact, part);
    for (int j = 0; j < part; j++) {
      memcpy(x_next + (long)(at + j) * c->nobs, model->draws + (long)j * model->targets,
             (size_t)c->nobs * sizeof *x_next);
    }
  }
}

// lb_dynamics.linearize: of the elites' mean.
static long linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)t;
  lb_neural_jacobian(ctx, -1, A, B, x, u, n);
  return n;
}

lb_dynamics lb_neural_dynamics(lb_neural* model, const lb_space* space, lb_counts* counts) {
  assert(space->nx == model->config.nobs && !space->difference && !space->displace);
  return (lb_dynamics){
      .space = space, .nu = model->config.nact, .ctx = model, .counts = counts, .step = step, .linearize = linearize};
}

// ---------------------------------------------------------------------------------------------------------------------
// The derivatives of the predicted reward. The way back through the networks gives the gradient at any number of
// samples at once; the Hessian is the gradient's differences between samples moved along each input.

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
  for (int j = 0; j < n; j++) put_inputs(model, j, n, obs + (long)j * nobs, act + (long)j * nact);
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
    put_inputs(model, j, n, obs + sample * nobs, act + sample * nact);
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
