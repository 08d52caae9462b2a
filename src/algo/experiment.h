// A run that plans over whole trajectories, a round of rollouts at a time: the world, the data, the model, the planner,
// and the accounts.
#ifndef LB_ALGO_EXPERIMENT_H_
#define LB_ALGO_EXPERIMENT_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/expert_used.h"
#include "algo/loop.h"
#include "algo/phases.h"
#include "algo/protocol.h"
#include "algo/recipe.h"
#include "base/arena.h"
#include "base/status.h"
#include "core/model.h"
#include "core/planner.h"
#include "core/system.h"
#include "data/dataset.h"
#include "data/demos.h"
#include "eval/episode.h"
#include "eval/evaluate.h"
#include "io/npz.h"
#include "plan/lq_policy.h"

// Evaluation rollouts, at most, that are kept: their transitions serve as unseen learner states for the model error.
enum { LB_EXPERIMENT_KEPT = 10 };

// One round's measurements.
typedef struct lb_measurement {
  lb_evaluation real;
  double cost_in_model, expert_cost_in_model;
  double model_error_expert, model_error_learner;
  double value_error_expert, value_error_learner;
  lb_fit_report fit;  // zero in round 0
  lb_plan_report plan;
  bool planned;  // false: the planner found no policy and the former one stayed
} lb_measurement;

typedef struct lb_experiment {
  lb_recipe recipe;
  lb_protocol protocol;
  uint64_t seed;
  lb_arena* arena;
  lb_system* system;

  lb_lq_policy expert;  // the expert's own policy
  lb_expert_given given;
  lb_expert_used used;        // its files, where it is a recorded one
  lb_demos* demos;            // its demonstrations in this run
  lb_batch expert_data;       // all their transitions
  lb_trajectory expert_mean;  // their mean, about which a lazy planner plans

  lb_model model;
  lb_planner planners[2];  // that of round 0, and that of the later rounds; may be the same
  int acting;              // which of the two made the present policy

  lb_dataset data;        // what the model was fitted to
  int fitted;             // how many of them at the last fit
  lb_dataset learner;     // the transitions of this round's learner rollouts
  lb_dataset evaluation;  // of some evaluation rollouts: states of the present policy that no fit has seen

  int round;  // the round under way
  lb_counts counts;
  lb_phase_times times;
  lb_measurement m;  // of the round under way
} lb_experiment;

// A row that plans over trajectories as the loop sees it: opens the world, gets the expert and its demonstrations,
// makes model and planners. The demonstrations' transitions are counted in the ledger as steps of the expert, wherever
// they come from. Rows of kind expert or zero are measured once.
lb_status lb_experiment_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options);

// The policy of the last plan.
const lb_policy* lb_experiment_policy(const lb_experiment* e);

// The four steps of the loop on an experiment; a view that lives as long as it.
lb_steps lb_experiment_steps(lb_experiment* e);
// Those of a row that is only measured.
lb_steps lb_experiment_reference_steps(lb_experiment* e);

// All that the next round depends on, as arrays of a checkpoint, and back.
void lb_experiment_save(lb_experiment* e, lb_npz_writer* w);
lb_status lb_experiment_restore(lb_experiment* e, const lb_npz* npz);

// The round's line for metrics.jsonl and for timing.jsonl; caller frees.
void lb_experiment_lines(const lb_experiment* e, lb_text* metrics, lb_text* timing);

#endif  // LB_ALGO_EXPERIMENT_H_
