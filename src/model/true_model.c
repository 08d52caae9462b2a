// Steps of the true system and their differences: see true_model.h.
#include "model/true_model.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/action.h"
#include "model/model_kinds.h"

// A number is moved by this share of max(1, its size).
#define STEP 1e-4

struct lb_oracle {
  lb_system* system;
  double *state, *control;             // (nx), (nu)
  double *moved, *action, *up, *down;  // (nobs), (nu), (nobs), (nobs)
};

lb_oracle* lb_oracle_new(lb_system* s, lb_arena* arena) {
  assert(s->restore);
  lb_oracle* o = LB_TAKE(arena, lb_oracle, 1);
  *o = (lb_oracle){.system = s};
  o->state = LB_TAKE(arena, double, s->space.nx);
  o->control = LB_TAKE(arena, double, s->nu);
  o->moved = LB_TAKE(arena, double, s->nobs);
  o->action = LB_TAKE(arena, double, s->nu);
  o->up = LB_TAKE(arena, double, s->nobs);
  o->down = LB_TAKE(arena, double, s->nobs);
  return o;
}

// The observation after one step of the true system from obs with an action in [-1, 1]; NAN where it diverges.
static void step_one(lb_oracle* o, double* next, const double* obs, const double* action) {
  lb_system* s = o->system;
  s->restore(s->self, o->state, 1, obs);
  lb_action_scale(s, o->control, action, 1);
  s->set_state(s->self, o->state, 0);
  lb_outcome outcome = s->step(s->self, o->control, NULL);  // not a real step of anybody
  s->observe(s->self, next);
  for (int i = 0; i < s->nobs && outcome.diverged; ++i) next[i] = NAN;
}

// lb_dynamics.step: by the true system.
static void step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  lb_oracle* o = ctx;
  ptrdiff_t nobs = o->system->nobs, nu = o->system->nu;
  for (ptrdiff_t j = 0; j < n; ++j) step_one(o, x_next + j * nobs, x + j * nobs, u + j * nu);
}

// Column `col` of a matrix with `cols` columns: the difference over what lies `apart`.
static void write_column(const lb_oracle* o, double* to, int cols, int col, double apart) {
  for (int i = 0; i < o->system->nobs; ++i) to[(ptrdiff_t)i * cols + col] = (o->up[i] - o->down[i]) / apart;
}

// A and B of one row by central differences, actions kept within [-1, 1].
static void differ(lb_oracle* o, double* A, double* B, const double* x, const double* u) {
  int nobs = o->system->nobs, nu = o->system->nu;
  memcpy(o->moved, x, (size_t)nobs * sizeof *x);
  memcpy(o->action, u, (size_t)nu * sizeof *u);
  for (int j = 0; j < nobs; ++j) {
    double h = STEP * fmax(1, fabs(x[j]));
    o->moved[j] = x[j] + h;
    step_one(o, o->up, o->moved, u);
    o->moved[j] = x[j] - h;
    step_one(o, o->down, o->moved, u);
    o->moved[j] = x[j];
    write_column(o, A, nobs, j, 2 * h);
  }
  for (int j = 0; j < nu; ++j) {
    double high = fmin(1, u[j] + STEP), low = fmax(-1, u[j] - STEP);
    o->action[j] = high;
    step_one(o, o->up, x, o->action);
    o->action[j] = low;
    step_one(o, o->down, x, o->action);
    o->action[j] = u[j];
    write_column(o, B, nu, j, high - low);
  }
}

// lb_dynamics.linearize; returns the steps that took.
static long linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)t;
  lb_oracle* o = ctx;
  ptrdiff_t nobs = o->system->nobs, nu = o->system->nu;
  for (ptrdiff_t j = 0; j < n; ++j) differ(o, A + j * nobs * nobs, B + j * nobs * nu, x + j * nobs, u + j * nu);
  return 2L * n * (nobs + nu);
}

lb_dynamics lb_oracle_dynamics(lb_oracle* o, const lb_space* space) {
  assert(space->nx == o->system->nobs);
  return (lb_dynamics){.space = space, .nu = o->system->nu, .ctx = o, .step = step, .linearize = linearize};
}

// lb_model.sample: one true step of each row, its reward and termination included.
static void sample(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                   bool* terminated, lb_rng* rng) {
  (void)t, (void)rng;
  lb_oracle* o = ctx;
  lb_system* s = o->system;
  for (ptrdiff_t j = 0; j < n; ++j) {
    s->restore(s->self, o->state, 1, x + j * s->nobs);
    lb_action_scale(s, o->control, u + j * s->nu, 1);
    s->set_state(s->self, o->state, 0);
    lb_outcome outcome = s->step(s->self, o->control, NULL);  // not a real step of anybody
    s->observe(s->self, x_next + j * s->nobs);
    reward[j] = outcome.diverged ? NAN : outcome.reward;
    terminated[j] = outcome.terminated;
  }
}

lb_sampler lb_oracle_sampler(lb_oracle* o) {
  return (lb_sampler){.nx = o->system->nobs, .nu = o->system->nu, .ctx = o, .sample = sample};
}

lb_status lb_true_open(lb_model* out, const lb_opening* opening, const void* options) {
  (void)options;
  lb_oracle* o = lb_oracle_new(opening->other, opening->arena);
  *out = (lb_model){
      .ctx = o, .dynamics = lb_oracle_dynamics(o, opening->space), .sampler = lb_oracle_sampler(o), .tells_end = true};
  return lb_ok();
}

lb_status lb_no_model_open(lb_model* out, const lb_opening* opening, const void* options) {
  (void)opening, (void)options;
  *out = (lb_model){0};
  return lb_ok();
}
