// rollout.npz in a run's folder: one episode of its final policy, and what the run's learned model makes of it from the
// same start under the same controls, step after step, never corrected. It shows how soon the model's error grows, and
// nothing of how the policy would act in the model.
//
//   names       a string, a line a number: "qpos[1]", "qvel[0]", ...
//   of_states   () bool: numbers of the state, else of the observation
//   dt          () seconds of a step
//   real        (steps + 1, numbers) what was, at each step, of those numbers (four at most) that end up furthest apart
//   model       (steps + 1, numbers) the model's
//   error       (steps + 1,) over all numbers that vary: the root of the mean square of the difference, each in units
//               of its standard deviation over the real steps. 1: as far off as their mean would be
//
// A model that leaves the finite numbers ends the rollout there.
#ifndef LB_IO_RUN_ROLLOUT_H_
#define LB_IO_RUN_ROLLOUT_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

#define LB_RUN_ROLLOUT "rollout.npz"

enum { LB_RUN_ROLLOUT_NUMBERS = 4, LB_RUN_ROLLOUT_STEPS = 200, LB_RUN_ROLLOUT_BYTES = 20480 };  // each at most

typedef struct lb_run_rollout {
  int steps, n;
  bool of_states;
  double dt;
  const char* names[LB_RUN_ROLLOUT_NUMBERS];
  const double *real, *model, *error;
} lb_run_rollout;

lb_status lb_run_rollout_write(const lb_run_rollout* rollout, const char* folder);

// Of a run's folder, into the arena; steps = 0 where there is none. LB_INPUT for a file that is none.
lb_status lb_run_rollout_read(lb_run_rollout* out, const char* folder, lb_arena* arena);

#endif  // LB_IO_RUN_ROLLOUT_H_
