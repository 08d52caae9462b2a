// A fit from within, for the tests of its derivatives and of its split.
#ifndef LB_PLAN_BC_PRIVATE_H_
#define LB_PLAN_BC_PRIVATE_H_

#include "nn/adam.h"
#include "plan/actor_private.h"
#include "plan/bc.h"

typedef struct lb_bc_work {
  lb_actor* actor;
  const lb_bc_config* config;
  const lb_transitions* data;
  int* rows;  // (train + held) rows of the data: the training part, then the holdout
  int train, held;
  bool by_episode;
  int* order;      // (n) room for the numbers of the episodes
  double* square;  // (nact) room for sums of squared errors

  lb_tape* tape;
  lb_adam adam;
  lb_real* gradient;  // layout of theta
  lb_real* best;      // the same
  lb_real* x;         // (nobs, columns)
  lb_real* action;    // (nact, columns)
  lb_real* dy;        // (2 nact, columns)
} lb_bc_work;

// Room for a fit, in the arena.
lb_bc_work lb_bc_begin(lb_actor* actor, const lb_transitions* data, const lb_bc_config* config, lb_arena* arena);

// Which rows are held out.
void lb_bc_split(lb_bc_work* w, const int* episodes, int nepisodes, lb_rng* rng);

// The loss at n <= batch rows of the data; gradient: wanted too, in w->gradient.
double lb_bc_loss_at(lb_bc_work* w, const int* rows, int n, bool gradient);

#endif  // LB_PLAN_BC_PRIVATE_H_
