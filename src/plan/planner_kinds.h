// The kinds of planners of this room, for the registry (algo/registry.c): their options, and how each is opened.
#ifndef LB_PLAN_PLANNER_KINDS_H_
#define LB_PLAN_PLANNER_KINDS_H_

#include "core/kind.h"
#include "plan/learner.h"
#include "plan/mpc.h"
#include "plan/sac.h"
#include "plan/td3.h"

// One LQR pass about a trajectory (plan/psdp.h), and iLQR from it (plan/ilqr.h).
typedef enum lb_about { LB_ABOUT_EXPERT, LB_ABOUT_TARGET } lb_about;
typedef enum lb_edition {
  LB_EDITION_TEXTBOOK,  // the textbook's update, tolerances, regularisation, limits and affine terms
  LB_EDITION_2023       // the authors' update rule, stopping rule and lack of affine terms
} lb_edition;
typedef struct lb_trajectory_options {
  int about;  // where the (first) pass lies
  int edition;
  int max_iterations;  // ilqr: passes after the first
  bool warm_start;     // ilqr: begin at the last iteration's policy instead of a fresh first pass
} lb_trajectory_options;
extern const lb_params lb_psdp_choices, lb_ilqr_choices;
lb_status lb_trajectory_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_psdp_open(lb_planner* out, const lb_opening* opening, const void* options);
lb_status lb_ilqr_open(lb_planner* out, const lb_opening* opening, const void* options);

// Soft actor-critic (plan/sac.h). What begins with `own` is the recipe's, unless a setting says otherwise.
typedef struct lb_sac_options {
  lb_actor_settings actor;
  lb_learner_settings learner;
  int critic_updates, target_interval, learn_temperature, critics, target_critics, layer_norm;
  double temperature, target_entropy;
  int own_critics, own_target_critics, own_critic_updates;
  bool own_layer_norm;
  int mean_value;
} lb_sac_options;
extern const lb_params lb_sac_choices, lb_sac_params;
lb_status lb_sac_check(const void* options, unsigned given);
void lb_sac_settle(void* options);
lb_status lb_sac_open(lb_planner* out, const lb_opening* opening, const void* options);
double lb_sac_updates(const void* options, double steps);
double lb_sac_imitation(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch);
double lb_sac_bytes(const void* options, int nobs, int nact);
double lb_sac_policy_bytes(const void* options, int nobs, int nact);
// The learner's configuration by settled options.
lb_sac_config lb_sac_config_from(int nobs, int nact, const lb_sac_options* options);
// The learner behind a planner that lb_sac_open gave.
lb_sac* lb_sac_of(const lb_planner* planner);

// Twin delayed deep deterministic policy gradient (plan/td3.h).
typedef struct lb_td3_options {
  lb_actor_settings actor;
  lb_learner_settings learner;
  int delay;
  double smoothing, most_smooth, exploration;
} lb_td3_options;
extern const lb_params lb_td3_params;
double lb_td3_updates(const void* options, double steps);
double lb_td3_imitation(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch);
double lb_td3_bytes(const void* options, int nobs, int nact);
double lb_td3_policy_bytes(const void* options, int nobs, int nact);
lb_status lb_td3_open(lb_planner* out, const lb_opening* opening, const void* options);
lb_td3* lb_td3_of(const lb_planner* planner);

// Behaviour cloning (plan/bc.h).
typedef struct lb_bc_options {
  lb_actor_settings actor;
  int loss;
} lb_bc_options;
extern const lb_params lb_bc_choices;
double lb_bc_updates(const void* options, double n);
double lb_bc_imitation(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch);
double lb_bc_bytes(const void* options, int nobs, int nact);
double lb_bc_policy_bytes(const void* options, int nobs, int nact);
lb_status lb_bc_open(lb_planner* out, const lb_opening* opening, const void* options);

// Receding-horizon iLQR (plan/mpc.h), and lazy passes about demonstrations (plan/lazy.h).
typedef struct lb_mpc_options {
  int horizon, iterations, guesses;
} lb_mpc_options;
typedef struct lb_lazy_options {
  int horizon, window;
} lb_lazy_options;
extern const lb_params lb_horizon_params, lb_search_params, lb_lazy_choices;
lb_status lb_box_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_mpc_open(lb_planner* out, const lb_opening* opening, const void* options);
lb_status lb_lazy_open(lb_planner* out, const lb_opening* opening, const void* options);
// What plans for the learner behind a planner that lb_mpc_open gave, and the action that it will take next.
lb_mpc* lb_mpc_of(const lb_planner* planner);
const double* lb_mpc_next_action(const lb_planner* planner);

// Policies that never plan: the expert's own, uniformly random actions, and none: controls of zero, or of the
// reference without feedback where the task has one.
lb_status lb_expert_open(lb_planner* out, const lb_opening* opening, const void* options);
lb_status lb_random_open(lb_planner* out, const lb_opening* opening, const void* options);
lb_status lb_zero_open(lb_planner* out, const lb_opening* opening, const void* options);
// Uniformly random controls u (n, nu) within the limits; within [-1, 1] where there are none.
void lb_random_draw(const lb_system* system, lb_rng* rng, int n, double* u);

#endif  // LB_PLAN_PLANNER_KINDS_H_
