#include "algo/imagination.h"

#include <math.h>
#include <string.h>

// Rollouts that go side by side: enough to fill the networks' batches, few enough to stay in the cache.
enum { CHUNK = 2048 };

struct lb_imagination {
  lb_system* system;
  lb_neural* model;
  lb_sac* sac;
  lb_arena* arena;
  int nobs, nact;
  float *obs, *act, *next, *reward;  // (CHUNK, .)
  double *wide, *action;             // (CHUNK, nobs or nact) in double precision
  double* state;                     // (CHUNK, nx)
  bool* ended;                       // (CHUNK)
};

lb_imagination* lb_imagination_new(lb_system* system, lb_neural* model, lb_sac* sac, lb_arena* arena) {
  int nobs = system->nobs, nact = system->nu;
  lb_imagination* im = LB_TAKE(arena, lb_imagination, 1);
  *im = (lb_imagination){.system = system, .model = model, .sac = sac, .arena = arena, .nobs = nobs, .nact = nact};
  im->obs = LB_TAKE(arena, float, CHUNK* nobs);
  im->next = LB_TAKE(arena, float, CHUNK* nobs);
  im->act = LB_TAKE(arena, float, CHUNK* nact);
  im->reward = LB_TAKE(arena, float, CHUNK);
  im->wide = LB_TAKE(arena, double, CHUNK* nobs);
  im->action = LB_TAKE(arena, double, CHUNK* nact);
  im->state = LB_TAKE(arena, double, CHUNK * system->space.nx);
  im->ended = LB_TAKE(arena, bool, CHUNK);
  return im;
}

static void choose_actions(lb_imagination* im, int n, lb_rng* rng) {
  for (int i = 0; i < n * im->nobs; ++i) im->wide[i] = (double)im->obs[i];
  lb_sac_act(im->sac, im->action, im->wide, n, rng);
  for (int i = 0; i < n * im->nact; ++i) im->act[i] = (float)im->action[i];
}

// Which of the next observations are the task's own end; none where the observation does not tell.
static void judge(lb_imagination* im, int n) {
  const lb_system* s = im->system;
  memset(im->ended, 0, (size_t)n * sizeof *im->ended);
  if (!s->restore || !s->imagine) return;
  for (int i = 0; i < n * im->nobs; ++i) im->wide[i] = (double)im->next[i];
  s->restore(s->self, im->state, n, im->wide);
  lb_imagined wanted = {.terminated = im->ended};
  s->imagine(s->self, &wanted, n, NULL, NULL, im->state);
}

static bool is_finite(const float* x, int n) {
  float sum = 0;  // a NaN or an infinity survives the product with 0
  for (int i = 0; i < n; ++i) sum += 0 * x[i];
  return sum == 0;
}

// Keeps what was imagined and moves the rollouts that go on to the front; returns how many.
static int keep(lb_imagination* im, lb_ring* out, int n) {
  int going = 0, nobs = im->nobs;
  for (int j = 0; j < n; ++j) {
    const float *obs = im->obs + j * nobs, *next = im->next + j * nobs;
    if (!is_finite(next, nobs) || !isfinite(im->reward[j])) continue;
    lb_ring_add(out, obs, im->act + j * im->nact, im->reward[j], im->ended[j], next);
    if (!im->ended[j]) memmove(im->obs + going++ * nobs, next, (size_t)nobs * sizeof *next);
  }
  return going;
}

int64_t lb_imagination_run(lb_imagination* im, lb_ring* out, const float* starts, int n, int length, lb_rng* rng,
                           lb_counts* counts) {
  int64_t steps = 0;
  for (int at = 0; at < n; at += CHUNK) {
    int going = n - at < CHUNK ? n - at : CHUNK;
    memcpy(im->obs, starts + (size_t)at * (size_t)im->nobs, (size_t)going * (size_t)im->nobs * sizeof(float));
    for (int t = 0; t < length && going > 0; ++t) {
      choose_actions(im, going, rng);
      lb_neural_sample(im->model, im->next, im->reward, im->obs, im->act, going, rng, im->arena);
      judge(im, going);
      steps += going;
      going = keep(im, out, going);
    }
  }
  counts->model_queries += steps;
  return steps;
}

static void narrow(float* to, const double* from, int n) {
  for (int i = 0; i < n; ++i) to[i] = (float)from[i];
}

static void sample(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                   bool* terminated, lb_rng* rng) {
  (void)t;
  lb_imagination* im = ctx;
  int nobs = im->nobs, nact = im->nact;
  for (int at = 0, part; at < n; at += part) {
    part = n - at < CHUNK ? n - at : CHUNK;
    narrow(im->obs, x + (ptrdiff_t)at * nobs, part * nobs);
    narrow(im->act, u + (ptrdiff_t)at * nact, part * nact);
    lb_neural_sample(im->model, im->next, im->reward, im->obs, im->act, part, rng, im->arena);
    judge(im, part);
    for (int i = 0; i < part * nobs; ++i) x_next[(ptrdiff_t)at * nobs + i] = (double)im->next[i];
    for (int i = 0; i < part; ++i) reward[at + i] = (double)im->reward[i];
    memcpy(terminated + at, im->ended, (size_t)part * sizeof *terminated);
  }
}

lb_sampler lb_imagination_sampler(lb_imagination* im) {
  return (lb_sampler){.nx = im->nobs, .nu = im->nact, .ctx = im, .sample = sample};
}
