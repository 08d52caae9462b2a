// Every kind of model and of planner, a line each (registry.c): the only place that names them. What a recipe may say,
// what goes together, which settings mean something, and how each is opened is read from these lines.
#ifndef LB_ALGO_REGISTRY_H_
#define LB_ALGO_REGISTRY_H_

#include "base/status.h"
#include "core/kind.h"

enum { LB_REGISTRY_MOST = 32 };  // kinds of either sort

// The i-th kind; NULL beyond the last.
const lb_model_kind* lb_registry_model(int i);
const lb_planner_kind* lb_registry_planner(int i);

// By name; NULL where there is none.
const lb_model_kind* lb_registry_find_model(const char* name);
const lb_planner_kind* lb_registry_find_planner(const char* name);

// The settings of all kinds, each table once, in the order of the registry; NULL beyond the last.
const lb_params* lb_registry_settings(int wanted);

// Refuses a planner with a model that does not give all that it needs: LB_INPUT says what is missing, and with which
// models the planner goes.
lb_status lb_registry_check(const lb_planner_kind* planner, const lb_model_kind* model);

// What runs of the planner have.
static inline const lb_iterations* lb_registry_iterations(const lb_planner_kind* planner) {
  return lb_iterations_of(planner->iteration);
}

// Whether it plans for reward over observations, by real steps or demonstrations.
static inline bool lb_registry_is_online(const lb_planner_kind* planner) {
  return planner->needs & LB_GIVES_OBSERVATIONS;
}

#endif  // LB_ALGO_REGISTRY_H_
