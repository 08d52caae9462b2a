// Rows to columns: see columns.h.
#include "nn/columns.h"

enum { AHEAD = 12, LINE = 64 / sizeof(float) };  // rows are fetched this long before their turn: they lie anywhere

void lb_columns_gather(lb_real* restrict x, const float* restrict data, const int* restrict rows, int dim, int stride,
                       int n) {
  long ld = lb_columns(n);
  for (int j = 0; j < n; j++) {
    const float* row = data + (long)(rows ? rows[j] : j) * stride;
    if (rows && j + AHEAD < n) {
      const float* later = data + (long)rows[j + AHEAD] * stride;
      for (int i = 0; i < dim + LINE - 1; i += LINE) __builtin_prefetch(later + i);
    }
    for (int i = 0; i < dim; i++) x[i * ld + j] = (lb_real)row[i];
  }
  for (int i = 0; i < dim; i++) {
    for (int j = n; j < ld; j++) x[i * ld + j] = 0;
  }
}

void lb_columns_take(lb_real* x, const double* data, int dim, int n) {
  int ld = lb_columns(n);
  for (int i = 0; i < dim; i++) {
    for (int j = 0; j < ld; j++) x[(long)i * ld + j] = j < n ? (lb_real)data[(long)j * dim + i] : 0;
  }
}

void lb_columns_scatter(float* data, const lb_real* x, int dim, int n) {
  int ld = lb_columns(n);
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < dim; i++) data[(long)j * dim + i] = (float)x[(long)i * ld + j];
  }
}
