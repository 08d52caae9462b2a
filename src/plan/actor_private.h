// The actor from within: what fits it, gives it and takes it shares this.
#ifndef LB_PLAN_ACTOR_PRIVATE_H_
#define LB_PLAN_ACTOR_PRIVATE_H_

#include "nn/net.h"
#include "nn/normalizer.h"
#include "plan/actor.h"

struct lb_actor {
  lb_actor_config config;
  lb_net* net;  // nobs -> 2 nact
  lb_normalizer normalizer;

  lb_tape* tape;    // forward
  lb_real* x;       // (nobs, columns)
  lb_real* action;  // (nact, columns)
  lb_real* noise;   // (nact, columns)
  double* draws;    // (nact * columns)
};

// An actor whose weights are all 0, in the arena.
lb_actor* lb_actor_blank(const lb_actor_config* config, lb_arena* arena);

// The net that such an actor has.
lb_net_shape lb_actor_shape(const lb_actor_config* config);

// The actor's weights in a net of the same layers that takes observations as they come. LB_INPUT for other layers.
lb_status lb_actor_into(lb_net* net, const lb_actor* actor);

#endif  // LB_PLAN_ACTOR_PRIVATE_H_
