// The ensemble of networks behind core/model.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "io/entries.h"
#include "model/model_kinds.h"

static const char* const losses[] = {"prediction", "value-moments", NULL};
static const char* const scores[] = {"loss", "mse", NULL};
static const char* const decays[] = {"scaled", "plain", NULL};

// Draws that go through the networks side by side.
enum { CHUNK = 2048 };

#define AT(field) offsetof(lb_ensemble_options, field)
static const lb_param choices[] = {
    {"loss", LB_PARAM_WORD, AT(loss), 0, 1, 0, losses, "", "likelihood of what was seen, or errors of values"},
    {"value_scale", LB_PARAM_REAL, AT(value_scale), 1e-9, 1e9, 0.01, NULL, "",
     "value moments: weight of an error of values beside the reward's squared one"},
    {"anchor", LB_PARAM_REAL, AT(anchor), 0, 1e9, 0, NULL, "", "value moments: weight of the likelihood"},
    {"score", LB_PARAM_WORD, AT(score), 0, 1, 0, scores, "",
     "value moments: by what a holdout chooses weights and elites"},
    {"decay", LB_PARAM_WORD, AT(plain_decay), 0, 1, 0, decays, "",
     "value moments: model_decay by value_scale, as the loss is, or as it stands"},
};
const lb_params lb_ensemble_choices = LB_PARAMS_OF(choices);

static const lb_param settings[] = {
    {"model_layers", LB_PARAM_WHOLE, AT(layers), 1, 8, 4, NULL, "layers", "hidden, of each member of the ensemble"},
    {"model_width", LB_PARAM_WHOLE, AT(width), 1, 4096, 200, NULL, "units", "of each of these layers"},
    {"model_batch", LB_PARAM_WHOLE, AT(batch), 1, 65536, 256, NULL, "transitions",
     "of one member in a gradient update"},
    {"model_members", LB_PARAM_WHOLE, AT(members), 1, 32, 7, NULL, "networks", "in the ensemble"},
    {"model_elites", LB_PARAM_WHOLE, AT(elites), 1, 32, 5, NULL, "networks",
     "of them, those with the least held-out loss, which predict"},
    {"model_learning_rate", LB_PARAM_REAL, AT(rate), 1e-9, 1, 1e-3, NULL, "", "Adam's, of the model"},
    {"model_decay", LB_PARAM_REAL, AT(decay), 0, 1, 1e-5, NULL, "", "weight decay of the model"},
    {"model_gradient_clip", LB_PARAM_REAL, AT(clip), 0, 1e9, 0, NULL, "",
     "most norm of a member's gradient; 0: no limit"},
    {"model_updates", LB_PARAM_WHOLE, AT(updates), 0, 1000000, 0, NULL, "updates",
     "of a fit; 0: until `model_patience` ends it"},
    {"model_patience", LB_PARAM_WHOLE, AT(patience), 1, 1000000, 5, NULL, "epochs",
     "without a better held-out loss, after which a fit ends; only with `model_updates` 0"},
};
const lb_params lb_ensemble_settings = LB_SETTINGS_OF(settings, "Those whose model is an ensemble of networks");

typedef struct ensemble {
  lb_neural* net;
  lb_space space;
  bool moments;
  int64_t updates;  // gradient updates of all fits
  lb_arena* arena;
  float *obs, *act, *next, *reward;  // (CHUNK, .)

} ensemble;

unsigned lb_ensemble_needs(const void* options) {
  return lb_model_loss_needs(((const lb_ensemble_options*)options)->loss);
}

lb_status lb_ensemble_check(const void* options, unsigned given) {
  const lb_ensemble_options* o = options;
  for (int i = 1; i < lb_ensemble_choices.n && o->loss == LB_LOSS_PREDICTION; ++i) {
    if (!(given >> i & 1)) continue;
    return lb_fail(LB_INPUT, "'%s' means nothing to loss 'prediction'; it goes with value-moments", choices[i].key);
  }
  return lb_ok();
}

lb_neural_config lb_ensemble_config(int nobs, int nact, const lb_ensemble_options* o) {
  lb_neural_config c = lb_neural_default_config(nobs, nact);
  c.members = o->members;
  c.elites = o->elites;
  c.hidden = o->layers;
  c.width = o->width;
  c.batch = o->batch;
  c.rate = o->rate;
  c.weight_decay = o->decay;
  // The loss is so much smaller.
  if (o->loss == LB_LOSS_VALUE_MOMENTS && !o->plain_decay) c.weight_decay *= o->value_scale;
  c.clip = o->clip;
  c.updates = o->updates;
  c.patience = o->patience;
  c.loss = o->loss == LB_LOSS_VALUE_MOMENTS ? LB_NEURAL_VALUE_MOMENTS : LB_NEURAL_PREDICTION;
  c.value_scale = o->value_scale;
  c.anchor = o->anchor;
  c.score = (lb_neural_score)o->score;
  return c;
}

// lb_model.fit: trains the ensemble, for value moments where it has a value to match.
static void fit(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch) {
  ensemble* m = ctx;
  lb_neural_report r;
  const lb_value* value = m->moments ? data->value : NULL;
  lb_neural_fit_shares(m->net, &r, &data->rows, data->first, data->share, value, rng, scratch);
  m->updates += r.updates;
  *report = (lb_fit_report){.loss = r.loss,
                            .updates = r.updates,
                            .evaluations = r.epochs,
                            .stop = "",
                            .broken = r.broken ? (strcmp(r.broken, "gradient") == 0 ? "gradient of the ensemble"
                                                                                    : "holdout error of the ensemble")
                                               : NULL};
}

static void narrow(float* to, const double* from, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = (float)from[i];
}

static void widen(double* to, const float* from, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = (double)from[i];
}

// lb_model.sample: a draw of an elite's Gaussian, CHUNK rows at a time; terminations are the task's to say.
static void sample(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                   bool* terminated, lb_rng* rng) {
  (void)t;
  ensemble* m = ctx;
  const lb_neural_config* c = lb_neural_config_of(m->net);
  for (ptrdiff_t begin = 0, part; begin < n; begin += part) {
    part = n - begin < CHUNK ? n - begin : CHUNK;
    narrow(m->obs, x + begin * c->nobs, part * c->nobs);
    narrow(m->act, u + begin * c->nact, part * c->nact);
    lb_neural_sample(m->net, m->next, m->reward, m->obs, m->act, (int)part, rng, m->arena);
    widen(x_next + begin * c->nobs, m->next, part * c->nobs);
    widen(reward + begin, m->reward, part);
  }
  memset(terminated, 0, (size_t)n * sizeof *terminated);
}

// The mean of the elites: next observation and reward.
static void predict(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward) {
  ensemble* m = ctx;
  int nobs = lb_neural_config_of(m->net)->nobs;
  lb_mark mark = lb_arena_mark(m->arena);
  double* both = LB_TAKE(m->arena, double, ((ptrdiff_t)n * (nobs + 1)));
  lb_neural_predict(m->net, -1, both, NULL, x, u, n);
  for (ptrdiff_t j = 0; j < n; ++j) {
    memcpy(x_next + j * nobs, both + j * (nobs + 1), (size_t)nobs * sizeof *x_next);
    reward[j] = both[j * (nobs + 1) + nobs];
  }
  lb_arena_release(m->arena, mark);
}

// Gradient and Hessian of the predicted reward; returns how many forward passes that cost.
static long expand_reward(void* ctx, int n, const double* x, const double* u, double* gradient, double* hessian) {
  ensemble* m = ctx;
  const lb_neural_config* c = lb_neural_config_of(m->net);
  lb_neural_reward_expansion(m->net, gradient, hessian, x, u, n);
  return (long)n * (1 + 2 * (c->nobs + c->nact));
}

static lb_entry updates_entry(ensemble* m) {
  return (lb_entry)LB_ENTRY("model/all_updates", &m->updates, 0, LB_MOST_COUNT);
}

// Adds the number of updates and the networks to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  (void)scratch;
  ensemble* m = ctx;
  lb_entry updates = updates_entry(m);
  lb_entries_save(&updates, 1, "", w);
  lb_neural_add(m->net, w, "model/");
}

// Takes them from one.
static lb_status restore(void* ctx, const lb_npz* npz, const lb_fit_data* data, lb_arena* scratch) {
  (void)data, (void)scratch;
  ensemble* m = ctx;
  lb_entry updates = updates_entry(m);
  LB_TRY(lb_entries_restore(&updates, 1, "", npz));
  return lb_neural_take_from(m->net, npz, "model/");
}

static void write(void* ctx, lb_json_writer* w) {
  lb_json_write_int(w, "model_updates", ((const ensemble*)ctx)->updates);
}

static lb_status write_file(void* ctx, const char* path) {
  return lb_neural_save(((ensemble*)ctx)->net, path);
}

static lb_status read_file(void* ctx, const char* path) {
  return lb_neural_load(((ensemble*)ctx)->net, path);
}

lb_neural* lb_ensemble_of(const lb_model* model) {
  assert(model->fit == fit);
  return ((ensemble*)model->ctx)->net;
}

lb_status lb_ensemble_open(lb_model* out, const lb_opening* o, const void* options) {
  int nobs = o->space->nx, nact = o->system->nu;
  lb_neural_config config = lb_ensemble_config(nobs, nact, options);
  if (config.elites > config.members) {
    return lb_fail(LB_INPUT, "model_elites (%d) are more than model_members (%d)", config.elites, config.members);
  }
  ensemble* m = LB_TAKE(o->arena, ensemble, 1);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_INITIAL_MODEL, 0, 0);
  *m = (ensemble){.net = lb_neural_new(&config, &rng, o->arena), .space = *o->space, .arena = o->arena};
  m->moments = config.loss == LB_NEURAL_VALUE_MOMENTS;
  m->obs = LB_TAKE(o->arena, float, (CHUNK * nobs));
  m->next = LB_TAKE(o->arena, float, (CHUNK * nobs));
  m->act = LB_TAKE(o->arena, float, (CHUNK * nact));
  m->reward = LB_TAKE(o->arena, float, CHUNK);
  *out = (lb_model){.ctx = m,
                    .dynamics = lb_neural_dynamics(m->net, &m->space, NULL),
                    .sampler = {.nx = nobs, .nu = nact, .ctx = m, .sample = sample},
                    .predict = predict,
                    .expand_reward = expand_reward,
                    .fit = fit,
                    .save = save,
                    .restore = restore,
                    .write_file = write_file,
                    .read_file = read_file,
                    .write = write};
  return lb_ok();
}

//
// Forecasts
//

// Pieces of a fit: an update of all members, one that moves the variance alone, a transition held out.
enum { UPDATE, VARIANCE, JUDGED };

typedef struct trial {
  lb_neural* net;
  const lb_transitions* data;
  const lb_neural_values* values;
  int *rows, n, batch;
  lb_rng* rng;
} trial;

// One update on random rows, to be timed for the forecast.
static void update_once(void* ctx) {
  trial* t = ctx;
  for (int i = 0; i < t->n; ++i) t->rows[i] = (int)lb_rng_below(t->rng, (uint32_t)t->data->n);
  lb_neural_step(t->net, t->data, t->values, t->rows, t->batch);
}

void lb_ensemble_pace(double* pace, lb_model* model, const lb_fit_data* sample, lb_rng* rng, lb_arena* scratch) {
  ensemble* m = model->ctx;
  const lb_neural_config* c = lb_neural_config_of(m->net);
  trial t = {.net = m->net, .data = &sample->rows, .n = c->members * c->batch, .batch = c->batch, .rng = rng};
  lb_mark mark = lb_arena_mark(scratch);
  t.rows = LB_TAKE(scratch, int, t.n);
  lb_neural_config prediction = *c;
  prediction.loss = LB_NEURAL_PREDICTION;
  if (m->moments) t.net = lb_neural_new(&prediction, rng, scratch);
  lb_neural_normalize(t.net, &sample->rows);
  double plain = pace[UPDATE] = lb_clock_of_call(update_once, &t);
  if (m->moments) {
    lb_neural_values values = lb_neural_values_new(sample->value, &sample->rows, scratch);
    t.net = m->net;
    t.values = &values;
    lb_neural_normalize(t.net, &sample->rows);
    pace[UPDATE] = lb_clock_of_call(update_once, &t);
  }
  // Forward alone takes a third of forward and backward; the variance has little to go back through.
  pace[VARIANCE] = 0.4 * plain;
  pace[JUDGED] = (m->moments ? 0.5 * pace[UPDATE] : plain / 3) / c->batch;
  lb_arena_release(scratch, mark);
}

void lb_ensemble_fit_work(double* updates, double* seconds, const void* options, const double* pace,
                          const lb_fit_size* size) {
  const lb_ensemble_options* o = options;
  const double variance_epochs = 0.6;  // of the second part of a fit to values, in epochs of the first
  const double updates_to_best = 300;  // from task to task 0 to 600 before the epochs of patience
  lb_neural_config c = lb_ensemble_config(1, 1, o);
  bool moments = c.loss == LB_NEURAL_VALUE_MOMENTS;
  double n = size->rows, held = fmin(n - 1, fmax(1, round(c.holdout * n))), variance = 0, looks;
  double batches = ceil((n - held) / c.batch), epochs = c.patience + 1 + updates_to_best / batches;
  held = fmin(held, LB_NEURAL_MOST_HELD * (size->both ? 2 : 1));
  if (c.updates > 0) {
    if (moments) variance = fmax(1, round(LB_NEURAL_VARIANCE_SHARE * c.updates));
    *updates = moments ? variance + fmax(1, round((1 - LB_NEURAL_VARIANCE_SHARE) * c.updates)) : c.updates;
    looks = (fmin(c.updates, LB_NEURAL_LOOKS) + 2) * (moments ? 2 : 1);
  } else {
    if (moments) variance = variance_epochs * epochs * batches;
    *updates = epochs * batches + variance;
    looks = epochs + 2;
  }
  *seconds = pace[UPDATE] * (*updates - variance) + pace[VARIANCE] * variance + pace[JUDGED] * looks * held;
}

double lb_ensemble_bytes(const void* options, int nobs, int nact, double rows) {
  const lb_ensemble_options* o = options;
  double width = o->width, layers = o->layers, weights = (nobs + nact + 1) * width + (layers - 1) * (width + 1) * width;
  double model = o->members * (weights + (width + 1) * 2 * (nobs + 1));
  double nets = 5 * model + (double)o->batch * (layers + 3) * width * 3, saved = 3 * model;
  return sizeof(float) * (nets + saved) + rows * sizeof(int) * (o->members + 2.0);
}
