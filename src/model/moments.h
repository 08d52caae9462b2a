// What fits by value moments share: what a prediction's value is held to, and in which unit, as far as it follows from
// the data and from the fit by prediction error that they start from (see linear.h for the equations).
#ifndef LB_MODEL_MOMENTS_H_
#define LB_MODEL_MOMENTS_H_

#include "base/arena.h"
#include "core/batch.h"
#include "core/space.h"
#include "core/value.h"

// sigma (ndx): 1.4826 times the median of |errors| (n, ndx) in each direction; of more than half zeros, 1.4826 times
// the mean. n >= 1.
void lb_moments_noise(double* sigma, const double* errors, int n, int ndx, lb_arena* scratch);

typedef struct lb_moments_aim {
  double* target;  // (n) V_{t+1}(x') less what the noise adds to the expectation of V_{t+1} at the prediction
  double scale;    // the median of |V(predicted) - target|, or their mean; 0: all agree
} lb_moments_aim;

// predicted (n, nx): next states by the fit that is started from. sigma (ndx): the model's noise in the tangent space
// at the prediction, which adds sum_j sigma_j^2 d_jj V / 2 to the expectation (exact for a quadratic V); NULL: none. In
// the arena.
lb_moments_aim lb_moments_aim_at(const lb_value* value, const lb_space* space, const lb_batch* data,
                                 const double* predicted, const double* sigma, lb_arena* arena);

#endif  // LB_MODEL_MOMENTS_H_
