// One update of soft actor-critic: see sac.h.
#include "plan/sac.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "nn/init.h"
#include "plan/sac_private.h"

lb_sac_config lb_sac_default_config(int nobs, int nact) {
  return (lb_sac_config){.nobs = nobs,
                         .nact = nact,
                         .hidden = 2,
                         .width = 256,
                         .batch = 256,
                         .gamma = 0.99,
                         .tau = 0.005,
                         .target_interval = 1,
                         .rate = 3e-4,
                         .alpha = 0.2,
                         .learn_alpha = true,
                         .target_entropy = NAN,
                         .critics = 2,
                         .target_critics = 2,
                         .actor_every = 1};
}

// Actor, critics, their targets (copies at first), their optimisers, gradients and tapes.
static void make_nets(lb_sac* sac, lb_rng* rng, lb_arena* arena) {
  const lb_sac_config* c = &sac->config;
  lb_net_shape actor = {.members = 1,
                        .inputs = c->nobs,
                        .outputs = 2 * c->nact,
                        .hidden = c->hidden,
                        .width = c->width,
                        .activation = LB_RELU};
  lb_net_shape critics = actor;
  critics.members = c->critics;
  critics.layer_norm = c->layer_norm;
  critics.inputs = c->nobs + c->nact;
  critics.outputs = 1;
  lb_adam_config adam = lb_adam_default_config();
  adam.rate = c->rate;
  sac->actor = lb_net_new(&actor, arena);
  sac->critics = lb_net_new(&critics, arena);
  sac->targets = lb_net_new(&critics, arena);
  lb_init_xavier_uniform(sac->actor, rng);
  lb_init_xavier_uniform(sac->critics, rng);
  memcpy(sac->targets->theta, sac->critics->theta, (size_t)sac->critics->count * sizeof *sac->critics->theta);
  lb_adam_init(&sac->actor_adam, sac->actor->count, &adam, arena);
  lb_adam_init(&sac->critic_adam, sac->critics->count, &adam, arena);
  sac->actor_gradient = lb_net_gradient_new(sac->actor, arena);
  sac->critic_gradient = lb_net_gradient_new(sac->critics, arena);
  sac->actor_tape = lb_tape_new(&actor, c->batch, true, arena);
  sac->forward_actor = lb_tape_new(&actor, c->batch, false, arena);
  sac->forward_critic = lb_tape_new(&critics, c->batch, false, arena);
  for (int i = 0; i < c->critics; i++) {
    bool own = i == 0 || !c->mean_value;
    sac->critic_tape[i] = own ? lb_tape_new(&critics, c->batch, true, arena) : sac->critic_tape[0];
  }
  if (c->average > 0) sac->average = lb_net_gradient_new(sac->actor, arena);
  lb_sac_begin_average(sac);
}

void lb_sac_begin_average(lb_sac* sac) {
  if (sac->average) memcpy(sac->average, sac->actor->theta, (size_t)sac->actor->count * sizeof *sac->average);
}

// Columns of one batch, all with the samples side by side.
static void make_room(lb_sac* sac, lb_arena* arena) {
  int columns = lb_columns(sac->config.batch), nact = sac->config.nact, inputs = sac->config.nobs + nact;
  struct {
    lb_real** array;
    int rows;
  } all[] = {{&sac->x, inputs},       {&sac->x_next, inputs}, {&sac->x_pi, inputs},     {&sac->reward, 1},
             {&sac->terminated, 1},   {&sac->y, 1},           {&sac->log_density, 1},   {&sac->dq, 1},
             {&sac->da, nact},        {&sac->da_own, nact},   {&sac->dactor, 2 * nact}, {&sac->noise, nact},
             {&sac->next_noise, nact}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) *all[i].array = LB_TAKE(arena, lb_real, all[i].rows * columns);
  sac->columns = LB_TAKE(arena, int, columns);
  sac->least = LB_TAKE(arena, int, columns);
  sac->values = LB_TAKE(arena, double, columns);
  sac->draws = LB_TAKE(arena, double, 2 * nact * columns);
}

lb_sac* lb_sac_new(const lb_sac_config* config, lb_rng* rng, lb_arena* arena) {
  assert(config->nobs >= 1 && config->nact >= 1 && config->batch >= 1 && config->target_interval >= 1);
  assert(config->critics >= 1 && config->critics <= LB_SAC_MOST_CRITICS && config->actor_every >= 1);
  assert(config->target_critics >= 1 && config->target_critics <= config->critics);
  assert(config->alpha > 0 && config->gamma >= 0 && config->gamma <= 1 && config->tau >= 0 && config->tau <= 1);
  lb_sac* sac = LB_TAKE(arena, lb_sac, 1);
  sac->config = *config;
  if (isnan(config->target_entropy)) sac->config.target_entropy = -config->nact;
  sac->log_alpha = log(config->alpha);
  make_nets(sac, rng, arena);
  make_room(sac, arena);
  return sac;
}

const lb_sac_config* lb_sac_config_of(const lb_sac* sac) {
  return &sac->config;
}

lb_real* lb_sac_actor_weights(lb_sac* sac, long* count) {
  *count = sac->actor->count;
  return sac->actor->theta;
}

lb_real* lb_sac_average_weights(lb_sac* sac) {
  return sac->average;
}

double lb_sac_alpha(const lb_sac* sac) {
  return exp(sac->log_alpha);
}

// False, with no step taken, when the gradient is not finite.
static bool descend(lb_adam* adam, lb_net* net, lb_real* gradient, lb_real* target, const lb_sac_config* config) {
  if (!lb_adam_is_finite(gradient, adam->count)) return false;
  if (config->clip > 0) lb_adam_clip(gradient, adam->count, config->clip);
  lb_adam_step(adam, net->theta, gradient, target, config->tau);
  return true;
}

// Adam's step of one number.
static void temper(lb_sac* sac, double log_density) {
  lb_adam_config adam = lb_adam_default_config();
  double gradient = -(log_density + sac->config.target_entropy), t = (double)++sac->alpha_steps;
  sac->alpha_m = adam.beta1 * sac->alpha_m + (1 - adam.beta1) * gradient;
  sac->alpha_v = adam.beta2 * sac->alpha_v + (1 - adam.beta2) * gradient * gradient;
  double m = sac->alpha_m / (1 - pow(adam.beta1, t)), v = sac->alpha_v / (1 - pow(adam.beta2, t));
  sac->log_alpha -= sac->config.rate * m / (sqrt(v) + adam.epsilon);
}

// average += rate (actor - average): the moving average of the actor's weights.
static void follow_actor(lb_sac* sac) {
  lb_real rate = (lb_real)sac->config.average;
  for (long i = 0; i < sac->actor->count && sac->average; i++) {
    sac->average[i] += rate * (sac->actor->theta[i] - sac->average[i]);
  }
}

void lb_sac_update_with(lb_sac* sac, lb_sac_report* report, const lb_transitions* batch,
                        const lb_transitions* actor_states, const lb_real* next_noise, const lb_real* noise,
                        const int* subset) {
  const lb_sac_config* config = &sac->config;
  *report = (lb_sac_report){.updates = sac->updates, .alpha = lb_sac_alpha(sac), .broken = "critics"};
  lb_sac_take_batch(sac, batch);
  lb_sac_find_targets(sac, next_noise, subset);
  report->critic_loss = lb_sac_critic_gradient(sac);
  bool follow = (sac->updates + 1) % config->target_interval == 0;
  lb_real* target = follow ? sac->targets->theta : NULL;
  if (!descend(&sac->critic_adam, sac->critics, sac->critic_gradient, target, config)) return;
  if (sac->updates < config->actor_from || (sac->updates + 1) % config->actor_every != 0) {
    report->updates = ++sac->updates;
    report->broken = NULL;
    return;
  }
  lb_sac_take_states(sac, actor_states);
  lb_sac_actor_gradient(sac, report, noise);
  report->broken = "actor";
  if (!descend(&sac->actor_adam, sac->actor, sac->actor_gradient, NULL, config)) return;
  report->actor_learned = true;
  follow_actor(sac);
  if (config->learn_alpha) temper(sac, report->log_density);
  report->updates = ++sac->updates;
  report->alpha = lb_sac_alpha(sac);
  report->broken = NULL;
}

// `count` different critics of all, in ascending order; nothing is drawn where they are all.
static void draw_subset(int* subset, int count, int all, lb_rng* rng) {
  for (int i = 0, kept = 0; i < all && kept < count; i++) {
    bool is_certain = count - kept == all - i;
    if (is_certain || (int)lb_rng_below(rng, (uint32_t)(all - i)) < count - kept) subset[kept++] = i;
  }
}

void lb_sac_update(lb_sac* sac, lb_sac_report* report, const lb_transitions* batch, const lb_transitions* actor_states,
                   lb_rng* rng) {
  int nact = sac->config.nact, n = batch->n, states = actor_states ? actor_states->n : n;
  int first = nact * lb_columns(n), second = nact * lb_columns(states);
  lb_rng_normals(rng, sac->draws, first + second);
  for (int i = 0; i < first; i++) sac->next_noise[i] = (lb_real)sac->draws[i];
  for (int i = 0; i < second; i++) sac->noise[i] = (lb_real)sac->draws[first + i];
  int subset[LB_SAC_MOST_CRITICS];
  draw_subset(subset, sac->config.target_critics, sac->config.critics, rng);
  lb_sac_update_with(sac, report, batch, actor_states, sac->next_noise, sac->noise, subset);
}
