// What the loop acts in: the real world of an experiment. A MuJoCo task, the published helicopter, a linear system or a
// tabular MDP fill this struct. Real steps are taken by lb_system_step alone, which writes them into the ledger.
#ifndef LB_CORE_SYSTEM_H_
#define LB_CORE_SYSTEM_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/rng.h"
#include "core/cost.h"
#include "core/dynamics.h"
#include "core/exact.h"
#include "core/family.h"
#include "core/space.h"
#include "core/trajectory.h"

// On whose account a real step is taken.
typedef enum lb_source {
  LB_STEP_LEARNER,
  LB_STEP_EXPERT,
  LB_STEP_EXPLORATION,
  LB_STEP_EVALUATION,
  LB_STEP_SOURCES
} lb_source;

typedef struct lb_ledger {
  int64_t steps[LB_STEP_SOURCES];
} lb_ledger;

// What one step gave, apart from the new state.
typedef struct lb_outcome {
  double reward;    // minus the stage cost where the system has a cost
  bool terminated;  // the task's own end: no value beyond it
  bool truncated;   // only the clock ran out
  bool diverged;    // the simulation left the finite numbers
} lb_outcome;

// What a task says of imagined transitions; each array may be NULL.
typedef struct lb_imagined {
  double* reward;    // (n) of the step from x under u to x_next
  bool* terminated;  // (n) whether x_next is the task's own end
  double* obs;       // (n, nobs) of x_next
} lb_imagined;

typedef struct lb_system {
  const char* name;
  const char* const* aliases;  // its names in data from elsewhere, NULL-terminated; NULL: none
  const char* hash;            // 64 hex digits over everything that defines the task; "" for none
  void* self;
  lb_space space;
  int nu, nobs;
  int nq;        // leading numbers of the state that are the configuration (qpos), then qvel; 0: not split so
  int na;        // trailing ones, behind qvel, that are activations of actuators (act)
  int nw;        // numbers of process noise a step; 0: a deterministic system
  int nhidden;   // numbers beside the state that the next step depends on, so that an exact replay needs them: the
  int nwarm;     // solver's warm start (nwarm of them, first), and what rewards have read as "before". 0: none
  bool has_end;  // an episode may end before the clock runs out (lb_outcome.terminated)
  const char* const* obs_names;      // (nobs) for people: "sin(qpos of joint hip)"; NULL: none
  const char* const* state_names;    // (nx) the same: "qpos of free joint root: quaternion w"; NULL: none
  const char* const* control_names;  // (nu) of the actuators; NULL: none
  int horizon;                       // steps in an episode
  double dt;                         // seconds of a control step
  const double* u_low;               // (nu) the system clips controls to these
  const double* u_high;
  const lb_cost* cost;             // NULL: the task has rewards only
  const lb_dynamics* truth;        // its own noise-free map, for experts and references; NULL: none
  const lb_family* family;         // NULL: no parametric family
  const lb_trajectory* reference;  // what the cost tracks, length = horizon; NULL: none
  const lb_exact* exact;           // what is computed of it instead of measured; NULL: nothing
  double stop_norm;  // a learner's data-collection rollout ends once |(x (-) x_ref_t, u - u_ref_t)| exceeds this;
                     // INFINITY: never
  lb_ledger ledger;

  // Starts an episode at time 0.
  void (*reset)(void* self, lb_rng* rng);
  // Puts the system at state x (nx) and time t, at rest with respect to everything hidden (warm starts).
  void (*set_state)(void* self, const double* x, int t);
  void (*get_state)(void* self, double* x);
  // The hidden numbers (nhidden); setting them follows set_state. NULL where there are none.
  void (*get_hidden)(void* self, double* hidden);
  void (*set_hidden)(void* self, const double* hidden);
  void (*observe)(void* self, double* obs);
  // One control step. w (nw) are standard normal draws that the system scales into its process noise, or what `noise`
  // draws; NULL: no noise.
  lb_outcome (*step)(void* self, const double* u, const double* w);
  // Draws w (n, nw) for n steps. NULL: standard normal numbers.
  void (*noise)(void* self, int n, double* w, lb_rng* rng);
  // What the task says of n transitions from their states alone: x (n, nx), u (n, nu), x_next (n, nx). No real step is
  // taken, the episode under way is not touched. x and u may be NULL when no reward is asked for. A state that is not
  // finite gives NaN and an end, unless the terms themselves say otherwise. NULL: only the cost is known.
  void (*imagine)(void* self, const lb_imagined* out, int n, const double* x, const double* u, const double* x_next);
  // x (n, nx) from observations (n, nobs), for models that predict those: what is observed is put back (an angle from
  // its sine and cosine), the rest is as at the start of an episode. Good for `terminated` of imagine, and for nothing
  // that depends on what is not observed. NULL: the observation does not determine the task's end.
  void (*restore)(void* self, double* x, int n, const double* obs);
  // x_next (n, nx) from observations after a step from x (n, nx), which restore gave. A position that is not observed
  // (a root's x coordinate) has moved by the mean of its velocities before and after. Good for `reward` of imagine.
  // NULL: the observations before and after do not determine the reward.
  void (*restore_next)(void* self, double* x_next, const double* x, int n, const double* obs_next);
  void (*destroy)(void* self);
} lb_system;

// One real step on the account of `source`, with given noise w (nw; NULL: none).
static inline lb_outcome lb_system_step(lb_system* s, lb_source source, const double* u, const double* w) {
  s->ledger.steps[source] += 1;
  return s->step(s->self, u, w);
}

// The noise of n real steps, w (n, nw).
static inline void lb_system_noise(const lb_system* s, int n, double* w, lb_rng* rng) {
  if (s->noise) {
    s->noise(s->self, n, w, rng);
  } else {
    lb_rng_normals(rng, w, n * s->nw);
  }
}

// What the i-th control is called, or its number where it has no name.
typedef struct lb_system_name {
  char text[100];
} lb_system_name;
static inline lb_system_name lb_system_control(const lb_system* s, int i) {
  lb_system_name name;
  if (s->control_names && s->control_names[i]) {
    snprintf(name.text, sizeof name.text, "%s", s->control_names[i]);
  } else {
    snprintf(name.text, sizeof name.text, "%d", i);
  }
  return name;
}

// Frees the system and all that it owns; NULL is allowed.
static inline void lb_system_free(lb_system* s) {
  if (s) s->destroy(s->self);
}

#endif  // LB_CORE_SYSTEM_H_
