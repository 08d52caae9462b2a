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

// A policy pi (times, ns, na): its chances, and as what acts, draws from a stream of its own. Both must outlive the
// view.
typedef struct lb_acting {
  const lb_mdp* m;
  const double* pi;
  lb_rng rng;
} lb_acting;
lb_policy lb_acting_policy(lb_acting* a);

// pi (times, ns, na) of any policy over the states of m.
void lb_acting_read(double* pi, const lb_mdp* m, const lb_policy* policy);

// What a policy does at x (nx): over na actions one drawn by its chances, else (nu) what it says.
void lb_acting_choose(double* u, const lb_policy* policy, int na, int t, const double* x, lb_rng* rng);

// V (T + 1, ns) or (ns).
typedef struct lb_acting_table {
  const lb_mdp* m;
  const double* V;
} lb_acting_table;
lb_value lb_acting_value(lb_acting_table* v);

// The MDP as something to draw from.
lb_sampler lb_acting_sampler(const lb_mdp* m);

// The MDP as a real system named `name` for episodes of `horizon` steps (0: its own): one state number, one action
// number, one number of process noise a step, uniform on [0, 1): the quantile that picks what follows (none: the
// likeliest). It has rewards, no cost. Actions are rounded. The MDP and the name must outlive it; lb_system_free frees
// it.
lb_status lb_acting_system(lb_system** out, const lb_mdp* m, const char* name, int horizon);

// The same inside a struct of the caller's, who frees it; `self` of the system is the world.
typedef struct lb_acting_world {
  lb_system system;
  const lb_mdp* m;
  double low, high;  // limits of the action
  int s, t;
} lb_acting_world;
void lb_acting_world_init(lb_acting_world* w, const lb_mdp* m, const char* name, int horizon);

// One episode, drawn directly: writes (s, a, s') of up to `most` steps, T or fewer. Returns how many; *earned, unless
// NULL, becomes the sum of g^t r with the rewards really met.
int lb_acting_episode(const lb_mdp* m, const double* pi, int most, lb_rng* rng, int* s, int* a, int* next,
                      double* earned);

#endif  // LB_TABULAR_ACTING_H_
