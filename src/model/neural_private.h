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
  lb_real *centre, *unit;  // (targets) a target is centre + unit times what the networks predict
  int has_units;           // 1: of data; before the first fit they are 0 and 1
  lb_moments* moments;     // (2, targets) of the targets, while units are found
  lb_real* gradient;       // of one member
  lb_real* best;           // layout of theta

  lb_tape *tape, *forward;
  lb_real* x;         // (nobs + nact, columns)
  lb_real* y;         // (targets, columns)
  lb_real* dy;        // (2 targets, columns)
  lb_real* slope;     // (targets, columns)
  lb_real* jacobian;  // (nobs, nobs + nact, columns)
  double* draws;      // (targets * columns)
  lb_real* back;      // (2 (nobs + nact), columns), for the reward's derivatives; NULL: no reward

  // Of value moments; NULL with prediction.
  double *states, *slopes;  // (batch, nobs) predicted next observations, and V's derivatives there
  double* v;                // (batch) V there
};

// Columns of normalized inputs and, if y is wanted, of targets, from rows of data.
void lb_neural_take(lb_neural* model, const lb_transitions* data, const int* rows, int n, bool with_targets);

// The units of the targets of these data, as neural.h says.
void lb_neural_settle_units(lb_neural* model, const lb_transitions* data, int first, double share);

// The likelihood loss of one member's bounded outputs at what lb_neural_take took last, and its derivatives, weighed;
// dy NULL: not wanted.
double lb_neural_likelihood(lb_neural* model, lb_real* dy, const lb_real* out, int n);

// Takes the step that a member's gradient (in `gradient`) asks for, of its means, its variances or all of its numbers:
// variances are the last layer's rows for the log-variance, means all the others. False, and none is taken, when the
// gradient of these is not finite.
typedef enum lb_neural_part { LB_NEURAL_MEANS, LB_NEURAL_VARIANCES, LB_NEURAL_ALL } lb_neural_part;
bool lb_neural_descend(lb_neural* model, int member, lb_neural_part part);

// The loss of value moments, of one member's bounded outputs at the n rows that lb_neural_take took last; dy (2
// targets, columns) receives its derivatives, which needs slope to be filled; NULL: not wanted.
double lb_neural_value_loss(lb_neural* model, lb_real* dy, const lb_real* out, const lb_transitions* data,
                            const lb_neural_values* values, const int* rows, int n);

// One step of the members' variances alone, along the likelihood's gradient; otherwise as lb_neural_step.
double lb_neural_variance_step(lb_neural* model, const lb_transitions* data, const int* rows, int n);

#endif  // LB_MODEL_NEURAL_PRIVATE_H_
