// A MuJoCo task's parameters as a family of maps: a member is a copy of the model with some of its numbers changed,
// stepped apart from the real system.
#ifndef LB_TASK_MUJOCO_FAMILY_H_
#define LB_TASK_MUJOCO_FAMILY_H_

#include "base/arena.h"
#include "core/family.h"
#include "core/space.h"
#include "phys/map.h"
#include "task/spec.h"

// In the arena; the spec and the space must live as long. NULL when the spec names no parameter.
const lb_family* lb_mujoco_family_new(lb_arena* arena, const lb_task_spec* spec, const lb_space* space,
                                      const lb_phys_map_config* config);

#endif  // LB_TASK_MUJOCO_FAMILY_H_
