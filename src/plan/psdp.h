// Policy search by dynamic programming (Bagnell, Kakade, Ng, Schneider 2003): backward in time, at the states that a
// good policy visits, choose the control that is best if the already chosen policy acts afterwards. In a
// linear-quadratic expansion about the expert's trajectory that is one Riccati pass along it: no rollout of the
// learner's own policy, no search, whatever the model is.
#ifndef LB_PLAN_PSDP_H_
#define LB_PLAN_PSDP_H_

#include "core/trajectory.h"
#include "plan/lq_policy.h"
#include "plan/lqr.h"

typedef enum lb_psdp_about {
  LB_PSDP_ABOUT_EXPERT,  // the expert's states and controls
  LB_PSDP_ABOUT_TARGET   // the trajectory that the cost tracks
} lb_psdp_about;

typedef struct lb_psdp_config {
  lb_psdp_about about;
  lb_update_rule rule;
  lb_lqr_config lqr;
} lb_psdp_config;

// About the expert, textbook rule, affine terms: the model's error along the expert's path is fed forward.
lb_psdp_config lb_psdp_default_config(void);

// The authors' variant: about the target, no affine terms, their update rule.
lb_psdp_config lb_psdp_2023_config(void);

// Which of the two trajectories a configuration means; it must not be NULL, else assert.
const lb_trajectory* lb_psdp_trajectory(const lb_psdp_config* config, const lb_trajectory* expert,
                                        const lb_trajectory* target);

// One pass. Arguments as for lb_lqr_pass; counts exactly one LQR pass.
lb_lqr_report lb_psdp_plan(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* value, const lb_dynamics* f,
                           const lb_cost* cost, const lb_trajectory* expert, const lb_trajectory* target,
                           const lb_psdp_config* config, lb_counts* counts);

#endif  // LB_PLAN_PSDP_H_
