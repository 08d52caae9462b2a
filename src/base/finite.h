// Whether numbers are numbers.
#ifndef LB_BASE_FINITE_H_
#define LB_BASE_FINITE_H_

#include <stdbool.h>
#include <stddef.h>

// Whether all of x (n) is finite.
static inline bool lb_all_finite(const double* x, ptrdiff_t n) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; ++i) sum += 0 * x[i];  // a NaN or an infinity survives the product with 0
  return sum == 0;
}

#endif  // LB_BASE_FINITE_H_
