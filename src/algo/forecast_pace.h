// What the pieces of a run take on this machine now, for forecasts (algo/forecast.h): the pieces themselves are opened
// in the run's own sizes and asked. Over observations, model and planner on transitions of random numbers, some
// hundredths of a second each. Over states, an agent goes a few iterations of rollouts (some tenths of a second), which
// all rows with the same model share.
#ifndef LB_ALGO_FORECAST_PACE_H_
#define LB_ALGO_FORECAST_PACE_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/loop.h"
#include "algo/schedule.h"
#include "core/kind.h"

// What an algorithm is, for its forecast.
typedef struct lb_forecast_plan {
  const lb_recipe* recipe;
  const lb_protocol* protocol;
  lb_schedule schedule;
  lb_options_room model, planner;
  bool has_model, imagines, is_fitted;
} lb_forecast_plan;

// As lb_schedule_of (algo/schedule.h).
lb_forecast_plan lb_forecast_plan_of(const lb_recipe* recipe, const lb_protocol* protocol, const lb_system* system,
                                     int episodes);

enum { LB_PACE_KNOTS = 256 };

// CPU seconds.
typedef struct lb_pace {
  double step, act, measured;  // the task's step; the learner's action; that of an evaluation
  double length;               // of an episode of random actions, as a share of the horizon
  double update;               // gradient update of the planner
  double plan, renew;    // a plan of an iteration; the plans after a fit, of LB_PACE_KNOTS demonstrated transitions
  double fit[LB_PACES];  // by the model's kind; over states the first fit's excess, of any fit, and of a row
  double imagined, predicted;  // a step of a rollout in the model, a prediction of its mean
  double described;            // what the model is measured by at an evaluation, over states
  bool averages;               // whether an average of the policy is measured, too
} lb_pace;

// Over observations; plan NULL, or of what does not learn by real steps: of the task and a policy alone.
void lb_pace_measure(lb_pace* out, lb_system* system, const lb_forecast_plan* plan);

// Of a clone of n transitions.
double lb_pace_of_clone(const lb_system* system, const lb_forecast_plan* plan, double n);

// Agents that have gone some iterations, by task and model.
enum { LB_PACE_TRIALS = 8 };
typedef struct lb_pace_trials {
  struct {
    uint64_t key;
    lb_steps steps;
    lb_pace pace;
  } trial[LB_PACE_TRIALS];
  int n;  // made so far
} lb_pace_trials;

// By iterations of rollouts. LB_INPUT: what the run needs is not there.
lb_status lb_pace_of_iterations(lb_pace* out, lb_pace_trials* trials, const char* root, const char* task,
                                const lb_forecast_plan* plan);
void lb_pace_trials_free(lb_pace_trials* trials);

// A key of bytes, FNV-1a; begins with LB_PACE_KEY.
#define LB_PACE_KEY 0xcbf29ce484222325u
uint64_t lb_pace_key(uint64_t key, const void* data, size_t n);

#endif  // LB_ALGO_FORECAST_PACE_H_
