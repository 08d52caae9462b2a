// One episode of a policy in the real system.
#ifndef LB_EVAL_EPISODE_H_
#define LB_EVAL_EPISODE_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "core/fault.h"
#include "core/policy.h"
#include "core/system.h"

// Where a rollout writes its transitions; any pointer may be NULL. Room for system->horizon transitions.
typedef struct lb_record {
  int* t;            // (T)
  double* x;         // (T, nx)
  double* u;         // (T, nu) as the policy asked, unclipped
  double* x_next;    // (T, nx)
  double* obs;       // (T, nobs) before the step
  double* obs_next;  // (T, nobs) after it
  double* reward;    // (T)
  bool* terminated;  // (T)
} lb_record;

typedef struct lb_episode {
  int length;   // steps taken
  double cost;  // sum of stage costs plus terminal cost, or minus the return; INFINITY when it diverged
  bool diverged;
  lb_fault fault;  // what left the finite numbers when it diverged
} lb_episode;

// Resets the system and follows the policy to the end of the episode. rng drives the reset and the noise. A rollout
// that collects data ends early: from step `always` on, a step at which |(x (-) x_ref, u - u_ref)| exceeds the system's
// stop_norm is not taken any more. always = LB_NO_EARLY_STOP: to the end. A policy that reads observations cannot act
// on one that is not finite: the episode has then diverged before the step. `scratch` is as it was when this returns.
enum { LB_NO_EARLY_STOP = -1 };
lb_episode lb_episode_run(lb_system* system, const lb_policy* policy, lb_source source, lb_rng* rng, int always,
                          const lb_record* record, lb_arena* scratch);

#endif  // LB_EVAL_EPISODE_H_
