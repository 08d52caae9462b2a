// The learner from within: what td3.c and the tests of its derivatives share.
#ifndef LB_PLAN_TD3_PRIVATE_H_
#define LB_PLAN_TD3_PRIVATE_H_

#include "nn/adam.h"
#include "nn/net.h"
#include "plan/td3.h"

struct lb_td3 {
  lb_td3_config config;
  int64_t updates;
  lb_net *actor, *actor_target;      // nobs -> 2 nact, of which the first nact are learned
  lb_net *critics, *critic_targets;  // two members, nobs + nact -> 1
  lb_real* average;                  // laid out as the actor; NULL: none
  lb_adam actor_adam, critic_adam;
  lb_real *actor_gradient, *critic_gradient;

  lb_tape *actor_tape, *critic_tape, *forward_actor, *forward_critic;
  int n;                         // samples in the present batch
  lb_real *x, *x_next, *x_pi;    // (nobs + nact, columns): observation over action
  lb_real *reward, *terminated;  // (columns)
  lb_real* y;                    // (columns) the critics' target
  lb_real* dq;                   // (columns)
  lb_real* da;                   // (nobs + nact, columns)
  lb_real* dactor;               // (2 nact, columns)
  lb_real* noise;                // (nact, columns)
  double* draws;                 // (nact * columns)
};

// The parts of an update. Each leaves its gradient in the learner and takes no step.
void lb_td3_take_batch(lb_td3* td3, const lb_transitions* batch);
void lb_td3_find_targets(lb_td3* td3, const lb_real* noise);              // y
double lb_td3_critic_gradient(lb_td3* td3);                               // the loss; critic_gradient
double lb_td3_actor_gradient(lb_td3* td3, const lb_transitions* states);  // mean Q_1; actor_gradient

#endif  // LB_PLAN_TD3_PRIVATE_H_
