// From rows, one sample each, to columns (nn/real.h) and back.
#ifndef LB_NN_COLUMNS_H_
#define LB_NN_COLUMNS_H_

#include "nn/real.h"

// x (dim, lb_columns(n)): sample j is row rows[j] (rows NULL: row j) of data, whose rows have `stride` numbers. Padding
// columns become 0.
void lb_columns_gather(lb_real* restrict x, const float* restrict data, const int* restrict rows, int dim, int stride,
                       int n);

// The same from n rows of doubles (n, dim), in their order.
void lb_columns_take(lb_real* x, const double* data, int dim, int n);

// data (n, dim) from x (dim, lb_columns(n)).
void lb_columns_scatter(float* data, const lb_real* x, int dim, int n);

#endif  // LB_NN_COLUMNS_H_
