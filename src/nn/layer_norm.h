// Layer normalisation (Ba, Kiros, Hinton 2016) of a hidden layer before its activation, for every sample by itself:
//   x^ = (x - mean) / sqrt(var + 1e-5),   y = gain x^ + shift,
// mean and variance over the layer's units. Batches stand by columns (nn/real.h): a sample is a column, and each of its
// sums runs over the rows in their order, whatever the size of the batch.
#ifndef LB_NN_LAYER_NORM_H_
#define LB_NN_LAYER_NORM_H_

#include "nn/real.h"

#define LB_LAYER_NORM_EPSILON 1e-5

// h (rows, ld) becomes gain x^; the shift is left to the activation, which adds it (nn/activation.h). normal (rows, ld)
// receives x^ (NULL: not wanted) and inverse (ld) 1 / sqrt(var + 1e-5), for the way back. sums: room for (2, ld).
void lb_layer_norm_forward(lb_real* h, lb_real* normal, lb_real* inverse, lb_real* sums, const lb_real* gain, int rows,
                           int ld);

// d (rows, ld), the derivatives with respect to y, become those with respect to x. gains and biases (rows) receive
// those with respect to the gains and the sums of x's over the first n samples, which are those of a bias within x
// (NULL, both or none: not wanted). sums: room for (2, ld).
void lb_layer_norm_backward(lb_real* d, lb_real* gains, lb_real* biases, lb_real* sums, const lb_real* normal,
                            const lb_real* inverse, const lb_real* gain, int rows, int ld, int n);

#endif  // LB_NN_LAYER_NORM_H_
