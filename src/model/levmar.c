#include "model/levmar.h"

#include <cminpack.h>
#include <string.h>

#include "linalg/mat.h"

// What r is told to be where there is no member: any step there is rejected for its length.
#define OUTSIDE 1e100

typedef struct problem {
  lb_residual* residual;
  const double* origin;  // (n)
  double ridge;
  double* column;  // (rows) scratch
} problem;

// Spreads columns of `rows` to the stride rows + n and fills in the ridge's rows.
static void append_ridge(double* J, size_t rows, int n, double ridge) {
  for (size_t stride = rows + (size_t)n, j = (size_t)n; j-- > 0;) {
    memmove(J + j * stride, J + j * rows, rows * sizeof *J);
    memset(J + j * stride + rows, 0, (size_t)n * sizeof *J);
    J[j * stride + rows + j] = ridge;
  }
}

// The rows of r, then n of the ridge; MINPACK needs at least n rows anyway.
static int evaluate(void* ctx, int m, int n, const double* z, double* r, double* J, int ldj, int what) {
  (void)m, (void)ldj;
  problem* p = ctx;
  int rows = lb_residual_rows(p->residual);
  if (what == 1) {
    if (!lb_residual_at(p->residual, r, z)) {
      for (int i = 0; i < rows; ++i) r[i] = OUTSIDE;
    }
    for (int j = 0; j < n; ++j) r[rows + j] = p->ridge * (z[j] - p->origin[j]);
  } else if (what == 2) {
    lb_residual_jacobian(p->residual, J, (double*)z, r, p->column);  // z is restored
    append_ridge(J, (size_t)rows, n, p->ridge);
  }
  return 0;
}

// MINPACK's `info` in words.
static const char* stop_text(int info) {
  switch (info) {
    case 1:
    case 2:
    case 3:
      return "the loss and the parameters settled";
    case 4:
      return "the gradient vanished";
    case 5:
      return "the evaluations ran out";
    default:
      return "no further progress is possible in double precision";
  }
}

lb_levmar_result lb_levmar_minimize(lb_residual* p, double* z, const lb_levmar_config* config, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  int n = p->family->nparam, rows = lb_residual_rows(p), m = rows + n;
  double *r = LB_TAKE(scratch, double, m), *J = LB_TAKE(scratch, double, ((size_t)m * (size_t)n));
  double *work = LB_TAKE(scratch, double, m), *vectors = LB_TAKE(scratch, double, 5 * n);
  int *pivots = LB_TAKE(scratch, int, n), evaluations, jacobians;
  problem context = {p, config->origin, config->ridge, LB_TAKE(scratch, double, m)};
  lb_levmar_result result = {.stop = "no finite loss at the start"};
  if (lb_residual_at(p, r, z)) {
    int info = lmder(evaluate, &context, m, n, z, r, J, m, config->tolerance, config->tolerance, 0,
                     config->max_evaluations, vectors, 1, 100, 0, &evaluations, &jacobians, pivots, vectors + n,
                     vectors + 2 * n, vectors + 3 * n, vectors + 4 * n, work);
    result = (lb_levmar_result){.ok = true, .squares = lb_mat_dot(r, r, rows), .stop = stop_text(info)};
  }
  lb_arena_release(scratch, mark);
  return result;
}
