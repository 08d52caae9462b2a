// What a run will take, told before it is run: its accounts, its CPU seconds, its memory.
//
// The schedule is run dry (algo/schedule.h): each iteration says what is due, and the kinds say what that is
// (core/kind.h). The accounts follow from the settings alone and are exact where nothing depends on what is learned:
// gradient updates, fits, evaluations always; imagined and evaluation steps as long as no episode ends early, else they
// are the most that there can be. How many epochs a fit of networks takes is not known beforehand, unless it has a
// number of updates: single fits differ by factors (model/ensemble.c).
//
// Seconds are what is due times what it takes on this machine now (algo/forecast_pace.h). An evaluated episode of the
// learner is taken to be as long as one of random actions.
#ifndef LB_ALGO_FORECAST_H_
#define LB_ALGO_FORECAST_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/protocol.h"
#include "algo/recipe.h"
#include "base/status.h"

// What of a task decides the accounts.
typedef struct lb_forecast_task {
  int nobs, nu, nx, horizon;
  int demonstrated;  // transitions filed in expert_data/; 0: none
  int episodes;      // of them
} lb_forecast_task;

typedef struct lb_forecast_accounts {
  int64_t real_steps;  // of the learner, warm-up included; of rollouts the most
  int64_t gradient_updates;
  int64_t fits;                           // of the model, or of a clone
  int64_t imagined_steps;                 // the most
  int64_t plans;                          // of the learner: one a step, one a fit, or one an iteration
  int64_t plans_evaluation;               // of evaluated episodes; the most
  int64_t evaluations, evaluation_steps;  // the steps: the most
  int64_t described;                      // evaluations at which there is a model
  double model_updates;                   // gradient updates of fits, as usual
} lb_forecast_accounts;

// Most memory of the process of a row that learns networks, in bytes.
double lb_forecast_bytes(const lb_recipe* recipe, const lb_protocol* protocol, const lb_forecast_task* task);
// The same of the transitions that a row keeps which goes by iterations.
double lb_forecast_bytes_of_iterations(const lb_protocol* protocol, const lb_system* system);

typedef struct lb_forecast {
  lb_forecast_accounts accounts;
  double seconds;  // CPU; NAN: not known
  double bytes;    // most memory of its process
  double disk;     // the most that its folder holds: logs, checkpoint, model, policies of its way
} lb_forecast;

// Measures and remembers what it has measured, so that many runs of the same sizes are measured once.
typedef struct lb_forecaster lb_forecaster;

lb_forecaster* lb_forecaster_new(const char* root);
void lb_forecaster_free(lb_forecaster* forecaster);

// The share of a run's CPU time that is over at equal distances along its iterations, from none to all of them: warming
// up takes little, and rollouts grow. A straight line for rows that go by iterations.
enum { LB_FORECAST_CURVE = 33 };

// LB_INPUT as lb_run would say it, where task or algorithm are not what the other needs. curve (LB_FORECAST_CURVE) may
// be NULL.
lb_status lb_forecast_run(lb_forecaster* forecaster, lb_forecast* out, double* curve, const char* task,
                          const char* algo, const lb_protocol* protocol);

// The disk alone, for which nothing is measured.
lb_status lb_forecast_disk(double* disk, const char* root, const char* task, const char* algo,
                           const lb_protocol* protocol);

// Reads such a curve at a share of the iterations; NULL is the straight line.
static inline double lb_forecast_at(const double* curve, double share_of_iterations) {
  double share = share_of_iterations < 0 ? 0 : share_of_iterations > 1 ? 1 : share_of_iterations;
  if (!curve) return share;
  int i = (int)(share * (LB_FORECAST_CURVE - 1));
  if (i > LB_FORECAST_CURVE - 2) i = LB_FORECAST_CURVE - 2;
  return curve[i] + (share * (LB_FORECAST_CURVE - 1) - i) * (curve[i + 1] - curve[i]);
}

#endif  // LB_ALGO_FORECAST_H_
