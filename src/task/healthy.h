// The conditions of a task: an episode ends as soon as one does not hold after a step. A condition asks every number of
// a quantity to lie within bounds, closed unless they are open, or to be finite. A NaN lies nowhere.
#ifndef LB_TASK_HEALTHY_H_
#define LB_TASK_HEALTHY_H_

#include <stdbool.h>

#include "task/quantity.h"

typedef struct lb_condition {
  lb_quantity quantity;
  bool is_finite;  // asks that alone
  bool is_open;    // an infinite open bound leaves out infinity
  lb_bounds within;
  const char* text;
} lb_condition;

lb_status lb_condition_read(lb_condition* c, lb_node object, const lb_quantity_source* source);
bool lb_condition_holds(const lb_condition* c, const lb_phys_view* view);

#endif  // LB_TASK_HEALTHY_H_
