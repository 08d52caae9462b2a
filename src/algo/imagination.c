#include "algo/imagination.h"

#include <math.h>
#include <string.h>

#include "algo/online.h"

// Rollouts that go side by side: enough to fill the networks' batches, few enough to stay in the cache.
enum { CHUNK = 2048 };

struct lb_imagination {
  lb_system* system;
  lb_neural* model;
  lb_sac* sac;
  lb_arena* arena;
  bool known;
  int nobs, nact;
  float *obs, *act, *next, *reward;  // (CHUNK, .)
  double *wide, *action;             // (CHUNK, nobs or nact) in double precision
  double *state, *after;             // (CHUNK, nx); after: where rewards are the task's
  double *control, *earned;          // (CHUNK, nact) within the system's limits, (CHUNK)
  bool* ended;                       // (CHUNK)
};

lb_imagination* lb_imagination_new(lb_system* system, lb_neural* model, lb_sac* sac, bool known, lb_arena* arena) {
  int nobs = system->nobs, nact = system->nu;
  lb_imagination* im = LB_TAKE(arena, lb_imagination, 1);
  *im = (lb_imagination){.system = system, .model = model, .sac = sac, .arena = arena, .nobs = nobs, .nact = nact};
  im->obs = LB_TAKE(arena, float, CHUNK* nobs);
  im->next = LB_TAKE(arena, float, CHUNK* nobs);
  im->act = LB_TAKE(arena, float, CHUNK* nact);
  im->reward = LB_TAKE(arena, float, CHUNK);
  im->wide = LB_TAKE(arena, double, CHUNK* nobs);
  im->action = LB_TAKE(arena, double, CHUNK* nact);
  im->known = known;
  im->state = LB_TAKE(arena, double, CHUNK * system->space.nx);
  if (known) im->after = LB_TAKE(arena, double, CHUNK * system->space.nx);
  if (known) im->earned = LB_TAKE(arena, double, CHUNK);
  if (known || !model) im->control = LB_TAKE(arena, double, CHUNK* nact);
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

static void widen(double* to, const float* from, int n) {
  for (int i = 0; i < n; ++i) to[i] = (double)from[i];
}

// Rewards by the task's own terms, and its ends, of n steps.
static void judge_rewards(lb_imagination* im, int n) {
  lb_system* s = im->system;
  memset(im->ended, 0, (size_t)n * sizeof *im->ended);
  widen(im->wide, im->obs, n * im->nobs);
  s->restore(s->self, im->state, n, im->wide);
  widen(im->wide, im->next, n * im->nobs);
  s->restore_next(s->self, im->after, im->state, n, im->wide);
  widen(im->action, im->act, n * im->nact);
  lb_online_scale(s, im->control, im->action, n);
  lb_imagined wanted = {.reward = im->earned, .terminated = im->ended};
  s->imagine(s->self, &wanted, n, im->state, im->control, im->after);
  for (int i = 0; i < n; ++i) im->reward[i] = (float)im->earned[i];
}

// The true system in the model's place: n steps from im->obs under im->act.
static void step_truly(lb_imagination* im, int n) {
  lb_system* s = im->system;
  int nobs = im->nobs, nact = im->nact, nx = s->space.nx;
  widen(im->wide, im->obs, n * nobs);
  s->restore(s->self, im->state, n, im->wide);
  widen(im->action, im->act, n * nact);
  lb_online_scale(s, im->control, im->action, n);
  for (int i = 0; i < n; ++i) {
    s->set_state(s->self, im->state + (ptrdiff_t)i * nx, 0);
    lb_outcome outcome = s->step(s->self, im->control + (ptrdiff_t)i * nact, NULL);  // not a real step of anybody
    s->observe(s->self, im->wide);
    for (int j = 0; j < nobs; ++j) im->next[(ptrdiff_t)i * nobs + j] = (float)im->wide[j];
    im->reward[i] = outcome.diverged ? NAN : (float)outcome.reward;
    im->ended[i] = outcome.terminated;
  }
}

// One step from im->obs under im->act: next, reward and ends.
static void step(lb_imagination* im, int n, lb_rng* rng) {
  if (!im->model) {
    step_truly(im, n);
    return;
  }
  lb_neural_sample(im->model, im->next, im->reward, im->obs, im->act, n, rng, im->arena);
  if (im->known) {
    judge_rewards(im, n);
  } else {
    judge(im, n);
  }
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
      step(im, going, rng);
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
    step(im, part, rng);
    for (int i = 0; i < part * nobs; ++i) x_next[(ptrdiff_t)at * nobs + i] = (double)im->next[i];
    for (int i = 0; i < part; ++i) reward[at + i] = (double)im->reward[i];
    memcpy(terminated + at, im->ended, (size_t)part * sizeof *terminated);
  }
}

lb_sampler lb_imagination_sampler(lb_imagination* im) {
  return (lb_sampler){.nx = im->nobs, .nu = im->nact, .ctx = im, .sample = sample};
}
