// Pairs of numbers in task.json, [low, high], where null stands for no bound.
#ifndef LB_TASK_BOUNDS_H_
#define LB_TASK_BOUNDS_H_

#include "base/status.h"
#include "base/text.h"
#include "io/json.h"

typedef struct lb_bounds {
  double low, high;  // infinite: none
} lb_bounds;

// No bounds at all.
lb_bounds lb_bounds_none(void);

// Reads object.key; low may equal high but not exceed it.
lb_status lb_bounds_read(lb_bounds* out, lb_node object, const char* key);

// A number with as many digits as it needs.
void lb_bounds_add_number(lb_text* out, double value);

#endif  // LB_TASK_BOUNDS_H_
