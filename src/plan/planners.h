// The planners of this room behind core/planner.h, as the loop uses them. Each is returned by value; its destroy(ctx)
// frees it. When memory is short the struct is all zero. The space must outlive it.
#ifndef LB_PLAN_PLANNERS_H_
#define LB_PLAN_PLANNERS_H_

#include <stdbool.h>

#include "core/planner.h"
#include "core/space.h"
#include "plan/ilqr.h"
#include "plan/psdp.h"

// PSDP: one LQR pass a plan. With `limits` the problem's u_low and u_high bound the controls of the pass, else
// config->lqr.limits does. cost_in_model is NAN: the policy is never rolled out in the model.
lb_planner lb_psdp_planner(const lb_space* space, int nu, int horizon, const lb_psdp_config* config, bool limits);

typedef struct lb_ilqr_planner_config {
  lb_psdp_config first;  // the pass that gives the start
  lb_ilqr_config ilqr;
  bool limits;      // bound the controls by the problem's u_low and u_high; false: by the limits inside ilqr, if any
  bool warm_start;  // start at the last plan's policy, if it has a finite cost in the present model
} lb_ilqr_planner_config;

// The textbook's (both defaults, no warm start, limits on), and the authors'.
lb_ilqr_planner_config lb_ilqr_planner_default_config(void);
lb_ilqr_planner_config lb_ilqr_planner_2023_config(void);

// iLQR from a first PSDP pass, which counts as one pass and one iteration. When that pass fails or its policy diverges
// in the model, a textbook search starts at the controls of the trajectory that the first pass lay about, and the
// authors' (LB_ILQR_FINAL_ACCEPTED) ends with the first pass's policy.
lb_planner lb_ilqr_planner(const lb_space* space, int nu, int horizon, const lb_ilqr_planner_config* config);

#endif  // LB_PLAN_PLANNERS_H_
