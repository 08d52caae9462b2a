// First weights. Biases start at 0, gains of layer_norm at 1 and its shifts at 0. Values come from the stream in the
// order members, layers, rows, columns.
#ifndef LB_NN_INIT_H_
#define LB_NN_INIT_H_

#include "base/rng.h"
#include "nn/net.h"

// Normal with standard deviation 1 / (2 sqrt(inputs of the layer)), redrawn beyond two standard deviations: what
// PETS (Chua et al. 2018) and MBPO (Janner et al. 2019) use for their ensembles.
void lb_init_truncated_normal(lb_net* net, lb_rng* rng);

// Uniform on +-sqrt(6 / (in + out)) (Glorot & Bengio 2010): SAC's.
void lb_init_xavier_uniform(lb_net* net, lb_rng* rng);

#endif  // LB_NN_INIT_H_
