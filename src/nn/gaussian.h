// What is on top of a net that predicts: a diagonal Gaussian with bounded log-variance and its negative
// log-likelihood, or a plain mean with the squared error. Batches stand by columns (nn/real.h); losses are means over
// samples and outputs.
#ifndef LB_NN_GAUSSIAN_H_
#define LB_NN_GAUSSIAN_H_

#include "nn/real.h"

// The log-variance is pulled softly between two bounds (Chua et al. 2018):
//   lv <- high - softplus(high - lv), then lv <- low + softplus(lv - low).
typedef struct lb_gaussian_bounds {
  double low, high;
} lb_gaussian_bounds;

// -10 and 0.5.
lb_gaussian_bounds lb_gaussian_default_bounds(void);

// Of the outputs y (2 d, columns) of a net, rows 0..d-1 are means and rows d..2d-1 free log-variances: the latter
// become bounded ones, in place. slope (d, columns) receives the derivative of the bounded by the free one; NULL: not
// wanted.
void lb_gaussian_bound(lb_real* y, lb_real* slope, const lb_gaussian_bounds* bounds, int d, int n);

// The mean of (mean - target)^2 exp(-lv) + lv (twice the negative log-likelihood, less a constant), for y as
// lb_gaussian_bound left it and target (d, columns). dy (2 d, columns) receives the derivatives with respect to the
// net's outputs; NULL: not wanted (then slope may be NULL too).
double lb_gaussian_nll(lb_real* dy, const lb_real* y, const lb_real* slope, const lb_real* target, int d, int n);

// Weighs the derivatives that lb_gaussian_nll left in dy by each output's variance to this power, as if that were a
// constant (Seitzer et al. 2022, beta-NLL). With 1 the means follow the plain squared error and the log-variances the
// likelihood: no output counts for more because it is already predicted well.
void lb_gaussian_weigh(lb_real* dy, const lb_real* y, double power, int d, int n);

// The mean of (y - target)^2 over d rows; dy (d, columns) its derivatives, NULL: not wanted.
double lb_gaussian_squared(lb_real* dy, const lb_real* y, const lb_real* target, int d, int n);

#endif  // LB_NN_GAUSSIAN_H_
