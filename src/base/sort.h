// Doubles in order, and their median. NaN has no place in an order: whoever may have one looks for it first.
#ifndef LB_BASE_SORT_H_
#define LB_BASE_SORT_H_

// x (n), the least first, in place.
void lb_sort(double* x, int n);

// The median of x (n), n >= 1, which is in order.
static inline double lb_sort_median(const double* x, int n) {
  return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

#endif  // LB_BASE_SORT_H_
