// The prediction error of every member of the helicopter family on any number of transitions, from 113 numbers.
//
// In body axes the velocity error is linear in the seven ratios force / mass and gravity, the rate error of each axis
// is linear in the three ratios torque / inertia, and the other six components do not depend on theta. So the sum of
// squares over the data is |R_v d_v|^2 + sum_axis |R_axis d_axis|^2 + a constant, where d = (ratios of theta - ratios
// of the truth, 1) and R is the triangular factor of the stacked regressors and the truth's own errors. Each transition
// is rotated into the factors (Givens; Golub and Van Loan, section 6.5): nothing is squared and nothing cancels, so a
// loss near the noise floor is as exact as the errors themselves.
#ifndef LB_TASK_HELICOPTER_2023_SUMS_H_
#define LB_TASK_HELICOPTER_2023_SUMS_H_

#include "task/helicopter_2023_map.h"

enum {
  LB_HELI_VELOCITY_COLUMNS = 8,  // drag x; bias, drag y; bias, drag, collective z; gravity; the truth's error
  LB_HELI_RATE_COLUMNS = 4,      // bias, damping, gain; the truth's error
  LB_HELI_NSUMS = 1 + 8 * 8 + 3 * 4 * 4,
  LB_HELI_NRESIDUAL = 7 + 3 * 3
};

// The three functions of core/family.h; ctx is not used. sums: all zero before the first transition.
void lb_heli_sums_absorb(void* ctx, double* sums, int n, const double* x, const double* u, const double* x_next);
double lb_heli_sums_loss(void* ctx, const double* sums, double count, const double* theta);
void lb_heli_sums_residual(void* ctx, const double* sums, const double* theta, double* r);

#endif  // LB_TASK_HELICOPTER_2023_SUMS_H_
