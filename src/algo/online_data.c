// Where an online run's transitions come from, and what is drawn from them.
#include <math.h>
#include <string.h>

#include "algo/online.h"
#include "base/log.h"

void lb_online_begin_episode(lb_online* o) {
  const lb_system* s = o->system;
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->episode.number, 0);
  s->reset(s->self, &rng);
  s->observe(s->self, o->episode.obs);
  o->episode.fault = lb_fault_in("observation", o->episode.obs, s->nobs, -1);
  float* kept = o->data.initial + (size_t)(o->episode.number % LB_ONLINE_INITIAL) * (size_t)s->nobs;
  for (int i = 0; i < s->nobs; ++i) kept[i] = (float)o->episode.obs[i];
  o->data.ninitial = o->episode.number + 1;
}

static bool is_warmup(const lb_online* o) {
  return o->round <= o->protocol.online.warmup_steps;
}

// The learner's action of this round, in [-1, 1].
static void choose_action(lb_online* o, double* action) {
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->round, 1);
  if (!is_warmup(o) || o->recipe.planner.from_clone) {
    if (o->sac) {
      lb_sac_act(o->sac, action, o->episode.obs, 1, &rng);
    } else {
      memcpy(action, o->plan.action, (size_t)o->system->nu * sizeof *action);
    }
    return;
  }
  for (int i = 0; i < o->system->nu; ++i) action[i] = 2 * lb_rng_uniform(&rng) - 1;
}

static void end_episode(lb_online* o) {
  o->sums.episodes += 1;
  o->sums.episode_return += o->episode.total;
  o->episode.number += 1;
  o->episode.t = 0;
  o->episode.total = 0;
  lb_online_begin_episode(o);
}

static void copy_row(lb_ring* to, const lb_ring* from, int row) {
  int nobs = from->nobs, nact = from->nact;
  const float* r = from->data + (size_t)row * (size_t)from->width;
  lb_ring_add(to, r, r + nobs, r[lb_transitions_reward(nobs, nact)], r[lb_transitions_terminated(nobs, nact)] > 0,
              r + lb_transitions_next(nobs, nact));
}

// Of a row whose demonstrations enter one a step: the newest real transition and as many draws from the demonstrations
// as keep the recipe's share: of n rows of the mix, the floor of n times the share are the expert's.
static void mix(lb_online* o, bool usable) {
  double share = o->recipe.expert_share;
  lb_online_data* d = &o->data;
  if (!o->recipe.one_a_step) return;
  int newest = (d->learner.next + d->learner.capacity - 1) % d->learner.capacity;
  if (usable && share < 1) copy_row(&d->mix, &d->learner, newest);
  if (!(share > 0)) return;
  double each = share < 1 ? share / (1 - share) : 1;
  int before = (int)floor(each * (o->round - 1)), now = (int)floor(each * o->round);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_MIX, (uint32_t)o->round, 0);
  for (int i = before; i < now; ++i) {
    copy_row(&d->mix, &d->expert, (int)lb_rng_below(&rng, (uint32_t)d->expert.n));
  }
}

static void to_floats(float* out, const double* in, int n) {
  for (int i = 0; i < n; ++i) out[i] = (float)in[i];
}

static void note_unusable(lb_online* o, const lb_fault* fault) {
  char why[300];
  if (o->unusable.n++ > 0) return;
  o->unusable.round = o->round;
  o->unusable.fault = *fault;
  lb_fault_describe(why, sizeof why, fault, o->system);
  lb_log_warning("%s: step %d of the run, in the learner's episode %d: %s; such steps are left out", o->system->name,
                 o->round, o->episode.number, why);
}

// A transition that left the finite numbers teaches nothing: it only ends the episode.
void lb_online_collect(lb_online* o) {
  lb_system* s = o->system;
  lb_online_episode* e = &o->episode;
  double *action = e->action, *u = e->u, *w = e->w;
  choose_action(o, action);
  lb_online_scale(s, u, action, 1);
  if (s->nw > 0) {
    lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->round, 2);
    lb_rng_normals(&rng, w, s->nw);
  }
  lb_source source = is_warmup(o) ? LB_STEP_EXPLORATION : LB_STEP_LEARNER;
  double start = lb_cpu_seconds();
  lb_outcome outcome = lb_system_step(s, source, u, s->nw > 0 ? w : NULL);
  lb_phase_add(&o->times.collect_steps, start);
  to_floats(e->before, e->obs, s->nobs);
  to_floats(e->taken, action, s->nu);
  lb_fault fault = lb_fault_in("observation", e->obs, s->nobs, e->t - 1);
  if (!fault.what) fault = lb_fault_in("control", u, s->nu, e->t);
  if (!fault.what && outcome.diverged) fault = (lb_fault){"simulation", 0, e->t, NAN};
  s->observe(s->self, e->obs);
  to_floats(e->after, e->obs, s->nobs);
  if (!fault.what) fault = lb_fault_in("reward", &outcome.reward, 1, e->t);
  if (!fault.what) fault = lb_fault_in("observation", e->obs, s->nobs, e->t);
  bool usable = !fault.what;
  if (!usable) note_unusable(o, &fault);
  if (usable) lb_ring_add(&o->data.learner, e->before, e->taken, (float)outcome.reward, outcome.terminated, e->after);
  if (usable) o->episode.total += outcome.reward;
  mix(o, usable);
  o->episode.t += 1;
  if (!usable || outcome.terminated || outcome.truncated || o->episode.t >= s->horizon) end_episode(o);
}

// One of n weighted choices.
static int choose(const double* weights, int n, lb_rng* rng) {
  double total = 0, at = lb_rng_uniform(rng);
  for (int i = 0; i < n; ++i) total += weights[i];
  for (int i = 0; i + 1 < n; ++i) {
    at -= weights[i] / total;
    if (at < 0) return i;
  }
  return n - 1;
}

static const lb_ring* ring_of(const lb_online* o, lb_states states) {
  if (states == LB_STATES_EXPERT) return &o->data.expert;
  return states == LB_STATES_IMAGINED ? &o->data.imagined : &o->data.learner;
}

// Copies `count` rows drawn from a ring to row `at` of the batch.
static void fill(lb_online* o, const lb_ring* from, int at, int count, int* rows, lb_rng* rng) {
  size_t width = (size_t)from->width;
  lb_ring_draw(from, rows, count, rng);
  for (int i = 0; i < count; ++i) {
    memcpy(o->data.batch + (size_t)(at + i) * width, from->data + (size_t)rows[i] * width, width * sizeof(float));
  }
}

// `count` rows of b for every batch, the others of a.
static lb_transitions draw_two(lb_online* o, const lb_ring* a, const lb_ring* b, int count, int* rows, lb_rng* rng) {
  int n = o->protocol.online.batch;
  if (count == 0) {
    lb_ring_draw(a, rows, n, rng);
    return lb_ring_view(a, rows, n);
  }
  fill(o, a, 0, n - count, rows, rng);
  fill(o, b, n - count, count, rows, rng);
  return (lb_transitions){.n = n, .nobs = a->nobs, .nact = a->nact, .data = o->data.batch, .rows = NULL};
}

lb_online_fitted lb_online_fitted_to(const lb_online* o) {
  const lb_online_data* d = &o->data;
  double share = o->recipe.expert_share;
  lb_online_fitted f = {.first = d->expert.n, .share = share};
  if (o->recipe.one_a_step) return (lb_online_fitted){.rows = lb_ring_view(&d->mix, NULL, d->mix.n)};
  if (!(share > 0)) return (lb_online_fitted){.rows = lb_ring_view(&d->learner, NULL, d->learner.n)};
  f.rows = lb_ring_view(&d->expert, NULL, d->expert.n);  // the learner's rows come right behind
  if (share < 1) f.rows.n += d->learner.n;
  return f;
}

// Imagined transitions, `count` of them real ones of those that the model is fitted to.
static lb_transitions draw_imagined(lb_online* o, int count, int* rows, lb_rng* rng) {
  const lb_online_data* d = &o->data;
  int n = o->protocol.online.batch;
  if (o->recipe.one_a_step) return draw_two(o, &d->imagined, &d->mix, count, rows, rng);
  int expert = (int)lround(o->recipe.expert_share * count);
  if (d->learner.n == 0) expert = count;
  if (count == 0 || expert == 0) return draw_two(o, &d->imagined, &d->learner, count, rows, rng);
  fill(o, &d->imagined, 0, n - count, rows, rng);
  fill(o, &d->expert, n - count, expert, rows, rng);
  if (count > expert) fill(o, &d->learner, n - count + expert, count - expert, rows, rng);
  return (lb_transitions){.n = n, .nobs = d->expert.nobs, .nact = d->expert.nact, .data = o->data.batch, .rows = NULL};
}

lb_transitions lb_online_draw(lb_online* o, lb_transitions* actor_states, int* rows, lb_rng* rng) {
  const lb_online_data* d = &o->data;
  const lb_planner_choice* planner = &o->recipe.planner;
  int n = o->protocol.online.batch;
  double real = planner->real_share >= 0 ? planner->real_share : o->protocol.online.real_share;
  *actor_states = (lb_transitions){0};
  lb_transitions batch;
  if (o->imagination) {
    batch = draw_imagined(o, (int)lround(real * n), rows, rng);
  } else {
    batch = draw_two(o, &d->learner, &d->expert, (int)lround(o->recipe.expert_share * n), rows, rng);
  }
  lb_states whose = (lb_states)choose(planner->actor_states, LB_STATES, rng);
  bool own = whose == (o->imagination ? LB_STATES_IMAGINED : LB_STATES_LEARNER);
  if (own) return batch;
  const lb_ring* ring = ring_of(o, whose);
  lb_ring_draw(ring, rows + n, n, rng);
  *actor_states = lb_ring_view(ring, rows + n, n);
  return batch;
}
