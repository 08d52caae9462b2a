// Projected Newton: the controls at a limit whose gradient points outwards are held, a Newton step is taken in the
// others, and an Armijo search runs along the projected path.
#include "plan/box_qp.h"

#include <assert.h>
#include <math.h>

#include "linalg/chol.h"
#include "linalg/mat.h"

// Armijo's share of the expected gain; the shortest step is 2^-40; a convex problem does not reach MAX_STEPS.
#define ARMIJO 0.1
enum { MAX_HALVINGS = 40, MAX_STEPS = 100 };

typedef struct problem {
  const double *Q, *q, *low, *high;
  int n;
} problem;

static double clamped(const problem* b, int i, double u) {
  return fmin(fmax(u, b->low[i]), b->high[i]);
}

// Qu (n) = Q u; returns the objective.
static double objective(const problem* b, double* Qu, const double* u) {
  lb_mat_vec(Qu, b->Q, u, b->n, b->n, 1, 0);
  return 0.5 * lb_mat_dot(Qu, u, b->n) + lb_mat_dot(b->q, u, b->n);
}

// Sets the free controls at u; true when the set differs from the one before.
static bool find_free(lb_box_qp* r, const problem* b, const double* u, const double* gradient) {
  bool changed = false;
  int n = 0;
  for (int i = 0; i < b->n; ++i) {
    bool held =
        (u[i] <= b->low[i] && gradient[i] > 0) || (u[i] >= b->high[i] && gradient[i] < 0) || b->low[i] >= b->high[i];
    if (held) continue;
    changed = changed || n >= r->nfree || r->free[n] != i;
    r->free[n++] = i;
  }
  changed = changed || n != r->nfree;
  r->nfree = n;
  return changed;
}

// L of Q restricted to the free controls. False where that is not positive definite.
static bool factor(lb_box_qp* r, const problem* b) {
  int m = r->nfree;
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) r->L[i * m + j] = b->Q[r->free[i] * b->n + r->free[j]];
  }
  return lb_chol_factor(r->L, m);
}

// One step from u, whose Q u and objective are given and are updated. False when nothing was gained.
static bool step(const lb_box_qp* r, const problem* b, double* u, double* Qu, double* value) {
  double direction[LB_BOX_QP_MAX], trial[LB_BOX_QP_MAX], Qtrial[LB_BOX_QP_MAX];
  double slope = 0;
  for (int i = 0; i < r->nfree; ++i) direction[i] = -(b->q[r->free[i]] + Qu[r->free[i]]);
  lb_chol_solve(direction, r->L, r->nfree, 1);
  for (int i = 0; i < r->nfree; ++i) slope += direction[i] * (b->q[r->free[i]] + Qu[r->free[i]]);
  double length = 1;
  for (int halvings = 0; halvings < MAX_HALVINGS; ++halvings, length *= 0.5) {
    for (int i = 0; i < b->n; ++i) trial[i] = u[i];
    for (int i = 0; i < r->nfree; ++i) {
      int j = r->free[i];
      trial[j] = clamped(b, j, u[j] + length * direction[i]);
    }
    double now = objective(b, Qtrial, trial);
    if (!(now < *value) || now - *value > ARMIJO * length * slope) continue;
    for (int i = 0; i < b->n; ++i) {
      u[i] = trial[i];
      Qu[i] = Qtrial[i];
    }
    *value = now;
    return true;
  }
  return false;
}

void lb_box_qp_solve(lb_box_qp* result, double* u, const double* Q, const double* q, const double* low,
                     const double* high, int n) {
  assert(n >= 1 && n <= LB_BOX_QP_MAX);
  problem b = {Q, q, low, high, n};
  double Qu[LB_BOX_QP_MAX], gradient[LB_BOX_QP_MAX];
  result->ok = false;
  result->nfree = -1;
  for (int i = 0; i < n; ++i) u[i] = clamped(&b, i, u[i]);
  double value = objective(&b, Qu, u);
  if (!isfinite(value)) return;
  for (result->iterations = 0;; ++result->iterations) {
    double largest = 0, scale = 0;
    for (int i = 0; i < n; ++i) gradient[i] = q[i] + Qu[i];
    if (find_free(result, &b, u, gradient) && !factor(result, &b)) return;
    for (int i = 0; i < n; ++i) scale = fmax(scale, fabs(q[i]) + fabs(Qu[i]));
    for (int i = 0; i < result->nfree; ++i) largest = fmax(largest, fabs(gradient[result->free[i]]));
    if (largest <= 1e-14 * scale || result->iterations == MAX_STEPS) break;
    if (!step(result, &b, u, Qu, &value)) break;
  }
  result->ok = true;
}
