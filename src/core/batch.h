// Transitions by pointers; whoever made them owns them. Every array is row-major.
#ifndef LB_CORE_BATCH_H_
#define LB_CORE_BATCH_H_

typedef struct lb_batch {
  int n;
  const int* t;          // (n) time within the episode
  const double* x;       // (n, nx)
  const double* u;       // (n, nu) as the policy asked for it, before the system clips
  const double* x_next;  // (n, nx)
} lb_batch;

#endif  // LB_CORE_BATCH_H_
