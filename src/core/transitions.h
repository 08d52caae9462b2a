// Transitions for learners that work on observations, in float rows, by pointer; whoever made them owns them. A row is
//   observation (nobs), action (nact), reward, terminated, next observation (nobs)
// so that one transition is one or two cache lines. `terminated` is 1 where the task itself ended (no value beyond) and
// 0 otherwise: an episode that only ran out of time is not terminated, and its next observation counts.
#ifndef LB_CORE_TRANSITIONS_H_
#define LB_CORE_TRANSITIONS_H_

#include <stddef.h>

typedef struct lb_transitions {
  int n;
  int nobs, nact;
  const float* data;  // rows of lb_transitions_width numbers
  const int* rows;    // (n) which of them; NULL: the first n
} lb_transitions;

// Numbers in a row.
static inline int lb_transitions_width(int nobs, int nact) {
  return 2 * nobs + nact + 2;
}

// Where the parts of a row begin; the observation and, right after it, the action begin at 0.
static inline int lb_transitions_reward(int nobs, int nact) {
  return nobs + nact;
}

static inline int lb_transitions_terminated(int nobs, int nact) {
  return nobs + nact + 1;
}

static inline int lb_transitions_next(int nobs, int nact) {
  return nobs + nact + 2;
}

#endif  // LB_CORE_TRANSITIONS_H_
