#include "algo/planners.h"

#include "plan/planners.h"

// The (first) pass of a choice. Only the textbook's knows control limits.
static lb_psdp_config first_pass(const lb_planner_choice* choice) {
  lb_psdp_config config = choice->edition == LB_EDITION_2023 ? lb_psdp_2023_config() : lb_psdp_default_config();
  config.about = choice->about == LB_ABOUT_TARGET ? LB_PSDP_ABOUT_TARGET : LB_PSDP_ABOUT_EXPERT;
  return config;
}

lb_planner lb_planner_make(const lb_planner_choice* choice, const lb_system* system) {
  bool authors = choice->edition == LB_EDITION_2023;
  lb_psdp_config first = first_pass(choice);
  if (choice->kind == LB_PLANNER_PSDP) {
    return lb_psdp_planner(&system->space, system->nu, system->horizon, &first, !authors);
  }
  lb_ilqr_planner_config config = authors ? lb_ilqr_planner_2023_config() : lb_ilqr_planner_default_config();
  config.first = first;
  config.warm_start = choice->warm_start;
  config.ilqr.max_iterations = choice->max_iterations;
  return lb_ilqr_planner(&system->space, system->nu, system->horizon, &config);
}
