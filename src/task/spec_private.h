// The parts of reading a task.json: for spec.c and its neighbours alone.
#ifndef LB_TASK_SPEC_PRIVATE_H_
#define LB_TASK_SPEC_PRIVATE_H_

#include "task/spec.h"

// An actuator by its name, or by its number in the model; *name is what it is called for people.
lb_status lb_spec_find_actuator(lb_task_spec* spec, lb_node node, int* id, const char** name);

// root.cost into stage and terminal terms. The model and the controls must have been read.
lb_status lb_spec_read_cost(lb_task_spec* spec, lb_node root);

// root.parameters, which may be missing.
lb_status lb_spec_read_parameters(lb_task_spec* spec, lb_node root);

#endif  // LB_TASK_SPEC_PRIVATE_H_
