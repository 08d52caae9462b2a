// The helicopter hover experiment of arXiv 2303.00694 as published: 12 states, 4 controls, 100 steps of 0.05 s, a force
// and torque noise of 0.1 N and N m, the cost 0.5 (|x|^2 + 1) + 0.5 |u|^2 at each step and 0.5 (|x|^2 + 1) at the end
// (so 50.5 of every cost is a constant). The equations, and where they differ from a helicopter's:
// task/helicopter_2023_map.h.
#ifndef LB_TASK_HELICOPTER_2023_H_
#define LB_TASK_HELICOPTER_2023_H_

#include "base/status.h"
#include "core/system.h"

// A new system "helicopter-hover-2023", at the hover state and time 0; free it with lb_system_free. It has a cost, a
// truth, a reference (all zeros), a family of 20 parameters with sums, and observes its state. The cost takes the
// control as asked for; the step clips it to [-100, 100]. The six noise numbers of a step are three of force,
// north-east-down, and three of torque, body axes. LB_MEMORY when memory is short.
lb_status lb_helicopter_2023_open(lb_system** out);

#endif  // LB_TASK_HELICOPTER_2023_H_
