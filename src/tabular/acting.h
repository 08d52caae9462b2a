// A finite MDP through the interfaces of core: the real system, a model to draw from, policies and values. A state is
// its index as one number, an action likewise.
#ifndef LB_TABULAR_ACTING_H_
#define LB_TABULAR_ACTING_H_

#include "base/arena.h"
#include "core/policy.h"
#include "core/sampler.h"
#include "core/system.h"
#include "core/value.h"
#include "tabular/mdp.h"

// A policy pi (times, ns, na) that draws its actions from a stream of its own. Both must outlive the view.
typedef struct lb_acting {
  const lb_mdp* m;
  const double* pi;
  lb_rng rng;
} lb_acting;
lb_policy lb_acting_policy(lb_acting* a);

// V (T + 1, ns) or (ns).
typedef struct lb_acting_table {
  const lb_mdp* m;
  const double* V;
} lb_acting_table;
lb_value lb_acting_value(lb_acting_table* v);

// The MDP as something to draw from.
lb_sampler lb_acting_sampler(const lb_mdp* m);

// The MDP as a real system named `name` for episodes of `horizon` steps (0: its own): one state number, one action
// number, one number of process noise a step, whose quantile picks what follows (none: the likeliest). It has rewards,
// no cost. Actions are rounded. The MDP and the name must outlive it; lb_system_free frees it.
lb_status lb_acting_system(lb_system** out, const lb_mdp* m, const char* name, int horizon);

// One episode, drawn directly: writes (s, a, s') of up to `most` steps, T or fewer. Returns how many; *earned, unless
// NULL, becomes the sum of g^t r with the rewards really met.
int lb_acting_episode(const lb_mdp* m, const double* pi, int most, lb_rng* rng, int* s, int* a, int* next,
                      double* earned);

#endif  // LB_TABULAR_ACTING_H_
