// What a hidden layer does to the rows of a batch after its product with the weights, and the way back.
#ifndef LB_NN_ACTIVATION_H_
#define LB_NN_ACTIVATION_H_

#include "nn/net.h"

// h (rows, ld) becomes f(h + bias). `slope` (rows, ld) receives f' where it cannot be told from f itself (SiLU);
// NULL: not wanted.
void lb_activation_forward(lb_activation f, lb_real* h, lb_real* slope, const lb_real* bias, int rows, int ld);

// d (rows, ld) becomes d * f', with h and slope as forward left them; sums (rows) receives the sum of the first n
// columns of each row (NULL: not wanted).
void lb_activation_backward(lb_activation f, lb_real* d, lb_real* sums, const lb_real* h, const lb_real* slope,
                            int rows, int ld, int n);

// y (rows, ld) += bias (rows).
void lb_activation_bias(lb_real* y, const lb_real* bias, int rows, int ld);

// sums (rows): the sum of the first n columns of each row of d (rows, ld).
void lb_activation_sums(lb_real* sums, const lb_real* d, int rows, int ld, int n);

#endif  // LB_NN_ACTIVATION_H_
