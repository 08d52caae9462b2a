#include "algo/world.h"

#include <assert.h>
#include <string.h>

#include "core/action.h"
#include "plan/reward_expansion.h"

// A kink of a reward is as wide as this share of an observation, or of one of its units.
#define REWARD_STEP 1e-2

struct lb_world {
  lb_system* system;
  const lb_model* model;
  bool known;
  int most;  // of the mean
  lb_reward_model mean;
  lb_transition_reward reward;
  lb_reward_expansion* expansion;
  double *state, *next;  // (most or CHUNK, nx) restored
  double* control;       // (., nu) within the system's limits
  double *x, *u;         // (CHUNK, nobs), (CHUNK, nu) of draws, in single precision
};

lb_status lb_world_check_known(const lb_system* s) {
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

// The task's own word on transitions, as many as there is room for; reward and ended may be NULL.
static void judge(lb_world* w, int n, const double* x, const double* u, const double* x_next, double* reward,
                  bool* ended) {
  lb_system* s = w->system;
  if (ended) memset(ended, 0, (size_t)n * sizeof *ended);
  if (!s->restore || !s->imagine || !(reward || ended)) return;
  if (reward) {
    s->restore(s->self, w->state, n, x);
    s->restore_next(s->self, w->next, w->state, n, x_next);
    lb_action_scale(s, w->control, u, n);
  } else {
    s->restore(s->self, w->next, n, x_next);
  }
  lb_imagined wanted = {.reward = reward, .terminated = ended};
  s->imagine(s->self, &wanted, n, reward ? w->state : NULL, reward ? w->control : NULL, w->next);
}

// The task's own reward of n model steps, `most` at a time.
static void known_reward(void* ctx, int n, const double* x, const double* u, const double* x_next, double* reward) {
  lb_world* w = ctx;
  int nobs = w->mean.nx, nu = w->mean.nu;
  for (int at = 0, part; at < n; at += part) {
    part = n - at < w->most ? n - at : w->most;
    judge(w, part, x + (long)at * nobs, u + (long)at * nu, x_next + (long)at * nobs, reward + at, NULL);
  }
}

// Mean next observations, their rewards and ends.
static void step_mean(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward, bool* ended) {
  lb_world* w = ctx;
  const lb_model* m = w->model;
  assert(n <= w->most);
  if (w->known) {
    m->dynamics.step(m->dynamics.ctx, n, NULL, x, u, x_next);
    judge(w, n, x, u, x_next, reward, ended);
    return;
  }
  m->predict(m->ctx, n, x, u, x_next, reward);
  judge(w, n, x, u, x_next, NULL, ended);
}

// Derivatives of the mean; gradient and Hessian of the reward, of the task's terms or of the model's prediction.
static long expand(void* ctx, int n, const double* x, const double* u, const double* x_next, double* A, double* B,
                   double* gradient, double* hessian) {
  lb_world* w = ctx;
  const lb_dynamics* f = &w->model->dynamics;
  long queries = f->linearize(f->ctx, n, NULL, x, u, A, B);
  if (w->known) {
    lb_reward_expansion_take(w->expansion, gradient, hessian, &w->reward, n, x, u, x_next, A, B);
    return queries;
  }
  return queries + w->model->expand_reward(w->model->ctx, n, x, u, gradient, hessian);
}

static void to_single(double* to, const double* from, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = (double)(float)from[i];
}

// Draws in single precision, with the rewards and ends of what was drawn.
static void draw(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                 bool* terminated, lb_rng* rng) {
  lb_world* w = ctx;
  const lb_model* m = w->model;
  int nobs = w->mean.nx, nu = w->mean.nu;
  for (ptrdiff_t at = 0, part; at < n; at += part) {
    part = n - at < LB_WORLD_CHUNK ? n - at : LB_WORLD_CHUNK;
    double *next = x_next + at * nobs, *r = reward + at;
    to_single(w->x, x + at * nobs, part * nobs);
    to_single(w->u, u + at * nu, part * nu);
    m->sampler.sample(m->sampler.ctx, (int)part, t, w->x, w->u, next, r, terminated + at, rng);
    to_single(next, next, part * nobs);
    if (w->known) {
      judge(w, (int)part, w->x, w->u, next, r, terminated + at);
    } else if (!m->tells_end) {
      judge(w, (int)part, w->x, w->u, next, NULL, terminated + at);
    }
    to_single(r, r, part);
  }
}

lb_world* lb_world_new(lb_system* system, const lb_model* model, bool known, int most, lb_arena* arena) {
  int nobs = system->nobs, nu = system->nu, nx = system->space.nx;
  lb_world* w = LB_TAKE(arena, lb_world, 1);
  *w = (lb_world){.system = system, .model = model, .known = known, .most = most};
  w->mean = (lb_reward_model){.nx = nobs, .nu = nu, .ctx = w, .step = step_mean, .expand = expand};
  w->reward = (lb_transition_reward){.nx = nobs, .nu = nu, .ctx = w, .at = known_reward};
  if (most > 0) w->expansion = lb_reward_expansion_new(nobs, nu, REWARD_STEP, arena);
  long side = most > 0 && !model->sampler.sample ? most : LB_WORLD_CHUNK;
  w->state = LB_TAKE(arena, double, side* nx);
  w->next = LB_TAKE(arena, double, side* nx);
  w->control = LB_TAKE(arena, double, side* nu);
  if (!model->sampler.sample) return w;
  w->x = LB_TAKE(arena, double, side* nobs);
  w->u = LB_TAKE(arena, double, side* nu);
  return w;
}

const lb_reward_model* lb_world_mean(const lb_world* w) {
  return &w->mean;
}

lb_sampler lb_world_sampler(lb_world* w) {
  return (lb_sampler){.nx = w->mean.nx, .nu = w->mean.nu, .ctx = w, .sample = draw};
}
