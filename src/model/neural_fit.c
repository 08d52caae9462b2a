// Training with early stopping: see neural.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/neural_private.h"
#include "model/neural_split.h"

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
static double train_round(lb_neural* model, const stage* part, task* s, int draws, int64_t* updates, lb_rng* rng) {
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
    double loss = train_round(model, part, s, draws, &report->updates, rng);
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
