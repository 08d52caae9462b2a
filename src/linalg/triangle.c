// Plain loops: rows are short.
#include "linalg/triangle.h"

#include <math.h>
#include <stddef.h>

void lb_triangle_add_row(double* R, double* row, int n) {
  for (int k = 0; k < n; ++k) {
    if (row[k] == 0) continue;
    double* r = R + (ptrdiff_t)k * n;
    double length = hypot(r[k], row[k]), c = r[k] / length, s = row[k] / length;
    for (int j = k; j < n; ++j) {
      double old = r[j];
      r[j] = c * old + s * row[j];
      row[j] = c * row[j] - s * old;
    }
  }
}

void lb_triangle_apply(double* y, const double* R, const double* x, int n) {
  for (int i = 0; i < n; ++i) {
    double sum = 0;
    for (int j = i; j < n; ++j) sum += R[(ptrdiff_t)i * n + j] * x[j];
    y[i] = sum;
  }
}
