// A MuJoCo task as a system (core/system.h): one live simulation, its cost, its own noise-free map, its family of
// parameters. A real step reads MuJoCo's live data; truth and family run on data of their own.
#ifndef LB_TASK_MUJOCO_SYSTEM_H_
#define LB_TASK_MUJOCO_SYSTEM_H_

#include "base/status.h"
#include "core/system.h"
#include "phys/map.h"
#include "phys/sim.h"
#include "task/restore.h"
#include "task/spec.h"

// Opens folder/task.json at the start of an episode. `name` is the folder's name.
lb_status lb_mujoco_system_open(lb_system** out, const char* folder, const char* name,
                                const lb_phys_map_config* config);

// What a system was made from, and its live simulation; NULL for a system that is no MuJoCo task.
const lb_task_spec* lb_mujoco_system_spec(const lb_system* system);
lb_phys_sim* lb_mujoco_system_sim(const lb_system* system);
// How its observations give states back, as far as they do; NULL for a task with a cost, whose state is observed.
const lb_restore* lb_mujoco_system_restore(const lb_system* system);

#endif  // LB_TASK_MUJOCO_SYSTEM_H_
