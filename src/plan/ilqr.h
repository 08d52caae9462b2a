// Iterative LQR: passes along the best trajectory so far, each followed by a line search in the model. The defaults are
// the textbook's (Tassa, Erez, Todorov 2012, with control limits as in Tassa, Mansard, Todorov 2014); the loop of the
// authors' program (Vemula et al. 2023) is another set of the same settings.
#ifndef LB_PLAN_ILQR_H_
#define LB_PLAN_ILQR_H_

#include <stdbool.h>

#include "base/arena.h"
#include "core/planner.h"
#include "core/trajectory.h"
#include "plan/lq_policy.h"
#include "plan/lqr.h"

typedef enum lb_ilqr_stop {
  LB_ILQR_CONVERGED_GRADIENT,  // the feed-forward terms are below the tolerance
  LB_ILQR_CONVERGED_COST,      // an accepted step gained, or the best step is expected to gain, less than the tolerance
  LB_ILQR_NO_STEP,             // no step length was accepted, at the largest regularisation if there is one
  LB_ILQR_MAX_ITERATIONS,      // as many passes were made as are allowed
  LB_ILQR_MAX_REGULARISATION,  // the pass failed at the largest regularisation
  LB_ILQR_DIVERGED             // the start has no finite cost in the model, or an expansion is not finite
} lb_ilqr_stop;

// Static text, for reports: "the feed-forward terms vanished" and the like.
const char* lb_ilqr_stop_text(lb_ilqr_stop stop);

typedef enum lb_ilqr_final {
  // The latest feedback gains about the best trajectory (alpha = 0, k = 0). Where those were regularised, one more pass
  // gives gains with the least regularisation that the pass bears.
  LB_ILQR_FINAL_BEST,
  LB_ILQR_FINAL_ACCEPTED  // the last accepted (pass, alpha), whose rollout the best trajectory is
} lb_ilqr_final;

typedef struct lb_ilqr_config {
  lb_update_rule rule;
  lb_ilqr_final final;
  int max_iterations;         // backward passes of the search, that of a start and of final gains not among them
  int line_search_steps;      // step lengths 1, 1/2, 1/4, ... that are tried
  double accept_ratio;        // least share of the expected gain; 0: any strictly lower cost
  double gradient_tolerance;  // on lb_lqr_report.feedforward; 0: off
  double cost_tolerance;      // on gain / (1 + |cost|); 0: off
  // Regularisation (Tassa 2012, section II-F): mu starts at mu_initial, is multiplied by a growing factor when a pass
  // or a line search fails, and divided by one after an accepted step; below mu_min it is 0. mu_max = 0: none, mu stays
  // 0.
  double mu_initial, mu_min, mu_max, mu_factor;
  bool mu_on_state;          // on Vxx (lb_lqr_config.mu_state) instead of on Quu
  lb_control_limits limits;  // NULL members: none. Imposed on passes and on rollouts
} lb_ilqr_config;

// Textbook rule, final best, 100 iterations, 12 step lengths, accept_ratio 1e-4, gradient_tolerance 1e-6,
// cost_tolerance 1e-9, mu on Quu from 0 through 1e-6 to 1e10 by a factor 1.6.
lb_ilqr_config lb_ilqr_default_config(void);

// The authors' loop: up to 100 passes, 20 step lengths, the first strictly lower cost is accepted, no tolerance, no
// regularisation, no limits, their update rule; the policy is the last accepted one. Set .rule = LB_RULE_TEXTBOOK for
// their loop with the textbook's update.
lb_ilqr_config lb_ilqr_2023_config(void);

// Where the search begins; exactly one of lq, policy, u is set. With .lq and no accepted step under
// LB_ILQR_FINAL_ACCEPTED the result is that policy.
typedef struct lb_ilqr_start {
  const double* x0;         // (nx)
  const lb_lq_policy* lq;   // rolled out in the model
  const lb_policy* policy;  // rolled out in the model
  const double* u;          // (H, nu) a sequence of controls
} lb_ilqr_start;

typedef struct lb_ilqr_result {
  lb_ilqr_stop stop;
  int iterations;       // backward passes made, that of final gains included
  int accepted;         // steps accepted
  double start_cost;    // in the model; INFINITY when the start diverges
  double cost;          // of the best trajectory, in the model
  lb_lqr_outcome pass;  // outcome of the last pass
  double mu;            // last regularisation of the search
  // The rest belongs to the solver and is valid until the next solve.
  lb_lq_policy* policy;      // when start_cost is INFINITY: the start if it was an .lq, else void
  lb_lq_value* value;        // of the last pass that succeeded, about the trajectory of that pass; NULL: none did
  lb_trajectory trajectory;  // best
  const double* history;     // (accepted + 1) cost at the start and after each accepted step
} lb_ilqr_result;

typedef struct lb_ilqr lb_ilqr;

// A solver for these sizes, in the arena (nothing to free).
lb_ilqr* lb_ilqr_new(const lb_space* space, int nu, int horizon, lb_arena* arena);

// Minimises cost from start->x0 in the model f. Counts each pass in counts->lqr_passes (NULL: nowhere).
lb_ilqr_result lb_ilqr_solve(lb_ilqr* s, const lb_dynamics* f, const lb_cost* cost, const lb_ilqr_start* start,
                             const lb_ilqr_config* config, lb_counts* counts);

#endif  // LB_PLAN_ILQR_H_
