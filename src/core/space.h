// The space in which a system's state lives. A state x has nx numbers; a small displacement of it has ndx (a unit
// quaternion has four numbers and three directions). Models and planners never subtract states themselves: they ask
// the space. In a plain vector space nx = ndx and both maps are the ordinary ones.
#ifndef LB_CORE_SPACE_H_
#define LB_CORE_SPACE_H_

#include <string.h>

typedef struct lb_space {
  int nx;   // numbers in a state
  int ndx;  // directions in which it can move
  const void* ctx;
  // dx (ndx) = to - from: the displacement that takes `from` to `to`. NULL: plain subtraction.
  void (*difference)(const void* ctx, double* dx, const double* from, const double* to);
  // x_new (nx) = x + dx. NULL: plain addition. x_new may be x.
  void (*displace)(const void* ctx, double* x_new, const double* x, const double* dx);
} lb_space;

// dx = to (-) from.
static inline void lb_space_difference(const lb_space* s, double* dx, const double* from, const double* to) {
  if (s->difference) {
    s->difference(s->ctx, dx, from, to);
    return;
  }
  for (int i = 0; i < s->ndx; ++i) dx[i] = to[i] - from[i];
}

// x_new = x (+) dx.
static inline void lb_space_displace(const lb_space* s, double* x_new, const double* x, const double* dx) {
  if (s->displace) {
    s->displace(s->ctx, x_new, x, dx);
    return;
  }
  for (int i = 0; i < s->nx; ++i) x_new[i] = x[i] + dx[i];
}

#endif  // LB_CORE_SPACE_H_
