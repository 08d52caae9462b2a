// An algorithm is a row of choices: which data, which model and loss, which planner, from where it plans. The rows are
// JSON files in bench/recipes/; a new combination needs no C.
//
//   {"title": "LAMPS", "summary": "one line", "kind": "loop",
//    "data": {"expert_share": 0.5},
//    "model": {"type": "parametric", "fit": "least-squares"},
//    "planner": {"type": "psdp", "about": "expert"}}
//
// Every key but title and summary has the default that the struct documents. "note" is for people.
//
// Two kinds of rows share the loop. Those whose planner is ilqr or psdp plan over whole trajectories of states, for a
// cost. Those whose planner is sac, bc or mpc learn from transitions of observations and rewards: they are online.
// An idea that has a form for each has both in one file: "rewards": {"data": ..., "model": ..., "planner": ...} is what
// the row does on tasks that have rewards and no cost.
#ifndef LB_ALGO_RECIPE_H_
#define LB_ALGO_RECIPE_H_

#include <stdbool.h>

#include "algo/planning.h"
#include "algo/protocol.h"
#include "base/status.h"
#include "io/json_writer.h"
#include "model/neural.h"
#include "plan/bc.h"

typedef enum lb_row_kind {
  LB_ROW_LOOP,    // collect, fit, plan, evaluate
  LB_ROW_EXPERT,  // the expert's own policy, measured once
  LB_ROW_ZERO,    // the controls of the reference without feedback, measured once
  LB_ROW_RANDOM   // uniformly random actions, measured once
} lb_row_kind;
typedef enum lb_model_kind {
  LB_MODEL_PARAMETRIC,
  LB_MODEL_LINEAR,
  LB_MODEL_LINEAR_TV,
  LB_MODEL_NONE,      // the planner learns from real transitions
  LB_MODEL_ENSEMBLE,  // probabilistic networks over observations
  LB_MODEL_TRUE       // an oracle: sac imagines in the true system; what it plans there is no real step
} lb_model_kind;
typedef enum lb_fit_choice { LB_CHOICE_LEAST_SQUARES, LB_CHOICE_BFGS_2023 } lb_fit_choice;
typedef enum lb_planner_kind {
  LB_PLANNER_ILQR,
  LB_PLANNER_PSDP,
  LB_PLANNER_SAC,  // soft actor-critic
  LB_PLANNER_BC,   // behaviour cloning: no planning, the expert's actions are imitated
  LB_PLANNER_MPC,  // receding-horizon iLQR: a plan in the model's mean at every step, for reward
  LB_PLANNER_LAZY  // an LQR pass about each demonstration in the model's mean after every fit, for reward
} lb_planner_kind;
typedef enum lb_model_loss {
  LB_LOSS_PREDICTION,    // likelihood of what was seen
  LB_LOSS_VALUE_MOMENTS  // |V(predicted next) - V(next)|, V of the present policy: the critics', or of its LQR pass
} lb_model_loss;
typedef enum lb_states {
  LB_STATES_LEARNER,   // that the learner met in the real system
  LB_STATES_EXPERT,    // of the demonstrations
  LB_STATES_INITIAL,   // that episodes began with
  LB_STATES_IMAGINED,  // that rollouts in the model met
  LB_STATES
} lb_states;
typedef enum lb_about { LB_ABOUT_EXPERT, LB_ABOUT_TARGET } lb_about;
typedef enum lb_edition {
  LB_EDITION_TEXTBOOK,  // the textbook's update, tolerances, regularisation, limits and affine terms
  LB_EDITION_2023       // the authors' update rule, stopping rule and lack of affine terms
} lb_edition;

typedef struct lb_planner_choice {
  lb_planner_kind kind;
  lb_about about;  // where the (first) pass lies
  lb_edition edition;
  int max_iterations;  // ilqr: passes after the first
  bool warm_start;     // ilqr: begin at the last round's policy instead of a fresh first pass
  lb_bc_loss loss;     // bc: squared error of the mean action (default), or likelihood of a squashed Gaussian
  // sac: weights of the states at which rollouts in the model begin (not imagined ones; default: learner), and of those
  // on which the actor learns (default: with a model imagined, else learner). A lazy planner's actor learns on states
  // that were really met, an expert's above all.
  double starts[LB_STATES], actor_states[LB_STATES];
  double real_share;  // sac with a model: instead of the setting of that name; default -1: the setting's
  // sac: the actor begins as a clone of the expert, acts in the warm-up, and stays a clone until the critics, which
  // know nothing yet, have learned for as many real steps again.
  bool from_clone;
  int window;  // lazy: steps by which a knot's time may differ from the episode's (plan/lazy.h); default -1: any
  // sac: its critics (plan/sac.h), unless a setting of the same name says otherwise. Default 2, all of them in the
  // targets, without layer normalisation, and the actor learns from their least ("actor_value": "least") instead of
  // their mean; as often as they do (0), or once for so many updates of theirs, which are then a real step's.
  int critics, target_critics;
  bool layer_norm, mean_value;
  int critic_updates;
  // The task's own terms (default of mpc and lazy), or what the ensemble predicts (default of sac with an ensemble).
  lb_reward_source reward;
} lb_planner_choice;

typedef struct lb_recipe {
  char name[64];
  char title[120];    // for tables and legends
  char summary[300];  // one line for `bench algos`
  char note[1200];    // for `bench algos NAME`: what was chosen, and why; "": none. No choice itself
  lb_row_kind kind;
  bool has_two_forms;

  // Of the data: 1 expert only, 0 learner only; default 0.5. Without a model it is the share of the planner's batches.
  // With one, it is the chance that a draw for the model's batches is the expert's: all demonstrations are there from
  // the start ("demonstrations": "at-once", default). Or a model is fitted to a mix to which every real step adds the
  // learner's transition and, by this share, demonstrations drawn with replacement ("one-a-step", as the authors'
  // release has it).
  double expert_share;
  bool one_a_step;

  lb_model_kind model;  // default parametric
  lb_fit_choice fit;    // parametric; default least-squares
  lb_model_loss loss;   // default prediction
  // Value moments (model/neural.h, model/linear.h): what holds the model to its likelihood. Default 0; of models with
  // a cost 1 and never 0.
  double anchor;
  double value_scale;     // ensemble; default 0.01
  lb_neural_score score;  // ensemble, of the holdout, by which weights and elites are chosen; default loss
  // Ensemble: the setting model_decay is scaled as values are ("decay": "scaled", default), since it was chosen beside
  // a loss of that much; or taken as it is ("plain", as the authors' code has it).
  bool plain_decay;
  bool spread;  // all but ensemble; default true
  // The pull towards the initial model; 0: none. Parametric, least squares: a prior of one width, weighted by the noise
  // (default 1). Linear: per transition (default 1e-3).
  double ridge;
  double window;  // linear-tv: width of the kernel over time, in steps; default 5

  lb_planner_choice planner;  // default psdp about the expert, textbook
  lb_planner_choice first;    // the planner of round 0, on the initial model; default: the same
} lb_recipe;

// Whether the row learns from transitions, step by step; so do the references when the task has no cost.
bool lb_recipe_is_online(const lb_recipe* recipe);

// Whether it plans its controls by LQR passes in the mean of a model of observations, for reward.
bool lb_recipe_plans(const lb_recipe* recipe);

// Whether a row on rewards learns from recorded demonstrations.
bool lb_recipe_uses_demonstrations(const lb_recipe* recipe);

// The parts of a protocol (algo/protocol.h) that mean something to the row. References take those of the task's other
// rows: `by_rounds` says that it has a cost.
int lb_recipe_parts(const lb_recipe* recipe, bool by_rounds);

// Settings that say "as the row has it" become what it has.
void lb_recipe_settle(const lb_recipe* recipe, lb_online_protocol* protocol);

// Reads bench/recipes/<name>.json below root. An unknown name is LB_INPUT and suggests the nearest.
lb_status lb_recipe_load(lb_recipe* recipe, const char* root, const char* name);
// The same in its form for tasks with rewards, which is the only form unless the file has two.
lb_status lb_recipe_load_for_rewards(lb_recipe* recipe, const char* root, const char* name);

// Sorted names of all recipes; free with lb_names_free (io/file.h).
lb_status lb_recipe_names(char*** names, int* n, const char* root);

// Every resolved choice as one JSON object.
void lb_recipe_write(const lb_recipe* recipe, lb_json_writer* w, const char* key);

#endif  // LB_ALGO_RECIPE_H_
