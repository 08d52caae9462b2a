// The lemmas' terms: see lemma.h.
#include "eval/lemma.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "eval/model_return.h"

enum { CHUNK = 512 };

// Room for a run of visits at one time.
typedef struct room {
  double *x_next, *reward, *here, *real, *imagined;
  bool* terminated;
} room;

// Room for CHUNK predictions at a time.
static room room_new(const lb_sampler* model, lb_arena* scratch) {
  return (room){.x_next = LB_TAKE(scratch, double, ((size_t)CHUNK * (size_t)model->nx)),
                .reward = LB_TAKE(scratch, double, CHUNK),
                .here = LB_TAKE(scratch, double, CHUNK),
                .real = LB_TAKE(scratch, double, CHUNK),
                .imagined = LB_TAKE(scratch, double, CHUNK),
                .terminated = LB_TAKE(scratch, bool, CHUNK)};
}

static int time_of(const lb_visits* v, int i) {
  return v->t ? v->t[i] : 0;
}

// How many visits from `begin` on have its time, CHUNK at most.
static int run_length(const lb_visits* v, int begin) {
  int n = 1;
  while (n < CHUNK && begin + n < v->n && time_of(v, begin + n) == time_of(v, begin)) ++n;
  return n;
}

// Where visit i is added up: the sum of its episode.
static double* episode_sum(double* sums, const lb_visits* v, int i) {
  int e = v->episode ? v->episode[i] : 0;
  assert(e >= 0 && e < v->episodes);
  return sums + e;
}

// Mean over episodes.
static lb_estimate over_episodes(const double* sums, const lb_visits* v) {
  lb_moments moments = {0};
  for (int e = 0; e < v->episodes && v->n > 0; ++e) lb_moments_add(&moments, sums[e]);
  return lb_estimate_of(&moments);
}

// Per episode: the sums of the three terms, and of the sizes of what went into them.
typedef struct parts {
  double *advantage, *value, *reward, *size;
} parts;

// Sums of the terms, one an episode, all zero.
static parts parts_new(const lb_visits* v, lb_arena* scratch) {
  return (parts){.advantage = LB_TAKE(scratch, double, v->episodes),
                 .value = LB_TAKE(scratch, double, v->episodes),
                 .reward = LB_TAKE(scratch, double, v->episodes),
                 .size = LB_TAKE(scratch, double, v->episodes)};
}

// The left side and the residual, an episode's at a time.
static void close_up(lb_lemma_terms* terms, lb_lemma_side side, const parts* s, const lb_visits* v, lb_arena* scratch) {
  double *left = LB_TAKE(scratch, double, v->episodes), *residual = LB_TAKE(scratch, double, v->episodes), size = 0;
  for (int e = 0; e < v->episodes; ++e) {
    left[e] = (int)side * v->gain[e];
    residual[e] = left[e] - s->advantage[e] - s->value[e] - s->reward[e];
    size += s->size[e] / v->episodes;
  }
  terms->left = over_episodes(left, v);
  terms->residual = over_episodes(residual, v);
  terms->residual.se = hypot(terms->residual.se, (double)FLT_EPSILON * size);
}

lb_lemma_terms lb_lemma_visited(lb_lemma_side side, const lb_sampler* model, const lb_value* value, double discount,
                                const lb_visits* v, lb_rng* rng, lb_arena* scratch) {
  assert(value->nx == model->nx);
  lb_mark mark = lb_arena_mark(scratch);
  room r = room_new(model, scratch);
  parts s = parts_new(v, scratch);
  for (int begin = 0, n; begin < v->n; begin += n) {
    ptrdiff_t at = (ptrdiff_t)begin * model->nx;
    int t = time_of(v, begin);
    n = run_length(v, begin);
    lb_sampler_draw(model, n, t, v->x + at, v->u + (ptrdiff_t)begin * model->nu, r.x_next, r.reward, r.terminated, rng);
    value->at(value->ctx, n, t, v->x + at, r.here);
    value->at(value->ctx, n, t + 1, v->x_next + at, r.real);
    value->at(value->ctx, n, t + 1, r.x_next, r.imagined);
    for (int i = 0; i < n; ++i) {
      double weight = (int)side * v->weight[begin + i];
      double now = v->now ? v->now[begin + i] : 1, then = v->then ? v->then[begin + i] : 1;
      double here = now * r.here[i];
      double real = v->terminated[begin + i] ? 0 : discount * then * r.real[i];
      double imagined = r.terminated[i] ? 0 : discount * then * r.imagined[i];
      *episode_sum(s.advantage, v, begin + i) += weight * (r.reward[i] + imagined - here);
      *episode_sum(s.value, v, begin + i) += weight * (real - imagined);
      *episode_sum(s.reward, v, begin + i) += weight * (v->reward[begin + i] - r.reward[i]);
      *episode_sum(s.size, v, begin + i) +=
          fabs(weight) * (fabs(here) + fabs(real) + fabs(imagined) + fabs(r.reward[i]));
    }
  }
  lb_lemma_terms terms = {.advantage = over_episodes(s.advantage, v),
                          .value = over_episodes(s.value, v),
                          .reward = over_episodes(s.reward, v),
                          .left = lb_estimate_none(),
                          .residual = lb_estimate_none()};
  if (v->gain && v->n > 0) close_up(&terms, side, &s, v, scratch);
  lb_arena_release(scratch, mark);
  return terms;
}

// The sum of two independent estimates.
static lb_estimate sum_of(const lb_estimate* a, const lb_estimate* b) {
  return (lb_estimate){.n = a->n + b->n, .mean = a->mean + b->mean, .se = hypot(a->se, b->se)};
}

lb_estimate lb_lemma_left(const lb_lemma_terms* expert, const lb_lemma_terms* learner) {
  return sum_of(&expert->left, &learner->left);
}

lb_estimate lb_lemma_residual(const lb_lemma_terms* expert, const lb_lemma_terms* learner) {
  lb_estimate e = expert->residual, l = learner->residual;
  if (e.n == 1) e.se = l.se * sqrt(l.n);
  if (l.n == 1) l.se = e.se * sqrt(e.n);
  return sum_of(&e, &l);
}

// Two streams that give the same draws.
static void twins(lb_rng pair[2], lb_rng* rng) {
  uint64_t high = lb_rng_bits(rng), seed = high << 32 | lb_rng_bits(rng);
  pair[0] = pair[1] = lb_rng_stream(seed, LB_RNG_TERMS, 0, 0);
}

lb_estimate lb_lemma_advantage(const lb_sampler* model, const lb_policy* policy, double discount, int horizon,
                               const lb_visits* v, lb_rng* rng, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  double* sums = LB_TAKE(scratch, double, v->episodes);
  double *q = LB_TAKE(scratch, double, CHUNK), *at_state = LB_TAKE(scratch, double, CHUNK);
  for (int begin = 0, n; begin < v->n; begin += n) {
    const double *x = v->x + (ptrdiff_t)begin * model->nx, *u = v->u + (ptrdiff_t)begin * model->nu;
    int t = time_of(v, begin);
    lb_model_rollouts how = {.t = t, .steps = horizon - t, .discount = discount};
    lb_rng pair[2];
    n = run_length(v, begin);
    twins(pair, rng);
    lb_model_return(q, model, policy, &how, n, x, u, &pair[0], scratch);
    lb_model_return(at_state, model, policy, &how, n, x, NULL, &pair[1], scratch);
    for (int i = 0; i < n; ++i) {
      *episode_sum(sums, v, begin + i) += v->weight[begin + i] * (q[i] - at_state[i]);
    }
  }
  lb_estimate e = over_episodes(sums, v);
  lb_arena_release(scratch, mark);
  return e;
}

lb_estimate lb_lemma_planning_error(const lb_sampler* model, const lb_policy* expert, const lb_policy* learner,
                                    double discount, int horizon, int n, const double* x, lb_rng* rng,
                                    lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  double *of_expert = LB_TAKE(scratch, double, n), *of_learner = LB_TAKE(scratch, double, n);
  lb_model_rollouts how = {.t = 0, .steps = horizon, .discount = discount};
  lb_rng pair[2];
  lb_moments moments = {0};
  twins(pair, rng);
  lb_model_return(of_expert, model, expert, &how, n, x, NULL, &pair[0], scratch);
  lb_model_return(of_learner, model, learner, &how, n, x, NULL, &pair[1], scratch);
  for (int i = 0; i < n; ++i) lb_moments_add(&moments, of_expert[i] - of_learner[i]);
  lb_arena_release(scratch, mark);
  return lb_estimate_of(&moments);
}
