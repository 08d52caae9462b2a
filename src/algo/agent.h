// A run of one algorithm on one task: the world, what was seen of it, a model, a planner, and the accounts. What the
// model and the planner are, nobody here asks: they stand behind core/model.h and core/planner.h, and what they can and
// need is in the registry. agent.c is the algorithm: the four steps that the loop (algo/loop.h) takes an iteration.
#ifndef LB_ALGO_AGENT_H_
#define LB_ALGO_AGENT_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/diagnose.h"
#include "algo/expert_used.h"
#include "algo/loop.h"
#include "algo/phases.h"
#include "algo/protocol.h"
#include "algo/recipe.h"
#include "algo/schedule.h"
#include "algo/world.h"
#include "base/arena.h"
#include "base/status.h"
#include "core/fault.h"
#include "core/model.h"
#include "core/planner.h"
#include "core/policy.h"
#include "core/system.h"
#include "data/dataset.h"
#include "data/demos.h"
#include "data/demos_rows.h"
#include "data/ring.h"
#include "eval/evaluate.h"
#include "plan/actor.h"
#include "plan/lq_policy.h"
#include "tabular/lemma_terms.h"

enum {
  LB_AGENT_INITIAL = 256,  // first observations of episodes that are kept
  LB_AGENT_APART = 10,     // episodes of demonstrations that a model is measured on, at most
  LB_AGENT_KEPT = 10       // rollouts of an evaluation whose transitions are kept, at most
};

// Observations by where they come from, in rows; actions in [-1, 1].
typedef struct lb_agent_rows {
  lb_ring learner;   // of the learner's real steps, warm-up included; right behind the expert's in memory
  lb_ring expert;    // of the demonstrations that are learned from; full
  lb_ring apart;     // of demonstrations that are not, on which a model is measured; empty: there are none
  lb_ring mix;       // of both, where demonstrations enter one a step; else empty
  lb_ring imagined;  // of rollouts in the model
  float* initial;    // (LB_AGENT_INITIAL, nobs) what the learner's latest episodes began with
  int ninitial;      // episodes begun
  float* batch;      // (batch, width) a batch from several of these
  int* rows;         // (2 * batch) which rows of them are in it
} lb_agent_rows;

// States of whole rollouts, with their times.
typedef struct lb_agent_rollouts {
  lb_batch expert;     // all transitions of the demonstrations
  lb_trajectory mean;  // their mean, about which a lazy planner plans
  lb_dataset seen;     // what the model is fitted to
  lb_dataset shown;    // the expert's of these, where they are kept as they come
  int fitted;          // how many of them at the last fit
  lb_dataset learner;  // of this iteration's rollouts
  lb_dataset unseen;   // of some evaluation rollouts: states of the present policy that no fit has seen
} lb_agent_rollouts;

// The learner's episode under way, where an iteration is a step; obs NULL: there is none between iterations.
typedef struct lb_agent_episode {
  int number;      // of this episode, from 0
  int t;           // steps taken in it
  double total;    // reward so far
  double* obs;     // (nobs) what the learner sees now
  lb_fault fault;  // a number of its first observation that is not finite: nothing can begin there
  // Of the step under way: what the learner asks for and gets, its noise, and the transition as a row has it.
  double *action, *u, *w;         // (nu), (nu), (nw)
  float *before, *after, *taken;  // (nobs), (nobs), (nu)
} lb_agent_episode;

// Steps of the learner that no transition came of, because a number of theirs was not finite.
typedef struct lb_agent_unusable {
  int n;          // since this process took the run up
  int iteration;  // the first of them
  lb_fault fault;
} lb_agent_unusable;

typedef struct lb_agent_best {
  double mean;    // return of the best evaluation; -DBL_MAX before the first
  int iteration;  // when that was
  bool is_filed;  // whether the folder has it
} lb_agent_best;

// Of a system that is known exactly (core/exact.h).
typedef struct lb_agent_exact {
  double expert;  // what the expert is worth
  int reached;    // the first iteration that was as good; -1: none yet
  bool has_terms;
  lb_exact_terms terms;  // at the last measurement
} lb_agent_exact;

// What a run does otherwise where all about its system is computed (core/exact.h) than where it is measured by
// episodes.
struct lb_agent;
typedef struct lb_agent_way {
  bool resumes;  // from a checkpoint; else it goes from the beginning again
  // Room for what is collected, and the expert.
  lb_status (*open)(struct lb_agent* a, const char* root);
  // The n demonstrations that model and planner are opened with, in the arena of the run; NULL: none.
  const lb_trajectory* (*demos)(struct lb_agent* a, int* n);
  // What the present policy is worth, as a cost or minus a return; and what the model is.
  lb_evaluation (*evaluate)(struct lb_agent* a);
  // The numbers of a line, but for its iteration.
  void (*write)(const struct lb_agent* a, lb_json_writer* w);
  // A picture in the run's folder; NULL: none.
  lb_status (*draw)(const struct lb_agent* a, const char* folder);
} lb_agent_way;
extern const lb_agent_way lb_agent_measured;  // algo/agent_open.c
extern const lb_agent_way lb_agent_computed;  // algo/agent_exact.c

typedef struct lb_agent {
  lb_recipe recipe;
  lb_protocol protocol;
  lb_schedule schedule;
  const lb_agent_way* way;
  uint64_t seed;
  lb_arena* arena;    // of all that lives as long as the run
  lb_arena* scratch;  // empty between the steps
  lb_system* system;  // where the learner acts
  // Where policies are measured. Another instance where an episode of the learner is under way between iterations, else
  // the same.
  lb_system* evaluator;
  lb_space observations;  // a plain space
  const lb_space* space;  // of what model and planner work over

  lb_expert_given given;
  lb_expert_used used;
  lb_demos* demos;         // this run's; NULL: none, or they are rows by now
  lb_demos_choice shown;   // which of them the learner is given, in this seed's order
  lb_policy expert;        // its own policy, in the system's units; act NULL: not at hand
  lb_lq_policy feedback;   // that policy where it is feedback
  lb_actor* expert_actor;  // or a network, to be compared with; NULL: neither

  lb_agent_rows data;
  lb_agent_rollouts rollouts;
  lb_demo_rows iteration_demos;  // of the iteration under way, where iterations are of demonstrations

  lb_model model;
  lb_world* world;         // over observations; NULL without a model of them
  lb_planner planners[2];  // that of iteration 0, and that of the later iterations
  int acting;              // which of the two made the present policy
  lb_policy policy;        // of it, in the system's units

  lb_counts counts;
  int fits;
  lb_fit_report fit;    // of the last one
  lb_plan_report plan;  // of the last one
  lb_status status;     // of the last plan
  int iteration;        // the iteration under way
  lb_agent_episode episode;
  lb_agent_unusable unusable;
  double episodes, episode_return;  // of the learner's episodes since the last measurement
  lb_agent_best best;
  lb_evaluation measured;
  lb_evaluation measured_average;  // of the average of the policy, where one is kept
  bool has_average;
  lb_diagnose_terms terms;    // of the same moment, over observations
  lb_diagnose_errors errors;  // over states
  lb_agent_exact exact;
  lb_phase_times times;
} lb_agent;

// The algorithm as the loop sees it: opens the world, loads the demonstrations if it uses any, makes model and planner.
// LB_INPUT where the task lacks what it needs.
lb_status lb_agent_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options);

// The run behind steps that lb_agent_open gave.
static inline lb_agent* lb_agent_of(const lb_steps* steps) {
  return steps->self;
}

// The planner that made the present policy.
static inline const lb_planner* lb_agent_planner(const lb_agent* a) {
  return &a->planners[a->acting];
}

// Whether there is a model in which something can be planned now.
static inline bool lb_agent_is_ready(const lb_agent* a) {
  return a->model.has_prior || (a->fits > 0 && !a->fit.broken);
}

// Whether the learner has an episode under way between iterations.
static inline bool lb_agent_has_episode(const lb_agent* a) {
  return a->episode.obs != NULL;
}

// Whether its data are states of whole rollouts.
static inline bool lb_agent_has_rollouts(const lb_agent* a) {
  return a->rollouts.seen.nx > 0;
}

// An iteration (algo/agent.c). `begin` comes before iteration 0.
lb_status lb_agent_begin(lb_agent* a);
void lb_agent_collect(lb_agent* a);
void lb_agent_fit(lb_agent* a);
void lb_agent_plan(lb_agent* a);
// False: no measurement is due. Else *lines says what it found; caller frees its text.
bool lb_agent_measure(lb_agent* a, lb_lines* lines);
// What a model is fitted to, and what is to be planned for, now.
lb_fit_data lb_agent_fit_data(const lb_agent* a);
lb_problem lb_agent_problem(lb_agent* a);

// The expert's policy, and demonstrations in the form that the algorithm uses (algo/demonstrations.c).
lb_status lb_agent_load_expert(lb_agent* a, const char* root);
// The demonstrations of an iteration of them; the first `episodes`, all that are given in the last iteration. In the
// arena.
lb_status lb_agent_lay_out(lb_demo_rows* out, const lb_agent* a, int episodes, lb_arena* arena);
// Those that are learned from, as trajectories of observations, in the arena of the run.
const lb_trajectory* lb_agent_trajectories(lb_agent* a, int* n);

// Real steps and rollouts, and what is drawn from them (algo/collect.c).
void lb_agent_begin_episode(lb_agent* a);
// Takes a->episode.action in the real system and keeps the transition, in the mix with demonstrations, too, if there is
// one.
void lb_agent_take_step(lb_agent* a, lb_source source);
// The i-th rollout of this iteration, added to a->rollouts.learner.
void lb_agent_roll_out(lb_agent* a, int i);
// The i-th episode of this iteration on a system that is known exactly, added to a->rollouts.seen (algo/agent_exact.c).
void lb_agent_keep_episode(lb_agent* a, int i, bool of_expert);
// A batch of n transitions, and the states on which the actor learns (n 0: the batch's own); source is the agent.
lb_transitions lb_agent_draw(void* source, int n, lb_transitions* actor_states, lb_rng* rng);
// n rollouts in the model, each of `length` steps, from the states that the recipe says.
void lb_agent_imagine(lb_agent* a, int n, int length);

// What acts, in the system's units: a->policy from now on (algo/agent_open.c).
void lb_agent_take_policy(lb_agent* a);

// What it leaves in the run's folder and takes up from there (algo/agent_files.c), as the steps of the loop.
void lb_agent_add_files(lb_steps* steps);

// All that the next iteration depends on, as entries of a checkpoint, and back (algo/checkpoint.c).
void lb_agent_save(lb_agent* a, lb_npz_writer* w);
lb_status lb_agent_restore(lb_agent* a, const lb_npz* npz);

// The line for metrics.jsonl, and its number (algo/metric_lines.c). Numbers since the last measurement begin anew.
void lb_agent_write_lines(lb_agent* a, lb_lines* lines);
// Those of a line where policies are measured by episodes.
void lb_agent_write_measured(const lb_agent* a, lb_json_writer* w);

#endif  // LB_ALGO_AGENT_H_
