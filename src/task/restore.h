// States from observations, for models that predict observations: an observation that lists positions and velocities
// (or an angle's sine and cosine) gives them back. What it leaves out (a root's x coordinate, say) is set as at the
// start of an episode, so the state serves for what does not depend on that: the task's own end.
#ifndef LB_TASK_RESTORE_H_
#define LB_TASK_RESTORE_H_

#include <stdbool.h>

#include "task/terms.h"

typedef struct lb_restore {
  int nx, nobs;
  const double* x0;   // (nx) what is not observed; not of the arena
  const int* plain;   // (nx) where the number stands in the observation; -1: nowhere
  const int* sine;    // (nx) where its sine does, and
  const int* cosine;  // (nx) its cosine
  bool decides;       // the observation determines every condition, up to its own clips
  bool rewards;       // and, with that of the step's beginning and the action, every term of the reward
} lb_restore;

// x0 (nx) must live as long.
lb_restore lb_restore_new(lb_arena* arena, const lb_terms* terms, const lb_phys_model* model, const double* x0);

// x (n, nx) from obs (n, nobs).
void lb_restore_states(const lb_restore* r, double* x, int n, const double* obs);

#endif  // LB_TASK_RESTORE_H_
