// Training with early stopping: see neural.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"

// What a fit works on: row numbers of the data.
typedef struct split {
  const lb_transitions* data;
  const lb_neural_values* values;  // NULL: prediction
  int train, held;                 // numbers of transitions
  int* all;                        // (train + held): the training part, then the holdout
  int* own;                        // (members, train): what each member sees
  int* batch;                      // (members, batch)
} split;

static split divide(const lb_neural_config* c, const lb_transitions* data, const lb_neural_values* values, lb_rng* rng,
                    lb_arena* scratch) {
  int n = data->n, held = (int)fmin(n - 1, fmax(1, round(c->holdout * n)));
  split s = {.data = data, .values = values, .train = n - held, .held = held};
  s.all = LB_TAKE(scratch, int, n);
  s.own = LB_TAKE(scratch, int, (long)c->members* s.train);
  s.batch = LB_TAKE(scratch, int, c->members * c->batch);
  for (int i = 0; i < n; i++) s.all[i] = data->rows ? data->rows[i] : i;
  lb_rng_shuffle(rng, s.all, n);
  for (int m = 0; m < c->members; m++) {
    int* own = s.own + (long)m * s.train;
    for (int i = 0; i < s.train; i++) own[i] = s.all[c->bootstrap ? (int)lb_rng_below(rng, (uint32_t)s.train) : i];
  }
  return s;
}

// What a part of a fit trains, and by what a member is judged on rows of the holdout.
typedef struct stage {
  double (*step)(lb_neural* model, const split* s, int n);
  double (*error)(lb_neural* model, int member, const split* s, const int* rows, int n);
} stage;

static double means_step(lb_neural* model, const split* s, int n) {
  return lb_neural_step(model, s->data, s->values, s->batch, n);
}

static double means_error(lb_neural* model, int member, const split* s, const int* rows, int n) {
  const lb_neural_config* c = &model->config;
  lb_real* out = lb_net_forward(model->net, member, model->forward, model->x, n);
  if (!s->values || c->score == LB_NEURAL_SCORE_SQUARED) {
    return lb_gaussian_squared(NULL, out, model->y, model->targets, n);
  }
  lb_gaussian_bound(out, NULL, &c->bounds, model->targets, n);
  return lb_neural_value_loss(model, NULL, out, s->data, s->values, rows, n);
}

static double variances_step(lb_neural* model, const split* s, int n) {
  return lb_neural_variance_step(model, s->data, s->batch, n);
}

static double variances_error(lb_neural* model, int member, const split* s, const int* rows, int n) {
  (void)s;
  (void)rows;
  lb_real* out = lb_net_forward(model->net, member, model->forward, model->x, n);
  lb_gaussian_bound(out, NULL, &model->config.bounds, model->targets, n);
  return lb_gaussian_nll(NULL, out, NULL, model->y, model->targets, n);
}

static const stage means = {means_step, means_error}, variances = {variances_step, variances_error};

// One pass of every member over its own training part. Returns the mean loss; NAN ends the fit.
static double train_epoch(lb_neural* model, const stage* part, const split* s, int64_t* updates, lb_rng* rng) {
  const lb_neural_config* c = &model->config;
  double total = 0;
  int steps = 0;
  for (int m = 0; m < c->members; m++) lb_rng_shuffle(rng, s->own + (long)m * s->train, s->train);
  for (int at = 0; at < s->train; at += c->batch, steps++) {
    int n = s->train - at < c->batch ? s->train - at : c->batch;
    for (int m = 0; m < c->members; m++) {
      memcpy(s->batch + (long)m * n, s->own + (long)m * s->train + at, (size_t)n * sizeof *s->batch);
    }
    double loss = part->step(model, s, n);
    if (isnan(loss)) return NAN;
    *updates += 1;
    total += loss;
  }
  return total / steps;
}

// The members' errors (members) on the holdout.
static void validate(lb_neural* model, double* errors, const stage* part, const split* s) {
  const lb_neural_config* c = &model->config;
  memset(errors, 0, (size_t)c->members * sizeof *errors);
  for (int at = 0; at < s->held; at += c->batch) {
    int n = s->held - at < c->batch ? s->held - at : c->batch;
    const int* rows = s->all + s->train + at;
    lb_neural_take(model, s->data, rows, n, true);
    for (int m = 0; m < c->members; m++) errors[m] += part->error(model, m, s, rows, n) * n / s->held;
  }
}

// Whether any member's error fell by enough; the least errors so far are kept.
static bool improved(double* least, const double* errors, const lb_neural_config* c) {
  bool any = false;
  for (int m = 0; m < c->members; m++) any = any || least[m] - errors[m] > c->improvement * fabs(least[m]);
  for (int m = 0; m < c->members && any; m++) least[m] = fmin(least[m], errors[m]);
  return any;
}

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

// Trains until no member's error has improved for long, and goes back to the weights of the best epoch.
static void train(lb_neural* model, lb_neural_report* report, const stage* part, const split* s, lb_rng* rng) {
  const lb_neural_config* c = &model->config;
  size_t bytes = (size_t)model->net->count * sizeof(lb_real);
  double least[LB_NEURAL_MOST_MEMBERS], errors[LB_NEURAL_MOST_MEMBERS];
  validate(model, least, part, s);
  memcpy(model->best, model->net->theta, bytes);
  for (int epoch = 1; epoch <= c->most_epochs && epoch - report->best_epoch <= c->patience; epoch++) {
    double loss = train_epoch(model, part, s, &report->updates, rng);
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

static void train_variances(lb_neural* model, lb_neural_report* report, const split* s, lb_rng* rng) {
  lb_neural_report own = {0};
  train(model, &own, &variances, s, rng);
  report->variance_epochs = own.epochs;
  report->updates += own.updates;
  report->broken = own.broken;
}

void lb_neural_fit(lb_neural* model, lb_neural_report* report, const lb_transitions* data, const lb_value* value,
                   lb_rng* rng, lb_arena* scratch) {
  const lb_neural_config* c = &model->config;
  assert(data->n >= 2 && data->nobs == c->nobs && data->nact == c->nact);
  lb_mark mark = lb_arena_mark(scratch);
  lb_neural_values values = {0};
  if (value) values = lb_neural_values_new(value, data, scratch);
  split s = divide(c, data, value ? &values : NULL, rng, scratch);
  *report = (lb_neural_report){0};
  lb_neural_normalize(model, data);
  train(model, report, &means, &s, rng);
  if (value && !report->broken) train_variances(model, report, &s, rng);
  validate(model, report->holdout, &means, &s);
  choose_elites(model, report->holdout);
  lb_arena_release(scratch, mark);
}
