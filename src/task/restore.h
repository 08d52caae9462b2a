// States from observations, for models that predict observations: an observation that lists positions and velocities
// gives them back. What it leaves out (a root's x coordinate, say) is set as at the start of an episode, so the state
// serves for what does not depend on that: the task's own end.
//
// Nor does a reward for moving on: it asks by how much the coordinate changed in a step. From the velocities before and
// after a step, which are observed, that is dt times their mean, to second order in dt. So the state after a step
// serves for the reward where a coordinate that is left out enters it by its change alone.
//
// A number whose sine and cosine are observed is known up to whole turns, and set within (-pi, pi]. That serves for its
// sine and cosine, and for what depends on a hinge's attitude alone: the places, orientations and velocities of bodies,
// but no quaternion of theirs (which a turn negates); and for forces and accelerations where no spring, limit, tendon
// or servo knows how often it has turned. The number itself serves for a condition that keeps it within half a turn or
// less of that range, if no step takes it further than another half turn. A hinge's change serves for the reward if its
// velocity is observed: of the angles that a turn apart look alike, the one after a step is that nearest to where the
// mean velocity leads.
#ifndef LB_TASK_RESTORE_H_
#define LB_TASK_RESTORE_H_

#include <stdbool.h>

#include "task/terms.h"

typedef struct lb_restore {
  const lb_phys_model* model;
  int nx, nq, na, nobs;
  const double* x0;     // (nx) what is not observed; not of the arena
  const int* plain;     // (nx) where the number stands in the observation; -1: nowhere
  const int* sine;      // (nx) where its sine does, and
  const int* cosine;    // (nx) its cosine
  const bool* turns;    // (nx) that is the angle of a hinge,
  const bool* freely;   // (nx) of one whose turns change no force
  const int* velocity;  // (nx) where in the state the velocity of a translation along fixed or sliding axes, or of a
                        // hinge whose change is rewarded, is, if that is observed and the position is not; else -1
  const bool* free;     // (nx) that is one of a free joint: along the world's axes
  bool decides;         // the observation determines every condition, up to its own clips
  bool rewards;         // and, with that before the step and the action, every term of the reward
} lb_restore;

// x0 (nx) must live as long.
lb_restore lb_restore_new(lb_arena* arena, const lb_terms* terms, const lb_phys_model* model, const double* x0);

// x (n, nx) from obs (n, nobs).
void lb_restore_states(const lb_restore* r, double* x, int n, const double* obs);

// The same after a step of dt seconds from x (n, nx).
void lb_restore_next(const lb_restore* r, double* x_next, const double* x, int n, const double* obs_next, double dt);

#endif  // LB_TASK_RESTORE_H_
