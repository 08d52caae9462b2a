#include "task/lds_system.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

enum { N = LB_LDS_N, H = LB_LDS_H, NN = N * N };

lb_lds_problem lb_lds_published(void) {
  lb_lds_problem p = {.B = {1}, .r = 1, .q = 1, .stop = INFINITY};
  for (int i = 0; i < N; ++i) {
    p.A[0][i][i] = 0.5;
    p.A[1][i][i] = 1.5;
    p.x0[i] = 0.1;
  }
  return p;
}

lb_lds_problem lb_lds_growing(void) {
  lb_lds_problem p = lb_lds_published();
  p.r = 0.1;
  p.stop = 10;
  p.A[0][0][0] = 0.7;
  p.A[1][0][0] = 1.6;
  for (int j = 1; j < N; ++j) p.A[0][0][j] = p.A[1][0][j] = 0.1;
  return p;
}

// ---------------------------------------------------------------------------------------------------------------------
// As planners see it

typedef lb_lds_view linear;

// A_t, or the model's.
static double a_of(const linear* l, int t, int i, int j) {
  return l->theta ? l->theta[i * N + j] : l->problem->A[t % 2][i][j];
}

// B, or the model's.
static double b_of(const linear* l, int i) {
  return l->theta ? l->theta[NN + i] : l->problem->B[i];
}

// x' = A_t x + B u.
static void step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  const linear* l = ctx;
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < N; ++i) {
      double sum = b_of(l, i) * u[k];
      for (int j = 0; j < N; ++j) sum += a_of(l, t ? t[k] : 0, i, j) * x[k * N + j];
      x_next[k * N + i] = sum;
    }
  }
}

// A_t and B themselves.
static long linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)x;
  (void)u;
  const linear* l = ctx;
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < N; ++i) {
      B[k * N + i] = b_of(l, i);
      for (int j = 0; j < N; ++j) A[k * NN + i * N + j] = a_of(l, t ? t[k] : 0, i, j);
    }
  }
  return n;
}

// r u^2 / 2.
static double stage(void* ctx, int t, const double* x, const double* u) {
  (void)t;
  (void)x;
  return 0.5 * ((const lb_lds_problem*)ctx)->r * u[0] * u[0];
}

// q |x|^2 / 2.
static double terminal(void* ctx, int t, const double* x) {
  (void)t;
  double sum = 0;
  for (int i = 0; i < N; ++i) sum += x[i] * x[i];
  return 0.5 * ((const lb_lds_problem*)ctx)->q * sum;
}

// Gradient and Hessian of the stage cost.
static void stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu, double* lxx,
                              double* luu, double* lux) {
  (void)t;
  (void)x;
  double r = ((const lb_lds_problem*)ctx)->r;
  memset(lx, 0, N * sizeof *lx);
  memset(lxx, 0, NN * sizeof *lxx);
  memset(lux, 0, N * sizeof *lux);
  lu[0] = r * u[0];
  luu[0] = r;
}

// Gradient and Hessian of the terminal cost.
static void terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  (void)t;
  double q = ((const lb_lds_problem*)ctx)->q;
  memset(lxx, 0, NN * sizeof *lxx);
  for (int i = 0; i < N; ++i) {
    lx[i] = q * x[i];
    lxx[i * N + i] = q;
  }
}

void lb_lds_view_init(lb_lds_view* view, const lb_lds_problem* problem, const double* theta) {
  static const lb_space space = {.nx = N, .ndx = N};
  *view = (lb_lds_view){.problem = problem,
                        .theta = theta,
                        .f = {.space = &space, .nu = 1, .ctx = view, .step = step, .linearize = linearize},
                        .cost = {.ndx = N,
                                 .nu = 1,
                                 .ctx = (void*)(uintptr_t)problem,
                                 .stage = stage,
                                 .terminal = terminal,
                                 .stage_derivatives = stage_derivatives,
                                 .terminal_derivatives = terminal_derivatives}};
}

// ---------------------------------------------------------------------------------------------------------------------
// The real system

typedef struct world {
  lb_system system;
  lb_exact exact;
  lb_lds_problem problem;
  lb_lds_view view;
  double x[N];
  int t;
  char hash[65];
} world;

static const struct {
  const char *name, *text;
  lb_lds_problem (*problem)(void);
  int iterations;
} named[] = {{"lds", "the published linear system, which shrinks by itself", lb_lds_published, 50},
             {"lds-growing", "a linear system that grows when nothing is done", lb_lds_growing, 20},
             {"linear-psdp", "a linear system with noise, in which one LQR pass is PSDP", lb_lds_growing, 0}};
enum { NAMED = sizeof named / sizeof *named };

// At x_0.
static void reset(void* self, lb_rng* rng) {
  (void)rng;
  world* w = self;
  memcpy(w->x, w->problem.x0, sizeof w->x);
  w->t = 0;
}

// At another state and time.
static void set_state(void* self, const double* x, int t) {
  world* w = self;
  memcpy(w->x, x, sizeof w->x);
  w->t = t;
}

static void get_state(void* self, double* x) {
  memcpy(x, ((world*)self)->x, N * sizeof *x);
}

// One real step; its reward is minus the stage cost.
static lb_outcome step_world(void* self, const double* u, const double* noise) {
  (void)noise;
  world* w = self;
  double next[N];
  lb_outcome outcome = {.reward = -stage(&w->problem, w->t, w->x, u)};
  step(&w->view, 1, &w->t, w->x, u, next);
  for (int i = 0; i < N; ++i) outcome.diverged = outcome.diverged || !isfinite(next[i]);
  memcpy(w->x, next, sizeof w->x);
  w->t += 1;
  outcome.truncated = w->t >= H;
  return outcome;
}

// The cost of one episode, which is as every other.
static double worth(void* self, const lb_policy* policy, lb_arena* scratch) {
  (void)scratch;
  world* w = self;
  double cost = 0, x[N], next[N];
  memcpy(x, w->problem.x0, sizeof x);
  for (int t = 0; t < H; ++t) {
    double u;
    lb_policy_act(policy, 1, t, x, &u);
    cost += stage(&w->problem, t, x, &u);
    step(&w->view, 1, &t, x, &u, next);
    memcpy(x, next, sizeof x);
  }
  cost += terminal(&w->problem, H, x);
  return isfinite(cost) ? cost : INFINITY;
}

const char* lb_lds_description(const char* name) {
  for (int i = 0; i < NAMED; ++i) {
    if (strcmp(name, named[i].name) == 0) return named[i].text;
  }
  return NULL;
}

lb_status lb_lds_open(lb_system** out, const char* name) {
  static const double low = -INFINITY, high = INFINITY;
  int i = 0;
  *out = NULL;
  while (i < NAMED && strcmp(name, named[i].name) != 0) ++i;
  if (i == NAMED) return lb_fail(LB_INPUT, "there is no linear system '%s'", name);
  world* w = calloc(1, sizeof *w);
  if (!w) return lb_fail(LB_MEMORY, "%s: no memory", name);
  w->problem = named[i].problem();
  lb_lds_view_init(&w->view, &w->problem, NULL);
  lb_sha256(&w->problem, sizeof w->problem, w->hash);
  w->exact = (lb_exact){.in_cost = true, .iterations = named[i].iterations, .worth = worth};
  w->system = (lb_system){.name = named[i].name,
                          .hash = w->hash,
                          .self = w,
                          .space = *w->view.f.space,
                          .nu = 1,
                          .nobs = N,
                          .horizon = H,
                          .dt = 1,
                          .u_low = &low,
                          .u_high = &high,
                          .cost = &w->view.cost,
                          .truth = &w->view.f,
                          .exact = &w->exact,
                          .stop_norm = w->problem.stop,
                          .reset = reset,
                          .set_state = set_state,
                          .get_state = get_state,
                          .observe = get_state,
                          .step = step_world,
                          .destroy = free};
  reset(w, NULL);
  *out = &w->system;
  return lb_ok();
}
