// A parametric family of one-step maps x' = f(x, u; theta) to which a true system belongs: what the parametric model
// fits. A task offers it (its equations, or its MuJoCo model with some fields unknown); stepping a member is imagining,
// never a real step.
#ifndef LB_CORE_FAMILY_H_
#define LB_CORE_FAMILY_H_

#include <stdbool.h>

#include "core/space.h"

typedef struct lb_family {
  int nparam;
  const char* const* names;  // (nparam)
  const double* truth;       // (nparam) the real system's own values
  const double* prior_low;   // (nparam) the initial guess is truth + uniform[low, high), drawn once a run
  const double* prior_high;
  const lb_space* space;
  int nu;
  void* ctx;

  // A member with its own workspace, at theta = truth; NULL when memory is short.
  void* (*member_new)(void* ctx);
  void (*member_free)(void* member);
  // Sets theta (nparam); false, and no change, where the family has no member (a mass <= 0, a NaN).
  bool (*member_set)(void* member, const double* theta);
  // As in core/dynamics.h, on the member.
  void (*step)(void* member, int n, const int* t, const double* x, const double* u, double* x_next);
  long (*linearize)(void* member, int n, const int* t, const double* x, const double* u, double* A, double* B);

  // Optional (all NULL or all set): a family whose squared prediction error depends on the data only through sums of a
  // fixed size. `absorb` adds n transitions to sums (nsums); `loss` is the *mean* over the `count` absorbed transitions
  // of |f(x, u; theta) - x'|^2; `residual` writes r (nresidual) with |r|^2 = count * loss - (a part without theta).
  int nsums, nresidual;
  void (*absorb)(void* ctx, double* sums, int n, const double* x, const double* u, const double* x_next);
  double (*loss)(void* ctx, const double* sums, double count, const double* theta);
  void (*residual)(void* ctx, const double* sums, const double* theta, double* r);
} lb_family;

#endif  // LB_CORE_FAMILY_H_
