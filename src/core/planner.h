// A planner as the loop sees it: model in, policy out. Which trajectories it looks at (the expert's, the target's, its
// own) is what tells the algorithms apart.
#ifndef LB_CORE_PLANNER_H_
#define LB_CORE_PLANNER_H_

#include "core/cost.h"
#include "core/dynamics.h"
#include "core/policy.h"
#include "core/trajectory.h"
#include "core/value.h"

// What is to be planned for.
typedef struct lb_problem {
  const lb_dynamics* model;
  const lb_cost* cost;
  int horizon;
  const double* x0;                // (nx)
  const double* u_low;             // (nu)
  const double* u_high;            // (nu)
  const lb_trajectory* reference;  // what the cost tracks
  const lb_trajectory* expert;     // the mean of the expert's demonstrations
  lb_counts* counts;               // where LQR passes are counted
} lb_problem;

typedef struct lb_plan_report {
  double cost_in_model;  // of the policy, by the planner's own account; NAN when it has none
  int iterations;
  const char* stop;  // why it stopped; static text
} lb_plan_report;

typedef struct lb_planner {
  void* ctx;
  lb_policy policy;  // of the last plan; the same struct is valid for the planner's whole life
  lb_value value;    // cost to go of that policy in the model; value.at is NULL when the planner has none
  // Returns 0, or -1 when no policy could be made (the former one stays).
  int (*plan)(void* ctx, const lb_problem* problem, lb_plan_report* report);
  // What a checkpoint must keep: the policy.
  int nstate;
  void (*get_state)(void* ctx, double* state);
  // NULL, or what of it get_state cannot have given (static text); the planner is then no longer of use.
  const char* (*set_state)(void* ctx, const double* state);
  void (*destroy)(void* ctx);
} lb_planner;

#endif  // LB_CORE_PLANNER_H_
