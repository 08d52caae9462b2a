// Soft actor-critic: see sac.h.
#include "plan/sac.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "nn/bundle.h"
#include "nn/columns.h"
#include "nn/init.h"
#include "nn/tanh_gaussian.h"
#include "plan/actor_private.h"
#include "plan/sac_private.h"

// ---------------------------------------------------------------------------------------------------------------------
// The learner and its updates

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

// The average begins anew at the present actor.
static void begin_average(lb_sac* sac) {
  if (sac->average) memcpy(sac->average, sac->actor->theta, (size_t)sac->actor->count * sizeof *sac->average);
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
  begin_average(sac);
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

// ---------------------------------------------------------------------------------------------------------------------
// The derivatives of one update

void lb_sac_take_batch(lb_sac* sac, const lb_transitions* batch) {
  int nobs = sac->config.nobs, nact = sac->config.nact, stride = lb_transitions_width(nobs, nact);
  assert(batch->nobs == nobs && batch->nact == nact && batch->n >= 1 && batch->n <= sac->config.batch);
  const float* data = batch->data;
  sac->n = batch->n;
  lb_columns_gather(sac->x, data, batch->rows, nobs + nact, stride, batch->n);
  lb_columns_gather(sac->reward, data + lb_transitions_reward(nobs, nact), batch->rows, 1, stride, batch->n);
  lb_columns_gather(sac->terminated, data + lb_transitions_terminated(nobs, nact), batch->rows, 1, stride, batch->n);
  lb_columns_gather(sac->x_next, data + lb_transitions_next(nobs, nact), batch->rows, nobs, stride, batch->n);
}

void lb_sac_take_states(lb_sac* sac, const lb_transitions* states) {
  int nobs = sac->config.nobs, nact = sac->config.nact, stride = lb_transitions_width(nobs, nact);
  if (!states) {
    memcpy(sac->x_pi, sac->x, (size_t)nobs * (size_t)lb_columns(sac->n) * sizeof *sac->x);
    return;
  }
  assert(states->nobs == nobs && states->nact == nact && states->n >= 1 && states->n <= sac->config.batch);
  sac->n = states->n;
  lb_columns_gather(sac->x_pi, states->data, states->rows, nobs, stride, states->n);
}

void lb_sac_find_targets(lb_sac* sac, const lb_real* next_noise, const int* subset) {
  int n = sac->n, nobs = sac->config.nobs, nact = sac->config.nact;
  lb_real* action = sac->x_next + (long)nobs * lb_columns(n);
  const lb_real* head = lb_net_forward(sac->actor, 0, sac->forward_actor, sac->x_next, n);
  lb_tanh_gaussian_sample(action, sac->log_density, head, next_noise, nact, n);
  for (int i = 0; i < sac->config.target_critics; i++) {
    const lb_real* q = lb_net_forward(sac->targets, subset[i], sac->forward_critic, sac->x_next, n);
    for (int j = 0; j < n; j++) sac->y[j] = i == 0 || q[j] < sac->y[j] ? q[j] : sac->y[j];
  }
  lb_real alpha = (lb_real)lb_sac_alpha(sac), gamma = (lb_real)sac->config.gamma;
  for (int j = 0; j < n; j++) {
    sac->y[j] = sac->reward[j] + gamma * (1 - sac->terminated[j]) * (sac->y[j] - alpha * sac->log_density[j]);
  }
}

double lb_sac_critic_gradient(lb_sac* sac) {
  int n = sac->n;
  double loss = 0;
  for (int i = 0; i < sac->config.critics; i++) {
    const lb_real* q = lb_net_forward(sac->critics, i, sac->critic_tape[0], sac->x, n);
    for (int j = 0; j < n; j++) {
      lb_real error = q[j] - sac->y[j];
      sac->dq[j] = error * (lb_real)(2.0 / n);
      loss += (double)error * (double)error;
    }
    lb_net_backward(sac->critics, i, sac->critic_tape[0], sac->critic_gradient + i * sac->critics->stride, NULL,
                    sac->dq, 0, 0);
  }
  return loss / n;
}

// The samples where critic i is the least one, and no others, go back through it.
static void through_least(lb_sac* sac, int i, lb_real* dx, lb_real* own, double weight, int first, int count, int n) {
  int ld = lb_columns(n), kept = 0;
  for (int j = 0; j < n; j++) {
    if (sac->least[j] == i) sac->columns[kept++] = j;
  }
  if (kept == 0) return;
  lb_tape_select(sac->critic_tape[i], sac->columns, kept);
  for (int j = 0; j < kept; j++) sac->dq[j] = (lb_real)weight;
  lb_net_backward(sac->critics, i, sac->critic_tape[i], NULL, own, sac->dq, first, count);
  for (int k = 0; k < count; k++) {
    for (int j = 0; j < kept; j++) dx[k * ld + sac->columns[j]] = own[k * lb_columns(kept) + j];
  }
}

// Q is the mean: every sample goes back through every critic, one after the other on one tape.
static void through_all(lb_sac* sac, double* q, lb_real* dx, lb_real* own, const lb_real* x, double weight, int first,
                        int count, int n) {
  int critics = sac->config.critics, all = count * lb_columns(n);
  for (int j = 0; j < lb_columns(n); j++) sac->dq[j] = (lb_real)(weight / critics);
  for (int i = 0; i < critics; i++) {
    lb_tape* tape = sac->critic_tape[i];
    const lb_real* one = lb_net_forward(sac->critics, i, tape, x, n);
    for (int j = 0; j < n; j++) q[j] = (i == 0 ? 0 : q[j]) + (double)one[j] / critics;
    lb_net_backward(sac->critics, i, tape, NULL, i == 0 ? dx : own, sac->dq, first, count);
    for (int k = 0; k < all && i > 0; k++) dx[k] += own[k];
  }
}

// The actor's Q of n samples x (nobs + nact, columns) into q (n), and dx (count, columns), `weight` times its
// derivatives by the inputs first..first+count-1. own: room for as much.
static void value_and_slope(lb_sac* sac, double* q, lb_real* dx, lb_real* own, const lb_real* x, double weight,
                            int first, int count, int n) {
  if (sac->config.mean_value) {
    through_all(sac, q, dx, own, x, weight, first, count, n);
    return;
  }
  for (int i = 0; i < sac->config.critics; i++) {
    const lb_real* one = lb_net_forward(sac->critics, i, sac->critic_tape[i], x, n);
    for (int j = 0; j < n; j++) {
      if (i > 0 && !((double)one[j] < q[j])) continue;
      q[j] = (double)one[j];
      sac->least[j] = i;
    }
  }
  for (int i = 0; i < sac->config.critics; i++) through_least(sac, i, dx, own, weight, first, count, n);
}

// da: the derivatives of -mean Q(s, a) with respect to the actions.
static void through_critics(lb_sac* sac, lb_sac_report* report) {
  int n = sac->n;
  double total = 0;
  value_and_slope(sac, sac->values, sac->da, sac->da_own, sac->x_pi, -1.0 / n, sac->config.nobs, sac->config.nact, n);
  for (int j = 0; j < n; j++) total += sac->values[j];
  report->q = total / n;
}

void lb_sac_actor_gradient(lb_sac* sac, lb_sac_report* report, const lb_real* noise) {
  int n = sac->n, nact = sac->config.nact;
  double alpha = lb_sac_alpha(sac), total = 0;
  lb_real* action = sac->x_pi + (long)sac->config.nobs * lb_columns(n);
  const lb_real* head = lb_net_forward(sac->actor, 0, sac->actor_tape, sac->x_pi, n);
  lb_tanh_gaussian_sample(action, sac->log_density, head, noise, nact, n);
  through_critics(sac, report);
  lb_tanh_gaussian_backward(sac->dactor, sac->da, alpha / n, action, head, noise, nact, n);
  lb_net_backward(sac->actor, 0, sac->actor_tape, sac->actor_gradient, NULL, sac->dactor, 0, 0);
  for (int j = 0; j < n; j++) total += (double)sac->log_density[j];
  report->log_density = total / n;
  report->actor_loss = alpha * report->log_density - report->q;
}

// ---------------------------------------------------------------------------------------------------------------------
// What others see of a learner: its policy and its value, any number of inputs in parts that fit the tapes

// Mean or sampled actions below the observations in x_pi; returns them.
static lb_real* act_below(lb_sac* sac, const double* obs, int n, lb_rng* rng) {
  int nobs = sac->config.nobs, nact = sac->config.nact, ld = lb_columns(n);
  lb_real* action = sac->x_pi + (long)nobs * ld;
  lb_columns_take(sac->x_pi, obs, nobs, n);
  const lb_real* head = lb_net_forward(sac->actor, 0, sac->forward_actor, sac->x_pi, n);
  if (!rng) {
    lb_tanh_gaussian_mean(action, head, nact, n);
    return action;
  }
  // One sample after the other, so that the same stream gives the same actions one at a time or many at once.
  lb_rng_normals(rng, sac->draws, n * nact);
  lb_columns_take(sac->noise, sac->draws, nact, n);
  lb_tanh_gaussian_sample(action, NULL, head, sac->noise, nact, n);
  return action;
}

void lb_sac_act(lb_sac* sac, double* action, const double* obs, int n, lb_rng* rng) {
  int nobs = sac->config.nobs, nact = sac->config.nact;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < sac->config.batch ? n - done : sac->config.batch;
    const lb_real* a = act_below(sac, obs + (long)done * nobs, part, rng);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < nact; i++) action[(long)(done + j) * nact + i] = (double)a[(long)i * lb_columns(part) + j];
    }
  }
}

// lb_policy.act: the mean action.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_sac_act(ctx, u, in, n, NULL);
}

lb_policy lb_sac_policy(lb_sac* sac) {
  return (lb_policy){
      .input = LB_READS_OBSERVATION, .nin = sac->config.nobs, .nu = sac->config.nact, .ctx = sac, .act = act};
}

// The actor's Q of n columns of x_pi.
static void value_of_columns(lb_sac* sac, double* v, int n) {
  int critics = sac->config.critics;
  for (int i = 0; i < critics; i++) {
    const lb_real* q = lb_net_forward(sac->critics, i, sac->forward_critic, sac->x_pi, n);
    for (int j = 0; j < n; j++) {
      if (sac->config.mean_value) {
        v[j] = (i == 0 ? 0 : v[j]) + (double)q[j] / critics;
      } else if (i == 0 || (double)q[j] < v[j]) {
        v[j] = (double)q[j];
      }
    }
  }
}

// v = min over the critics (or their mean) of Q(x, mean action), a batch at a time.
static void value_at(void* ctx, int n, int t, const double* x, double* v) {
  (void)t;
  lb_sac* sac = ctx;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < sac->config.batch ? n - done : sac->config.batch;
    act_below(sac, x + (long)done * sac->config.nobs, part, NULL);
    value_of_columns(sac, v + done, part);
  }
}

// The derivatives of V at the states of one batch, by columns: the lesser critic's by the state itself, and by the
// action through the actor's mean. Between updates the learner's own batch is free: x holds them, x_next helps.
static const lb_real* slope_by_columns(lb_sac* sac, double* v, const double* x, int n) {
  int nobs = sac->config.nobs, nact = sac->config.nact, ld = lb_columns(n);
  lb_real *action = sac->x_pi + (long)nobs * ld, *dx = sac->x, *own = sac->x_next, *da = sac->x + (long)nobs * ld;
  lb_columns_take(sac->x_pi, x, nobs, n);
  lb_tanh_gaussian_mean(action, lb_net_forward(sac->actor, 0, sac->actor_tape, sac->x_pi, n), nact, n);
  value_and_slope(sac, v, dx, own, sac->x_pi, 1, 0, nobs + nact, n);
  memset(sac->dactor, 0, 2 * (size_t)nact * (size_t)ld * sizeof *sac->dactor);
  for (int i = 0; i < nact * ld; i++) sac->dactor[i] = da[i] * (1 - action[i] * action[i]);
  lb_net_backward(sac->actor, 0, sac->actor_tape, NULL, own, sac->dactor, 0, nobs);
  for (int i = 0; i < nobs * ld; i++) dx[i] += own[i];
  return dx;
}

// The same with dv (n, nobs) = dQ/dx + dQ/da da/dx.
static void value_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  (void)t;
  lb_sac* sac = ctx;
  int nobs = sac->config.nobs;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < sac->config.batch ? n - done : sac->config.batch;
    const lb_real* dx = slope_by_columns(sac, v + done, x + (long)done * nobs, part);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < nobs; i++) dv[(long)(done + j) * nobs + i] = (double)dx[(long)i * lb_columns(part) + j];
    }
  }
}

lb_value lb_sac_value(lb_sac* sac) {
  return (lb_value){.nx = sac->config.nobs, .ctx = sac, .at = value_at, .slope = value_slope};
}

// ---------------------------------------------------------------------------------------------------------------------
// Between the learner and an actor by itself

lb_actor* lb_sac_actor_copy(const lb_sac* sac, const double* u_low, const double* u_high, lb_arena* arena) {
  const lb_sac_config* c = &sac->config;
  lb_actor* actor = lb_actor_blank(&(lb_actor_config){.nobs = c->nobs,
                                                      .nact = c->nact,
                                                      .hidden = c->hidden,
                                                      .width = c->width,
                                                      .batch = c->batch,
                                                      .u_low = u_low,
                                                      .u_high = u_high},
                                   arena);
  memcpy(actor->net->theta, sac->actor->theta, (size_t)sac->actor->count * sizeof *sac->actor->theta);
  return actor;
}

lb_status lb_sac_actor_take(lb_sac* sac, const lb_actor* actor) {
  LB_TRY(lb_actor_into(sac->actor, actor));
  size_t bytes = (size_t)sac->actor->count * sizeof(lb_real);
  memset(sac->actor_adam.m, 0, bytes);
  memset(sac->actor_adam.v, 0, bytes);
  sac->actor_adam.steps = 0;
  begin_average(sac);
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// The learner in a file: the weights and moments as they lie in memory, the temperature, the counters

enum { ENTRIES = 15, SIZES = 6 };

typedef struct layout {
  lb_bundle bundle;
  lb_entry entries[ENTRIES];
  lb_bundle_size sizes[SIZES];
} layout;

// The tensors and sizes that a learner is made of, with the bounds that a file must keep.
static void describe(layout* l, lb_sac* sac) {
  long actor = sac->actor->count, critics = sac->critics->count;
  const lb_sac_config* c = &sac->config;
  const double any = DBL_MAX;
  int entries = sac->average ? ENTRIES : ENTRIES - 1;
  *l = (layout){
      .entries = {LB_ENTRIES("actor", sac->actor->theta, actor, -any, any),
                  LB_ENTRIES("actor.m", sac->actor_adam.m, actor, -any, any),
                  LB_ENTRIES("actor.v", sac->actor_adam.v, actor, 0, any),
                  LB_ENTRIES("critics", sac->critics->theta, critics, -any, any),
                  LB_ENTRIES("critics.m", sac->critic_adam.m, critics, -any, any),
                  LB_ENTRIES("critics.v", sac->critic_adam.v, critics, 0, any),
                  LB_ENTRIES("targets", sac->targets->theta, critics, -any, any),
                  LB_ENTRIES("log_alpha", &sac->log_alpha, 1, -any, any),
                  LB_ENTRIES("log_alpha.m", &sac->alpha_m, 1, -any, any),
                  LB_ENTRIES("log_alpha.v", &sac->alpha_v, 1, 0, any),
                  LB_ENTRIES("updates", &sac->updates, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("actor.steps", &sac->actor_adam.steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("critics.steps", &sac->critic_adam.steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("log_alpha.steps", &sac->alpha_steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("average", sac->average, actor, -any, any)},
      .sizes = {{"nobs", c->nobs},
                {"nact", c->nact},
                {"hidden", c->hidden},
                {"width", c->width},
                {"critics", c->critics},
                {"layer_norm", c->layer_norm}},
  };
  l->bundle = (lb_bundle){
      .kind = "soft actor-critic", .sizes = l->sizes, .nsizes = SIZES, .entries = l->entries, .nentries = entries};
}

lb_status lb_sac_save(lb_sac* sac, const char* path) {
  layout l;
  describe(&l, sac);
  return lb_bundle_save(&l.bundle, path);
}

lb_status lb_sac_load(lb_sac* sac, const char* path) {
  layout l;
  describe(&l, sac);
  return lb_bundle_load(&l.bundle, path);
}

void lb_sac_add(lb_sac* sac, lb_npz_writer* w, const char* prefix) {
  layout l;
  describe(&l, sac);
  lb_entries_save(l.entries, l.bundle.nentries, prefix, w);
}

lb_status lb_sac_take(lb_sac* sac, const lb_npz* npz, const char* prefix) {
  layout l;
  describe(&l, sac);
  return lb_entries_restore(l.entries, l.bundle.nentries, prefix, npz);
}
