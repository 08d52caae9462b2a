// The number type of networks. Programs use float; the tests compile the same source a second time with LB_NN_DOUBLE,
// so that gradients can be held against differences to many digits.
//
// Batches are stored by columns: a matrix of `rows` features and n samples has the samples side by side, row f of
// sample j at [f * lb_columns(n) + j]. Every row then starts on a cache line, element-wise work and products run along
// the samples whatever the number of features, and stacking two inputs is writing one below the other. The columns from
// n to lb_columns(n) are padding: they may be written, and nobody reads a result there.
#ifndef LB_NN_REAL_H_
#define LB_NN_REAL_H_

#ifdef LB_NN_DOUBLE
typedef double lb_real;
#else
typedef float lb_real;
#endif

enum { LB_NN_PAD = 16 };

// The padded length of a row of n numbers.
static inline int lb_columns(int n) {
  return (n + LB_NN_PAD - 1) / LB_NN_PAD * LB_NN_PAD;
}

#endif  // LB_NN_REAL_H_
