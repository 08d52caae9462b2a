// The prediction error of a family on data as a vector r(z) of which a fit minimises the length; z = theta / scale. For
// a family with sums r has its few entries and leaves out the part without theta; else r stacks the errors of all
// transitions in the tangent spaces at x'.
#ifndef LB_MODEL_RESIDUAL_H_
#define LB_MODEL_RESIDUAL_H_

#include <stdbool.h>
#include <stdint.h>

#include "core/batch.h"
#include "core/family.h"

// The fields are open; whoever fills them owns what they point at.
typedef struct lb_residual {
  const lb_family* family;
  void* member;         // stepped at will
  const double* scale;  // (nparam)
  double difference;    // step in z
  const double* sums;   // NULL: stack the errors of `data`
  lb_batch data;
  double* theta;   // (nparam) scratch
  double* x_next;  // (data.n, nx) scratch
  // What it cost so far.
  int evaluations;
  int64_t queries;
} lb_residual;

int lb_residual_rows(const lb_residual* p);

// r (rows) at z (nparam). False, and r void, where the family has no member or r is not finite.
bool lb_residual_at(lb_residual* p, double* r, const double* z);

// J (nparam, rows): row j is d r / d z_j. r is the residual at z, else not read: forward differences where an
// evaluation steps through data (backward ones at the edge of the domain, 0 beyond both), central ones where sums make
// it cheap. z is moved on the way and restored; scratch: rows numbers.
void lb_residual_jacobian(lb_residual* p, double* J, double* z, const double* r, double* scratch);

#endif  // LB_MODEL_RESIDUAL_H_
