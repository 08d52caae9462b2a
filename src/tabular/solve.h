// Dynamic programming in a finite MDP: all of it exact, every Bellman backup of a state and an action counted.
//
// Policies are probabilities (times, ns, na), values (T + 1, ns) with V_T = 0, or (ns) without a clock; those of ends
// are 0. What an MDP earns on arrival is in its rewards, not in the values.
#ifndef LB_TABULAR_SOLVE_H_
#define LB_TABULAR_SOLVE_H_

#include "base/arena.h"
#include "core/counts.h"
#include "tabular/mdp.h"

// Q(s, a) = r(s, a) + g sum_s' p(s' | s, a) V(s'), V (ns). One backup, not counted here.
double lb_solve_backup(const lb_mdp* m, int sa, const double* V);

// V of a policy. Without a clock by one linear solve up to 500 states, else by sweeps until the error is below 1e-12 of
// the largest value there can be. counts: NULL: nowhere.
void lb_solve_evaluate(double* V, const lb_mdp* m, const double* pi, lb_counts* counts, lb_arena* scratch);

// The optimal value and a deterministic policy that has it (the first of equal actions); pi may be NULL. Value
// iteration; without a clock until the error is below `tolerance` (absolute), after which V is the last iterate.
// Returns the sweeps made.
int lb_solve_optimal(double* V, double* pi, const lb_mdp* m, double tolerance, lb_counts* counts, lb_arena* scratch);

// The policy that is best by V (T + 1, ns), with a clock, drawn anew among actions that are alike to 1e-9.
void lb_solve_choose(double* pi, const lb_mdp* m, const double* V, lb_rng* rng);

// Policy search by dynamic programming (Bagnell, Kakade, Ng, Schneider 2003) with a clock: for t = T - 1 .. 0, where
// d_t(s) > 0, the action that is best if the policy already chosen acts from t + 1 on; elsewhere pi is left as it is. d
// (T, ns). Only what d reaches in one step, and what follows it under pi, is backed up.
void lb_solve_psdp(double* pi, const lb_mdp* m, const double* d, lb_counts* counts, lb_arena* scratch);

// Where a policy is: with a clock d (T, ns), the probability of being at s at time t in an episode that is not over;
// without one d (ns), sum_t g^t P(s_t = s). Ends have none.
void lb_solve_occupancy(double* d, const lb_mdp* m, const double* pi, lb_arena* scratch);

// sum_s start(s) V_0(s).
double lb_solve_return(const lb_mdp* m, const double* V);

// A deterministic policy from actions (times, ns), and the uniform one.
void lb_solve_actions(double* pi, const lb_mdp* m, const int* actions);
void lb_solve_uniform(double* pi, const lb_mdp* m);

// (1 - share) pi + share uniform: an expert that is right most of the time.
void lb_solve_blur(double* pi, const lb_mdp* m, double share);

#endif  // LB_TABULAR_SOLVE_H_
