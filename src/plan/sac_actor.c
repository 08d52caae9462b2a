// Between soft actor-critic and an actor by itself: see sac_actor.h.
#include "plan/sac_actor.h"

#include <string.h>

#include "plan/actor_private.h"
#include "plan/sac_private.h"

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

lb_status lb_sac_actor_take(lb_sac* sac, const lb_actor* actor) {
  const lb_net_shape *own = &sac->actor->shape, *s = &actor->net->shape;
  if (!lb_net_same_shape(own, s)) {
    return lb_fail(LB_INPUT,
                   "a policy from %d observations by %d hidden layers of %d units to %d actions, where the learner's "
                   "has %d, %d of %d, and %d; give the learner the policy's layers, or make the policy with these",
                   s->inputs, s->hidden, s->width, s->outputs / 2, own->inputs, own->hidden, own->width,
                   own->outputs / 2);
  }
  size_t bytes = (size_t)sac->actor->count * sizeof(lb_real);
  memcpy(sac->actor->theta, actor->net->theta, bytes);
  fold(sac->actor, &actor->normalizer);
  memset(sac->actor_adam.m, 0, bytes);
  memset(sac->actor_adam.v, 0, bytes);
  sac->actor_adam.steps = 0;
  lb_sac_begin_average(sac);
  return lb_ok();
}
