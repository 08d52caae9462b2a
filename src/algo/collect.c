// Where the transitions of a run come from, and what is drawn from them.
#include <math.h>
#include <string.h>

#include "algo/agent.h"
#include "algo/branch.h"
#include "base/log.h"
#include "core/action.h"
#include "eval/episode.h"

//
// Real steps
//

void lb_agent_begin_episode(lb_agent* a) {
  const lb_system* s = a->system;
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_LEARNER, (uint32_t)a->episode.number, 0);
  s->reset(s->self, &rng);
  s->observe(s->self, a->episode.obs);
  a->episode.fault = lb_fault_in("observation", a->episode.obs, s->nobs, -1);
  float* kept = a->data.initial + (size_t)(a->episode.number % LB_AGENT_INITIAL) * (size_t)s->nobs;
  for (int i = 0; i < s->nobs; ++i) kept[i] = (float)a->episode.obs[i];
  a->data.ninitial = a->episode.number + 1;
}

// Counts the episode and begins the next one.
static void end_episode(lb_agent* a) {
  a->episodes += 1;
  a->episode_return += a->episode.total;
  a->episode.number += 1;
  a->episode.t = 0;
  a->episode.total = 0;
  lb_agent_begin_episode(a);
}

// Appends a row of one ring to another.
static void copy_row(lb_ring* to, const lb_ring* from, int row) {
  int nobs = from->nobs, nact = from->nact;
  const float* r = from->data + (size_t)row * (size_t)from->width;
  lb_ring_add(to, r, r + nobs, r[lb_transitions_reward(nobs, nact)], r[lb_transitions_terminated(nobs, nact)] > 0,
              r + lb_transitions_next(nobs, nact));
}

// Where demonstrations enter one a step: the newest real transition and as many draws from the demonstrations as keep
// the recipe's share: of n rows of the mix, the floor of n times the share are the expert's.
static void mix(lb_agent* a, bool usable) {
  double share = a->recipe.expert_share;
  lb_agent_rows* d = &a->data;
  int newest = (d->learner.next + d->learner.capacity - 1) % d->learner.capacity;
  if (usable && share < 1) copy_row(&d->mix, &d->learner, newest);
  if (!(share > 0)) return;
  double each = share < 1 ? share / (1 - share) : 1;
  int before = (int)floor(each * (a->iteration - 1)), now = (int)floor(each * a->iteration);
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_MIX, (uint32_t)a->iteration, 0);
  for (int i = before; i < now; ++i) {
    copy_row(&d->mix, &d->expert, (int)lb_rng_below(&rng, (uint32_t)d->expert.n));
  }
}

static void to_floats(float* out, const double* in, int n) {
  for (int i = 0; i < n; ++i) out[i] = (float)in[i];
}

// Counts a step that is left out; the first is said in words.
static void note_unusable(lb_agent* a, const lb_fault* fault) {
  char why[300];
  if (a->unusable.n++ > 0) return;
  a->unusable.iteration = a->iteration;
  a->unusable.fault = *fault;
  lb_fault_describe(why, sizeof why, fault, a->system);
  lb_log_warning("%s: step %d of the run, in the learner's episode %d: %s; such steps are left out", a->system->name,
                 a->iteration, a->episode.number, why);
}

// A transition that left the finite numbers teaches nothing: it only ends the episode.
void lb_agent_take_step(lb_agent* a, lb_source source) {
  lb_system* s = a->system;
  lb_agent_episode* e = &a->episode;
  double *action = e->action, *u = e->u, *w = e->w;
  // Act.
  lb_action_scale(s, u, action, 1);
  if (s->nw > 0) {
    lb_rng rng = lb_rng_stream(a->seed, LB_RNG_LEARNER, (uint32_t)a->iteration, 2);
    lb_system_noise(s, 1, w, &rng);
  }
  double start = lb_cpu_seconds();
  lb_outcome outcome = lb_system_step(s, source, u, s->nw > 0 ? w : NULL);
  lb_phase_add(&a->times.collect_steps, start);
  // See.
  to_floats(e->before, e->obs, s->nobs);
  to_floats(e->taken, action, s->nu);
  lb_fault fault = lb_fault_in("observation", e->obs, s->nobs, e->t - 1);
  if (!fault.what) fault = lb_fault_in("control", u, s->nu, e->t);
  if (!fault.what && outcome.diverged) fault = (lb_fault){"simulation", 0, e->t, NAN};
  s->observe(s->self, e->obs);
  to_floats(e->after, e->obs, s->nobs);
  if (!fault.what) fault = lb_fault_in("reward", &outcome.reward, 1, e->t);
  if (!fault.what) fault = lb_fault_in("observation", e->obs, s->nobs, e->t);
  // Keep.
  bool usable = !fault.what;
  if (!usable) note_unusable(a, &fault);
  if (usable) lb_ring_add(&a->data.learner, e->before, e->taken, (float)outcome.reward, outcome.terminated, e->after);
  if (usable) e->total += outcome.reward;
  if (a->recipe.one_a_step) mix(a, usable);
  e->t += 1;
  if (!usable || outcome.terminated || outcome.truncated || e->t >= s->horizon) end_episode(a);
}

void lb_agent_roll_out(lb_agent* a, int i) {
  lb_dataset* pool = &a->rollouts.learner;
  // Without expert data to fall back on, an iteration keeps at least its first step, however wild.
  int always = a->recipe.expert_share > 0 ? 0 : 1;
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_LEARNER, (uint32_t)a->iteration, (uint32_t)i);
  lb_record record = {.t = pool->t + pool->n,
                      .x = pool->x + (size_t)pool->n * (size_t)pool->nx,
                      .u = pool->u + (size_t)pool->n * (size_t)pool->nu,
                      .x_next = pool->x_next + (size_t)pool->n * (size_t)pool->nx};
  lb_episode episode = lb_episode_run(a->system, &a->policy, LB_STEP_LEARNER, &rng, always, &record, a->scratch);
  // A step that left the finite numbers teaches no model.
  pool->n += episode.diverged ? episode.length - 1 : episode.length;
}

//
// What is drawn from them
//

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

// The ring that has these states.
static const lb_ring* ring_of(const lb_agent* a, lb_states states) {
  if (states == LB_STATES_EXPERT) return &a->data.expert;
  return states == LB_STATES_IMAGINED ? &a->data.imagined : &a->data.learner;
}

// Copies `count` rows drawn from a ring to row `at` of the batch.
static void fill(lb_agent* a, const lb_ring* from, int at, int count, lb_rng* rng) {
  size_t width = (size_t)from->width;
  int* rows = a->data.rows;
  lb_ring_draw(from, rows, count, rng);
  for (int i = 0; i < count; ++i) {
    memcpy(a->data.batch + (size_t)(at + i) * width, from->data + (size_t)rows[i] * width, width * sizeof(float));
  }
}

// The first n rows of the batch.
static lb_transitions batch_of(const lb_agent* a, int n) {
  return (lb_transitions){
      .n = n, .nobs = a->data.learner.nobs, .nact = a->data.learner.nact, .data = a->data.batch, .rows = NULL};
}

// n rows, `count` of them of b and the others of a.
static lb_transitions draw_two(lb_agent* o, int n, const lb_ring* a, const lb_ring* b, int count, lb_rng* rng) {
  if (count == 0) {
    lb_ring_draw(a, o->data.rows, n, rng);
    return lb_ring_view(a, o->data.rows, n);
  }
  fill(o, a, 0, n - count, rng);
  fill(o, b, n - count, count, rng);
  return batch_of(o, n);
}

// Imagined transitions, `count` of them real ones of those that the model is fitted to.
static lb_transitions draw_imagined(lb_agent* a, int n, int count, lb_rng* rng) {
  const lb_agent_rows* d = &a->data;
  if (a->recipe.one_a_step) return draw_two(a, n, &d->imagined, &d->mix, count, rng);
  int expert = (int)lround(a->recipe.expert_share * count);
  if (d->learner.n == 0) expert = count;
  if (count == 0 || expert == 0) return draw_two(a, n, &d->imagined, &d->learner, count, rng);
  fill(a, &d->imagined, 0, n - count, rng);
  fill(a, &d->expert, n - count, expert, rng);
  if (count > expert) fill(a, &d->learner, n - count + expert, count - expert, rng);
  return batch_of(a, n);
}

lb_transitions lb_agent_draw(void* source, int n, lb_transitions* actor_states, lb_rng* rng) {
  lb_agent* a = source;
  const lb_agent_rows* d = &a->data;
  const lb_planner_choice* planner = &a->recipe.planner;
  bool imagines = lb_recipe_imagines(&a->recipe);
  double real = planner->real_share >= 0 ? planner->real_share : a->schedule.settings.real_share;
  *actor_states = (lb_transitions){0};
  lb_transitions batch;
  if (imagines) {
    batch = draw_imagined(a, n, (int)lround(real * n), rng);
  } else {
    batch = draw_two(a, n, &d->learner, &d->expert, (int)lround(a->recipe.expert_share * n), rng);
  }
  lb_states whose = (lb_states)choose(planner->actor_states, LB_STATES, rng);
  bool own = whose == (imagines ? LB_STATES_IMAGINED : LB_STATES_LEARNER);
  if (own) return batch;
  const lb_ring* ring = ring_of(a, whose);
  lb_ring_draw(ring, d->rows + n, n, rng);
  *actor_states = lb_ring_view(ring, d->rows + n, n);
  return batch;
}

//
// What is imagined
//

// Makes room for what is to be kept at this length of rollouts. When more room comes, new rows go behind the old ones,
// so that the first n rows stay those that are filled.
static void settle_room(lb_agent* a, int length) {
  const lb_loop_settings* l = &a->schedule.settings;
  lb_ring* ring = &a->data.imagined;
  int wanted = length * l->imagined_per_step * l->imagined_kept;
  if (wanted == ring->capacity) return;
  if (wanted < ring->n) {
    ring->n = wanted;
    ring->next = 0;
  } else {
    ring->next = ring->n % wanted;
  }
  ring->capacity = wanted;
}

// The observations (n, nobs) at which rollouts begin, by the recipe's weights.
static void draw_starts(lb_agent* a, float* starts, int n, lb_rng* rng) {
  const double* weights = a->recipe.planner.starts;
  double total = 0;
  size_t nobs = (size_t)a->system->nobs;
  int known = a->data.ninitial < LB_AGENT_INITIAL ? a->data.ninitial : LB_AGENT_INITIAL;
  for (int i = 0; i < LB_STATES; ++i) total += weights[i];
  for (int j = 0; j < n; ++j) {
    double at = total * lb_rng_uniform(rng);
    const float* from;
    if (at < weights[LB_STATES_INITIAL]) {
      from = a->data.initial + lb_rng_below(rng, (uint32_t)known) * nobs;
    } else {
      at -= weights[LB_STATES_INITIAL];
      const lb_ring* ring = at < weights[LB_STATES_EXPERT] ? &a->data.expert : &a->data.learner;
      from = ring->data + lb_rng_below(rng, (uint32_t)ring->n) * (size_t)ring->width;
    }
    memcpy(starts + (size_t)j * nobs, from, nobs * sizeof *starts);
  }
}

void lb_agent_imagine(lb_agent* a, int n, int length) {
  double start = lb_cpu_seconds();
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_PLAN, (uint32_t)a->iteration, 2);
  lb_mark mark = lb_arena_mark(a->scratch);
  float* starts = LB_TAKE(a->scratch, float, (size_t)n*(size_t)a->system->nobs);
  lb_sampler world = lb_world_sampler(a->world);
  settle_room(a, length);
  draw_starts(a, starts, n, &rng);
  lb_branch_rollouts(&world, lb_agent_planner(a), &a->data.imagined, starts, n, length, &rng, &a->counts, a->scratch);
  lb_arena_release(a->scratch, mark);
  lb_phase_add(&a->times.fit_rollouts, start);
}
