// A linear system that changes from step to step, x' = A_t x + B u, by turns (Vemula et al. 2023), without noise:
//   minimise  sum_t r u_t^2 / 2 + q |x_H|^2 / 2
// and the same with the parameters of a time-invariant model, which is never right.
#ifndef LB_TASK_LDS_SYSTEM_H_
#define LB_TASK_LDS_SYSTEM_H_

#include "base/status.h"
#include "core/cost.h"
#include "core/dynamics.h"
#include "core/system.h"

enum { LB_LDS_N = 5, LB_LDS_PARAMS = LB_LDS_N * (LB_LDS_N + 1), LB_LDS_H = 100 };

typedef struct lb_lds_problem {
  double A[2][LB_LDS_N][LB_LDS_N];  // at even and at odd times
  double B[LB_LDS_N];
  double x0[LB_LDS_N];
  double r, q;
  double stop;  // a learner's rollout that data come from ends where |x| exceeds this
} lb_lds_problem;

// As published: A_t = 0.5 I and 1.5 I by turns, B = e_1, x_0 = 0.1, r = q = 1. The state shrinks by itself: doing
// nothing costs 21 % more than the optimum.
lb_lds_problem lb_lds_published(void);
// Another one, where it is expensive to do nothing: the coordinate that is controlled grows, by 0.7 and 1.6 by turns,
// and is pushed by the others, which shrink as before; r = 0.1; rollouts end at |x| = 10. The optimum costs
// 1/10,000,000 of doing nothing.
lb_lds_problem lb_lds_growing(void);

// The real system, or a time-invariant model (theta; NULL: the real one), and the cost, as planners see them. All must
// stay where they are.
typedef struct lb_lds_view {
  const lb_lds_problem* problem;
  const double* theta;
  lb_dynamics f;
  lb_cost cost;
} lb_lds_view;
void lb_lds_view_init(lb_lds_view* view, const lb_lds_problem* problem, const double* theta);

// What a name of these systems is, in a line ("lds", "lds-growing", "linear-psdp"); NULL: it is none.
const char* lb_lds_description(const char* name);

// Opens one, with a cost, its truth and no reference; free it with lb_system_free.
lb_status lb_lds_open(lb_system** out, const char* name);

#endif  // LB_TASK_LDS_SYSTEM_H_
