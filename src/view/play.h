// An episode, moment by moment: a policy acts in the real system, or a recording is followed (by its
// controls from each exact state on: to the bit with the program that recorded it). What there is to see of a
// moment is copied out; watching changes nothing.
//
// An episode of a policy is the one that `bench eval` measures with the same seed: to the bit.
#ifndef LB_VIEW_PLAY_H_
#define LB_VIEW_PLAY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/policy.h"
#include "core/system.h"
#include "data/demos.h"

enum { LB_PLAY_TERMS = 16 };

// After t steps of an episode.
typedef struct lb_play_moment {
  int episode, t;
  double time;    // seconds
  double* x;      // (nx)
  double* u;      // (nu) that led here; 0 at the start
  double reward;  // of the step that led here; minus the stage cost where the task has a cost
  double total;   // return so far, or cost so far; at the end of an episode the terminal cost is in it
  int nterms;     // of the reward, or of the stage cost; at most LB_PLAY_TERMS, the rest are left out
  const char* names[LB_PLAY_TERMS];
  double terms[LB_PLAY_TERMS];  // their shares of `reward` (of the cost: of its opposite)
  bool over, terminated, truncated, diverged;
  int anchor;     // the step at which a model began to imagine (view/ghost.h); -1: none does
  double* ghost;  // (nx) what it imagines here
  double gap;     // how far that is from what really came
  char why[200];  // it is over: "time limit of 1000 steps", "the condition qpos[1] in [0.7, inf] does not hold"
} lb_play_moment;

typedef struct lb_play lb_play;

// The system is the caller's, outlives it and is nobody else's meanwhile. One of policy and demos; demos may be as
// stored (data/demos.h). LB_INPUT for a policy that does not fit.
lb_status lb_play_new(lb_play** out, lb_system* system, const lb_policy* policy, const lb_demos* demos, uint64_t seed);
void lb_play_free(lb_play* play);

// The start of an episode, from 0; of a recording, of those that there are, again from the first after the last.
void lb_play_begin(lb_play* play, int episode);
// One control step; nothing once the episode is over.
void lb_play_step(lb_play* play);

const lb_play_moment* lb_play_now(const lb_play* play);

// A force (3, N, world axes) and a torque (3, N m, axes of the body) on a body's centre of mass during the next step of
// a policy (phys/sim.h).
void lb_play_push(lb_play* play, int body, const double* force, const double* torque);

struct mjvPerturb_;

// The same by MuJoCo's spring between the place where a body was grasped and the pointer (mjv_applyPerturbForce), as
// the body stands and moves now.
void lb_play_pull(lb_play* play, const struct mjvPerturb_* perturb);

// Another policy acts from the next step on, of a recording from the next beginning on. LB_INPUT for one that does not
// fit.
lb_status lb_play_replace(lb_play* play, const lb_policy* policy);

// Room for a moment's arrays, and a copy.
lb_status lb_play_moment_new(lb_play_moment* moment, const lb_system* system);
void lb_play_moment_copy(lb_play_moment* to, const lb_play_moment* from, const lb_system* system);
void lb_play_moment_free(lb_play_moment* moment);

#endif  // LB_VIEW_PLAY_H_
