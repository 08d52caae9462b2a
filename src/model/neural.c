// The ensemble: its making, one gradient step, its file. See neural.h.
#include "model/neural.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"
#include "nn/bundle.h"
#include "nn/columns.h"
#include "nn/init.h"

lb_neural_config lb_neural_default_config(int nobs, int nact) {
  return (lb_neural_config){.nobs = nobs,
                            .nact = nact,
                            .members = 7,
                            .elites = 5,
                            .hidden = 4,
                            .width = 200,
                            .reward = true,
                            .batch = 256,
                            .rate = 1e-3,
                            .weight_decay = 1e-5,
                            .bounds = lb_gaussian_default_bounds(),
                            .balance = 1,
                            .standard = true,
                            .bootstrap = true,
                            .holdout = 0.2,
                            .improvement = 0.01,
                            .patience = 5,
                            .most_epochs = 1000,
                            .loss = LB_NEURAL_PREDICTION,
                            .value_scale = 0.01,
                            .score = LB_NEURAL_SCORE_LOSS};
}

// Columns of one batch, the tapes, and room for the best weights so far.
static void make_room(lb_neural* model, const lb_net_shape* shape, lb_arena* arena) {
  int columns = lb_columns(model->config.batch);
  model->gradient = LB_TAKE(arena, lb_real, model->net->stride);
  model->best = LB_TAKE(arena, lb_real, model->net->count);
  model->tape = lb_tape_new(shape, model->config.batch, true, arena);
  model->forward = lb_tape_new(shape, model->config.batch, false, arena);
  model->x = LB_TAKE(arena, lb_real, shape->inputs * columns);
  model->y = LB_TAKE(arena, lb_real, model->targets * columns);
  model->dy = LB_TAKE(arena, lb_real, shape->outputs * columns);
  model->slope = LB_TAKE(arena, lb_real, model->targets * columns);
  model->centre = LB_TAKE(arena, lb_real, model->targets);
  model->unit = LB_TAKE(arena, lb_real, model->targets);
  model->moments = LB_TAKE(arena, lb_moments, 2 * model->targets);
  for (int i = 0; i < model->targets; i++) model->unit[i] = 1;
  model->jacobian = LB_TAKE(arena, lb_real, (long)model->config.nobs * shape->inputs * columns);
  model->draws = LB_TAKE(arena, double, model->targets* columns);
  if (model->config.reward) model->back = LB_TAKE(arena, lb_real, 2 * shape->inputs * columns);
  if (model->config.loss == LB_NEURAL_PREDICTION) return;
  model->states = LB_TAKE(arena, double, model->config.batch * model->config.nobs);
  model->slopes = LB_TAKE(arena, double, model->config.batch * model->config.nobs);
  model->v = LB_TAKE(arena, double, model->config.batch);
}

lb_neural* lb_neural_new(const lb_neural_config* config, lb_rng* rng, lb_arena* arena) {
  assert(config->members >= 1 && config->members <= LB_NEURAL_MOST_MEMBERS);
  assert(config->elites >= 1 && config->elites <= config->members);
  assert(config->nobs >= 1 && config->nact >= 1 && config->batch >= 1);
  lb_neural* model = LB_TAKE(arena, lb_neural, 1);
  model->config = *config;
  model->targets = config->nobs + config->reward;
  lb_net_shape shape = {.members = config->members,
                        .inputs = config->nobs + config->nact,
                        .outputs = 2 * model->targets,
                        .hidden = config->hidden,
                        .width = config->width,
                        .activation = LB_SILU};
  lb_adam_config adam = lb_adam_default_config();
  adam.rate = config->rate;
  adam.weight_decay = config->weight_decay;
  model->net = lb_net_new(&shape, arena);
  lb_init_truncated_normal(model->net, rng);
  lb_adam_init(&model->adam, model->net->count, &adam, arena);
  lb_normalizer_init(&model->normalizer, shape.inputs, arena);
  make_room(model, &shape, arena);
  for (int i = 0; i < config->elites; i++) model->elites[i] = i;
  return model;
}

const lb_neural_config* lb_neural_config_of(const lb_neural* model) {
  return &model->config;
}

const int* lb_neural_elites(const lb_neural* model) {
  return model->elites;
}

void lb_neural_normalize(lb_neural* model, const lb_transitions* data) {
  int stride = lb_transitions_width(data->nobs, data->nact);
  lb_normalizer_fit(&model->normalizer, data->data, data->rows, stride, data->n);
}

void lb_neural_normalize_shares(lb_neural* model, const lb_transitions* data, int first, double share) {
  int stride = lb_transitions_width(data->nobs, data->nact);
  lb_normalizer_fit_shares(&model->normalizer, data->data, data->rows, stride, data->n, first, share);
}

void lb_neural_take(lb_neural* model, const lb_transitions* data, const int* rows, int n, bool with_targets) {
  int nobs = model->config.nobs, nact = model->config.nact, stride = lb_transitions_width(nobs, nact);
  int ld = lb_columns(n);
  lb_columns_gather(model->x, data->data, rows, nobs + nact, stride, n);
  if (with_targets) {
    lb_columns_gather(model->y, data->data + lb_transitions_next(nobs, nact), rows, nobs, stride, n);
    for (int i = 0; i < nobs * ld; i++) model->y[i] -= model->x[i];
    if (model->config.reward) {
      lb_columns_gather(model->y + nobs * ld, data->data + lb_transitions_reward(nobs, nact), rows, 1, stride, n);
    }
    for (int i = 0; i < model->targets; i++) {
      lb_real centre = model->centre[i], scale = 1 / model->unit[i];
      for (int j = 0; j < ld; j++) model->y[i * ld + j] = (model->y[i * ld + j] - centre) * scale;
    }
  }
  lb_normalizer_apply(&model->normalizer, model->x, n);
}

double lb_neural_likelihood(lb_neural* model, lb_real* dy, const lb_real* out, int n) {
  double loss = lb_gaussian_nll(dy, out, dy ? model->slope : NULL, model->y, model->targets, n);
  double power = model->config.balance;
  if (dy && power > 0) lb_gaussian_weigh(dy, out, power, model->targets, n);
  return loss;
}

// One member's loss and gradient.
static double differentiate(lb_neural* model, int member, const lb_transitions* data, const lb_neural_values* values,
                            const int* rows, int n) {
  lb_neural_take(model, data, rows, n, true);
  lb_real* out = lb_net_forward(model->net, member, model->tape, model->x, n);
  lb_gaussian_bound(out, model->slope, &model->config.bounds, model->targets, n);
  double loss = values ? lb_neural_value_loss(model, model->dy, out, data, values, rows, n)
                       : lb_neural_likelihood(model, model->dy, out, n);
  lb_net_backward(model->net, member, model->tape, model->gradient, NULL, model->dy, 0, 0);
  return loss;
}

// The two runs [first, end) of a member's numbers that are a part of it.
static void find_runs(const lb_neural* model, lb_neural_part part, long runs[2][2]) {
  lb_layer last = lb_net_layer(model->net, 0, model->config.hidden);
  long rows = last.weights + (long)model->targets * last.ld, biases = last.biases + model->targets;
  const long all[3][2][2] = {[LB_NEURAL_MEANS] = {{0, rows}, {last.biases, biases}},
                             [LB_NEURAL_VARIANCES] = {{rows, last.biases}, {biases, biases + model->targets}},
                             [LB_NEURAL_ALL] = {{0, model->net->stride}, {0, 0}}};
  memcpy(runs, all[part], sizeof all[part]);
}

// Shortens the gradient of both runs together to the norm that there is at most.
static void clip_runs(lb_neural* model, long runs[2][2]) {
  double most = model->config.clip, square = 0;
  for (int i = 0; i < 2 && most > 0; i++) {
    double norm = lb_adam_norm(model->gradient + runs[i][0], runs[i][1] - runs[i][0]);
    square += norm * norm;
  }
  if (!(sqrt(square) > most)) return;
  lb_real scale = (lb_real)(most / sqrt(square));
  for (int i = 0; i < 2; i++) {
    for (long k = runs[i][0]; k < runs[i][1]; k++) model->gradient[k] *= scale;
  }
}

bool lb_neural_descend(lb_neural* model, int member, lb_neural_part part) {
  long runs[2][2], offset = member * model->net->stride;
  find_runs(model, part, runs);
  for (int i = 0; i < 2; i++) {
    if (!lb_adam_is_finite(model->gradient + runs[i][0], runs[i][1] - runs[i][0])) return false;
  }
  clip_runs(model, runs);
  for (int i = 0; i < 2; i++) {
    long first = runs[i][0], at = offset + first;
    lb_adam_step_part(&model->adam, model->net->theta + at, model->gradient + first, NULL, 0, at, runs[i][1] - first);
  }
  return true;
}

// Members are independent: each steps as soon as its gradient is there, while that is in the cache.
double lb_neural_step(lb_neural* model, const lb_transitions* data, const lb_neural_values* values, const int* rows,
                      int n) {
  const lb_neural_config* c = &model->config;
  lb_neural_part part = values && !(c->anchor > 0) ? LB_NEURAL_MEANS : LB_NEURAL_ALL;
  double total = 0;
  assert(data->nobs == c->nobs && data->nact == c->nact && n >= 1 && n <= c->batch);
  assert((c->loss == LB_NEURAL_VALUE_MOMENTS) == (values != NULL));
  lb_adam_advance(&model->adam);
  for (int m = 0; m < c->members; m++) {
    double loss = differentiate(model, m, data, values, rows + (long)m * n, n);
    if (!isfinite(loss) || !lb_neural_descend(model, m, part)) return NAN;
    total += loss;
  }
  return total / c->members;
}

enum { ENTRIES = 10, SIZES = 6 };

typedef struct layout {
  lb_bundle bundle;
  lb_entry entries[ENTRIES];
  lb_bundle_size sizes[SIZES];
} layout;

// The tensors and sizes that an ensemble is made of, with the bounds that a file must keep.
static void describe(layout* l, lb_neural* model) {
  const lb_neural_config* c = &model->config;
  long count = model->net->count, dim = model->normalizer.dim;
  const double any = DBL_MAX;
  *l = (layout){
      .entries = {LB_ENTRIES("ensemble", model->net->theta, count, -any, any),
                  LB_ENTRIES("ensemble.m", model->adam.m, count, -any, any),
                  LB_ENTRIES("ensemble.v", model->adam.v, count, 0, any),
                  LB_ENTRIES("normalizer.mean", model->normalizer.mean, dim, -any, any),
                  LB_ENTRIES("normalizer.scale", model->normalizer.scale, dim, 0, any),
                  LB_ENTRIES("targets.centre", model->centre, model->targets, -any, any),
                  LB_ENTRIES("targets.unit", model->unit, model->targets, (double)FLT_MIN, any),
                  LB_ENTRIES("targets.known", &model->has_units, 1, 0, 1),
                  LB_ENTRIES("steps", &model->adam.steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("elites", model->elites, c->elites, 0, c->members - 1)},
      .sizes = {{"nobs", c->nobs},
                {"nact", c->nact},
                {"members", c->members},
                {"hidden", c->hidden},
                {"width", c->width},
                {"targets", model->targets}},
  };
  l->bundle = (lb_bundle){
      .kind = "probabilistic ensemble", .sizes = l->sizes, .nsizes = SIZES, .entries = l->entries, .nentries = ENTRIES};
}

lb_status lb_neural_save(lb_neural* model, const char* path) {
  layout l;
  describe(&l, model);
  return lb_bundle_save(&l.bundle, path);
}

lb_status lb_neural_load(lb_neural* model, const char* path) {
  layout l;
  describe(&l, model);
  return lb_bundle_load(&l.bundle, path);
}

void lb_neural_add(lb_neural* model, lb_npz_writer* w, const char* prefix) {
  layout l;
  describe(&l, model);
  lb_entries_save(l.entries, ENTRIES, prefix, w);
}

lb_status lb_neural_take_from(lb_neural* model, const lb_npz* npz, const char* prefix) {
  layout l;
  describe(&l, model);
  return lb_entries_restore(l.entries, ENTRIES, prefix, npz);
}
