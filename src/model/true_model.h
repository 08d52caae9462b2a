// The true system as a model, over observations and actions in [-1, 1]: what planning in a perfect model would give.
// The system is put into the state that an observation determines, hidden numbers at rest and without noise, and moved
// on without anybody's account, so that no episode of it may be under way. Observations must determine the state
// (restore of core/system.h), and for known rewards what they depend on (restore_next).
#ifndef LB_MODEL_TRUE_MODEL_H_
#define LB_MODEL_TRUE_MODEL_H_

#include "base/arena.h"
#include "core/dynamics.h"
#include "core/sampler.h"
#include "core/system.h"

typedef struct lb_oracle lb_oracle;

// In the arena. Observations must determine the state (restore).
lb_oracle* lb_oracle_new(lb_system* system, lb_arena* arena);

// A view that lives as long as the oracle; the space is that of observations, plain, and outlives it. Derivatives are
// central differences of the system's own step, within the limits of actions.
lb_dynamics lb_oracle_dynamics(lb_oracle* oracle, const lb_space* space);

// The same step with its reward and end; it draws nothing.
lb_sampler lb_oracle_sampler(lb_oracle* oracle);

#endif  // LB_MODEL_TRUE_MODEL_H_
