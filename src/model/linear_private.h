// The inside of a linear model, for linear.c, linear_moments.c and linear_model.c alone.
#ifndef LB_MODEL_LINEAR_PRIVATE_H_
#define LB_MODEL_LINEAR_PRIVATE_H_

#include <assert.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/linear.h"

struct lb_linear {
  lb_arena* arena;  // the model, this struct included
  lb_arena* work;   // of a fit
  const lb_space* space;
  int nu, horizon, nz;
  int knots;  // horizon if time-varying, else 1
  lb_linear_config config;
  double *x_ref, *u_ref;  // (H + 1, nx), (H, nu)
  double *W, *W0;         // (knots, ndx, nz) estimate, initial model
  lb_dynamics dynamics;
  double *z, *y, *x_next;  // (nz), (ndx), (nx) scratch of one prediction
  double *J, *V, *T;       // (ndx, ndx) scratch of one derivative; T (ndx, max(ndx, nu))
  double* moved;           // 2 nx + 4 ndx
  double* slope;           // (ndx)
};

static inline size_t at(int t, int rows, int cols) {
  return (size_t)t * (size_t)rows * (size_t)cols;
}

// The time whose reference and parameters count at time t.
static inline int clamp_time(const lb_linear* m, int t) {
  assert(t >= 0);
  return t < m->horizon ? t : m->horizon - 1;
}

static inline const double* x_ref(const lb_linear* m, int t) {
  return m->x_ref + at(t, m->space->nx, 1);
}

static inline const double* parameters(const lb_linear* m, int t) {
  return m->W + (m->knots > 1 ? at(t, m->space->ndx, m->nz) : 0);
}

// The state from which y is counted: y = x' (-) base.
const double* lb_linear_base(const lb_linear* m, int t, const double* x);

// x_next (nx) from x and u; m->z and m->y are left at their values.
void lb_linear_predict(const lb_linear* m, double* x_next, int t, const double* x, const double* u);

// One fit: the data as rows, sorted by time, and what is common to all knots.
typedef struct lb_linear_rows {
  int n;
  double *Z, *Y;  // (n, nz), (n, ndx)
  int* order;     // (n) rows in ascending time
  int* first;     // (H + 1) where the rows of a time begin in `order`
  double* prior;  // (nz, nz) rows that pull towards the prior
  double *A, *B;  // the least-squares problem: (rows, nz), (rows, ndx), rows = max(n, 2 nz) + nz: the data and the
                  // prior's, or, when the prior is made, its two parts and nz of zeros
  double* X;      // (nz, ndx) its solution
} lb_linear_rows;

// From the arena of fits; false when a number is not finite.
bool lb_linear_read_rows(const lb_linear* m, lb_linear_rows* r, const lb_batch* data);

// W (knots, ndx, nz), the weighted least squares of linear.h, and the knots' triangular factors R (knots, nz, nz),
// R^T R = sum of w z z^T and of the prior's rows; NULL: not wanted. Void unless the report is ok; it has no loss yet.
lb_linear_report lb_linear_solve(const lb_linear* m, lb_linear_rows* r, double* W, double* R);

// The times [begin, end) whose rows a knot is fitted to, and their weight.
typedef struct lb_linear_reach {
  int begin, end;
} lb_linear_reach;
lb_linear_reach lb_linear_reach_of(const lb_linear* m, int k);
double lb_linear_weight(const lb_linear* m, int k, int s);

// Mean over the data of |x' (-) f_t(x, u)|^2.
double lb_linear_mean_loss(const lb_linear* m, const lb_batch* data);

#endif  // LB_MODEL_LINEAR_PRIVATE_H_
