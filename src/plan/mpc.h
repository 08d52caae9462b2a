// Receding-horizon control by iterative LQR, for reward: at every step a sequence of controls is planned in a model
// from the state that the real system is in, its first control is applied, and the rest, moved one step on, is where
// the next plan begins (its last control is repeated).
//
//   max over u_0..u_{H-1} of  sum_{t<H} r(x_t, u_t),  x_{t+1} = f(x_t, u_t),  low <= u_t <= high,
//
// where nothing is earned after a step that ends the episode. There is no value beyond the horizon.
//
// A plan is a small number of iterations of iLQR with control limits (Tassa, Mansard, Todorov 2014): the expansion of
// model and reward along the best trajectory so far, a Riccati pass, a line search. The Hessian of the reward is
// brought to its nearest negative semidefinite one (its eigenvalues above 0 become 0), so that with the regularisation
// mu > 0 of the controls every pass has a solution; mu goes on from plan to plan, up after an iteration that found
// nothing better and down after one that did.
//
// Networks do sixteen samples in the time of one, so rollouts go side by side: all step lengths of a line search, of
// which the best is taken; and, at the beginning of a plan, besides the moved plan a few guesses, which are a way out
// where it has come to a local optimum (a pendulum at rest): the controls at the middle of their limits, and fixed
// sequences of random ones, each held for some steps.
#ifndef LB_PLAN_MPC_H_
#define LB_PLAN_MPC_H_

#include "base/arena.h"
#include "base/rng.h"
#include "core/counts.h"
#include "core/reward_model.h"

enum { LB_MPC_MOST_COLUMNS = 64, LB_MPC_MOST_GUESSES = LB_MPC_MOST_COLUMNS - 2 };

typedef struct lb_mpc_config {
  int horizon;     // steps, >= 1
  int iterations;  // of iLQR a plan, >= 0; 0: the best guess
  int lengths;     // step lengths 1, 1/2, 1/4, ... of a line search, 1..LB_MPC_MOST_COLUMNS
  int guesses;     // random sequences beside the moved plan and the middle, 0..LB_MPC_MOST_GUESSES
  int hold;        // steps for which a random control is held, >= 1
  double mu_initial, mu_min, mu_max,
      mu_factor;     // 0 < mu_min <= mu_initial <= mu_max, mu_factor > 1; reward / control^2
  double tolerance;  // an iteration whose step would gain no more than this share of 1 + |return| is the last
} lb_mpc_config;

// Horizon 30, 2 iterations, 8 lengths, 14 guesses held for 5 steps, mu from 1e-2 within [1e-4, 1e4] by a factor 4,
// tolerance 1e-4.
lb_mpc_config lb_mpc_default_config(void);

typedef struct lb_mpc_report {
  double value;    // return of the plan in the model; -INFINITY: every guess leaves the finite numbers
  double start;    // of the best guess
  int iterations;  // backward passes made
  int accepted;    // iterations that found a better trajectory
} lb_mpc_report;

typedef struct lb_mpc lb_mpc;

// A planner for models of nx states and nu controls within low..high (nu; finite, copied), in the arena. rng draws the
// guesses, once; 1 <= nu <= LB_BOX_QP_MAX.
lb_mpc* lb_mpc_new(const lb_mpc_config* config, int nx, int nu, const double* low, const double* high, lb_rng* rng,
                   lb_arena* arena);

// Forgets the plan: a new episode, or another model.
void lb_mpc_forget(lb_mpc* p);

// The control u (nu) at x (nx), by a new plan. Where no plan is finite, the middle of the limits. Backward passes and
// steps of the model are counted (NULL: nowhere). Allocates nothing.
lb_mpc_report lb_mpc_act(lb_mpc* p, double* u, const lb_reward_model* model, const double* x, lb_counts* counts);

// The last plan: controls (H, nu) and the states (H + 1, nx) to which they lead in the model, the planner's own.
const double* lb_mpc_controls(const lb_mpc* p);
const double* lb_mpc_states(const lb_mpc* p);

// What the next plan depends on, besides model and state, as nstate numbers, and back; set_state returns NULL, or what
// of them get_state cannot have given (static text).
int lb_mpc_nstate(const lb_mpc* p);
void lb_mpc_get_state(const lb_mpc* p, double* state);
const char* lb_mpc_set_state(lb_mpc* p, const double* state);

#endif  // LB_PLAN_MPC_H_
