// Guesses, expansion, pass, line search: see mpc.h.
#include "plan/mpc.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/space.h"
#include "plan/box_qp.h"
#include "plan/lq_policy.h"
#include "plan/lqr.h"
#include "plan/reward_knots.h"

struct lb_mpc {
  lb_mpc_config config;
  int nx, nu, columns;
  double *low, *high, *middle;
  double* guesses;  // (guesses, H, nu)
  lb_space space;
  lb_lqr* lqr;
  lb_lq_policy policy;
  lb_lqr_expansion knots;

  bool has_plan;
  double mu;
  double *u, *x;   // (H, nu), (H + 1, nx): the best trajectory
  double* reward;  // (H) what its steps earn
  int lasts;       // its steps until the episode ends, or H
  double value;

  // Rollouts side by side: time first, so that a time's samples are together.
  double *U, *X;               // (H, columns, nu), (H + 1, columns, nx)
  double* R;                   // (H, columns)
  bool* ended;                 // (columns) at the time at work
  int* last;                   // (columns) steps that count
  double* total;               // (columns)
  double *gradient, *hessian;  // (H, nx + nu), (H, nx + nu, nx + nu) of the reward
  lb_reward_knots costs;
};

static size_t at(int t, int rows, int cols) {
  return (size_t)t * (size_t)rows * (size_t)cols;
}

lb_mpc_config lb_mpc_default_config(void) {
  return (lb_mpc_config){.horizon = 30,
                         .iterations = 2,
                         .lengths = 8,
                         .guesses = 14,
                         .hold = 5,
                         .mu_initial = 1e-2,
                         .mu_min = 1e-4,
                         .mu_max = 1e4,
                         .mu_factor = 4,
                         .tolerance = 1e-4};
}

// Room for one plan, for the rollouts of all candidates side by side, and for the expansion.
static void take_room(lb_mpc* p, lb_arena* arena) {
  int H = p->config.horizon, nx = p->nx, nu = p->nu, n = p->columns, m = nx + nu;
  p->u = LB_TAKE(arena, double, at(H, nu, 1));
  p->x = LB_TAKE(arena, double, at(H + 1, nx, 1));
  p->reward = LB_TAKE(arena, double, H);
  p->U = LB_TAKE(arena, double, at(H, n, nu));
  p->X = LB_TAKE(arena, double, at(H + 1, n, nx));
  p->R = LB_TAKE(arena, double, at(H, n, 1));
  p->ended = LB_TAKE(arena, bool, n);
  p->last = LB_TAKE(arena, int, n);
  p->total = LB_TAKE(arena, double, n);
  p->gradient = LB_TAKE(arena, double, at(H, m, 1));
  p->hessian = LB_TAKE(arena, double, at(H, m, m));
  p->costs = lb_reward_knots_new(p->nx, p->nu, arena);
}

// Candidates of uniform actions, each held for config.hold steps.
static void draw_guesses(lb_mpc* p, lb_rng* rng) {
  int H = p->config.horizon, nu = p->nu;
  for (int g = 0; g < p->config.guesses; ++g) {
    for (int t = 0; t < H; ++t) {
      double* u = p->guesses + at(g, H, nu) + at(t, nu, 1);
      bool held = t % p->config.hold != 0;
      for (int i = 0; i < nu; ++i) {
        u[i] = held ? u[i - nu] : p->low[i] + lb_rng_uniform(rng) * (p->high[i] - p->low[i]);
      }
    }
  }
}

lb_mpc* lb_mpc_new(const lb_mpc_config* config, int nx, int nu, const double* low, const double* high, lb_rng* rng,
                   lb_arena* arena) {
  const lb_mpc_config* c = config;
  assert(c->horizon >= 1 && c->iterations >= 0 && c->hold >= 1 && nx >= 1 && nu >= 1 && nu <= LB_BOX_QP_MAX);
  assert(c->lengths >= 1 && c->lengths <= LB_MPC_MOST_COLUMNS);
  assert(c->guesses >= 0 && c->guesses <= LB_MPC_MOST_GUESSES);
  assert(c->mu_min > 0 && c->mu_initial >= c->mu_min && c->mu_max >= c->mu_initial && c->mu_factor > 1);
  lb_mpc* p = LB_TAKE(arena, lb_mpc, 1);
  p->config = *c;
  p->nx = nx;
  p->nu = nu;
  p->columns = c->lengths > c->guesses + 2 ? c->lengths : c->guesses + 2;
  p->space = (lb_space){.nx = nx, .ndx = nx};
  p->lqr = lb_lqr_new(&p->space, nu, c->horizon, arena);
  p->knots = lb_lqr_fill(p->lqr, false);
  lb_lq_policy_init(&p->policy, &p->space, nu, c->horizon, arena);
  p->low = LB_TAKE(arena, double, nu);
  p->high = LB_TAKE(arena, double, nu);
  p->middle = LB_TAKE(arena, double, nu);
  for (int i = 0; i < nu; ++i) {
    p->low[i] = low[i];
    p->high[i] = high[i];
    p->middle[i] = 0.5 * (low[i] + high[i]);
  }
  p->guesses = LB_TAKE(arena, double, at(c->guesses, c->horizon, nu));
  draw_guesses(p, rng);
  take_room(p, arena);
  lb_mpc_forget(p);
  return p;
}

void lb_mpc_forget(lb_mpc* p) {
  p->has_plan = false;
  p->mu = p->config.mu_initial;
}

// Steps all n rollouts from X[t] under U[t].
static void advance(lb_mpc* p, const lb_reward_model* model, int t, int n, lb_counts* counts) {
  int nx = p->nx, columns = p->columns;
  double* r = p->R + at(t, columns, 1);
  model->step(model->ctx, n, p->X + at(t, columns, nx), p->U + at(t, columns, p->nu), p->X + at(t + 1, columns, nx), r,
              p->ended);
  if (counts) counts->model_queries += n;
  for (int j = 0; j < n; ++j) {
    if (p->last[j] <= t) continue;  // over before
    p->total[j] += r[j];
    const double* next = p->X + at(t + 1, columns, nx) + at(j, nx, 1);
    for (int i = 0; i < nx; ++i) p->total[j] += 0 * next[i];  // NaN where one is not finite
    if (!isfinite(p->total[j])) p->total[j] = -INFINITY;
    if (p->ended[j] || !isfinite(p->total[j])) p->last[j] = t + 1;
  }
}

// All n rollouts from x. lengths: the controls are those of the policy with these step lengths; NULL: U as it is.
// Returns the best, by return; total and last say how each went.
static int roll(lb_mpc* p, const lb_reward_model* model, const double* x, int n, const double* lengths,
                lb_counts* counts) {
  int H = p->config.horizon, nx = p->nx, nu = p->nu, columns = p->columns, best = 0;
  for (int j = 0; j < n; ++j) {
    memcpy(p->X + at(j, nx, 1), x, (size_t)nx * sizeof(double));
    p->last[j] = H;
    p->total[j] = 0;
  }
  for (int t = 0; t < H; ++t) {
    bool going = false;
    for (int j = 0; j < n && lengths; ++j) {
      double* u = p->U + at(t, columns, nu) + at(j, nu, 1);
      p->policy.alpha = lengths[j];
      lb_policy policy = lb_lq_policy_view(&p->policy);
      lb_policy_act(&policy, 1, t, p->X + at(t, columns, nx) + at(j, nx, 1), u);
      for (int i = 0; i < nu; ++i) u[i] = u[i] < p->low[i] ? p->low[i] : u[i] > p->high[i] ? p->high[i] : u[i];
    }
    advance(p, model, t, n, counts);
    for (int j = 0; j < n; ++j) going = going || p->last[j] > t + 1;
    if (!going) break;
  }
  for (int j = 1; j < n; ++j) best = p->total[j] > p->total[best] ? j : best;
  return best;
}

// Rollout j becomes the best trajectory. Beyond its end the controls are the middle, the states stand still.
static void keep(lb_mpc* p, int j) {
  int H = p->config.horizon, nx = p->nx, nu = p->nu, columns = p->columns;
  p->value = p->total[j];
  p->lasts = p->last[j];
  memcpy(p->x, p->X + at(j, nx, 1), (size_t)nx * sizeof(double));
  for (int t = 0; t < H; ++t) {
    bool counts = t < p->lasts;
    const double* u = counts ? p->U + at(t, columns, nu) + at(j, nu, 1) : p->middle;
    const double* x = counts ? p->X + at(t + 1, columns, nx) + at(j, nx, 1) : p->x + at(t, nx, 1);
    memcpy(p->u + at(t, nu, 1), u, (size_t)nu * sizeof(double));
    memcpy(p->x + at(t + 1, nx, 1), x, (size_t)nx * sizeof(double));
    p->reward[t] = counts ? p->R[at(t, columns, 1) + (size_t)j] : 0;
  }
}

// The best of the moved plan, the middle and the guesses.
static bool begin(lb_mpc* p, const lb_reward_model* model, const double* x, lb_counts* counts) {
  int H = p->config.horizon, nu = p->nu, columns = p->columns, fixed = 1 + p->has_plan;
  int n = p->config.guesses + fixed;
  size_t bytes = (size_t)nu * sizeof(double);
  for (int t = 0; t < H; ++t) {
    double* to = p->U + at(t, columns, nu);
    int moved = t + 1 < H ? t + 1 : t;
    memcpy(to, p->has_plan ? p->u + at(moved, nu, 1) : p->middle, bytes);
    memcpy(to + at(fixed - 1, nu, 1), p->middle, bytes);
    for (int g = 0; g < p->config.guesses; ++g) {
      memcpy(to + at(fixed + g, nu, 1), p->guesses + at(g, H, nu) + at(t, nu, 1), bytes);
    }
  }
  int best = roll(p, model, x, n, NULL, counts);
  if (!isfinite(p->total[best])) return false;
  keep(p, best);
  return true;
}

// The reward's expansion at knot t as that of a cost.
static void write_knot(lb_mpc* p, int t) {
  int m = p->nx + p->nu;
  double *g = p->gradient + at(t, m, 1), *h = p->hessian + at(t, m, m);
  if (t >= p->lasts) {
    memset(g, 0, (size_t)m * sizeof *g);
    memset(h, 0, at(1, m, m) * sizeof *h);
  }
  lb_reward_knots_write(&p->costs, &p->knots, t, p->reward[t], g, h);
}

// The model's slopes and the reward's expansion along the plan, into the knots of the LQR pass.
static void expand(lb_mpc* p, const lb_reward_model* model, lb_counts* counts) {
  int H = p->config.horizon, nx = p->nx, nu = p->nu;
  lb_lqr_expansion* k = &p->knots;
  memcpy(k->x, p->x, at(H + 1, nx, 1) * sizeof(double));
  memcpy(k->u, p->u, at(H, nu, 1) * sizeof(double));
  long queries = model->expand(model->ctx, H, p->x, p->u, p->x + nx, k->A, k->B, p->gradient, p->hessian);
  if (counts) counts->model_queries += queries;
  for (int t = 0; t < H; ++t) write_knot(p, t);
  lb_reward_knots_end(&p->costs, k, H);
}

// One iteration about the best trajectory; false when there is nothing more to gain.
static bool improve(lb_mpc* p, lb_mpc_report* report, const lb_reward_model* model, const double* x,
                    lb_counts* counts) {
  const lb_mpc_config* c = &p->config;
  lb_lqr_config config = {.mu_control = p->mu, .limits = {p->low, p->high}};
  lb_lqr_report pass = lb_lqr_backward(p->lqr, &p->policy, NULL, &config, counts);
  report->iterations += 1;
  bool better = false, over = pass.outcome == LB_LQR_NOT_FINITE;
  if (pass.outcome == LB_LQR_DONE) {
    double lengths[LB_MPC_MOST_COLUMNS];
    over = -(pass.expected_linear + pass.expected_quadratic) <= c->tolerance * (1 + fabs(p->value));
    if (over) return false;
    for (int i = 0; i < c->lengths; ++i) lengths[i] = ldexp(1, -i);
    int best = roll(p, model, x, c->lengths, lengths, counts);
    better = p->total[best] > p->value;
    if (better) keep(p, best);
  }
  p->mu = better ? fmax(c->mu_min, p->mu / c->mu_factor) : fmin(c->mu_max, p->mu * c->mu_factor);
  report->accepted += better;
  return !over;
}

lb_mpc_report lb_mpc_act(lb_mpc* p, double* u, const lb_reward_model* model, const double* x, lb_counts* counts) {
  lb_mpc_report report = {.value = -INFINITY, .start = -INFINITY};
  assert(model->nx == p->nx && model->nu == p->nu);
  memcpy(u, p->middle, (size_t)p->nu * sizeof *u);
  if (!begin(p, model, x, counts)) {
    lb_mpc_forget(p);
    return report;
  }
  p->has_plan = true;
  report.start = p->value;
  int expanded = -1;  // how many steps were accepted before the last expansion
  for (int i = 0; i < p->config.iterations; ++i) {
    if (expanded != report.accepted) expand(p, model, counts);
    expanded = report.accepted;
    if (!improve(p, &report, model, x, counts)) break;
  }
  report.value = p->value;
  memcpy(u, p->u, (size_t)p->nu * sizeof *u);
  return report;
}

const double* lb_mpc_controls(const lb_mpc* p) {
  return p->u;
}

const double* lb_mpc_states(const lb_mpc* p) {
  return p->x;
}

int lb_mpc_nstate(const lb_mpc* p) {
  return 2 + p->config.horizon * p->nu;
}

void lb_mpc_get_state(const lb_mpc* p, double* state) {
  state[0] = p->has_plan;
  state[1] = p->mu;
  memcpy(state + 2, p->u, at(p->config.horizon, p->nu, 1) * sizeof *state);
}

const char* lb_mpc_set_state(lb_mpc* p, const double* state) {
  if (state[0] < 0 || state[0] > 1) return "whether there is a plan";
  if (state[1] < p->config.mu_min || state[1] > p->config.mu_max) return "the regularisation of the plan";
  p->has_plan = state[0] > 0;
  p->mu = state[1];
  memcpy(p->u, state + 2, at(p->config.horizon, p->nu, 1) * sizeof *state);
  return NULL;
}
