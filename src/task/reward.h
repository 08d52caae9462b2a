// The reward of a step: a sum of terms. A term is weight * product of its factors; a factor is scale * (a quantity made
// one number by a norm, perhaps through a tolerance) + plus. It is read after the step, or as the change over the step,
// or as that change by the seconds of a step.
#ifndef LB_TASK_REWARD_H_
#define LB_TASK_REWARD_H_

#include "task/norm.h"
#include "task/quantity.h"

typedef struct lb_factor {
  lb_quantity quantity;
  const lb_norm* norm;  // NULL: the single number itself
  lb_tolerance tolerance;
  double scale, plus;
} lb_factor;

typedef enum lb_reading { LB_READ_AFTER, LB_READ_CHANGE, LB_READ_RATE, LB_READINGS } lb_reading;

typedef struct lb_reward_term {
  const char* name;  // for people; NULL: none
  int nfactor;
  lb_factor* factors;
  lb_reading read;
  double weight;
  lb_bounds limits;     // of the weighted term
  lb_phys_level level;  // of all its factors
  const char* text;
} lb_reward_term;

lb_status lb_reward_term_read(lb_reward_term* t, lb_node object, const lb_quantity_source* source);

// The product of its factors, as the view stands.
double lb_reward_term_value(const lb_reward_term* term, const lb_phys_view* view);

// The weighted, limited term from its value, its value before the step and the seconds of a step.
double lb_reward_term_worth(const lb_reward_term* term, double value, double before, double dt);

#endif  // LB_TASK_REWARD_H_
