// A policy network: see actor.h.
#include "plan/actor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "nn/columns.h"
#include "nn/init.h"
#include "nn/tanh_gaussian.h"
#include "plan/actor_private.h"

enum { MOST_WIDTH = 8192 };  // of a file's net: what it needs to act is many times the file's size

lb_actor_config lb_actor_default_config(int nobs, int nact) {
  return (lb_actor_config){.nobs = nobs, .nact = nact, .hidden = 2, .width = 256, .batch = 256};
}

// A copy in the arena; of NULL, NULL.
static double* copy(const double* from, int n, lb_arena* arena) {
  if (!from) return NULL;
  double* to = LB_TAKE(arena, double, n);
  memcpy(to, from, (size_t)n * sizeof *to);
  return to;
}

// Everything but the net and the normalizer, for a config whose limits may be another's.
static lb_actor* make_room(const lb_actor_config* config, lb_arena* arena) {
  assert(config->nobs >= 1 && config->nact >= 1 && config->batch >= 1 && !config->u_low == !config->u_high);
  lb_actor* actor = LB_TAKE(arena, lb_actor, 1);
  int columns = lb_columns(config->batch), nact = config->nact;
  actor->config = *config;
  actor->config.u_low = copy(config->u_low, nact, arena);
  actor->config.u_high = copy(config->u_high, nact, arena);
  lb_net_shape shape = lb_actor_shape(config);
  actor->tape = lb_tape_new(&shape, config->batch, false, arena);
  actor->x = LB_TAKE(arena, lb_real, config->nobs * columns);
  actor->action = LB_TAKE(arena, lb_real, nact * columns);
  actor->noise = LB_TAKE(arena, lb_real, nact * columns);
  actor->draws = LB_TAKE(arena, double, (nact * columns));
  return actor;
}

lb_net_shape lb_actor_shape(const lb_actor_config* config) {
  return (lb_net_shape){.members = 1,
                        .inputs = config->nobs,
                        .outputs = 2 * config->nact,
                        .hidden = config->hidden,
                        .width = config->width,
                        .activation = LB_RELU};
}

lb_actor* lb_actor_blank(const lb_actor_config* config, lb_arena* arena) {
  lb_actor* actor = make_room(config, arena);
  lb_net_shape shape = lb_actor_shape(config);
  actor->net = lb_net_new(&shape, arena);
  lb_normalizer_init(&actor->normalizer, config->nobs, arena);
  return actor;
}

lb_actor* lb_actor_new(const lb_actor_config* config, lb_rng* rng, lb_arena* arena) {
  lb_actor* actor = lb_actor_blank(config, arena);
  lb_init_xavier_uniform(actor->net, rng);
  return actor;
}

const lb_actor_config* lb_actor_config_of(const lb_actor* actor) {
  return &actor->config;
}

// Up to `batch` actions by columns.
static const lb_real* act_part(lb_actor* actor, const double* obs, int n, lb_rng* rng) {
  int nact = actor->config.nact;
  lb_columns_take(actor->x, obs, actor->config.nobs, n);
  lb_normalizer_apply(&actor->normalizer, actor->x, n);
  const lb_real* head = lb_net_forward(actor->net, 0, actor->tape, actor->x, n);
  if (!rng) {
    lb_tanh_gaussian_mean(actor->action, head, nact, n);
    return actor->action;
  }
  // One sample after the other, so that parts do not matter.
  lb_rng_normals(rng, actor->draws, n * nact);
  lb_columns_take(actor->noise, actor->draws, nact, n);
  lb_tanh_gaussian_sample(actor->action, NULL, head, actor->noise, nact, n);
  return actor->action;
}

void lb_actor_act(lb_actor* actor, double* action, const double* obs, int n, lb_rng* rng) {
  int nobs = actor->config.nobs, nact = actor->config.nact;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < actor->config.batch ? n - done : actor->config.batch;
    const lb_real* a = act_part(actor, obs + (long)done * nobs, part, rng);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < nact; i++) action[(long)(done + j) * nact + i] = (double)a[(long)i * lb_columns(part) + j];
    }
  }
}

// lb_policy.act: u = tanh of the mean, scaled from [-1, 1] to the limits where both are finite.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_actor* actor = ctx;
  const double *low = actor->config.u_low, *high = actor->config.u_high;
  int nact = actor->config.nact;
  lb_actor_act(actor, u, in, n, NULL);
  for (int i = 0; i < nact && low; i++) {
    if (!isfinite(low[i]) || !isfinite(high[i])) continue;
    double middle = (low[i] + high[i]) / 2, half = (high[i] - low[i]) / 2;
    for (int j = 0; j < n; j++) u[(long)j * nact + i] = middle + half * u[(long)j * nact + i];
  }
}

lb_policy lb_actor_policy(lb_actor* actor) {
  return (lb_policy){
      .input = LB_READS_OBSERVATION, .nin = actor->config.nobs, .nu = actor->config.nact, .ctx = actor, .act = act};
}

lb_actor* lb_actor_widen(const lb_actor* actor, int nobs, lb_arena* arena) {
  int own = actor->config.nobs;
  assert(nobs >= own);
  lb_actor_config config = actor->config;
  config.nobs = nobs;
  lb_actor* wide = lb_actor_blank(&config, arena);
  lb_layer from = lb_net_layer(actor->net, 0, 0), to = lb_net_layer(wide->net, 0, 0);
  size_t row = (size_t)own * sizeof(lb_real);
  for (int i = 0; i < from.out; i++) {
    memcpy(wide->net->theta + to.weights + (long)i * to.ld, actor->net->theta + from.weights + (long)i * from.ld, row);
  }
  // All that comes after the first layer's weights is laid out alike.
  memcpy(wide->net->theta + to.biases, actor->net->theta + from.biases,
         (size_t)(actor->net->count - from.biases) * sizeof(lb_real));
  memcpy(wide->normalizer.mean, actor->normalizer.mean, row);
  memcpy(wide->normalizer.scale, actor->normalizer.scale, row);
  return wide;
}

lb_status lb_actor_save(const lb_actor* actor, const char* path, const lb_net_task* task, const char* provenance) {
  return lb_net_file_save(path, "policy", task, actor->net, &actor->normalizer, provenance);
}

// Fails unless the net maps nobs observations to mean and log standard deviation of nact actions, in layers of ReLU.
static lb_status check_shape(const lb_net_shape* s, const char* path, const lb_actor_config* config) {
  if (s->inputs != config->nobs || s->outputs != 2 * config->nact) {
    return lb_fail(LB_INPUT,
                   "%s: a net from %d inputs to %d outputs, where a policy for this task has %d (observations) and %d "
                   "(means and log standard deviations of %d actions); name a file that was made for this task",
                   path, s->inputs, s->outputs, config->nobs, 2 * config->nact, config->nact);
  }
  bool plain = s->activation == LB_RELU && !s->layer_norm;
  if (s->members == 1 && plain && s->width <= MOST_WIDTH) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: not one net of ReLU layers without layer_norm and with at most %d units each, as a policy is; "
                 "name a file that 'bench "
                 "expert' or 'bench run' wrote",
                 path, MOST_WIDTH);
}

lb_status lb_actor_load(lb_actor** out, const char* path, const lb_net_task* task, const lb_actor_config* config,
                        lb_arena* arena) {
  lb_mark mark = lb_arena_mark(arena);
  lb_net* net;
  lb_normalizer normalizer;
  lb_status status;
  LB_TRY_OR(refused, status, lb_net_file_load(&net, &normalizer, path, "policy", task, NULL, arena));
  LB_TRY_OR(refused, status, check_shape(&net->shape, path, config));
  lb_actor_config own = *config;
  own.hidden = net->shape.hidden;
  own.width = net->shape.width;
  *out = make_room(&own, arena);
  (*out)->net = net;
  (*out)->normalizer = normalizer;
  return status;
refused:
  lb_arena_release(arena, mark);
  return status;
}

// The first layer's weights and biases for inputs as they come.
static void fold(lb_net* net, const lb_normalizer* z) {
  lb_layer first = lb_net_layer(net, 0, 0);
  for (int i = 0; i < first.out; i++) {
    lb_real* W = net->theta + first.weights + (long)i * first.ld;
    double bias = (double)net->theta[first.biases + i];
    for (int j = 0; j < first.in; j++) {
      double w = (double)W[j] * (double)z->scale[j];
      bias -= w * (double)z->mean[j];
      W[j] = (lb_real)w;
    }
    net->theta[first.biases + i] = (lb_real)bias;
  }
}

lb_status lb_actor_into(lb_net* net, const lb_actor* actor) {
  const lb_net_shape *own = &net->shape, *s = &actor->net->shape;
  if (!lb_net_same_shape(own, s)) {
    return lb_fail(LB_INPUT,
                   "a policy from %d observations by %d hidden layers of %d units to %d actions, where the learner's "
                   "has %d, %d of %d, and %d; give the learner the policy's layers, or make the policy with these",
                   s->inputs, s->hidden, s->width, s->outputs / 2, own->inputs, own->hidden, own->width,
                   own->outputs / 2);
  }
  memcpy(net->theta, actor->net->theta, (size_t)net->count * sizeof(lb_real));
  fold(net, &actor->normalizer);
  return lb_ok();
}
