// What makes one number of many, and what turns a number into a smooth reward in [0, 1]: two tables in norm.c, one line
// an entry. The tolerance is that of Tassa et al., "dm_control: Software and tasks for continuous control" (2020),
// section 3: 1 within the bounds, falling to `value_at_margin` at a distance of `margin` outside.
#ifndef LB_TASK_NORM_H_
#define LB_TASK_NORM_H_

#include "base/status.h"
#include "base/text.h"
#include "io/json.h"
#include "task/bounds.h"

typedef struct lb_norm {
  const char* name;
  const char* what;
  double (*of)(const double* x, int n);
} lb_norm;

// Reads object.norm. Without the key: the value itself, which only a single number has.
lb_status lb_norm_read(const lb_norm** out, lb_node object, int n);

// All of them; NULL beyond the last.
const lb_norm* lb_norm_at(int i);

// The name of a tolerance's curve, by its number from 0; false beyond the last.
bool lb_sigmoid_at(int i, const char** name);

typedef struct lb_tolerance {
  const struct lb_sigmoid* sigmoid;  // NULL: no tolerance, the number itself
  lb_bounds bounds;
  double margin, value_at_margin;
  double scale;  // of a distance in margins
} lb_tolerance;

// Reads object.tolerance; without the key there is none.
lb_status lb_tolerance_read(lb_tolerance* out, lb_node object);
double lb_tolerance_eval(const lb_tolerance* t, double x);
// Appends "tolerance(TEXT in [0, 1], margin 2, gaussian 0.1)".
void lb_tolerance_describe(const lb_tolerance* t, lb_text* out, const char* text);

#endif  // LB_TASK_NORM_H_
