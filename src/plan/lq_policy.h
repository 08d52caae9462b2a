// Time-varying affine feedback about a nominal trajectory, and the quadratic cost-to-go that belongs to it.
//
//   LB_RULE_TEXTBOOK  u = u_t + alpha k_t + K_t (x (-) x_t)                 (Li & Todorov 2004; Tassa et al. 2012)
//   LB_RULE_2023      u = (1 - alpha) u_t + alpha k_t + K_t (x - (1 - alpha) x_t)
//
// with (-) the difference of the space (core/space.h). The second rule is the one of the authors' program (Vemula et
// al. 2023): it drops alpha (u_t - K_t x_t), so it is the first rule only about a nominal trajectory at the origin. It
// needs a plain vector space. Both are the same at alpha = 0.
#ifndef LB_PLAN_LQ_POLICY_H_
#define LB_PLAN_LQ_POLICY_H_

#include "base/arena.h"
#include "core/policy.h"
#include "core/space.h"
#include "core/value.h"

typedef enum lb_update_rule { LB_RULE_TEXTBOOK, LB_RULE_2023 } lb_update_rule;

// The fields are open: planners write them, checkpoints store them. The arrays are the arena's.
typedef struct lb_lq_policy {
  const lb_space* space;
  int nu, horizon;
  lb_update_rule rule;
  double alpha;       // length of the feed-forward step, 0..1
  double* x_nominal;  // (H + 1, nx)
  double* u_nominal;  // (H, nu)
  double* K;          // (H, nu, ndx)
  double* k;          // (H, nu)
  double* dx;         // (ndx) scratch of act, so one policy serves one thread
} lb_lq_policy;

// Zero gains about a zero nominal trajectory, alpha = 1, textbook rule; the space must outlive the policy.
void lb_lq_policy_init(lb_lq_policy* p, const lb_space* space, int nu, int horizon, lb_arena* arena);

// Makes dst equal to src; both have the same sizes.
void lb_lq_policy_copy(lb_lq_policy* dst, const lb_lq_policy* src);

// A view of the policy that reads states; valid as long as p. Times beyond the horizon use everything of the last knot.
lb_policy lb_lq_policy_view(lb_lq_policy* p);

// The policy behind a view, or NULL when the view is of another kind of policy.
const lb_lq_policy* lb_lq_policy_of(const lb_policy* view);

// Numbers in a stored policy, and its way into and out of a plain array (alpha and the rule are among them). Loading
// ignores nothing: the array must come from a policy of the same sizes.
int lb_lq_policy_nstate(const lb_lq_policy* p);
void lb_lq_policy_save(const lb_lq_policy* p, double* state);
void lb_lq_policy_load(lb_lq_policy* p, const double* state);

// V_t(x) = c_t + p_t . dx + dx^T P_t dx / 2 with dx = x (-) x_nominal_t; beyond the horizon the last knot's.
typedef struct lb_lq_value {
  const lb_space* space;
  int horizon;
  double* x_nominal;  // (H + 1, nx)
  double* P;          // (H + 1, ndx, ndx) symmetric
  double* p;          // (H + 1, ndx)
  double* c;          // (H + 1)
  double* scratch;    // of one state
} lb_lq_value;

// The zero function; the space must outlive it.
void lb_lq_value_init(lb_lq_value* v, const lb_space* space, int horizon, lb_arena* arena);
void lb_lq_value_copy(lb_lq_value* dst, const lb_lq_value* src);
lb_value lb_lq_value_view(lb_lq_value* v);

// As for the policy above.
int lb_lq_value_nstate(const lb_lq_value* v);
void lb_lq_value_save(const lb_lq_value* v, double* state);
void lb_lq_value_load(lb_lq_value* v, const double* state);

#endif  // LB_PLAN_LQ_POLICY_H_
