// Model, reward and end put together: see planning.h.
#include "algo/planning.h"

#include <assert.h>
#include <string.h>

#include "algo/online.h"
#include "plan/box_qp.h"
#include "plan/reward_expansion.h"

// A kink of a reward is as wide as this share of an observation, or of one of its units.
#define REWARD_STEP 1e-2

struct lb_planning {
  lb_system* system;
  lb_dynamics mean;
  lb_neural* neural;
  lb_reward_source source;
  int most;
  lb_reward_model model;
  lb_transition_reward reward;
  lb_reward_expansion* expansion;
  double* predicted;     // (most, nobs + 1) by the ensemble
  double *state, *next;  // (most, nx) restored
  double* control;       // (most, nu) within the system's limits
};

lb_status lb_planning_check(const lb_system* s, lb_reward_source source) {
  if (s->nu > LB_BOX_QP_MAX) {
    return lb_fail(LB_INPUT, "%s has %d controls, iLQR plans for at most %d", s->name, s->nu, (int)LB_BOX_QP_MAX);
  }
  return source == LB_REWARD_LEARNED ? lb_ok() : lb_planning_check_known(s);
}

lb_status lb_planning_check_known(const lb_system* s) {
  if (!s->imagine) {
    return lb_fail(LB_INPUT,
                   "%s has a cost and no reward of its own terms; a planner of rewards has nothing to plan for",
                   s->name);
  }
  if (s->restore_next) return lb_ok();
  return lb_fail(
      LB_INPUT,
      "%s: its observation does not determine its reward, so the task's own terms cannot be planned for in a "
      "model of observations; a row with \"reward\": \"learned\" can",
      s->name);
}

// The task's own word on at most `most` transitions; reward and ended may be NULL.
static void judge(lb_planning* p, int n, const double* x, const double* u, const double* x_next, double* reward,
                  bool* ended) {
  lb_system* s = p->system;
  if (ended) memset(ended, 0, (size_t)n * sizeof *ended);
  if (!s->restore || !s->imagine || !(reward || ended)) return;
  if (reward) {
    s->restore(s->self, p->state, n, x);
    s->restore_next(s->self, p->next, p->state, n, x_next);
    lb_online_scale(s, p->control, u, n);
  } else {
    s->restore(s->self, p->next, n, x_next);
  }
  lb_imagined wanted = {.reward = reward, .terminated = ended};
  s->imagine(s->self, &wanted, n, reward ? p->state : NULL, reward ? p->control : NULL, p->next);
}

static void known_reward(void* ctx, int n, const double* x, const double* u, const double* x_next, double* reward) {
  lb_planning* p = ctx;
  int nobs = p->model.nx, nu = p->model.nu;
  for (int at = 0, part; at < n; at += part) {
    part = n - at < p->most ? n - at : p->most;
    judge(p, part, x + (long)at * nobs, u + (long)at * nu, x_next + (long)at * nobs, reward + at, NULL);
  }
}

static void step(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward, bool* ended) {
  lb_planning* p = ctx;
  int nobs = p->model.nx;
  assert(n <= p->most);
  if (p->source == LB_REWARD_KNOWN) {
    p->mean.step(p->mean.ctx, n, NULL, x, u, x_next);
    judge(p, n, x, u, x_next, reward, ended);
    return;
  }
  lb_neural_predict(p->neural, -1, p->predicted, NULL, x, u, n);
  for (int j = 0; j < n; ++j) {
    memcpy(x_next + (long)j * nobs, p->predicted + (long)j * (nobs + 1), (size_t)nobs * sizeof *x_next);
    reward[j] = p->predicted[(long)j * (nobs + 1) + nobs];
  }
  judge(p, n, x, u, x_next, NULL, ended);
}

static long expand(void* ctx, int n, const double* x, const double* u, const double* x_next, double* A, double* B,
                   double* gradient, double* hessian) {
  lb_planning* p = ctx;
  long queries = p->mean.linearize(p->mean.ctx, n, NULL, x, u, A, B);
  if (p->source == LB_REWARD_KNOWN) {
    lb_reward_expansion_take(p->expansion, gradient, hessian, &p->reward, n, x, u, x_next, A, B);
    return queries;
  }
  lb_neural_reward_expansion(p->neural, gradient, hessian, x, u, n);
  return queries + (long)n * (1 + 2 * (p->model.nx + p->model.nu));
}

lb_planning* lb_planning_new(lb_system* system, const lb_dynamics* mean, lb_neural* neural, lb_reward_source source,
                             int most, lb_arena* arena) {
  int nobs = system->nobs, nu = system->nu, nx = system->space.nx;
  assert(source == LB_REWARD_KNOWN || (neural && lb_neural_config_of(neural)->reward));
  lb_planning* p = LB_TAKE(arena, lb_planning, 1);
  *p = (lb_planning){.system = system, .mean = *mean, .neural = neural, .source = source, .most = most};
  p->model = (lb_reward_model){.nx = nobs, .nu = nu, .ctx = p, .step = step, .expand = expand};
  p->reward = (lb_transition_reward){.nx = nobs, .nu = nu, .ctx = p, .at = known_reward};
  p->expansion = lb_reward_expansion_new(nobs, nu, REWARD_STEP, arena);
  p->predicted = LB_TAKE(arena, double, (long)most*(nobs + 1));
  p->state = LB_TAKE(arena, double, (long)most* nx);
  p->next = LB_TAKE(arena, double, (long)most* nx);
  p->control = LB_TAKE(arena, double, (long)most* nu);
  return p;
}

const lb_reward_model* lb_planning_model(const lb_planning* p) {
  return &p->model;
}

static void limits_of_actions(const lb_system* s, double low[LB_BOX_QP_MAX], double high[LB_BOX_QP_MAX]) {
  for (int i = 0; i < s->nu; ++i) {
    low[i] = -1;
    high[i] = 1;
  }
}

lb_mpc* lb_planning_planner(const lb_system* s, const lb_online_protocol* p, lb_rng* rng, lb_arena* arena) {
  lb_mpc_config c = lb_mpc_default_config();
  double low[LB_BOX_QP_MAX], high[LB_BOX_QP_MAX];
  c.horizon = p->plan_horizon;
  c.iterations = p->plan_iterations;
  c.guesses = p->plan_guesses;
  limits_of_actions(s, low, high);
  return lb_mpc_new(&c, s->nobs, s->nu, low, high, rng, arena);
}

lb_lazy* lb_planning_lazy(const lb_system* s, const lb_online_protocol* p, int window, const lb_trajectory* demos,
                          int n, lb_arena* arena) {
  lb_lazy_config c = lb_lazy_default_config();
  double low[LB_BOX_QP_MAX], high[LB_BOX_QP_MAX];
  c.horizon = p->plan_horizon;
  if (window >= 0) c.window = window;
  limits_of_actions(s, low, high);
  return lb_lazy_new(&c, s->nobs, s->nu, low, high, demos, n, arena);
}

lb_linear* lb_planning_linear(const lb_space* space, int nu, double ridge) {
  lb_linear_config c = lb_linear_default_config();
  c.form = LB_LINEAR_DELTA;
  c.ridge = ridge;
  return lb_linear_new(space, nu, 1, NULL, &c, NULL);
}
