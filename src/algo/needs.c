#include "algo/needs.h"

#include <math.h>

#include "core/tangent.h"
#include "plan/box_qp.h"

// The authors' update rule and first pass subtract states, so that they need a plain vector space.
static bool is_of_2023(const lb_planner_choice* p) {
  return p->edition == LB_EDITION_2023 && (p->kind == LB_PLANNER_ILQR || p->kind == LB_PLANNER_PSDP);
}

// Networks learn actions as shares of the controls' limits, from observations.
static lb_status check_networks(const lb_system* s) {
  for (int i = 0; i < s->nu; ++i) {
    if (isfinite(s->u_low[i]) && isfinite(s->u_high[i])) continue;
    return lb_fail(LB_INPUT, "%s: control %d has no limits; learning with networks needs ctrlrange in model.xml",
                   s->name, i);
  }
  if (s->nobs > 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the task has no observation; learning with networks needs 'observation' in task.json",
                 s->name);
}

// What is imagined ends where the task says so, and it can be asked only about what is observed.
static lb_status check_end(const lb_system* s) {
  if (!s->has_end || s->restore) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: its observation does not determine when an episode ends, so no model of observations can tell; "
                 "observe what 'healthy' reads (an angle itself where it may turn further than half a turn)",
                 s->name);
}

// Planning over whole trajectories needs a cost, something to track, and a family to draw the initial model from.
static lb_status check_trajectories(const lb_recipe* r, const lb_system* s) {
  if (!s->cost) {
    return lb_fail(LB_INPUT,
                   "%s has rewards and no cost to plan for: %s plans over whole trajectories; sac and bc learn",
                   s->name, r->name);
  }
  if (!s->reference || !s->truth) {
    return lb_fail(LB_INPUT, "%s: %s needs a reference that the cost tracks, and noise-free dynamics for its expert",
                   s->name, r->name);
  }
  if (s->nu > LB_BOX_QP_MAX) {
    return lb_fail(LB_INPUT, "%s has %d controls, %s plans for at most %d", s->name, s->nu, r->name,
                   (int)LB_BOX_QP_MAX);
  }
  if (r->kind != LB_ROW_LOOP) return lb_ok();
  if (!s->family) {
    return lb_fail(LB_INPUT, "%s: the algorithm %s needs 'parameters' in task.json to draw its initial model from",
                   s->name, r->name);
  }
  if ((is_of_2023(&r->planner) || is_of_2023(&r->first)) && !lb_space_is_plain(&s->space)) {
    return lb_fail(LB_INPUT,
                   "%s: %s plans by the authors' rule of 2023, which subtracts states, and this task's hold rotations "
                   "(quaternions); %s goes with a textbook planner",
                   s->name, r->name, r->planner.kind == LB_PLANNER_ILQR ? "sysid" : "lamps");
  }
  return lb_ok();
}

lb_status lb_needs_check(const lb_recipe* r, const lb_system* s) {
  bool learns = r->kind == LB_ROW_LOOP;
  if (lb_recipe_is_online(r)) {
    LB_TRY(check_networks(s));
    if (r->model != LB_MODEL_NONE) LB_TRY(check_end(s));
    bool known = r->model == LB_MODEL_TRUE || (r->model == LB_MODEL_ENSEMBLE && r->planner.reward == LB_REWARD_KNOWN);
    if (r->planner.kind == LB_PLANNER_SAC && known) return lb_planning_check_known(s);
    return lb_recipe_plans(r) ? lb_planning_check(s, r->planner.reward) : lb_ok();
  }
  return learns || (s->cost && r->kind != LB_ROW_RANDOM) ? check_trajectories(r, s) : lb_ok();
}
