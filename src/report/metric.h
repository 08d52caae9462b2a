// The metrics that the report knows by name: what they are called in print, whether they only ever grow, and which way
// is better. Numbers that it does not know are carried through to the CSV files under their own name.
#ifndef LB_REPORT_METRIC_H_
#define LB_REPORT_METRIC_H_

#include <stdbool.h>

enum { LB_METRICS_MAX = 160 };  // known and unknown together, a suite

// Indices of the known metrics, in the order of the table in metric.c.
typedef enum lb_metric_id {
  LB_METRIC_COST,
  LB_METRIC_COST_SE,
  LB_METRIC_COST_MEDIAN,
  LB_METRIC_ROLLOUTS_DIVERGED,
  LB_METRIC_INTERACTIONS,
  LB_METRIC_STEPS_EXPERT,
  LB_METRIC_STEPS_LEARNER,
  LB_METRIC_STEPS_EVALUATION,
  LB_METRIC_LEARNER_STEPS,
  LB_METRIC_LQR_PASSES,
  LB_METRIC_MODEL_QUERIES,
  LB_METRIC_COST_IN_MODEL,
  LB_METRIC_EXPERT_COST_IN_MODEL,
  LB_METRIC_PLANNING_ERROR,
  LB_METRIC_MODEL_ERROR_EXPERT,
  LB_METRIC_MODEL_ERROR_LEARNER,
  LB_METRIC_FIT_LOSS,
  LB_METRIC_FIT_RANK,
  LB_METRIC_WALL,
  LB_METRIC_CPU,
  LB_METRIC_COLLECT,
  LB_METRIC_FIT,
  LB_METRIC_PLAN,
  LB_METRIC_EVALUATE,
  // Derived by the report.
  LB_METRIC_SAMPLES,       // steps_expert + steps_learner + steps_exploration
  LB_METRIC_CPU_LEARNING,  // clone + collect + fit + plan: what the algorithm itself costs, evaluation apart
  LB_METRIC_CLASSIC,       // how many there are so far: those of suites that compare costs
  // Of suites that compare returns.
  LB_METRIC_RETURN = LB_METRIC_CLASSIC,
  LB_METRIC_RETURN_SE,
  LB_METRIC_RETURN_MEDIAN,
  LB_METRIC_RETURN_BEST,  // the best evaluation so far; derived where a run does not write it
  LB_METRIC_STEPS_EXPLORATION,
  LB_METRIC_GRADIENT_UPDATES,
  LB_METRIC_IMAGINED_STEPS,
  LB_METRIC_VALUE_GAP_EXPERT,
  LB_METRIC_VALUE_GAP_LEARNER,
  LB_METRIC_ADVANTAGE,
  LB_METRIC_MODEL_ERROR_EXPERT_1,  // open loop over so many steps
  LB_METRIC_MODEL_ERROR_EXPERT_5,
  LB_METRIC_MODEL_ERROR_EXPERT_20,
  LB_METRIC_MODEL_ERROR_LEARNER_1,
  LB_METRIC_MODEL_ERROR_LEARNER_5,
  LB_METRIC_MODEL_ERROR_LEARNER_20,
  LB_METRIC_REWARD_GAP_EXPERT,
  LB_METRIC_REWARD_GAP_LEARNER,
  LB_METRIC_ADVANTAGE_LEARNER,
  LB_METRIC_CLONE,
  // Of models that are fitted to a value, in suites that compare costs.
  LB_METRIC_VALUE_ERROR_EXPERT,
  LB_METRIC_VALUE_ERROR_LEARNER,
  LB_METRIC_MODEL_UPDATES,
  LB_METRIC_PLANNER_CALLS,
  LB_METRIC_PEAK_MEMORY,
  LB_METRIC_SURVIVAL,
  LB_METRIC_LEMMA_LEFT,
  LB_METRIC_LEMMA_RESIDUAL,
  LB_METRIC_LEMMA_RESIDUAL_SE,
  LB_METRIC_WHOLE_VALUE_GAP_EXPERT,  // of the undiscounted form
  LB_METRIC_WHOLE_VALUE_GAP_LEARNER,
  LB_METRIC_WHOLE_REWARD_GAP_EXPERT,
  LB_METRIC_WHOLE_REWARD_GAP_LEARNER,
  LB_METRIC_WHOLE_ADVANTAGE,
  LB_METRIC_WHOLE_ADVANTAGE_LEARNER,
  LB_METRIC_WHOLE_LEFT,
  LB_METRIC_WHOLE_RESIDUAL,
  LB_METRIC_WHOLE_RESIDUAL_SE,
  LB_METRIC_RETURN_AVERAGE,  // of the average of the actor, of runs that keep one
  // Derived by the report.
  LB_METRIC_SAMPLES_LEARNER,    // steps_learner + steps_exploration
  LB_METRIC_RETURN_NORMALISED,  // 0: the start row (random), 1: the reference (expert)
  LB_METRIC_KNOWN,              // how many there are
} lb_metric_id;

typedef struct lb_metric {
  const char* name;   // in files
  const char* title;  // in headings and on axes
  const char* noun;   // in sentences
  bool cumulative;    // grows with the iterations, so that its last value says it all
  bool whole;         // counts something
  bool higher;        // higher is better; of all others lower is, or neither
  double worst;       // what a run that diverged ends with in rankings; NaN: nothing
} lb_metric;

// The known metric of this index.
const lb_metric* lb_metric_at(int id);

// Whether its values may have either sign.
bool lb_metric_is_signed(int id);

#endif  // LB_REPORT_METRIC_H_
