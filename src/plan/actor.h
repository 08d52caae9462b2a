// A policy network by itself, without whatever trained it: from an observation, brought to a common scale, ReLU layers
// give a diagonal Gaussian that tanh squashes into [-1, 1] (nn/tanh_gaussian.h). It acts by tanh(mean), or by a sample.
// Behaviour cloning fits one (plan/bc.h), soft actor-critic gives and takes one (plan/sac.h), a file keeps one.
//
// Not for two threads at a time: acting uses room of the actor's own.
#ifndef LB_PLAN_ACTOR_H_
#define LB_PLAN_ACTOR_H_

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/policy.h"
#include "nn/net_file.h"

typedef struct lb_actor_config {
  int nobs, nact;
  int hidden, width;    // hidden layers and their units
  int batch;            // most observations that go through the net at once; more go in parts
  const double* u_low;  // (nact) control limits, which actions in [-1, 1] are scaled to. NULL: no scaling; nor is there
  const double* u_high;  // any for a control whose limits are not both finite. The actor keeps copies.
} lb_actor_config;

// 2 hidden layers of 256, batch 256, no scaling.
lb_actor_config lb_actor_default_config(int nobs, int nact);

typedef struct lb_actor lb_actor;

// An actor with fresh weights (Glorot, drawn from rng) that takes observations as they come, in the arena.
lb_actor* lb_actor_new(const lb_actor_config* config, lb_rng* rng, lb_arena* arena);

// Actions (n, nact) in [-1, 1] at observations (n, nobs), any n: sampled with rng, or tanh(mean) when rng is NULL. The
// same stream gives the same actions one at a time or many at once.
void lb_actor_act(lb_actor* actor, double* action, const double* obs, int n, lb_rng* rng);

// The mean action as a policy, scaled to the control limits; a view that lives as long as the actor.
lb_policy lb_actor_policy(lb_actor* actor);

// An actor for nobs >= the given one's observations, of which the first are the same and the others are not looked at:
// it acts to the same bits, and further training may find a use for them. In the arena, with limits of its own.
lb_actor* lb_actor_widen(const lb_actor* actor, int nobs, lb_arena* arena);

const lb_actor_config* lb_actor_config_of(const lb_actor* actor);

// A policy file (nn/net_file.h, kind "policy") for this task; provenance is JSON text that says how the policy was
// made.
lb_status lb_actor_save(const lb_actor* actor, const char* path, const lb_net_task* task, const char* provenance);

// A policy made for this task, in the arena; bit for bit what was saved. Of the config, nobs, nact, batch and limits
// count; the layers are the file's. Refused with a sentence: what nn/net_file.h refuses, other numbers of observations
// or actions, nets that are not as above.
lb_status lb_actor_load(lb_actor** out, const char* path, const lb_net_task* task, const lb_actor_config* config,
                        lb_arena* arena);

#endif  // LB_PLAN_ACTOR_H_
