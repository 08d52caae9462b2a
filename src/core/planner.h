// A planner: problem in, policy out. The one interface to all of them: LQR passes over whole trajectories, plans at
// every step, actors and critics that learn from transitions, imitation, policies that never plan. What a planner does
// not do is NULL; the registry (algo/registry.h) says of each kind what it needs of a model and of a task.
//
// A planner works in the units of its problem: states and the system's controls, or observations and actions in
// [-1, 1] (core/kind.h). Its policy acts in these units; whoever acts in the system scales actions (core/action.h).
#ifndef LB_CORE_PLANNER_H_
#define LB_CORE_PLANNER_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/cost.h"
#include "core/model.h"
#include "core/policy.h"
#include "core/reward_model.h"
#include "core/system.h"
#include "core/trajectory.h"
#include "core/transitions.h"
#include "core/value.h"

// Demonstrations as rows, an episode after the other.
typedef struct lb_demo_rows {
  lb_transitions rows;
  const int* starts;  // (episodes) where each begins among the rows
  int episodes;
} lb_demo_rows;

// What is to be planned for. What a problem has not is NULL or 0: nothing here assumes a cost, a reference, limits of
// the controls or a deterministic step.
typedef struct lb_problem {
  // In what: the model as it is fitted now, NULL where there is none yet; and the same with what a step earns and where
  // an episode ends, which only models over observations have.
  const lb_model* model;
  const lb_reward_model* world;
  int fits;  // fits so far
  // For what: a cost, NULL for reward.
  const lb_cost* cost;
  int horizon;
  double discount;                 // of rewards, by the settings; 1: none
  const double* x0;                // (nx) where it begins
  const double* u_low;             // (nu) limits of the controls
  const double* u_high;            // (nu)
  const lb_trajectory* reference;  // what the cost tracks
  const lb_trajectory* expert;     // the mean of the expert's demonstrations
  const lb_batch* shown;           // the expert's transitions so far, of a system that is known exactly
  // When: an iteration of the loop (core/kind.h); at every real step also where the learner's episode is.
  uint64_t seed;
  uint32_t iteration;
  int t;               // steps taken in the learner's episode
  const double* seen;  // (nx) what the learner sees now
  bool acts_next;      // the planner will be asked for an action before the next plan
  int steps;           // real steps taken after the warm-up, which entitle to updates
  // From what: a batch of n transitions, and the states on which an actor learns (n 0: the batch's own). NULL: there is
  // nothing to learn from yet. The batch is the source's own until the next draw.
  void* source;
  lb_transitions (*draw)(void* source, int n, lb_transitions* actor_states, lb_rng* rng);
  const lb_demo_rows* demos;  // to be imitated in this iteration
  lb_counts* counts;          // where passes and updates are counted
  lb_arena* scratch;
} lb_problem;

typedef struct lb_plan_report {
  bool planned;          // false: no policy could be made, the former one stays
  double cost_in_model;  // of the policy, by the planner's own account; NAN when it has none
  int iterations;
  const char* stop;  // why it stopped; static text
} lb_plan_report;

// Which of its policies a planner acts by: that of its last plan, the one kept as the best, or an average over plans.
typedef enum lb_which_policy { LB_POLICY_LAST, LB_POLICY_BEST, LB_POLICY_AVERAGE } lb_which_policy;

typedef struct lb_planner {
  void* ctx;
  lb_policy policy;     // of the last plan, without noise; the same struct is valid for the planner's whole life
  bool gives_controls;  // its policy gives the system's controls, whatever the problem's units are
  lb_value value;       // of that policy in the model: its cost to go, or its return; value.at is NULL: none
  int batch;            // transitions that it asks for at once, at most; 0: it draws none
  // The learner's actions (n, nu) at inputs (n, nin), with the noise by which it explores. NULL: the policy's own.
  void (*act)(void* ctx, int n, int t, const double* in, double* action, lb_rng* rng);
  // Once an iteration. LB_DIVERGED with the reason: the run has to end. NULL: it never plans.
  lb_status (*plan)(void* ctx, const lb_problem* problem, lb_plan_report* report);
  // After a restored run, or a model from a file: what follows from model and problem is made anew and counted nowhere.
  // NULL: nothing does.
  void (*prepare)(void* ctx, const lb_problem* problem);
  // Before the first iteration: begins as a clone of the demonstrations. NULL: it cannot.
  lb_status (*imitate)(void* ctx, const lb_demo_rows* demos, lb_rng* rng, lb_arena* scratch);
  // Keeps the last policy as the best; acts by another from now on (false: there is none). NULL: it has only one.
  void (*keep_best)(void* ctx);
  bool (*use)(void* ctx, lb_which_policy which);
  // All that the next plan and action depend on, as entries of a checkpoint, and back. LB_INPUT names the entry that no
  // run can have; the planner is then no longer of use. NULL: nothing is to be kept.
  void (*save)(void* ctx, lb_npz_writer* w, lb_arena* scratch);
  lb_status (*restore)(void* ctx, const lb_npz* npz, lb_arena* scratch);
  // Adds numbers of its own since the last call to a line of metrics.jsonl. NULL: none.
  void (*write)(void* ctx, lb_json_writer* w);
  // The policy that acts now as a file for this task. NULL: it is no file.
  lb_status (*write_policy)(void* ctx, const char* path, const lb_system* system, lb_arena* scratch);
  void (*destroy)(void* ctx);  // NULL: it lies in the arena of whoever opened it
} lb_planner;

#endif  // LB_CORE_PLANNER_H_
