#include "algo/needs.h"

#include <math.h>

#include "algo/world.h"
#include "core/exact.h"

// Networks learn actions as shares of the controls' limits, from observations.
static lb_status check_networks(const lb_system* s) {
  for (int i = 0; i < s->nu; ++i) {
    if (isfinite(s->u_low[i]) && isfinite(s->u_high[i])) continue;
    return lb_fail(LB_INPUT, "%s: control %s has no limits; learning with networks needs ctrlrange in model.xml",
                   s->name, lb_system_control(s, i).text);
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
                 "observe, as qpos and qvel, what 'healthy' depends on (an angle itself where it may turn further than "
                 "half a turn)",
                 s->name);
}

// Planning over whole trajectories needs a cost and something to track.
static lb_status check_trajectories(const char* algorithm, const lb_system* s) {
  if (!s->cost) {
    return lb_fail(LB_INPUT,
                   "%s has rewards and no cost to plan for: %s plans over whole trajectories; sac and bc learn",
                   s->name, algorithm);
  }
  if (s->reference && s->truth) return lb_ok();
  return lb_fail(LB_INPUT, "%s: %s needs a reference that the cost tracks, and noise-free dynamics for its expert",
                 s->name, algorithm);
}

// What the kinds themselves ask for.
static lb_status check_kinds(const lb_recipe* r, const lb_system* s) {
  const lb_planner_choice* const both[] = {&r->planner, &r->first};
  lb_protocol usual = lb_protocol_default();
  lb_options_room options;
  for (int i = 0; i < 2; ++i) {
    if (!both[i]->kind->fits) continue;
    lb_recipe_planner_options(both[i], &usual, &options);
    LB_TRY(both[i]->kind->fits(&options, s, r->name));
  }
  if (!r->model.kind->fits) return lb_ok();
  lb_recipe_model_options(r, &usual, &options);
  return r->model.kind->fits(&options, s, r->name);
}

// Systems that are known exactly have rows of their own.
static lb_status check_exact(const lb_recipe* r, const lb_system* s) {
  if (!lb_recipe_learns(r) && s->exact->worth) return lb_ok();
  if (lb_recipe_iterations(r)->is_exact) return check_kinds(r, s);
  return lb_fail(LB_INPUT, "%s: the algorithm %s is not for small systems that are known exactly (docs/theory.md)",
                 s->name, r->name);
}

// Over states, for a cost.
static lb_status check_states(const lb_recipe* r, const lb_system* s) {
  LB_TRY(check_trajectories(r->name, s));
  if (s->family) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the algorithm %s needs 'parameters' in task.json to draw its initial model from",
                 s->name, r->name);
}

// Over observations, for reward.
static lb_status check_observations(const lb_recipe* r, const lb_system* s) {
  LB_TRY(check_networks(s));
  return lb_recipe_has_model(r) ? check_end(s) : lb_ok();
}

lb_status lb_needs_check(const lb_recipe* r, const lb_system* s) {
  const lb_planner_kind* planner = r->planner.kind;
  if (s->exact) return check_exact(r, s);
  if (lb_recipe_iterations(r)->is_exact) {
    return lb_fail(LB_INPUT, "%s: the algorithm %s is for small systems that are known exactly (docs/theory.md)",
                   s->name, r->name);
  }
  if (!lb_recipe_learns(r)) return planner->needs_expert && s->cost ? check_trajectories(r->name, s) : lb_ok();
  LB_TRY(lb_recipe_is_online(r) ? check_observations(r, s) : check_states(r, s));
  LB_TRY(check_kinds(r, s));
  bool restores = lb_recipe_knows_reward(r) || r->model.kind->gives & LB_GIVES_TRUTH;
  return restores ? lb_world_check_known(s) : lb_ok();
}
