// One backward Riccati pass along a trajectory: the linear-quadratic expansion of a model and a cost about
// (x_nominal, u_nominal), and the feedback that is optimal for it (Li & Todorov 2004; Tassa, Erez, Todorov 2012;
// control limits: Tassa, Mansard, Todorov 2014). With dx = x (-) x_t, du = u - u_t the expansion is
//   dx' = A_t dx + B_t du + d_t,   d_t = f(x_t, u_t) (-) x_{t+1},
// where the defects d_t vanish if the trajectory is a rollout of the model. On a curved space A_t and B_t, which the
// model gives in the tangent space at f(x_t, u_t), are carried to that at x_{t+1} where d_t is not zero.
#ifndef LB_PLAN_LQR_H_
#define LB_PLAN_LQR_H_

#include <stdbool.h>

#include "base/arena.h"
#include "core/cost.h"
#include "core/counts.h"
#include "core/dynamics.h"
#include "core/trajectory.h"
#include "plan/lq_policy.h"
#include "plan/rollout.h"

typedef struct lb_lqr_config {
  bool affine;               // the defects enter; false: they count as zero, and the model is not asked for them
  double mu_control;         // added to the diagonal of Quu
  double mu_state;           // added to the diagonal of Vxx where it meets A and B (Tassa 2012, eq. 10)
  double reach;              // how far B_t k_t may move the next state, at most: Qu is halved for k_t until it moves it
                             // no further; 0: however far
  lb_control_limits limits;  // on u_t + k_t; NULL: none. Only for alpha <= 1
} lb_lqr_config;

// Affine terms on; no regularisation, no limits.
lb_lqr_config lb_lqr_default_config(void);

typedef enum lb_lqr_outcome { LB_LQR_DONE, LB_LQR_NOT_POSITIVE, LB_LQR_NOT_FINITE } lb_lqr_outcome;

// Static text, for reports.
const char* lb_lqr_outcome_text(lb_lqr_outcome outcome);

typedef struct lb_lqr_report {
  lb_lqr_outcome outcome;
  int failed_at;  // the knot where a pass without outcome LB_LQR_DONE ended; else -1
  // The change of cost that the expansion expects of a step alpha from a defect-free trajectory is
  // alpha expected_linear + alpha^2 expected_quadratic (Tassa 2012; sums over the knots). With regularisation or limits
  // that is exact at alpha = 1 only.
  double expected_linear, expected_quadratic;
  double feedforward;  // max over t and i of |k_ti| / (1 + |u_ti|): small where no first-order gain is left
} lb_lqr_report;

// Everything a pass needs besides its results, taken once.
typedef struct lb_lqr lb_lqr;

// A workspace for these sizes, in the arena (nothing to free). horizon >= 1, nu <= LB_BOX_QP_MAX.
lb_lqr* lb_lqr_new(const lb_space* space, int nu, int horizon, lb_arena* arena);

// One pass: lb_lqr_expand, then lb_lqr_backward. about->length must be the horizon, else assert.
lb_lqr_report lb_lqr_pass(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* value, const lb_dynamics* f,
                          const lb_cost* cost, const lb_trajectory* about, const lb_lqr_config* config,
                          lb_counts* counts);

// The expansion about (x, u): all knots are linearised in one call of the model. affine as in lb_lqr_config.
void lb_lqr_expand(lb_lqr* w, const lb_dynamics* f, const lb_cost* cost, const lb_trajectory* about, bool affine);

// The same by a caller that has the derivatives already: where the numbers of the expansion go. All of them are to be
// written (x and u are copied into the policy), the defects where they are asked for, else the trajectory has none; H
// is the last knot, whose lx and lxx are the terminal cost's.
typedef struct lb_lqr_expansion {
  double *x, *u;     // (H + 1, nx), (H, nu)
  double *A, *B;     // (H, ndx, ndx), (H, ndx, nu)
  double* d;         // (H, ndx) defects
  double* stage;     // (H + 1) costs along the trajectory
  double *lx, *lxx;  // (H + 1, ndx), (H + 1, ndx, ndx)
  double *lu, *luu;  // (H, nu), (H, nu, nu)
  double* lux;       // (H, nu, ndx)
} lb_lqr_expansion;
lb_lqr_expansion lb_lqr_fill(lb_lqr* w, bool affine);

// The Riccati recursion on the last expansion: fills policy (nominal, K, k; alpha = 1; the rule is left as it is) and,
// unless NULL, value: the cost-to-go of that policy in the expansion. Adds exactly one to counts->lqr_passes (NULL:
// nowhere). When the outcome is not LB_LQR_DONE, policy and value are void.
lb_lqr_report lb_lqr_backward(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* value, const lb_lqr_config* config,
                              lb_counts* counts);

#endif  // LB_PLAN_LQR_H_
