// Adam (Kingma & Ba 2015) with L2 weight decay added to the gradient, as torch.optim.Adam has it, over one run of
// numbers in a single fused pass.
#ifndef LB_NN_ADAM_H_
#define LB_NN_ADAM_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "nn/real.h"

typedef struct lb_adam_config {
  double rate;          // step length
  double beta1, beta2;  // decay of the two moments
  double epsilon;       // added to the root of the second
  double weight_decay;  // L2: this times theta is added to the gradient
} lb_adam_config;

typedef struct lb_adam {
  lb_adam_config config;
  long count;
  int64_t steps;  // taken so far
  lb_real* m;     // (count) first moment
  lb_real* v;     // (count) second moment
} lb_adam;

// rate 3e-4, betas 0.9 and 0.999, epsilon 1e-8, no decay.
lb_adam_config lb_adam_default_config(void);

void lb_adam_init(lb_adam* adam, long count, const lb_adam_config* config, lb_arena* arena);

// One step of theta (count) along gradient (count). If target is not NULL it follows: target += tau (theta - target).
void lb_adam_step(lb_adam* adam, lb_real* theta, const lb_real* gradient, lb_real* target, double tau);

// The same in parts, for gradients that come one after the other (the members of a net): lb_adam_advance begins a step
// of all, lb_adam_step_part takes it for the `count` numbers from the optimiser's `first` on; theta, gradient and
// target then begin at that number. One that takes no part in a step (its gradient was not finite) stays as it is.
void lb_adam_advance(lb_adam* adam);
void lb_adam_step_part(lb_adam* adam, lb_real* theta, const lb_real* gradient, lb_real* target, double tau, long first,
                       long count);

// Whether all of a gradient is finite.
bool lb_adam_is_finite(const lb_real* gradient, long count);

// The Euclidean norm of a gradient; not finite if and only if an entry is not (or the sum overflows a double).
double lb_adam_norm(const lb_real* gradient, long count);

// Scales the gradient so that its norm is at most `most`; returns the norm it had.
double lb_adam_clip(lb_real* gradient, long count, double most);

#endif  // LB_NN_ADAM_H_
