#include "task/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "phys/mujoco_log.h"
#include "task/mujoco_system.h"
#include "task/task.h"

// Sums over numbers that come one after the other (Welford).
typedef struct spread {
  long n;
  double mean, squares;
} spread;

// What steps the task: the system and room for one transition.
typedef struct stepper {
  lb_check* check;
  lb_system* s;
  const lb_task_spec* spec;  // NULL: no MuJoCo task
  double *x, *x_next, *u, *w, *obs, *alone, *before;
  spread *of_obs, *of_terms;
  lb_rng rng;
  lb_arena* arena;
  const lb_check_config* config;
  double start, told;  // of all, in CPU seconds; when something was told last
} stepper;

lb_check_config lb_check_default_config(void) {
  return (lb_check_config){.random_steps = 10000, .zero_steps = 1000, .seed = 0, .seconds = 60};
}

// How much of a warning tells its kind: not at which joint and time it came up.
static size_t length_of_kind(const char* text) {
  static const char* const ends[] = {" at DOF", " Time = "};
  size_t length = strlen(text);
  for (int i = 0; i < 2; ++i) {
    const char* end = strstr(text, ends[i]);
    if (end && (size_t)(end - text) < length) length = (size_t)(end - text);
  }
  return length;
}

// What the first of a kind of warning was about: ", at DOF 7" as the velocity's name, "" where it names none.
static void add_place(lb_text* out, const stepper* p, const char* text) {
  const char* at = strstr(text, " at DOF ");
  int dof, nq = p->s->nq;
  if (!at || !p->s->state_names || sscanf(at, " at DOF %d", &dof) != 1) return;
  if (dof >= 0 && nq + dof < p->s->space.nx - p->s->na) lb_text_add(out, ", first at %s", p->s->state_names[nq + dof]);
}

// Keeps one of MuJoCo's warnings of each kind.
static void take_warning(void* ctx, const char* text) {
  stepper* p = ctx;
  lb_check* c = p->check;
  size_t length = length_of_kind(text);
  for (int i = 0; i < c->nwarning; ++i) {
    if (c->warnings[i].length != length || strncmp(c->warnings[i].text, text, length) != 0) continue;
    ++c->warnings[i].count;
    return;
  }
  if (c->nwarning == LB_CHECK_WARNINGS) return;
  lb_text words = {0};
  lb_text_add(&words, "%.*s", (int)length, text);
  add_place(&words, p, text);
  c->warnings[c->nwarning++] = (lb_check_warning){lb_arena_text(p->arena, words.data), length, 1};
  lb_text_free(&words);
}

// Of a second copy of the task: what its model is warned of was said of the first.
static void ignore_warning(void* ctx, const char* text) {
  (void)ctx;
  (void)text;
}

// All that the check steps with, in the arena.
static stepper stepper_new(lb_check* check, lb_system* s, lb_arena* arena, const lb_check_config* config) {
  const lb_task_spec* spec = lb_mujoco_system_spec(s);
  size_t nx = (size_t)s->space.nx, nobs = (size_t)s->nobs, nreward = spec ? (size_t)spec->terms.nreward : 0;
  return (stepper){.check = check,
                   .s = s,
                   .spec = spec && spec->has_rewards ? spec : NULL,
                   .x = LB_TAKE(arena, double, nx),
                   .x_next = LB_TAKE(arena, double, nx),
                   .u = LB_TAKE(arena, double, s->nu),
                   .w = LB_TAKE(arena, double, s->nw + 1),
                   .obs = LB_TAKE(arena, double, nobs),
                   .alone = LB_TAKE(arena, double, nobs),
                   .before = LB_TAKE(arena, double, nreward + 1),
                   .of_obs = LB_TAKE(arena, spread, nobs),
                   .of_terms = LB_TAKE(arena, spread, nreward + 1),
                   .rng = lb_rng_stream(config->seed, LB_RNG_EVALUATION, 0, 0),
                   .config = config,
                   .start = lb_cpu_seconds(),
                   .arena = arena};
}

// u uniform within the limits ([-1, 1] where there are none) or zero, and w of process noise.
static void draw_controls(stepper* p, bool zero) {
  const lb_system* s = p->s;
  for (int i = 0; i < s->nu; ++i) {
    double low = isfinite(s->u_low[i]) ? s->u_low[i] : -1, high = isfinite(s->u_high[i]) ? s->u_high[i] : 1;
    p->u[i] = zero ? 0 : low + (high - low) * lb_rng_uniform(&p->rng);
  }
  lb_system_noise(s, 1, p->w, &p->rng);
}

// Takes a number into a range: lowest, highest, and Welford's mean and sum of squares; NaN is passed over.
static void add(lb_check_range* r, spread* s, double value) {
  if (!isfinite(value)) return;
  double off = value - s->mean;
  r->low = fmin(r->low, value);
  r->high = fmax(r->high, value);
  s->mean += off / (double)++s->n;
  s->squares += off * (value - s->mean);
}

// Mean and standard deviation; NAN where no number came.
static void close_range(lb_check_range* r, const spread* s) {
  r->mean = s->n > 0 ? s->mean : NAN;
  r->sd = s->n > 0 ? sqrt(s->squares / (double)s->n) : NAN;
  if (s->n == 0) r->low = r->high = NAN;
}

static lb_phys_view view_of(const stepper* p) {
  return (lb_phys_view){.data = lb_phys_sim_raw(lb_mujoco_system_sim(p->s)), .action = p->u, .healthy = 1};
}

// What the terms that compare with the step's beginning take for it.
static void prepare_terms(stepper* p) {
  memset(p->u, 0, sizeof(double) * (size_t)p->s->nu);
  lb_phys_view view = view_of(p);
  for (int i = 0; i < p->spec->terms.nreward; ++i) {
    p->before[i] = lb_reward_term_value(&p->spec->terms.reward[i], &view);
  }
}

// Each reward term's share of this step into its range.
static void take_terms(stepper* p, bool healthy) {
  lb_phys_view view = view_of(p);
  view.healthy = healthy;
  for (int i = 0; i < p->spec->terms.nreward; ++i) {
    const lb_reward_term* term = &p->spec->terms.reward[i];
    double value = lb_reward_term_value(term, &view);
    add(&p->check->terms[i], &p->of_terms[i], lb_reward_term_worth(term, value, p->before[i], p->spec->terms.dt));
    p->before[i] = value;
  }
}

// Counts a number that is not finite; the first is kept by name.
static void not_finite(lb_check_episodes* e, const char* what) {
  ++e->not_finite;
  if (!e->first) e->first = what;
}

// Looks at what was observed; `keep` adds it to the ranges.
static void take_observation(stepper* p, lb_check_episodes* e, bool keep) {
  const lb_check* c = p->check;
  p->s->observe(p->s->self, p->obs);
  for (int i = 0; i < p->s->nobs; ++i) {
    if (!isfinite(p->obs[i])) {
      not_finite(e, c->obs[i].name);
      return;
    }
    if (keep) add(&p->check->obs[i], &p->of_obs[i], p->obs[i]);
  }
}

// Compares a transition with what the task says of its states alone, and of its observations alone.
static void compare(stepper* p, const double* obs_before, const lb_outcome* real) {
  lb_check_states* c = &p->check->states;
  lb_system* s = p->s;
  double reward;
  bool end;
  s->get_state(s->self, p->x_next);
  s->imagine(s->self, &(lb_imagined){&reward, &end, p->alone}, 1, p->x, p->u, p->x_next);
  double gap = fabs(reward - real->reward);
  ++c->steps;
  c->reward = fmax(c->reward, gap);
  c->reward_mean += gap;
  c->ends += end != real->terminated;
  for (int i = 0; i < s->nobs; ++i) c->observation = fmax(c->observation, fabs(p->alone[i] - p->obs[i]));
  if (!s->restore) return;
  s->restore(s->self, p->x, 1, obs_before);
  s->restore(s->self, p->x_next, 1, p->obs);
  s->imagine(s->self, &(lb_imagined){.terminated = &end}, 1, p->x, p->u, p->x_next);
  c->observed_ends += end != real->terminated;
  if (!s->restore_next) return;
  s->restore_next(s->self, p->x_next, p->x, 1, p->obs);
  s->imagine(s->self, &(lb_imagined){.reward = &reward}, 1, p->x, p->u, p->x_next);
  c->observed_reward = fmax(c->observed_reward, fabs(reward - real->reward));
}

// How the episode ended, and the shortest that terminated.
static void count_end(lb_check_episodes* e, const lb_outcome* o, int length) {
  e->terminated += o->terminated;
  e->diverged += o->diverged;
  e->truncated += o->truncated && !o->terminated && !o->diverged;
  if (o->terminated && (e->shortest == 0 || length < e->shortest)) e->shortest = length;
}

// Whether there is time for one more of `what`, of which `done` of `all` are done: what it may take up to the end of
// its part is a share of the whole time. One of each is always made.
static bool goes_on(stepper* p, const char* what, int done, int all, double share) {
  double now = lb_cpu_seconds() - p->start;
  if (p->config->progress && now - p->told > 0.5) {
    p->config->progress(p->config->ctx, what, done, all);
    p->told = now;
  }
  return done == 0 || p->config->seconds == 0 || now < share * p->config->seconds;
}

// Real steps in a second of CPU time, controls and episodes' beginnings included.
static double time_steps(stepper* p, int steps) {
  lb_system* s = p->s;
  bool in_episode = false;
  double start = lb_cpu_seconds();
  int i = 0;
  for (; i < steps && goes_on(p, "timing steps", i, steps, 1); ++i) {
    if (!in_episode) s->reset(s->self, &p->rng);
    draw_controls(p, false);
    lb_outcome o = lb_system_step(s, LB_STEP_EVALUATION, p->u, s->nw > 0 ? p->w : NULL);
    in_episode = !o.terminated && !o.truncated && !o.diverged;
  }
  double seconds = lb_cpu_seconds() - start;
  return seconds > 0 ? i / seconds : 0;
}

// Steps episode after episode.
static void step_on(stepper* p, lb_check_episodes* e, int steps, bool zero) {
  enum { COMPARED = 1000 };
  lb_system* s = p->s;
  double sum = 0, *obs_before = LB_TAKE(p->arena, double, s->nobs);
  bool in_episode = false;
  int length = 0;
  const char* what = zero ? "controls of zero" : "random controls";
  for (int i = 0; i < steps && goes_on(p, what, i, steps, zero ? 0.7 : 0.55); ++i) {
    if (!in_episode) {
      s->reset(s->self, &p->rng);
      ++e->begun;
      length = 0;
      if (p->spec) prepare_terms(p);
      take_observation(p, e, !zero);
    }
    draw_controls(p, zero);
    s->get_state(s->self, p->x);
    memcpy(obs_before, p->obs, sizeof(double) * (size_t)s->nobs);
    lb_outcome o = lb_system_step(s, LB_STEP_EVALUATION, p->u, s->nw > 0 ? p->w : NULL);
    ++e->steps;
    ++length;
    in_episode = !o.terminated && !o.truncated && !o.diverged;
    if (!in_episode) count_end(e, &o, length);
    if (o.diverged) continue;
    if (!isfinite(o.reward)) not_finite(e, "the reward");
    sum += isfinite(o.reward) ? o.reward : 0;
    take_observation(p, e, !zero);
    if (p->spec && !zero) take_terms(p, !o.terminated);
    if (s->imagine && !zero && i < COMPARED) compare(p, obs_before, &o);
  }
  e->reward = e->steps > 0 ? sum / e->steps : 0;
}

// What a number of steps gave: states, observations and rewards one after the other.
static void play(lb_system* s, double* out, const double* u, const double* w, int steps) {
  for (int i = 0; i < steps; ++i) {
    lb_outcome o = lb_system_step(s, LB_STEP_EVALUATION, u + i * s->nu, s->nw > 0 ? w + i * s->nw : NULL);
    s->get_state(s->self, out);
    s->observe(s->self, out + s->space.nx);
    out[s->space.nx + s->nobs] = o.diverged ? NAN : o.reward;
    out += s->space.nx + s->nobs + 1;
  }
}

// From states in the middle of episodes: the next steps again, in a second copy of the task that is put there.
static void try_restarts(stepper* p, lb_system* twin) {
  enum { RESTARTS = 20, AFTER = 10, MOST_BEFORE = 60 };
  lb_system* s = p->s;
  lb_check* c = p->check;
  size_t row = (size_t)(s->space.nx + s->nobs + 1), n = AFTER * row;
  double *x = LB_TAKE(p->arena, double, s->space.nx), *hidden = LB_TAKE(p->arena, double, s->nhidden + 1);
  double *u = LB_TAKE(p->arena, double, AFTER * s->nu), *w = LB_TAKE(p->arena, double, AFTER * s->nw + 1);
  double *first = LB_TAKE(p->arena, double, n), *again = LB_TAKE(p->arena, double, n);
  for (int k = 0; k < RESTARTS && goes_on(p, "restarts", k, RESTARTS, 0.9); ++k) {
    int before = (int)lb_rng_below(&p->rng, MOST_BEFORE), t = 0;
    s->reset(s->self, &p->rng);
    for (bool in_episode = true; in_episode && t < before && t + AFTER < s->horizon; ++t) {
      draw_controls(p, false);
      lb_outcome o = lb_system_step(s, LB_STEP_EVALUATION, p->u, s->nw > 0 ? p->w : NULL);
      in_episode = !o.terminated && !o.truncated && !o.diverged;
    }
    s->get_state(s->self, x);
    if (s->nhidden > 0) s->get_hidden(s->self, hidden);
    for (int i = 0; i < AFTER; ++i) {
      draw_controls(p, false);
      memcpy(u + i * s->nu, p->u, sizeof(double) * (size_t)s->nu);
      memcpy(w + i * s->nw, p->w, sizeof(double) * (size_t)s->nw);
    }
    play(s, first, u, w, AFTER);
    twin->set_state(twin->self, x, t);
    if (s->nhidden > 0) twin->set_hidden(twin->self, hidden);
    play(twin, again, u, w, AFTER);
    ++c->restarts;
    c->unequal += memcmp(first, again, sizeof(double) * n) != 0;
    for (size_t i = 0; i < n; ++i) {
      if (isfinite(first[i]) && isfinite(again[i])) c->apart = fmax(c->apart, fabs(first[i] - again[i]));
    }
  }
}

static const char* name_of_term(const lb_reward_term* term) {
  return term->name ? term->name : term->text;
}

// Names for all ranges, which are empty yet.
static void begin_ranges(stepper* p) {
  lb_check* c = p->check;
  c->nobs = p->s->nobs;
  c->nterm = p->spec ? p->spec->terms.nreward : 0;
  c->obs = LB_TAKE(p->arena, lb_check_range, c->nobs);
  c->terms = LB_TAKE(p->arena, lb_check_range, c->nterm);
  for (int i = 0; i < c->nobs; ++i) {
    char number[32];
    snprintf(number, sizeof number, "state[%d]", i);
    const char* const* names = p->s->obs_names ? p->s->obs_names : p->s->state_names;
    const char* name = names ? names[i] : lb_arena_text(p->arena, number);
    c->obs[i] = (lb_check_range){.name = name, .low = INFINITY, .high = -INFINITY};
  }
  for (int i = 0; i < c->nterm; ++i) {
    c->terms[i] = (lb_check_range){.name = name_of_term(&p->spec->terms.reward[i]), .low = INFINITY, .high = -INFINITY};
  }
}

// The whole check: random controls, zero controls, restarts, speed.
static void run(stepper* p, lb_system* twin, const lb_check_config* config) {
  enum { TIMED = 2000 };
  lb_check* c = p->check;
  c->asked = config->random_steps;
  c->asked_zero = config->zero_steps;
  c->seconds = config->seconds;
  begin_ranges(p);
  step_on(p, &c->random, config->random_steps, false);
  step_on(p, &c->zero, config->zero_steps, true);
  for (int i = 0; i < c->nobs; ++i) close_range(&c->obs[i], &p->of_obs[i]);
  for (int i = 0; i < c->nterm; ++i) close_range(&c->terms[i], &p->of_terms[i]);
  c->states.can_end = p->s->restore != NULL;
  c->states.can_reward = p->s->restore_next != NULL;
  if (c->states.steps > 0) c->states.reward_mean /= c->states.steps;
  try_restarts(p, twin);
  c->steps_per_second = time_steps(p, config->random_steps < TIMED ? config->random_steps : TIMED);
}

lb_status lb_check_run(lb_check* check, lb_arena* arena, const char* models_dir, const char* name,
                       const lb_check_config* config) {
  lb_system *system, *twin;
  *check = (lb_check){0};
  LB_TRY(lb_task_open(&system, models_dir, name));
  lb_phys_log_listen(ignore_warning, NULL);
  lb_status status = lb_task_open(&twin, models_dir, name);
  lb_phys_log_listen(NULL, NULL);
  if (status.code != LB_OK) {
    lb_system_free(system);
    return status;
  }
  stepper p = stepper_new(check, system, arena, config);
  check->system = system;
  lb_phys_log_listen(take_warning, &p);
  run(&p, twin, config);
  lb_phys_log_listen(NULL, NULL);
  lb_system_free(twin);
  lb_check_find(check, arena);
  return lb_ok();
}
