// A policy's head: the tanh Gaussian, a diagonal Gaussian that tanh takes into [-1, 1] (Haarnoja et al. 2018, SAC,
// appendix C). A net with 2 d outputs gives means (rows 0..d-1) and log standard deviations (rows d..2d-1), the latter
// cut off at [-20, 2]. The density's correction for tanh is computed as
//   log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2 u)),
// which neither overflows nor needs a small constant. Batches stand by columns (nn/real.h).
#ifndef LB_NN_TANH_GAUSSIAN_H_
#define LB_NN_TANH_GAUSSIAN_H_

#include "nn/real.h"

#define LB_TANH_GAUSSIAN_LOW (-20)
#define LB_TANH_GAUSSIAN_HIGH 2

// Actions tanh(u) (d, columns), u = mean + exp(log std) noise, from outputs y (2 d, columns) and noise (d, columns);
// log_density (columns) of each sample's action; NULL: not wanted.
void lb_tanh_gaussian_sample(lb_real* action, lb_real* log_density, const lb_real* y, const lb_real* noise, int d,
                             int n);

// tanh(mean): the action without noise.
void lb_tanh_gaussian_mean(lb_real* action, const lb_real* y, int d, int n);

// The way back through lb_tanh_gaussian_sample: dy (2 d, columns) from the derivatives of a scalar with respect to the
// actions, da (d, columns), plus `weight` times the sum over the samples of log_density.
void lb_tanh_gaussian_backward(lb_real* dy, const lb_real* da, double weight, const lb_real* action, const lb_real* y,
                               const lb_real* noise, int d, int n);

// The mean over samples of -log density of given actions (d, columns; cut off at +-(1 - 1e-6), where the density ends),
// and dy (2 d, columns), its derivatives; NULL: not wanted. For imitation.
double lb_tanh_gaussian_nll(lb_real* dy, const lb_real* y, const lb_real* action, int d, int n);

// The mean over samples and outputs of (tanh(mean) - action)^2, and dy (2 d, columns), its derivatives (0 for the log
// standard deviations, which it does not see); NULL: not wanted. For imitation.
double lb_tanh_gaussian_squared(lb_real* dy, const lb_real* y, const lb_real* action, int d, int n);

#endif  // LB_NN_TANH_GAUSSIAN_H_
