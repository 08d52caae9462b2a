// |a - b| <= tolerance for doubles, with both numbers in the failure; a NaN is never near. Include after cmocka.h.
#ifndef LB_TESTS_SUPPORT_NEAR_H_
#define LB_TESTS_SUPPORT_NEAR_H_

#include <math.h>

static inline void near_at(double a, double b, double tolerance, const char* file, int line) {
  if (fabs(a - b) <= tolerance) return;
  print_error("%.17g is not within %g of %.17g (difference %g)\n", a, tolerance, b, a - b);
  _fail(file, line);
}

#define assert_near(a, b, tolerance) near_at(a, b, tolerance, __FILE__, __LINE__)

#endif  // LB_TESTS_SUPPORT_NEAR_H_
