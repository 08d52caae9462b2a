// The nose-in funnel of Ross & Bagnell, "Agnostic System Identification for Model-Based Reinforcement Learning" (ICML
// 2012): a circle flown sideways while the nose points at its centre. On the discrete control-rate map f it is a
// relative equilibrium: with g the rotation by one step's angle about the vertical through the centre, f(x_0, u) = g
// x_0, and then x_t = g^t x_0 with constant controls is a trajectory of f, since f commutes with g.
//
// It is solved for, not integrated: the position is fixed on the circle and the heading at its centre; what is left of
// the state (roll, pitch, velocity, rates) and the four controls are twelve unknowns for the twelve equations, by
// Newton's method. Assumes a single free joint, z up, x forward, the centre of mass at the body's origin.
#ifndef LB_TASK_FUNNEL_H_
#define LB_TASK_FUNNEL_H_

#include "base/arena.h"
#include "base/status.h"
#include "core/trajectory.h"
#include "phys/phys_model.h"
#include "phys/sim.h"

typedef struct lb_funnel_config {
  double radius;   // m
  int horizon;     // control steps of the trajectory
  double turns;    // in that time, counter-clockwise seen from above
  int iterations;  // Newton's, at most
} lb_funnel_config;

// Radius 5 m, one turn in 150 steps (of 0.05 s: 7.5 s, 4.2 m/s, a centripetal acceleration of 3.5 m/s^2).
lb_funnel_config lb_funnel_default_config(void);

typedef struct lb_funnel_report {
  int iterations;
  double residual;  // largest |f(x_0, u) - g x_0| in the tangent space
} lb_funnel_report;

// The trajectory (x (horizon + 1, 13), u (horizon, 4)) in the arena. The centre is the origin, the start (radius, 0,
// 0). LB_INPUT for a model of another kind; LB_DIVERGED when no solution to 1e-10 is found.
lb_status lb_funnel_reference(lb_trajectory* out, lb_funnel_report* report, lb_arena* arena, const lb_phys_model* model,
                              const lb_phys_rate* rate, const lb_funnel_config* config);

#endif  // LB_TASK_FUNNEL_H_
