// Lazy planning for reward: policy search by dynamic programming (plan/psdp.h) in the linear-quadratic expansion of a
// model about recorded demonstrations. Along each of them, backward in time from its end, the control is chosen that is
// best at the expert's state if the controls already chosen act afterwards: one Riccati pass, nothing is rolled out,
// nothing is searched for. With x_t, u_t the expert's states and controls it gives
//
//   u = u_t + k_t + K_t (x - x_t),  within the limits,
//
// where the difference between the model's next state and the expert's, the model's error, is fed forward (affine
// terms), and limits and the reward's curvature are treated as in plan/mpc.h. Passes are made when the model changes,
// and none when the policy acts. An end is not planned for: the expert did not meet one, and it has no slope.
//
// How far from the expert. PSDP's bound grows with the distance of the new policy's states from the expert's (Bagnell
// et al. 2003), and the expansion holds near them; there is no line search that would notice where either is left. So
// the pass is held back where it leaves the expert's states, not by small controls alone, in each number's own scale,
// its standard deviation over the demonstrations: a step that moves the next state costs mu_state / 2 times its square
// (in K and k, plan/lqr.h), and k_t by itself moves it by no more than `reach`. Without the two, k is as long as the
// limits allow, K is 0 where it is, and what they lead to is nobody's plan.
//
// Which knot acts. PSDP's policy for time t is made for the expert's states at time t, of which each demonstration
// holds one: at x the knot whose state is the nearest has been planned for what is closest to x. Knots of other times
// are as good where neither system nor reward know the time, and better for a learner that the expert's clock has left
// behind; so at every step the nearest of all knots acts whose time differs from the episode's by no more than `window`
// (0: PSDP to the letter). One with only a few steps to go in its demonstration knows nothing of what comes later, and
// is left out while the episode has more: it must have as many to go as the episode has left, or `horizon` (a
// demonstration that is shorter offers its first knot). Distances are Euclidean in the states' own scales.
//
// States are a plain vector space, as those of models of observations are; an angle is observed by its sine and cosine
// where it can turn round. With a planner's own trajectories in the expert's place this is a trajectory library (Stolle
// & Atkeson 2006).
#ifndef LB_PLAN_LAZY_H_
#define LB_PLAN_LAZY_H_

#include "base/arena.h"
#include "core/counts.h"
#include "core/reward_model.h"
#include "core/trajectory.h"

typedef struct lb_lazy_config {
  int horizon;        // steps to go that a knot must have, >= 1
  int window;         // steps by which its time may differ from the episode's, >= 0
  double mu_control;  // added to the diagonal of the controls' Hessian, > 0; reward / control^2
  double mu_state;    // >= 0; reward / (standard deviation of a state)^2
  double reach;       // > 0, standard deviations of a state; INFINITY: however far
} lb_lazy_config;

// Horizon 25, a window of all times, mu_control 1e-2 (that of plan/mpc.h), mu_state 1, reach 0.1.
lb_lazy_config lb_lazy_default_config(void);

typedef struct lb_lazy_report {
  int passes;
  int failed;  // passes that left the finite numbers: the expert's controls remain, without feedback
} lb_lazy_report;

typedef struct lb_lazy lb_lazy;

// A planner about n >= 1 demonstrations of at least one step each, which outlive it, for models of nx states and nu
// controls within low..high (nu; finite, copied), in the arena; 1 <= nu <= LB_BOX_QP_MAX. Before the first plan the
// expert's controls act, within the limits.
lb_lazy* lb_lazy_new(const lb_lazy_config* config, int nx, int nu, const double* low, const double* high,
                     const lb_trajectory* demos, int n, lb_arena* arena);

// A pass about each demonstration. Passes and steps of the model are counted (NULL: nowhere). Allocates nothing.
lb_lazy_report lb_lazy_plan(lb_lazy* p, const lb_reward_model* model, lb_counts* counts);

// The control u (nu) at x (nx) at time t of an episode that has to_go >= 1 steps left. Asks the model nothing.
void lb_lazy_act(const lb_lazy* p, double* u, const double* x, int t, int to_go);

// The knot that acts there: a demonstration, and its *time.
int lb_lazy_nearest(const lb_lazy* p, int* time, const double* x, int t, int to_go);

// Its feedback: k (nu) and K (nu, nx), the planner's own.
void lb_lazy_feedback(const lb_lazy* p, const double** k, const double** K, int demo, int t);

#endif  // LB_PLAN_LAZY_H_
