// An algorithm is a row of choices: which data, which model and loss, which planner, from where it plans. The rows are
// JSON files in bench/recipes/; a new combination needs no C.
//
//   {"title": "LAMPS", "summary": "one line", "kind": "loop",
//    "data": {"expert_share": 0.5},
//    "model": {"type": "parametric", "fit": "least-squares"},
//    "planner": {"type": "psdp", "about": "expert"}}
//
// "type" names a kind of the registry (algo/registry.h), whose tables have the other keys with their ranges and
// defaults; what is common to several kinds is below. Every key but title and summary has a default. "note" is for
// people. "kind": "loop" collects, fits, plans and evaluates; "expert", "zero" and "random" are policies that are
// measured once.
//
// An idea that has a form for tasks with a cost and one for tasks with rewards has both in one file: "rewards":
// {"data":
// ..., "model": ..., "planner": ...} is what the row does on tasks that have rewards and no cost. "exact" is likewise
// what it does on small systems that are known exactly (core/exact.h).
#ifndef LB_ALGO_RECIPE_H_
#define LB_ALGO_RECIPE_H_

#include <stdbool.h>

#include "algo/protocol.h"
#include "algo/registry.h"
#include "base/status.h"
#include "io/json_writer.h"

// Whose rewards are planned for: the task's own terms on what was imagined, or what the model predicts.
typedef enum lb_reward_source { LB_REWARD_KNOWN, LB_REWARD_LEARNED } lb_reward_source;

typedef enum lb_states {
  LB_STATES_LEARNER,   // that the learner met in the real system
  LB_STATES_EXPERT,    // of the demonstrations
  LB_STATES_INITIAL,   // that episodes began with
  LB_STATES_IMAGINED,  // that rollouts in the model met
  LB_STATES
} lb_states;

// For which systems a form of a recipe is.
typedef enum lb_recipe_form {
  LB_FORM_COST,
  LB_FORM_REWARDS,
  LB_FORM_EXACT,  // known exactly
  LB_FORMS
} lb_recipe_form;

enum { LB_MOST_CHOICES = 16, LB_MOST_OPTIONS = 512 };

typedef struct lb_model_choice {
  const lb_model_kind* kind;
  double value[LB_MOST_CHOICES];  // of the kind's choices, in their order
} lb_model_choice;

typedef struct lb_planner_choice {
  const lb_planner_kind* kind;
  double value[LB_MOST_CHOICES];
  // Of a planner that plans for reward (default known), or learns in a model that predicts rewards (default learned).
  lb_reward_source reward;
  // Of a planner that learns from transitions: weights of the states at which rollouts in the model begin (not imagined
  // ones; default: learner), and of those on which the actor learns (default: with a model imagined, else learner). A
  // lazy planner's actor learns on states that were really met, an expert's above all.
  double starts[LB_STATES], actor_states[LB_STATES];
  double real_share;  // with a model: instead of the setting of that name; default -1: the setting's
  // The actor begins as a clone of the expert, acts in the warm-up, and stays a clone until the critics, which know
  // nothing yet, have learned for as many real steps again.
  bool from_clone;
} lb_planner_choice;

typedef struct lb_recipe {
  char name[64];
  char title[120];      // for tables and legends
  char summary[300];    // one line for `bench algos`
  char note[1200];      // for `bench algos NAME`: what was chosen, and why; "": none. No choice itself
  bool has_two_forms;   // one for rewards of its own
  bool has_exact_form;  // and one for systems that are known exactly

  // Of the data: 1 expert only, 0 learner only; default 0.5. Without a model it is the share of the planner's batches.
  // With one, it is the chance that a draw for the model's batches is the expert's: all demonstrations are there from
  // the start ("demonstrations": "at-once", default). Or a model is fitted to a mix to which every real step adds the
  // learner's transition and, by this share, demonstrations drawn with replacement ("one-a-step", as the authors'
  // release has it).
  double expert_share;
  bool one_a_step;

  lb_model_choice model;      // default parametric
  lb_planner_choice planner;  // default psdp
  lb_planner_choice first;    // the planner of iteration 0, on the initial model; default: the same
} lb_recipe;

// What its runs have.
static inline const lb_iterations* lb_recipe_iterations(const lb_recipe* r) {
  return lb_registry_iterations(r->planner.kind);
}

// Whether it learns anything: all but policies that are measured once.
static inline bool lb_recipe_learns(const lb_recipe* r) {
  return lb_recipe_iterations(r)->learns;
}

// Whether there is a model in which it plans.
static inline bool lb_recipe_has_model(const lb_recipe* r) {
  return !(r->model.kind->gives & LB_GIVES_NO_MODEL);
}

// Whether a policy learns in the model.
static inline bool lb_recipe_imagines(const lb_recipe* r) {
  return r->planner.kind->learns && lb_recipe_has_model(r);
}

// Whether rewards are the task's own terms on what a model predicts.
bool lb_recipe_knows_reward(const lb_recipe* recipe);

// Whether the row learns from transitions of observations and rewards, step by step or by demonstrations.
bool lb_recipe_is_online(const lb_recipe* recipe);

// Whether a row on rewards learns from recorded demonstrations.
bool lb_recipe_uses_demonstrations(const lb_recipe* recipe);

// The parts of a protocol (algo/protocol.h) that mean something to the row. References take those of the task's other
// rows, by the form for it. On systems that are known exactly nothing can be set.
int lb_recipe_parts(const lb_recipe* recipe, lb_recipe_form form);

// Settings that say "as the row has it" become what it has.
void lb_recipe_settle(const lb_recipe* recipe, lb_protocol* protocol);

// A choice of the kind's by its key, which must be one.
double lb_recipe_model_value(const lb_recipe* recipe, const char* key);
double lb_recipe_planner_value(const lb_planner_choice* choice, const char* key);

// Room for any kind's options, aligned for them.
typedef union lb_options_room {
  double numbers[LB_MOST_OPTIONS / sizeof(double)];
  void* pointer;
} lb_options_room;
// The kind's options: its choices and settings.
void lb_recipe_model_options(const lb_recipe* recipe, const lb_protocol* protocol, lb_options_room* out);
void lb_recipe_planner_options(const lb_planner_choice* choice, const lb_protocol* protocol, lb_options_room* out);

// Reads bench/recipes/<name>.json below root. An unknown name is LB_INPUT and suggests the nearest.
lb_status lb_recipe_load(lb_recipe* recipe, const char* root, const char* name);
// The same in one of its forms, or the only one that it has.
lb_status lb_recipe_load_as(lb_recipe* recipe, const char* root, const char* name, lb_recipe_form form);
// In that for tasks with rewards.
lb_status lb_recipe_load_for_rewards(lb_recipe* recipe, const char* root, const char* name);
// The form for a system.
lb_recipe_form lb_recipe_form_on(const lb_system* system);

// Sorted names of all recipes; free with lb_names_free (io/file.h).
lb_status lb_recipe_names(char*** names, int* n, const char* root);

// Every resolved choice as one JSON object.
void lb_recipe_write(const lb_recipe* recipe, lb_json_writer* w, const char* key);

#endif  // LB_ALGO_RECIPE_H_
