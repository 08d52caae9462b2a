// How long the pieces of a run take on this machine, measured now on networks of the run's sizes and on the task
// itself, some hundredths of a second each. CPU seconds.
#ifndef LB_ALGO_FORECAST_PACE_H_
#define LB_ALGO_FORECAST_PACE_H_

#include "algo/protocol.h"
#include "algo/recipe.h"
#include "base/status.h"
#include "core/system.h"

typedef struct lb_pace {
  double step;             // a real step with the actor's choice of action
  double bare_step;        // of that, the task's alone
  double update;           // of actor and critics
  double clone_update;     // of an actor that imitates
  double model_update;     // of all members, a batch each
  double variance_update;  // the same of one that moves the variance alone
  double judged;           // a transition held out, by all members
  double imagined;         // a step of a rollout in the model
  double plan;             // of a step, where a row plans at every one
  double knot;             // of a lazy planner's pass
  double compared;         // a knot with the present state, when a lazy planner acts
  double terms;            // measuring the model at one evaluation
} lb_pace;

enum { LB_PACES = 128 };

// What was measured so far, by what it was measured on.
typedef struct lb_paces {
  char keys[LB_PACES][160];
  double seconds[LB_PACES];
  int n;
} lb_paces;

// Measures what the row needs; the rest is 0. Leaves the system at any state.
void lb_pace_measure(lb_pace* out, lb_paces* known, lb_system* system, const lb_recipe* recipe,
                     const lb_online_protocol* protocol, bool shows_both_sides);

// The task's step alone, with random actions.
double lb_pace_of_task(lb_paces* known, lb_system* system);

#endif  // LB_ALGO_FORECAST_PACE_H_
