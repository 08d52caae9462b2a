// The quadratic tracking cost of a task: 0.5 dx' Wx dx + 0.5 du' Wu du with dx = x - x_ref(t) in the tangent space at
// x_ref(t), du = u - u_ref(t), diagonal weights; at the end 0.5 dx' We dx. For a rotation dx is the rotation vector
// from the reference to x. Derivatives are taken in the tangent space at x: the gradient is exact, Hessians are
// Gauss-Newton, J' W J with J = d dx / d(displacement of x), which on a rotation is the inverse right Jacobian of
// SO(3).
#ifndef LB_TASK_QUADRATIC_H_
#define LB_TASK_QUADRATIC_H_

#include "base/arena.h"
#include "core/cost.h"
#include "core/space.h"
#include "core/trajectory.h"
#include "task/spec.h"

// A cost that lives in the arena; the space, the spec and the reference must live as long. Not for two threads at once.
lb_cost* lb_quadratic_new(lb_arena* arena, const lb_task_spec* spec, const lb_space* space,
                          const lb_trajectory* reference);

// J (3, 3) = d log(exp(phi) exp(e)) / d e at e = 0.
void lb_quadratic_rotation_jacobian(double J[9], const double phi[3]);

#endif  // LB_TASK_QUADRATIC_H_
