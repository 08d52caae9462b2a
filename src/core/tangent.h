// How a space's displacements change when their base point changes, by central differences of the space's own two maps:
// what a curved space needs where derivatives taken at one state are used at another. In a plain vector space all of
// these are the identity, and callers skip them.
#ifndef LB_CORE_TANGENT_H_
#define LB_CORE_TANGENT_H_

#include <stdbool.h>

#include "core/space.h"

#define LB_TANGENT_STEP 1e-5

// Whether a space is its own tangent space: (+) and (-) are + and -.
static inline bool lb_space_is_plain(const lb_space* s) {
  return !s->difference && !s->displace;
}

// J (ndx, ndx) = d [(x + e) - base] / d e at e = 0. scratch: nx + 3 ndx numbers.
static inline void lb_tangent_of_difference(const lb_space* s, double* J, const double* base, const double* x,
                                            double* scratch) {
  int n = s->ndx;
  double *moved = scratch, *e = moved + s->nx, *plus = e + n, *minus = plus + n;
  memset(e, 0, (size_t)n * sizeof *e);
  for (int j = 0; j < n; ++j) {
    e[j] = LB_TANGENT_STEP;
    lb_space_displace(s, moved, x, e);
    lb_space_difference(s, plus, base, moved);
    e[j] = -LB_TANGENT_STEP;
    lb_space_displace(s, moved, x, e);
    lb_space_difference(s, minus, base, moved);
    e[j] = 0;
    for (int i = 0; i < n; ++i) J[i * n + j] = (plus[i] - minus[i]) / (2 * LB_TANGENT_STEP);
  }
}

// The two derivatives of z = x + v, in the tangent space at z: of_x (ndx, ndx) = d z / d x, of_v (ndx, ndx) = d z / d
// v. Either may be NULL. scratch: 2 nx + 4 ndx numbers.
static inline void lb_tangent_of_displace(const lb_space* s, double* of_x, double* of_v, const double* x,
                                          const double* v, double* scratch) {
  int n = s->ndx;
  double *z = scratch, *moved = z + s->nx, *e = moved + s->nx, *w = e + n, *plus = w + n, *minus = plus + n;
  lb_space_displace(s, z, x, v);
  memset(e, 0, (size_t)n * sizeof *e);
  for (int j = 0; j < 2 * n; ++j) {
    double* J = j < n ? of_x : of_v;
    int col = j % n;
    if (!J) continue;
    for (int sign = 1; sign >= -1; sign -= 2) {
      double step = sign * LB_TANGENT_STEP;
      if (j < n) {
        e[col] = step;
        lb_space_displace(s, moved, x, e);
        lb_space_displace(s, moved, moved, v);
        e[col] = 0;
      } else {
        for (int i = 0; i < n; ++i) w[i] = v[i] + (i == col ? step : 0);
        lb_space_displace(s, moved, x, w);
      }
      lb_space_difference(s, sign > 0 ? plus : minus, z, moved);
    }
    for (int i = 0; i < n; ++i) J[i * n + col] = (plus[i] - minus[i]) / (2 * LB_TANGENT_STEP);
  }
}

#endif  // LB_CORE_TANGENT_H_
