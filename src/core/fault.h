// What left the finite numbers first in an episode: an observation, a control or the reward of a step, or the
// simulation itself.
#ifndef LB_CORE_FAULT_H_
#define LB_CORE_FAULT_H_

#include <math.h>
#include <stdio.h>

#include "core/system.h"

typedef struct lb_fault {
  const char* what;  // "observation", "control", "reward", "simulation"; NULL: nothing did
  int index;         // of the number; 0 for the reward and the simulation
  int step;          // of the episode; an observation's is that of the step which it follows or, at the start, -1
  double value;
} lb_fault;

// The first of n numbers that is not finite as a fault; `what` is NULL where all are.
static inline lb_fault lb_fault_in(const char* what, const double* values, int n, int step) {
  for (int i = 0; i < n; ++i) {
    if (!isfinite(values[i])) return (lb_fault){what, i, step, values[i]};
  }
  return (lb_fault){0};
}

// "observation 0 (sqrt(qpos)) is nan at step 12".
static inline void lb_fault_describe(char* out, size_t size, const lb_fault* f, const lb_system* s) {
  char when[48], value[32];
  snprintf(value, sizeof value, isnan(f->value) ? "nan" : "%g", f->value);
  snprintf(when, sizeof when, f->step < 0 ? "at the start of the episode" : "at step %d", f->step);
  bool observed = f->what && f->what[0] == 'o' && s->obs_names;
  if (!f->what) {
    snprintf(out, size, "nothing");
  } else if (f->what[0] == 's') {
    snprintf(out, size, "the simulation left the finite numbers %s", when);
  } else if (f->what[0] == 'r') {
    snprintf(out, size, "the reward is %s %s", value, when);
  } else {
    snprintf(out, size, "%s %d%s%s%s is %s %s", f->what, f->index, observed ? " (" : "",
             observed ? s->obs_names[f->index] : "", observed ? ")" : "", value, when);
  }
}

#endif  // LB_CORE_FAULT_H_
