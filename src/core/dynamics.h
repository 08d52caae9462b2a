// A one-step map x' = f_t(x, u) at the control rate, noise-free: a learned model, or the true system's own map when an
// expert is solved. Callers use the two functions below, which count; implementations fill the struct.
#ifndef LB_CORE_DYNAMICS_H_
#define LB_CORE_DYNAMICS_H_

#include <stddef.h>

#include "core/counts.h"
#include "core/space.h"

typedef struct lb_dynamics {
  const lb_space* space;
  int nu;
  void* ctx;
  lb_counts* counts;  // where queries are counted; NULL: nowhere (the true system, for experts)
  // x_next (n, nx) from x (n, nx) and u (n, nu) at times t (n; NULL: all 0). Non-finite values pass through.
  void (*step)(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next);
  // A (n, ndx, ndx) and B (n, ndx, nu), row-major, in the tangent spaces at x and at f(x, u). Returns the number of
  // one-step evaluations it took.
  long (*linearize)(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B);
} lb_dynamics;

// x_next = f_t(x, u), counted.
static inline void lb_dynamics_step(const lb_dynamics* f, int n, const int* t, const double* x, const double* u,
                                    double* x_next) {
  f->step(f->ctx, n, t, x, u, x_next);
  if (f->counts) f->counts->model_queries += n;
}

// A = df/dx and B = df/du, counted.
static inline void lb_dynamics_linearize(const lb_dynamics* f, int n, const int* t, const double* x, const double* u,
                                         double* A, double* B) {
  long queries = f->linearize(f->ctx, n, t, x, u, A, B);
  if (f->counts) f->counts->model_queries += queries;
}

#endif  // LB_CORE_DYNAMICS_H_
