// The published helicopter as a family of maps in its 20 parameters, which the true system belongs to.
#ifndef LB_TASK_HELICOPTER_2023_FAMILY_H_
#define LB_TASK_HELICOPTER_2023_FAMILY_H_

#include "core/dynamics.h"
#include "core/family.h"
#include "core/space.h"
#include "task/helicopter_2023_map.h"

// A constant object. A member is refused only where a parameter is not finite or a mass or inertia is 0: the published
// fit knows no sign constraint, and a negative inertia with negated torques is the same map.
const lb_family* lb_heli_family(void);

// The plain vector space of 12 numbers.
const lb_space* lb_heli_space(void);

// As in core/dynamics.h, for the map with these ratios (which a member is, too): n steps, and central differences.
void lb_heli_steps(void* ratios, int n, const int* t, const double* x, const double* u, double* x_next);
long lb_heli_linearize(void* ratios, int n, const int* t, const double* x, const double* u, double* A, double* B);

#endif  // LB_TASK_HELICOPTER_2023_FAMILY_H_
