// A quantity: some numbers of a signal (phys/signal.h), picked by name or by rows, after a subtraction, a function and
// a clip, in this order. Observations, rewards, conditions and starts are made of them. The grammar is in
// task/grammar.h.
#ifndef LB_TASK_QUANTITY_H_
#define LB_TASK_QUANTITY_H_

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "io/json.h"
#include "phys/signal.h"
#include "task/bounds.h"

enum { LB_QUANTITY_MAX = 1024 };  // numbers in one

typedef struct lb_quantity {
  const lb_phys_signal* signal;
  int n;
  const int* index;                // (n) places in the signal
  const struct lb_quantity* from;  // what is subtracted: a plain pick of n numbers; NULL: `minus`
  const double* minus;             // (n); NULL: nothing
  double (*function)(double);      // NULL: none
  const char* function_name;
  bool is_clipped;
  lb_bounds clip;
  lb_phys_level level;  // of the signal and of what is subtracted
  const char* text;     // for people: "clip(qvel, -10, 10)"
} lb_quantity;

// What names are looked up in; the arena owns what is read.
typedef struct lb_quantity_source {
  const lb_phys_model* model;
  lb_phys_rate rate;
  lb_arena* arena;
} lb_quantity_source;

// The name of a function that a quantity may be given, by its number from 0; false beyond the last.
bool lb_quantity_function_at(int i, const char** name);

lb_status lb_quantity_read(lb_quantity* q, lb_node object, const lb_quantity_source* source);

// The picked places alone: `of`, `range`, `components` of a signal (all of it without them).
lb_status lb_quantity_pick(lb_quantity* q, lb_node object, const lb_phys_signal* signal,
                           const lb_quantity_source* source);

// Appends what its k-th number is, before any clip: "sin(qpos of joint hip)", "(xpos of body tip: x - xpos of body
// goal: x)".
void lb_quantity_label(const lb_quantity* q, lb_text* out, const lb_phys_model* model, const lb_phys_rate* rate, int k);

// out (n).
void lb_quantity_eval(const lb_quantity* q, double* out, const lb_phys_view* view);

#endif  // LB_TASK_QUANTITY_H_
