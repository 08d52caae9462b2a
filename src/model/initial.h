// The initial model of a run over states: a member of the task's family, drawn from the family's prior.
#ifndef LB_MODEL_INITIAL_H_
#define LB_MODEL_INITIAL_H_

#include "core/kind.h"

// theta (nparam) = truth + uniform[prior_low, prior_high), drawn again where the family has no such member; `member` is
// set to it.
void lb_initial_draw(double* theta, const lb_family* family, void* member, uint64_t seed);

#endif  // LB_MODEL_INITIAL_H_
