// The learner from within: for sac.c and the tests of its derivatives.
#ifndef LB_PLAN_SAC_PRIVATE_H_
#define LB_PLAN_SAC_PRIVATE_H_

#include "nn/adam.h"
#include "nn/net.h"
#include "plan/sac.h"

struct lb_sac {
  lb_sac_config config;
  int64_t updates;
  lb_net *actor, *critics, *targets;  // nobs -> 2 nact; members nobs + nact -> 1; the same
  lb_real* average;                   // laid out as the actor; NULL: none
  lb_adam actor_adam, critic_adam;
  lb_real *actor_gradient, *critic_gradient;
  double log_alpha, alpha_m, alpha_v;  // the temperature and Adam's moments of it
  int64_t alpha_steps;

  lb_tape *actor_tape, *forward_actor, *forward_critic;
  lb_tape* critic_tape[LB_SAC_MOST_CRITICS];  // one each, where the least of them is learned from; else all the first
  int n;                                      // samples in the present batch
  lb_real *x, *x_next, *x_pi;                 // (nobs + nact, columns): observation over action
  lb_real *reward, *terminated;               // (columns)
  lb_real* y;                                 // (columns) the critics' target
  lb_real* log_density;                       // (columns)
  lb_real* dq;                                // (columns)
  lb_real *da, *da_own;                       // (nact, columns), of all samples and of one critic's
  int* least;                                 // (columns) which critic is the least one
  int* columns;                               // (columns) one critic's samples
  lb_real* dactor;                            // (2 nact, columns)
  lb_real *noise, *next_noise;                // (nact, columns)
  double* values;                             // (columns) the actor's Q
  double* draws;                              // (2 nact * columns)
};

// The parts of an update. Each leaves its gradient in the learner and takes no step.
void lb_sac_take_batch(lb_sac* sac, const lb_transitions* batch);
void lb_sac_take_states(lb_sac* sac, const lb_transitions* states);
void lb_sac_find_targets(lb_sac* sac, const lb_real* next_noise, const int* subset);   // y
double lb_sac_critic_gradient(lb_sac* sac);                                            // the loss; critic_gradient
void lb_sac_actor_gradient(lb_sac* sac, lb_sac_report* report, const lb_real* noise);  // actor_gradient

#endif  // LB_PLAN_SAC_PRIVATE_H_
