// An ensemble of networks: see neural.h.
#include "model/neural.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"
#include "model/neural_split.h"
#include "nn/bundle.h"
#include "nn/columns.h"
#include "nn/init.h"

// ---------------------------------------------------------------------------------------------------------------------
// Its making, one gradient step, its file

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
  model->draws = LB_TAKE(arena, double, (model->targets * columns));
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

// ---------------------------------------------------------------------------------------------------------------------
// The units in which it predicts

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

// ---------------------------------------------------------------------------------------------------------------------
// Training with early stopping

// What a fit works on.
typedef struct task {
  lb_neural_split split;
  const lb_neural_values* values;  // NULL: prediction
} task;

// What a part of a fit trains, and by what a member is judged on rows of the holdout.
typedef struct stage {
  double (*step)(lb_neural* model, const task* s, int n);
  double (*error)(lb_neural* model, int member, const task* s, const int* rows, int n);
} stage;

static double means_step(lb_neural* model, const task* s, int n) {
  return lb_neural_step(model, s->split.data, s->values, s->split.batch, n);
}

// Holdout error of a member's means: squared, or that of the values they lead to.
static double means_error(lb_neural* model, int member, const task* s, const int* rows, int n) {
  const lb_neural_config* c = &model->config;
  lb_real* out = lb_net_forward(model->net, member, model->forward, model->x, n);
  if (!s->values || c->score == LB_NEURAL_SCORE_SQUARED) {
    return lb_gaussian_squared(NULL, out, model->y, model->targets, n);
  }
  lb_gaussian_bound(out, NULL, &c->bounds, model->targets, n);
  return lb_neural_value_loss(model, NULL, out, s->split.data, s->values, rows, n);
}

static double variances_step(lb_neural* model, const task* s, int n) {
  return lb_neural_variance_step(model, s->split.data, s->split.batch, n);
}

// Holdout error of a member with its variances: the Gaussian's negative log likelihood.
static double variances_error(lb_neural* model, int member, const task* s, const int* rows, int n) {
  (void)s;
  (void)rows;
  lb_real* out = lb_net_forward(model->net, member, model->forward, model->x, n);
  lb_gaussian_bound(out, NULL, &model->config.bounds, model->targets, n);
  return lb_gaussian_nll(NULL, out, NULL, model->y, model->targets, n);
}

static const stage means = {means_step, means_error}, variances = {variances_step, variances_error};

// So many updates on `draws` transitions of each member in all. Returns the mean loss; NAN ends the fit.
static double train_iteration(lb_neural* model, const stage* part, task* s, int draws, int64_t* updates, lb_rng* rng) {
  double total = 0;
  int steps = 0, batch = model->config.batch;
  for (int at = 0; at < draws; at += batch, steps++) {
    int n = draws - at < batch ? draws - at : batch;
    lb_neural_split_draw(&s->split, n, rng);
    double loss = part->step(model, s, n);
    if (isnan(loss)) return NAN;
    *updates += 1;
    total += loss;
  }
  return total / steps;
}

// The members' errors (members) on what is held out, each source by its share.
static void validate(lb_neural* model, double* errors, const stage* part, const task* s) {
  const lb_neural_config* c = &model->config;
  memset(errors, 0, (size_t)c->members * sizeof *errors);
  for (int k = 0; k < s->split.nsources; k++) {
    const lb_neural_source* from = &s->split.sources[k];
    for (int at = 0; at < from->nheld; at += c->batch) {
      int n = from->nheld - at < c->batch ? from->nheld - at : c->batch;
      const int* rows = from->held + at;
      double weight = from->share * n / from->nheld;
      lb_neural_take(model, s->split.data, rows, n, true);
      for (int m = 0; m < c->members; m++) errors[m] += part->error(model, m, s, rows, n) * weight;
    }
  }
}

// Whether any member's error fell by enough; the least errors so far are kept.
static bool improved(double* least, const double* errors, const lb_neural_config* c) {
  bool any = false;
  for (int m = 0; m < c->members; m++) any = any || least[m] - errors[m] > c->improvement * fabs(least[m]);
  for (int m = 0; m < c->members && any; m++) least[m] = fmin(least[m], errors[m]);
  return any;
}

// The members with the least holdout errors, best first.
static void choose_elites(lb_neural* model, const double* errors) {
  bool taken[LB_NEURAL_MOST_MEMBERS] = {false};
  for (int i = 0; i < model->config.elites; i++) {
    int best = -1;
    for (int m = 0; m < model->config.members; m++) {
      if (!taken[m] && (best < 0 || errors[m] < errors[best])) best = m;
    }
    taken[best] = true;
    model->elites[i] = best;
  }
}

// How a fit goes on between two looks at the holdout: an epoch, or a part of what it may take.
typedef struct course {
  int draws;           // of each member
  int64_t rest;        // draws left; of epochs: without end
  int most, patience;  // looks in all, and without improvement
} course;

// `share` of the budget where there is one.
static course plan_course(const lb_neural_config* c, const task* s, double share) {
  if (c->updates == 0) {
    return (course){.draws = s->split.train, .rest = INT64_MAX, .most = c->most_epochs, .patience = c->patience};
  }
  int64_t updates = (int64_t)fmax(1, round(share * c->updates));
  int64_t each = (updates + LB_NEURAL_LOOKS - 1) / LB_NEURAL_LOOKS;
  return (course){.draws = (int)(each * c->batch),
                  .rest = updates * c->batch,
                  .most = LB_NEURAL_LOOKS,
                  .patience = LB_NEURAL_LOOKS};
}

// Trains as long as the course says, and goes back to the weights of the best look.
static void train(lb_neural* model, lb_neural_report* report, const stage* part, task* s, double share, lb_rng* rng) {
  const lb_neural_config* c = &model->config;
  size_t bytes = (size_t)model->net->count * sizeof(lb_real);
  double least[LB_NEURAL_MOST_MEMBERS], errors[LB_NEURAL_MOST_MEMBERS];
  course way = plan_course(c, s, share);
  validate(model, least, part, s);
  for (int m = 0; m < c->members; m++) {
    if (!isfinite(least[m])) report->broken = "holdout error";
  }
  if (report->broken) return;  // nothing would count as better
  memcpy(model->best, model->net->theta, bytes);
  for (int epoch = 1; epoch <= way.most && epoch - report->best_epoch <= way.patience && way.rest > 0; epoch++) {
    int draws = way.rest < way.draws ? (int)way.rest : way.draws;
    double loss = train_iteration(model, part, s, draws, &report->updates, rng);
    way.rest -= draws;
    if (isnan(loss)) {
      report->broken = "gradient";
      break;
    }
    report->loss = loss;
    report->epochs = epoch;
    validate(model, errors, part, s);
    if (!improved(least, errors, c)) continue;
    report->best_epoch = epoch;
    memcpy(model->best, model->net->theta, bytes);
  }
  memcpy(model->net->theta, model->best, bytes);
}

// Fits the variances to the means, which stay: values say nothing of them.
static void train_variances(lb_neural* model, lb_neural_report* report, task* s, lb_rng* rng) {
  lb_neural_report own = {0};
  train(model, &own, &variances, s, LB_NEURAL_VARIANCE_SHARE, rng);
  report->variance_epochs = own.epochs;
  report->updates += own.updates;
  report->broken = own.broken;
}

void lb_neural_fit_shares(lb_neural* model, lb_neural_report* report, const lb_transitions* data, int first,
                          double share, const lb_value* value, lb_rng* rng, lb_arena* scratch) {
  const lb_neural_config* c = &model->config;
  assert(data->n >= 2 && data->nobs == c->nobs && data->nact == c->nact);
  lb_mark mark = lb_arena_mark(scratch);
  lb_neural_values values = {0};
  if (value) values = lb_neural_values_new(value, data, scratch);
  task s = {.split = lb_neural_split_new(c, data, first, share, rng, scratch), .values = value ? &values : NULL};
  *report = (lb_neural_report){0};
  lb_neural_normalize_shares(model, data, first, share);
  lb_neural_settle_units(model, data, first, share);
  train(model, report, &means, &s, value ? 1 - LB_NEURAL_VARIANCE_SHARE : 1, rng);
  if (value && !report->broken) train_variances(model, report, &s, rng);
  validate(model, report->holdout, &means, &s);
  choose_elites(model, report->holdout);
  lb_arena_release(scratch, mark);
}

void lb_neural_fit(lb_neural* model, lb_neural_report* report, const lb_transitions* data, const lb_value* value,
                   lb_rng* rng, lb_arena* scratch) {
  lb_neural_fit_shares(model, report, data, 0, 0, value, rng, scratch);
}
