#include "algo/branch.h"

#include <math.h>
#include <string.h>

#include "algo/world.h"

// Rollouts that go side by side.
typedef struct front {
  float *obs, *act, *next;                   // (CHUNK, .) as they are kept
  double *x, *u, *x_next, *action, *reward;  // the same for model and planner
  bool* ended;
  int nobs, nact;
} front;

// Room for CHUNK rollouts, in the arena.
static front front_new(int nobs, int nact, lb_arena* arena) {
  enum { N = LB_WORLD_CHUNK };
  return (front){.obs = LB_TAKE(arena, float, N* nobs),
                 .act = LB_TAKE(arena, float, N* nact),
                 .next = LB_TAKE(arena, float, N* nobs),
                 .x = LB_TAKE(arena, double, N* nobs),
                 .u = LB_TAKE(arena, double, N* nact),
                 .x_next = LB_TAKE(arena, double, N* nobs),
                 .action = LB_TAKE(arena, double, N* nact),
                 .reward = LB_TAKE(arena, double, N),
                 .ended = LB_TAKE(arena, bool, N),
                 .nobs = nobs,
                 .nact = nact};
}

// Whether all n numbers are finite.
static bool is_finite(const float* x, int n) {
  float sum = 0;  // a NaN or an infinity survives the product with 0
  for (int i = 0; i < n; ++i) sum += 0 * x[i];
  return sum == 0;
}

// Keeps what was imagined and moves the rollouts that go on to the front; returns how many.
static int keep(front* f, lb_ring* out, int n) {
  int going = 0, nobs = f->nobs;
  for (int j = 0; j < n; ++j) {
    const float *obs = f->obs + j * nobs, *next = f->next + j * nobs, reward = (float)f->reward[j];
    if (!is_finite(next, nobs) || !isfinite(reward)) continue;
    lb_ring_add(out, obs, f->act + j * f->nact, reward, f->ended[j], next);
    if (!f->ended[j]) memmove(f->obs + going++ * nobs, next, (size_t)nobs * sizeof *next);
  }
  return going;
}

// One step of all n rollouts.
static void advance(front* f, const lb_sampler* world, const lb_planner* planner, int n, lb_rng* rng) {
  for (int i = 0; i < n * f->nobs; ++i) f->x[i] = (double)f->obs[i];
  if (planner->act) {
    planner->act(planner->ctx, n, 0, f->x, f->action, rng);
  } else {
    lb_policy_act(&planner->policy, n, 0, f->x, f->action);
  }
  for (int i = 0; i < n * f->nact; ++i) f->u[i] = (double)(f->act[i] = (float)f->action[i]);
  lb_sampler_draw(world, n, 0, f->x, f->u, f->x_next, f->reward, f->ended, rng);
  for (int i = 0; i < n * f->nobs; ++i) f->next[i] = (float)f->x_next[i];
}

int64_t lb_branch_rollouts(const lb_sampler* world, const lb_planner* planner, lb_ring* out, const float* starts, int n,
                           int length, lb_rng* rng, lb_counts* counts, lb_arena* scratch) {
  int64_t steps = 0;
  size_t nobs = (size_t)world->nx;
  lb_mark mark = lb_arena_mark(scratch);
  front f = front_new(world->nx, world->nu, scratch);
  for (int at = 0; at < n; at += LB_WORLD_CHUNK) {
    int going = n - at < LB_WORLD_CHUNK ? n - at : LB_WORLD_CHUNK;
    memcpy(f.obs, starts + (size_t)at * nobs, (size_t)going * nobs * sizeof(float));
    for (int t = 0; t < length && going > 0; ++t) {
      advance(&f, world, planner, going, rng);
      steps += going;
      going = keep(&f, out, going);
    }
  }
  lb_arena_release(scratch, mark);
  counts->model_queries += steps;
  return steps;
}
