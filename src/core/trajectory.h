// A trajectory by pointers: whoever made it owns it. Every array is row-major.
#ifndef LB_CORE_TRAJECTORY_H_
#define LB_CORE_TRAJECTORY_H_

typedef struct lb_trajectory {
  int length;       // transitions T; 0 is allowed
  const double* x;  // (T + 1, nx)
  const double* u;  // (T, nu)
} lb_trajectory;

#endif  // LB_CORE_TRAJECTORY_H_
