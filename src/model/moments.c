#include "model/moments.h"

#include <math.h>
#include <stddef.h>

#include "base/sort.h"

// The median of |a| (n), or the mean where that is 0; a is overwritten.
static double typical(double* a, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    a[i] = fabs(a[i]);
    sum += a[i];
  }
  lb_sort(a, n);
  double median = lb_sort_median(a, n);
  return median > 0 ? median : sum / n;
}

void lb_moments_noise(double* sigma, const double* errors, int n, int ndx, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  double* column = LB_TAKE(scratch, double, n);
  for (int j = 0; j < ndx; ++j) {
    for (ptrdiff_t i = 0; i < n; ++i) column[i] = errors[i * ndx + j];
    sigma[j] = 1.4826 * typical(column, n);
  }
  lb_arena_release(scratch, mark);
}

// By second differences; scratch: nx + ndx numbers, the last ndx of them 0.
static double added_by_noise(const lb_value* value, const lb_space* s, int t, const double* x, double middle,
                             const double* sigma, double* scratch) {
  double *moved = scratch, *dx = moved + s->nx, v, sum = 0;
  for (int j = 0; j < s->ndx; ++j) {
    for (int sign = -1; sign <= 1; sign += 2) {
      dx[j] = sign * sigma[j];
      lb_space_displace(s, moved, x, dx);
      value->at(value->ctx, 1, t, moved, &v);
      sum += 0.5 * (v - middle);
    }
    dx[j] = 0;
  }
  return sum;
}

lb_moments_aim lb_moments_aim_at(const lb_value* value, const lb_space* space, const lb_batch* data,
                                 const double* predicted, const double* sigma, lb_arena* arena) {
  ptrdiff_t n = data->n, nx = space->nx;
  lb_moments_aim aim = {.target = LB_TAKE(arena, double, n)};
  lb_mark mark = lb_arena_mark(arena);
  double *errors = LB_TAKE(arena, double, n), *scratch = LB_TAKE(arena, double, nx + space->ndx);
  for (ptrdiff_t i = 0; i < n; ++i) {
    int t = (data->t ? data->t[i] : 0) + 1;
    const double* x = predicted + i * nx;
    double at_prediction;
    value->at(value->ctx, 1, t, x, &at_prediction);
    value->at(value->ctx, 1, t, data->x_next + i * nx, &aim.target[i]);
    if (sigma) aim.target[i] -= added_by_noise(value, space, t, x, at_prediction, sigma, scratch);
    errors[i] = at_prediction - aim.target[i];
  }
  aim.scale = n > 0 ? typical(errors, data->n) : 0;
  lb_arena_release(arena, mark);
  return aim;
}
