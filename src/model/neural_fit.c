// Training with early stopping: see neural.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"

// What a fit works on: row numbers of the data.
typedef struct split {
  const lb_transitions* data;
  int train, held;  // numbers of transitions
  int* all;         // (train + held): the training part, then the holdout
  int* own;         // (members, train): what each member sees
  int* batch;       // (members, batch)
} split;

static split divide(const lb_neural_config* c, const lb_transitions* data, lb_rng* rng, lb_arena* scratch) {
  int n = data->n, held = (int)fmin(n - 1, fmax(1, round(c->holdout * n)));
  split s = {.data = data, .train = n - held, .held = held};
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

// One pass of every member over its own training part. Returns the mean loss; NAN ends the fit.
static double train_epoch(lb_neural* model, const split* s, int64_t* updates, lb_rng* rng) {
  const lb_neural_config* c = &model->config;
  double total = 0;
  int steps = 0;
  for (int m = 0; m < c->members; m++) lb_rng_shuffle(rng, s->own + (long)m * s->train, s->train);
  for (int at = 0; at < s->train; at += c->batch, steps++) {
    int n = s->train - at < c->batch ? s->train - at : c->batch;
    for (int m = 0; m < c->members; m++) {
      memcpy(s->batch + (long)m * n, s->own + (long)m * s->train + at, (size_t)n * sizeof *s->batch);
    }
    double loss = lb_neural_step(model, s->data, s->batch, n);
    if (isnan(loss)) return NAN;
    *updates += 1;
    total += loss;
  }
  return total / steps;
}

// Mean squared errors (members) on the holdout.
static void validate(lb_neural* model, double* errors, const split* s) {
  const lb_neural_config* c = &model->config;
  memset(errors, 0, (size_t)c->members * sizeof *errors);
  for (int at = 0; at < s->held; at += c->batch) {
    int n = s->held - at < c->batch ? s->held - at : c->batch;
    lb_neural_take(model, s->data, s->all + s->train + at, n, true);
    for (int m = 0; m < c->members; m++) {
      const lb_real* out = lb_net_forward(model->net, m, model->forward, model->x, n);
      errors[m] += lb_gaussian_squared(NULL, out, model->y, model->targets, n) * n / s->held;
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

void lb_neural_fit(lb_neural* model, lb_neural_report* report, const lb_transitions* data, lb_rng* rng,
                   lb_arena* scratch) {
  const lb_neural_config* c = &model->config;
  assert(data->n >= 2 && data->nobs == c->nobs && data->nact == c->nact);
  lb_mark mark = lb_arena_mark(scratch);
  size_t bytes = (size_t)model->net->count * sizeof(lb_real);
  double least[LB_NEURAL_MOST_MEMBERS], errors[LB_NEURAL_MOST_MEMBERS];
  split s = divide(c, data, rng, scratch);
  *report = (lb_neural_report){0};
  lb_neural_normalize(model, data);
  validate(model, least, &s);
  memcpy(model->best, model->net->theta, bytes);
  for (int epoch = 1; epoch <= c->most_epochs && epoch - report->best_epoch <= c->patience; epoch++) {
    double loss = train_epoch(model, &s, &report->updates, rng);
    if (isnan(loss)) {
      report->broken = "gradient";
      break;
    }
    report->loss = loss;
    report->epochs = epoch;
    validate(model, errors, &s);
    if (!improved(least, errors, c)) continue;
    report->best_epoch = epoch;
    memcpy(model->best, model->net->theta, bytes);
  }
  memcpy(model->net->theta, model->best, bytes);
  validate(model, report->holdout, &s);
  choose_elites(model, report->holdout);
  lb_arena_release(scratch, mark);
}
