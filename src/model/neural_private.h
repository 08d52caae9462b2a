// The ensemble from within: what neural_*.c share.
#ifndef LB_MODEL_NEURAL_PRIVATE_H_
#define LB_MODEL_NEURAL_PRIVATE_H_

#include "model/neural.h"
#include "nn/adam.h"
#include "nn/normalizer.h"

struct lb_neural {
  lb_neural_config config;
  int targets;  // outputs that have a mean: nobs, or nobs + 1 with the reward
  int elites[LB_NEURAL_MOST_MEMBERS];
  lb_net* net;  // nobs + nact -> 2 targets
  lb_adam adam;
  lb_normalizer normalizer;
  lb_real* gradient;  // of one member
  lb_real* best;      // layout of theta

  lb_tape *tape, *forward;
  lb_real* x;         // (nobs + nact, columns)
  lb_real* y;         // (targets, columns)
  lb_real* dy;        // (2 targets, columns)
  lb_real* slope;     // (targets, columns)
  lb_real* jacobian;  // (nobs, nobs + nact, columns)
  double* draws;      // (targets * columns)
};

// Columns of normalized inputs and, if y is wanted, of targets, from rows of data.
void lb_neural_take(lb_neural* model, const lb_transitions* data, const int* rows, int n, bool with_targets);

#endif  // LB_MODEL_NEURAL_PRIVATE_H_
