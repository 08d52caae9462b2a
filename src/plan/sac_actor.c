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

lb_status lb_sac_actor_take(lb_sac* sac, const lb_actor* actor) {
  LB_TRY(lb_actor_into(sac->actor, actor));
  size_t bytes = (size_t)sac->actor->count * sizeof(lb_real);
  memset(sac->actor_adam.m, 0, bytes);
  memset(sac->actor_adam.v, 0, bytes);
  sac->actor_adam.steps = 0;
  lb_sac_begin_average(sac);
  return lb_ok();
}
