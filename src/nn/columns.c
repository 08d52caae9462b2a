// Rows to columns: see columns.h.
#include "nn/columns.h"

void lb_columns_gather(lb_real* x, const float* data, const int* rows, int dim, int stride, int n) {
  int ld = lb_columns(n);
  for (int j = 0; j < n; j++) {
    const float* row = data + (long)(rows ? rows[j] : j) * stride;
    for (int i = 0; i < dim; i++) x[(long)i * ld + j] = (lb_real)row[i];
  }
  for (int i = 0; i < dim; i++) {
    for (int j = n; j < ld; j++) x[(long)i * ld + j] = 0;
  }
}

void lb_columns_scatter(float* data, const lb_real* x, int dim, int n) {
  int ld = lb_columns(n);
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < dim; i++) data[(long)j * dim + i] = (float)x[(long)i * ld + j];
  }
}
