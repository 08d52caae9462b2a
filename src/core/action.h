// Actions in [-1, 1], in which networks and models of observations work, and the system's controls.
#ifndef LB_CORE_ACTION_H_
#define LB_CORE_ACTION_H_

#include "core/system.h"

// Controls within the limits from actions in [-1, 1], n rows of nu: low + (action + 1) (high - low) / 2. u may be
// action.
static inline void lb_action_scale(const lb_system* s, double* u, const double* action, int n) {
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < s->nu; ++i) {
      double low = s->u_low[i], high = s->u_high[i];
      u[j * s->nu + i] = low + 0.5 * (action[j * s->nu + i] + 1) * (high - low);
    }
  }
}

// The action in [-1, 1] that gives control i of the system: the inverse, not clipped.
static inline double lb_action_of_control(const lb_system* s, int i, double u) {
  return 2 * (u - s->u_low[i]) / (s->u_high[i] - s->u_low[i]) - 1;
}

#endif  // LB_CORE_ACTION_H_
