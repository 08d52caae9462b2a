// Twin delayed deep deterministic policy gradient: see td3.h.
#include "plan/td3.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "io/entries.h"
#include "nn/columns.h"
#include "nn/init.h"
#include "nn/tanh_gaussian.h"
#include "plan/actor_private.h"
#include "plan/td3_private.h"

lb_td3_config lb_td3_default_config(int nobs, int nact) {
  return (lb_td3_config){.nobs = nobs,
                         .nact = nact,
                         .hidden = 2,
                         .width = 256,
                         .batch = 256,
                         .gamma = 0.99,
                         .tau = 0.005,
                         .rate = 3e-4,
                         .delay = 2,
                         .smoothing = 0.2,
                         .most_smooth = 0.5,
                         .exploration = 0.1};
}

// The outputs for standard deviations become constants of the exploration's size.
static void fix_deviations(lb_td3* td3, lb_net* net) {
  int nact = td3->config.nact;
  lb_layer last = lb_net_layer(net, 0, net->shape.hidden);
  for (int i = nact; i < 2 * nact; i++) {
    lb_real* row = net->theta + last.weights + (long)i * last.ld;
    for (int j = 0; j < last.in; j++) row[j] = 0;
    net->theta[last.biases + i] = (lb_real)log(fmax(1e-6, td3->config.exploration));
  }
}

static void copy_weights(lb_net* to, const lb_net* from) {
  memcpy(to->theta, from->theta, (size_t)from->count * sizeof *from->theta);
}

// Actor, two critics, their targets (copies at first), their optimisers, gradients and tapes.
static void make_nets(lb_td3* td3, lb_rng* rng, lb_arena* arena) {
  const lb_td3_config* c = &td3->config;
  lb_net_shape actor = {.members = 1,
                        .inputs = c->nobs,
                        .outputs = 2 * c->nact,
                        .hidden = c->hidden,
                        .width = c->width,
                        .activation = LB_RELU};
  lb_net_shape critics = actor;
  critics.members = 2;
  critics.inputs = c->nobs + c->nact;
  critics.outputs = 1;
  lb_adam_config adam = lb_adam_default_config();
  adam.rate = c->rate;
  td3->actor = lb_net_new(&actor, arena);
  td3->actor_target = lb_net_new(&actor, arena);
  td3->critics = lb_net_new(&critics, arena);
  td3->critic_targets = lb_net_new(&critics, arena);
  lb_init_xavier_uniform(td3->actor, rng);
  lb_init_xavier_uniform(td3->critics, rng);
  fix_deviations(td3, td3->actor);
  copy_weights(td3->actor_target, td3->actor);
  copy_weights(td3->critic_targets, td3->critics);
  lb_adam_init(&td3->actor_adam, td3->actor->count, &adam, arena);
  lb_adam_init(&td3->critic_adam, td3->critics->count, &adam, arena);
  td3->actor_gradient = lb_net_gradient_new(td3->actor, arena);
  td3->critic_gradient = lb_net_gradient_new(td3->critics, arena);
  td3->actor_tape = lb_tape_new(&actor, c->batch, true, arena);
  td3->critic_tape = lb_tape_new(&critics, c->batch, true, arena);
  td3->forward_actor = lb_tape_new(&actor, c->batch, false, arena);
  td3->forward_critic = lb_tape_new(&critics, c->batch, false, arena);
  if (c->average > 0) td3->average = lb_net_gradient_new(td3->actor, arena);
  if (td3->average) memcpy(td3->average, td3->actor->theta, (size_t)td3->actor->count * sizeof(lb_real));
}

lb_td3* lb_td3_new(const lb_td3_config* config, lb_rng* rng, lb_arena* arena) {
  assert(config->nobs >= 1 && config->nact >= 1 && config->batch >= 1 && config->delay >= 1);
  assert(config->gamma >= 0 && config->gamma <= 1 && config->tau >= 0 && config->tau <= 1);
  lb_td3* td3 = LB_TAKE(arena, lb_td3, 1);
  td3->config = *config;
  make_nets(td3, rng, arena);
  int columns = lb_columns(config->batch), nact = config->nact, inputs = config->nobs + nact;
  struct {
    lb_real** array;
    int rows;
  } all[] = {{&td3->x, inputs},        {&td3->x_next, inputs}, {&td3->x_pi, inputs}, {&td3->reward, 1},
             {&td3->terminated, 1},    {&td3->y, 1},           {&td3->dq, 1},        {&td3->da, inputs},
             {&td3->dactor, 2 * nact}, {&td3->noise, nact}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) *all[i].array = LB_TAKE(arena, lb_real, all[i].rows * columns);
  td3->draws = LB_TAKE(arena, double, (nact * columns));
  return td3;
}

const lb_td3_config* lb_td3_config_of(const lb_td3* td3) {
  return &td3->config;
}

lb_real* lb_td3_actor_weights(lb_td3* td3, long* count) {
  *count = td3->actor->count;
  return td3->actor->theta;
}

lb_real* lb_td3_average_weights(lb_td3* td3) {
  return td3->average;
}

//
// An update
//

void lb_td3_take_batch(lb_td3* td3, const lb_transitions* batch) {
  int nobs = td3->config.nobs, nact = td3->config.nact, stride = lb_transitions_width(nobs, nact);
  assert(batch->nobs == nobs && batch->nact == nact && batch->n >= 1 && batch->n <= td3->config.batch);
  const float* data = batch->data;
  td3->n = batch->n;
  lb_columns_gather(td3->x, data, batch->rows, nobs + nact, stride, batch->n);
  lb_columns_gather(td3->reward, data + lb_transitions_reward(nobs, nact), batch->rows, 1, stride, batch->n);
  lb_columns_gather(td3->terminated, data + lb_transitions_terminated(nobs, nact), batch->rows, 1, stride, batch->n);
  lb_columns_gather(td3->x_next, data + lb_transitions_next(nobs, nact), batch->rows, nobs, stride, batch->n);
}

// y = r + gamma (1 - terminated) min_i Q'_i(s', clip(pi'(s') + clip(e)))
void lb_td3_find_targets(lb_td3* td3, const lb_real* noise) {
  const lb_td3_config* c = &td3->config;
  int n = td3->n, ld = lb_columns(n);
  lb_real *action = td3->x_next + (long)c->nobs * ld, most = (lb_real)c->most_smooth, gamma = (lb_real)c->gamma;
  lb_tanh_gaussian_mean(action, lb_net_forward(td3->actor_target, 0, td3->forward_actor, td3->x_next, n), c->nact, n);
  for (int i = 0; i < c->nact * ld; i++) {
    lb_real e = (lb_real)c->smoothing * noise[i];
    e = e < -most ? -most : e > most ? most : e;
    lb_real a = action[i] + e;
    action[i] = a < -1 ? -1 : a > 1 ? 1 : a;
  }
  for (int k = 0; k < 2; k++) {
    const lb_real* q = lb_net_forward(td3->critic_targets, k, td3->forward_critic, td3->x_next, n);
    for (int j = 0; j < n; j++) td3->y[j] = k == 0 || q[j] < td3->y[j] ? q[j] : td3->y[j];
  }
  for (int j = 0; j < n; j++) td3->y[j] = td3->reward[j] + gamma * (1 - td3->terminated[j]) * td3->y[j];
}

// mean (Q_1 - y)^2 + mean (Q_2 - y)^2
double lb_td3_critic_gradient(lb_td3* td3) {
  int n = td3->n;
  double loss = 0;
  for (int k = 0; k < 2; k++) {
    const lb_real* q = lb_net_forward(td3->critics, k, td3->critic_tape, td3->x, n);
    for (int j = 0; j < n; j++) {
      lb_real error = q[j] - td3->y[j];
      td3->dq[j] = error * (lb_real)(2.0 / n);
      loss += (double)error * (double)error;
    }
    lb_net_backward(td3->critics, k, td3->critic_tape, td3->critic_gradient + k * td3->critics->stride, NULL, td3->dq,
                    0, 0);
  }
  return loss / n;
}

// pi(s) below the observations of x_pi, on a tape that learns.
static lb_real* act_on_tape(lb_td3* td3) {
  lb_real* action = td3->x_pi + (long)td3->config.nobs * lb_columns(td3->n);
  lb_tanh_gaussian_mean(action, lb_net_forward(td3->actor, 0, td3->actor_tape, td3->x_pi, td3->n), td3->config.nact,
                        td3->n);
  return action;
}

// From the derivatives by the actions, da (nact, columns), those by the actor's outputs: tanh' = 1 - a^2.
static void through_tanh(lb_td3* td3, const lb_real* da, const lb_real* action) {
  int ld = lb_columns(td3->n), nact = td3->config.nact;
  memset(td3->dactor, 0, 2 * (size_t)nact * (size_t)ld * sizeof *td3->dactor);
  for (int i = 0; i < nact * ld; i++) td3->dactor[i] = da[i] * (1 - action[i] * action[i]);
}

// d/dtheta of -mean Q_1(s, pi(s)). The outputs that are constants have no gradient: theirs is set to 0.
double lb_td3_actor_gradient(lb_td3* td3, const lb_transitions* states) {
  const lb_td3_config* c = &td3->config;
  if (states) {
    td3->n = states->n;
    lb_columns_gather(td3->x_pi, states->data, states->rows, c->nobs, lb_transitions_width(c->nobs, c->nact),
                      states->n);
  } else {
    memcpy(td3->x_pi, td3->x, (size_t)c->nobs * (size_t)lb_columns(td3->n) * sizeof *td3->x);
  }
  int n = td3->n;
  double total = 0;
  const lb_real* action = act_on_tape(td3);
  const lb_real* q = lb_net_forward(td3->critics, 0, td3->critic_tape, td3->x_pi, n);
  for (int j = 0; j < n; j++) total += (double)q[j];
  for (int j = 0; j < lb_columns(n); j++) td3->dq[j] = j < n ? (lb_real)(-1.0 / n) : 0;
  lb_net_backward(td3->critics, 0, td3->critic_tape, NULL, td3->da, td3->dq, c->nobs, c->nact);
  through_tanh(td3, td3->da, action);
  lb_net_backward(td3->actor, 0, td3->actor_tape, td3->actor_gradient, NULL, td3->dactor, 0, 0);
  return total / n;
}

// False, with no step taken, when the gradient is not finite.
static bool descend(lb_adam* adam, lb_net* net, lb_real* gradient, lb_net* target, const lb_td3_config* c) {
  if (!lb_adam_is_finite(gradient, adam->count)) return false;
  if (c->clip > 0) lb_adam_clip(gradient, adam->count, c->clip);
  lb_adam_step(adam, net->theta, gradient, target ? target->theta : NULL, c->tau);
  return true;
}

void lb_td3_update_with(lb_td3* td3, lb_td3_report* report, const lb_transitions* batch,
                        const lb_transitions* actor_states, const lb_real* noise) {
  const lb_td3_config* c = &td3->config;
  *report = (lb_td3_report){.broken = "critics"};
  // The critics, towards the targets.
  lb_td3_take_batch(td3, batch);
  lb_td3_find_targets(td3, noise);
  report->critic_loss = lb_td3_critic_gradient(td3);
  bool delayed = (td3->updates + 1) % c->delay == 0;
  if (!descend(&td3->critic_adam, td3->critics, td3->critic_gradient, delayed ? td3->critic_targets : NULL, c)) return;
  report->broken = NULL;
  td3->updates += 1;
  if (!delayed || td3->updates <= c->actor_from) return;
  // The actor, up the first critic, and its target.
  report->q = lb_td3_actor_gradient(td3, actor_states);
  report->actor_learned = true;
  if (!descend(&td3->actor_adam, td3->actor, td3->actor_gradient, td3->actor_target, c)) {
    report->broken = "actor";
    return;
  }
  lb_real rate = (lb_real)c->average;
  for (long i = 0; td3->average && i < td3->actor->count; i++) {
    td3->average[i] += rate * (td3->actor->theta[i] - td3->average[i]);
  }
}

void lb_td3_update(lb_td3* td3, lb_td3_report* report, const lb_transitions* batch, const lb_transitions* actor_states,
                   lb_rng* rng) {
  int count = td3->config.nact * lb_columns(batch->n);
  lb_rng_normals(rng, td3->draws, count);
  for (int i = 0; i < count; i++) td3->noise[i] = (lb_real)td3->draws[i];
  lb_td3_update_with(td3, report, batch, actor_states, td3->noise);
}

//
// What others see
//

void lb_td3_act(lb_td3* td3, double* action, const double* obs, int n, lb_rng* rng) {
  const lb_td3_config* c = &td3->config;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < c->batch ? n - done : c->batch;
    int ld = lb_columns(part);
    lb_real* a = td3->x_pi + (long)c->nobs * ld;
    lb_columns_take(td3->x_pi, obs + (long)done * c->nobs, c->nobs, part);
    lb_tanh_gaussian_mean(a, lb_net_forward(td3->actor, 0, td3->forward_actor, td3->x_pi, part), c->nact, part);
    // One sample after the other, so that the same stream gives the same actions one at a time or many at once.
    if (rng) lb_rng_normals(rng, td3->draws, part * c->nact);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < c->nact; i++) {
        double mean = (double)a[(long)i * ld + j], e = rng ? c->exploration * td3->draws[j * c->nact + i] : 0;
        action[(long)(done + j) * c->nact + i] = (double)(lb_real)fmin(1, fmax(-1, mean + e));
      }
    }
  }
}

// lb_policy.act: the actor's action without noise.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_td3_act(ctx, u, in, n, NULL);
}

lb_policy lb_td3_policy(lb_td3* td3) {
  return (lb_policy){
      .input = LB_READS_OBSERVATION, .nin = td3->config.nobs, .nu = td3->config.nact, .ctx = td3, .act = act};
}

// V at the states of one batch, and where wanted its derivatives by columns: of Q_1 by the state itself, and by the
// action through the actor. Between updates the learner's own batch is free: x holds them.
static const lb_real* value_by_columns(lb_td3* td3, double* v, const double* x, int n, bool slope) {
  const lb_td3_config* c = &td3->config;
  int ld = lb_columns(n);
  td3->n = n;
  lb_columns_take(td3->x_pi, x, c->nobs, n);
  const lb_real* action = act_on_tape(td3);
  const lb_real* q = lb_net_forward(td3->critics, 0, td3->critic_tape, td3->x_pi, n);
  for (int j = 0; j < n; j++) v[j] = (double)q[j];
  if (!slope) return NULL;
  for (int j = 0; j < ld; j++) td3->dq[j] = j < n ? 1 : 0;
  lb_net_backward(td3->critics, 0, td3->critic_tape, NULL, td3->da, td3->dq, 0, c->nobs + c->nact);
  through_tanh(td3, td3->da + (long)c->nobs * ld, action);
  lb_net_backward(td3->actor, 0, td3->actor_tape, NULL, td3->x, td3->dactor, 0, c->nobs);
  for (int i = 0; i < c->nobs * ld; i++) td3->x[i] += td3->da[i];
  return td3->x;
}

// v = Q(x, pi(x)), a batch at a time.
static void value_at(void* ctx, int n, int t, const double* x, double* v) {
  (void)t;
  lb_td3* td3 = ctx;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < td3->config.batch ? n - done : td3->config.batch;
    value_by_columns(td3, v + done, x + (long)done * td3->config.nobs, part, false);
  }
}

// The same with dv (n, nobs) = dQ/dx + dQ/da da/dx.
static void value_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  (void)t;
  lb_td3* td3 = ctx;
  int nobs = td3->config.nobs;
  for (int done = 0, part; done < n; done += part) {
    part = n - done < td3->config.batch ? n - done : td3->config.batch;
    const lb_real* dx = value_by_columns(td3, v + done, x + (long)done * nobs, part, true);
    for (int j = 0; j < part; j++) {
      for (int i = 0; i < nobs; i++) dv[(long)(done + j) * nobs + i] = (double)dx[(long)i * lb_columns(part) + j];
    }
  }
}

lb_value lb_td3_value(lb_td3* td3) {
  return (lb_value){.nx = td3->config.nobs, .ctx = td3, .at = value_at, .slope = value_slope};
}

lb_actor* lb_td3_actor_copy(const lb_td3* td3, const double* u_low, const double* u_high, lb_arena* arena) {
  const lb_td3_config* c = &td3->config;
  lb_actor* actor = lb_actor_blank(&(lb_actor_config){.nobs = c->nobs,
                                                      .nact = c->nact,
                                                      .hidden = c->hidden,
                                                      .width = c->width,
                                                      .batch = c->batch,
                                                      .u_low = u_low,
                                                      .u_high = u_high},
                                   arena);
  copy_weights(actor->net, td3->actor);
  return actor;
}

lb_status lb_td3_actor_take(lb_td3* td3, const lb_actor* actor) {
  LB_TRY(lb_actor_into(td3->actor, actor));
  fix_deviations(td3, td3->actor);
  copy_weights(td3->actor_target, td3->actor);
  size_t bytes = (size_t)td3->actor->count * sizeof(lb_real);
  memset(td3->actor_adam.m, 0, bytes);
  memset(td3->actor_adam.v, 0, bytes);
  td3->actor_adam.steps = 0;
  if (td3->average) memcpy(td3->average, td3->actor->theta, bytes);
  return lb_ok();
}

enum { ENTRIES = 12 };

// The learner's tensors with the bounds that a file must keep; returns how many.
static int list_entries(lb_entry out[ENTRIES], lb_td3* td3) {
  long actor = td3->actor->count, critics = td3->critics->count;
  const double any = DBL_MAX;
  const lb_entry entries[ENTRIES] = {
      LB_ENTRIES("actor", td3->actor->theta, actor, -any, any),
      LB_ENTRIES("actor.target", td3->actor_target->theta, actor, -any, any),
      LB_ENTRIES("actor.m", td3->actor_adam.m, actor, -any, any),
      LB_ENTRIES("actor.v", td3->actor_adam.v, actor, 0, any),
      LB_ENTRIES("critics", td3->critics->theta, critics, -any, any),
      LB_ENTRIES("critics.targets", td3->critic_targets->theta, critics, -any, any),
      LB_ENTRIES("critics.m", td3->critic_adam.m, critics, -any, any),
      LB_ENTRIES("critics.v", td3->critic_adam.v, critics, 0, any),
      LB_ENTRIES("updates", &td3->updates, 1, 0, LB_MOST_COUNT),
      LB_ENTRIES("actor.steps", &td3->actor_adam.steps, 1, 0, LB_MOST_COUNT),
      LB_ENTRIES("critics.steps", &td3->critic_adam.steps, 1, 0, LB_MOST_COUNT),
      LB_ENTRIES("average", td3->average, actor, -any, any),
  };
  memcpy(out, entries, sizeof entries);
  return td3->average ? ENTRIES : ENTRIES - 1;
}

void lb_td3_save(lb_td3* td3, lb_npz_writer* w, const char* prefix) {
  lb_entry entries[ENTRIES];
  lb_entries_save(entries, list_entries(entries, td3), prefix, w);
}

lb_status lb_td3_restore(lb_td3* td3, const lb_npz* npz, const char* prefix) {
  lb_entry entries[ENTRIES];
  return lb_entries_restore(entries, list_entries(entries, td3), prefix, npz);
}
