// The trajectory that a task's cost tracks: a reference.npz with x (horizon + 1, nx), u (horizon, nu) and a JSON
// `metadata` that says how it was made; without a file, the start with zero control.
#ifndef LB_TASK_REFERENCE_H_
#define LB_TASK_REFERENCE_H_

#include "base/arena.h"
#include "base/status.h"
#include "core/trajectory.h"
#include "task/spec.h"

// Fills *reference and x0 (nx), the start of an episode; the arrays are in the arena. LB_INPUT names what is wrong in
// the file: shapes, numbers that are not finite, quaternions that are not of unit length.
lb_status lb_reference_load(lb_trajectory* reference, double* x0, lb_arena* arena, const lb_task_spec* spec);

// Writes such a file. `metadata` is JSON text.
lb_status lb_reference_save(const char* path, const lb_trajectory* reference, int nx, int nu, const char* metadata);

#endif  // LB_TASK_REFERENCE_H_
