// Behaviour cloning: see bc.h.
#include "plan/bc.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "nn/columns.h"
#include "nn/tanh_gaussian.h"
#include "plan/bc_private.h"

static const double least_noise = 1e-3;  // of an actor fitted by squared error

lb_bc_config lb_bc_default_config(void) {
  return (lb_bc_config){.loss = LB_BC_SQUARED,
                        .batch = 256,
                        .rate = 1e-3,
                        .drops = 2,
                        .weight_decay = 1e-5,
                        .holdout = 0.1,
                        .patience = 20,
                        .improvement = 1e-3,
                        .most_epochs = 500,
                        .least_deviation = 1e-3,
                        .most_action = 0.999};
}

lb_bc_work lb_bc_begin(lb_actor* actor, const lb_transitions* data, const lb_bc_config* config, lb_arena* arena) {
  int columns = lb_columns(config->batch), nobs = data->nobs, nact = data->nact;
  lb_bc_work w = {.actor = actor, .config = config, .data = data};
  lb_adam_config adam = lb_adam_default_config();
  adam.rate = config->rate;
  adam.weight_decay = config->weight_decay;
  lb_adam_init(&w.adam, actor->net->count, &adam, arena);
  w.rows = LB_TAKE(arena, int, data->n);
  w.order = LB_TAKE(arena, int, data->n);
  w.square = LB_TAKE(arena, double, nact);
  w.tape = lb_tape_new(&actor->net->shape, config->batch, true, arena);
  w.gradient = lb_net_gradient_new(actor->net, arena);
  w.best = lb_net_gradient_new(actor->net, arena);
  w.x = LB_TAKE(arena, lb_real, nobs * columns);
  w.action = LB_TAKE(arena, lb_real, nact * columns);
  w.dy = LB_TAKE(arena, lb_real, 2 * nact * columns);
  return w;
}

// Of n things, how many are held out: at least one, and not all.
static int share_of(const lb_bc_config* config, int n) {
  return (int)fmin(n - 1, fmax(1, round(config->holdout * n)));
}

// Whole episodes in a random order, the last of them held out.
static void split_by_episode(lb_bc_work* w, const int* episodes, int nepisodes, lb_rng* rng) {
  int *order = w->order, filled = 0, held = share_of(w->config, nepisodes);
  for (int e = 0; e < nepisodes; e++) order[e] = e;
  lb_rng_shuffle(rng, order, nepisodes);
  for (int i = 0; i < nepisodes; i++) {
    int e = order[i], end = e + 1 < nepisodes ? episodes[e + 1] : w->data->n;
    assert(episodes[0] == 0 && episodes[e] < end && end <= w->data->n);
    if (i == nepisodes - held) w->train = filled;
    for (int j = episodes[e]; j < end; j++) w->rows[filled++] = j;
  }
  w->held = filled - w->train;
}

void lb_bc_split(lb_bc_work* w, const int* episodes, int nepisodes, lb_rng* rng) {
  int n = w->data->n;
  w->by_episode = episodes && nepisodes >= LB_BC_LEAST_EPISODES;
  if (w->by_episode) {
    split_by_episode(w, episodes, nepisodes, rng);
  } else {
    w->held = share_of(w->config, n);
    w->train = n - w->held;
    for (int i = 0; i < n; i++) w->rows[i] = i;
    lb_rng_shuffle(rng, w->rows, n);
  }
  for (int i = 0; i < n && w->data->rows; i++) w->rows[i] = w->data->rows[w->rows[i]];
}

// Fits the normalizer to the training rows; no deviation counts as smaller than least_deviation.
static void normalize(lb_bc_work* w) {
  const lb_transitions* data = w->data;
  lb_normalizer* z = &w->actor->normalizer;
  lb_normalizer_fit(z, data->data, w->rows, lb_transitions_width(data->nobs, data->nact), w->train);
  lb_real most = (lb_real)(1 / w->config->least_deviation);
  for (int i = 0; i < z->dim; i++) z->scale[i] = z->scale[i] < most ? z->scale[i] : most;
}

// The net's outputs at n rows, whose actions go into w->action.
static const lb_real* outputs_at(lb_bc_work* w, const int* rows, int n) {
  int nobs = w->data->nobs, nact = w->data->nact, stride = lb_transitions_width(nobs, nact);
  lb_columns_gather(w->x, w->data->data, rows, nobs, stride, n);
  lb_columns_gather(w->action, w->data->data + nobs, rows, nact, stride, n);
  lb_normalizer_apply(&w->actor->normalizer, w->x, n);
  return lb_net_forward(w->actor->net, 0, w->tape, w->x, n);
}

// Clips the actions to [-most_action, most_action]: at +-1 the tanh Gaussian has no density.
static void cut_actions(lb_bc_work* w, int n) {
  lb_real most = (lb_real)w->config->most_action;
  long numbers = (long)w->data->nact * lb_columns(n);
  for (long i = 0; i < numbers; i++) {
    lb_real a = w->action[i] < most ? w->action[i] : most;
    w->action[i] = a > -most ? a : -most;
  }
}

double lb_bc_loss_at(lb_bc_work* w, const int* rows, int n, bool gradient) {
  int nact = w->data->nact;
  lb_real* dy = gradient ? w->dy : NULL;
  double loss;
  const lb_real* y = outputs_at(w, rows, n);
  if (w->config->loss == LB_BC_SQUARED) {
    loss = lb_tanh_gaussian_squared(dy, y, w->action, nact, n);
  } else {
    cut_actions(w, n);
    loss = lb_tanh_gaussian_nll(dy, y, w->action, nact, n);
  }
  if (gradient) lb_net_backward(w->actor->net, 0, w->tape, w->gradient, NULL, dy, 0, 0);
  return loss;
}

// The mean loss over many rows.
static double loss_over(lb_bc_work* w, const int* rows, int n) {
  double total = 0;
  for (int at = 0, part; at < n; at += part) {
    part = n - at < w->config->batch ? n - at : w->config->batch;
    total += lb_bc_loss_at(w, rows + at, part, false) * part;
  }
  return total / n;
}

// One pass over the training part in a new order; false when a gradient was not finite: no step was taken with it.
static bool train_epoch(lb_bc_work* w, int64_t* updates, lb_rng* rng) {
  int steps = (w->train + w->config->batch - 1) / w->config->batch;
  lb_rng_shuffle(rng, w->rows, w->train);
  for (int s = 0; s < steps; s++) {
    int from = (int)((long)w->train * s / steps), to = (int)((long)w->train * (s + 1) / steps);
    lb_bc_loss_at(w, w->rows + from, to - from, true);
    if (!lb_adam_is_finite(w->gradient, w->adam.count)) return false;
    lb_adam_step(&w->adam, w->actor->net->theta, w->gradient, NULL, 0);
    *updates += 1;
  }
  return true;
}

// Remembers the weights of the best holdout loss so far.
static void keep(lb_bc_work* w, lb_bc_report* report, double holdout, int epoch) {
  report->holdout = holdout;
  report->best_epoch = epoch;
  memcpy(w->best, w->actor->net->theta, (size_t)w->actor->net->count * sizeof *w->best);
}

static void restore(lb_bc_work* w) {
  memcpy(w->actor->net->theta, w->best, (size_t)w->actor->net->count * sizeof *w->best);
}

// Trains until the holdout says stop. Each drop of the holdout loss is kept; only one that is large enough buys more
// epochs.
static void descend_at_rate(lb_bc_work* w, lb_bc_report* report, lb_rng* rng) {
  const lb_bc_config* c = w->config;
  double counted = report->holdout;
  int last = report->epochs + c->patience;
  while (report->epochs < last && report->epochs < c->most_epochs) {
    if (!train_epoch(w, &report->updates, rng)) {
      report->broken = "gradient";
      return;
    }
    int epoch = ++report->epochs;
    double loss = loss_over(w, w->rows + w->train, w->held);
    if (loss < report->holdout) keep(w, report, loss, epoch);
    if (!isfinite(loss)) {
      report->broken = "holdout";
      return;
    }
    if (!(counted - loss > c->improvement * fabs(counted))) continue;
    counted = loss;
    last = epoch + c->patience;
  }
}

// Trains at the first rate and at the lower ones after it, each from the best weights so far, and restores the best.
// Adam's steps do not shrink by themselves: near the end they are noise of the size of the rate.
static void descend(lb_bc_work* w, lb_bc_report* report, lb_rng* rng) {
  keep(w, report, loss_over(w, w->rows + w->train, w->held), 0);
  if (!isfinite(report->holdout)) report->broken = "weights";
  for (int drop = 0; drop <= w->config->drops && !report->broken; drop++) {
    descend_at_rate(w, report, rng);
    restore(w);
    w->adam.config.rate *= LB_BC_DROP;
  }
  report->loss = loss_over(w, w->rows, w->train);
}

// The log standard deviations, which the squared error left as they were, become those of the holdout's errors whatever
// the observation.
static void set_noise(lb_bc_work* w) {
  lb_net* net = w->actor->net;
  lb_layer last = lb_net_layer(net, 0, net->shape.hidden);
  int nact = w->data->nact;
  const int* held = w->rows + w->train;
  double* square = w->square;
  memset(square, 0, (size_t)nact * sizeof *square);
  for (int at = 0, n; at < w->held; at += n) {
    n = w->held - at < w->config->batch ? w->held - at : w->config->batch;
    const lb_real* y = outputs_at(w, held + at, n);
    lb_tanh_gaussian_mean(w->dy, y, nact, n);
    for (int i = 0; i < nact; i++) {
      long row = (long)i * lb_columns(n);
      for (int j = 0; j < n; j++) square[i] += pow((double)w->dy[row + j] - (double)w->action[row + j], 2);
    }
  }
  for (int i = 0; i < nact; i++) {
    double deviation = fmax(least_noise, sqrt(square[i] / w->held));
    memset(net->theta + last.weights + (long)(nact + i) * last.ld, 0, (size_t)last.ld * sizeof *net->theta);
    net->theta[last.biases + nact + i] = (lb_real)log(deviation);
  }
}

// NULL, or which numbers of the data are not all finite.
static const char* find_broken(const lb_transitions* data) {
  int width = lb_transitions_width(data->nobs, data->nact);
  for (int j = 0; j < data->n; j++) {
    const float* row = data->data + (long)(data->rows ? data->rows[j] : j) * width;
    for (int i = 0; i < data->nobs + data->nact; i++) {
      if (!isfinite(row[i])) return i < data->nobs ? "observations" : "actions";
    }
  }
  return NULL;
}

// Whether the settings make sense.
static bool is_sound(const lb_bc_config* c) {
  return c->batch >= 1 && c->rate > 0 && c->drops >= 0 && c->weight_decay >= 0 && c->holdout > 0 && c->holdout < 1 &&
         c->patience >= 1 && c->improvement >= 0 && c->most_epochs >= 0 && c->least_deviation > 0 &&
         c->most_action > 0 && c->most_action < 1;
}

lb_status lb_bc_fit(lb_actor* actor, lb_bc_report* report, const lb_transitions* data, const int* episodes,
                    int nepisodes, const lb_bc_config* config, lb_rng* rng, lb_arena* scratch) {
  assert(is_sound(config) && data->nobs == actor->config.nobs && data->nact == actor->config.nact);
  *report = (lb_bc_report){0};
  if (data->n < LB_BC_LEAST_TRANSITIONS) {
    return lb_fail(LB_INPUT, "%d %s, where behaviour cloning needs at least %d; record more demonstrations", data->n,
                   lb_plural(data->n, "transition", "transitions"), LB_BC_LEAST_TRANSITIONS);
  }
  report->broken = find_broken(data);
  if (report->broken) return lb_ok();
  lb_mark mark = lb_arena_mark(scratch);
  lb_bc_work w = lb_bc_begin(actor, data, config, scratch);
  lb_bc_split(&w, episodes, nepisodes, rng);
  report->train = w.train;
  report->held = w.held;
  report->by_episode = w.by_episode;
  normalize(&w);
  descend(&w, report, rng);
  if (config->loss == LB_BC_SQUARED && !report->broken) set_noise(&w);
  lb_arena_release(scratch, mark);
  return lb_ok();
}
