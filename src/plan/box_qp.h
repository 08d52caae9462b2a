// min 1/2 u^T Q u + q^T u  subject to  low <= u <= high, by projected Newton steps (Bertsekas 1982; as used inside
// differential dynamic programming by Tassa, Mansard, Todorov 2014, "Control-limited differential dynamic
// programming"). MuJoCo's mju_boxQP solves the same problem and is the oracle of the tests; it ends the program where
// a control has no room (low = high), and this room links no MuJoCo.
#ifndef LB_PLAN_BOX_QP_H_
#define LB_PLAN_BOX_QP_H_

#include <stdbool.h>

enum { LB_BOX_QP_MAX = 32 };  // most controls

typedef struct lb_box_qp {
  bool ok;                  // false: Q is not positive definite on the free directions, or numbers are not finite
  int iterations;           // Newton steps
  int nfree;                // controls that no limit holds at the solution
  int free[LB_BOX_QP_MAX];  // their indices, ascending
  double L[LB_BOX_QP_MAX * LB_BOX_QP_MAX];  // (nfree, nfree) Cholesky factor of Q on them
} lb_box_qp;

// u (n) is the start on entry (any finite point; it is clamped) and the solution on return. Q (n, n) symmetric, q (n),
// low <= high (n), infinities allowed. n <= LB_BOX_QP_MAX.
void lb_box_qp_solve(lb_box_qp* result, double* u, const double* Q, const double* q, const double* low,
                     const double* high, int n);

#endif  // LB_PLAN_BOX_QP_H_
