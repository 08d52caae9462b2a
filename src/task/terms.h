// The terms of a task that has rewards: observation, reward, conditions. They are written once, over a view of one
// simulation's data (phys/signal.h): a real step hands in the live data, an imagined state data refreshed from that
// state (task/imagine.h).
#ifndef LB_TASK_TERMS_H_
#define LB_TASK_TERMS_H_

#include <stdbool.h>

#include "task/healthy.h"
#include "task/reward.h"

typedef struct lb_terms {
  int nobservation, nreward, nhealthy;
  lb_quantity* observation;
  lb_reward_term* reward;
  lb_condition* healthy;
  int nobs;     // numbers in an observation
  int nbefore;  // reward terms that are read before the step too
  double dt;    // seconds of a step
  // What must have been computed for observations, conditions, rewards, and readings before a step.
  lb_phys_level seen, ended, rewarded, before;
} lb_terms;

// Reads root.observation (optional: without it the state is observed), root.reward and root.healthy (optional).
lb_status lb_terms_read(lb_terms* t, lb_node root, double dt, const lb_quantity_source* source);

// obs (nobs).
void lb_terms_observe(const lb_terms* t, double* obs, const lb_phys_view* view);

bool lb_terms_healthy(const lb_terms* t, const lb_phys_view* view);

// before (nbefore): the present values of the terms that are read before a step.
void lb_terms_prepare(const lb_terms* t, double* before, const lb_phys_view* view);

// The reward of the step that ended in this view; view->healthy must be set. before (nbefore) holds what
// lb_terms_prepare gave at the step's beginning and receives the present values, which the next step begins with.
double lb_terms_reward(const lb_terms* t, double* before, const lb_phys_view* view);

#endif  // LB_TASK_TERMS_H_
