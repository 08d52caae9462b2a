#include "eval/episode.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 1024 };  // that are drawn at once, or one step's if those are more

// The process noise of a rollout, drawn many steps at once: a bulk draw costs a fifth of single ones and gives the same
// values.
typedef struct noise {
  double* draws;
  int steps;       // that they are enough for
  int next, left;  // in steps
} noise;

// Room for as many steps' draws of process noise as fit DRAWS numbers, at least one step's; none for a system without
// noise.
static noise noise_new(const lb_system* s, lb_arena* scratch) {
  int steps = s->nw == 0 ? 0 : s->nw < DRAWS ? DRAWS / s->nw : 1;
  return (noise){.draws = LB_TAKE(scratch, double, steps * s->nw), .steps = steps};
}

// The draws of the next step (nw), or NULL for a system without noise.
static const double* next_draws(noise* buffer, const lb_system* s, lb_rng* rng) {
  if (s->nw == 0) return NULL;
  if (buffer->left == 0) {
    buffer->left = buffer->steps;
    buffer->next = 0;
    lb_system_noise(s, buffer->left, buffer->draws, rng);
  }
  buffer->left -= 1;
  return buffer->draws + s->nw * buffer->next++;
}

// |(x (-) x_ref_t, u - u_ref_t)|, dx (ndx) is scratch; a system without a reference is measured from its own state,
// which is 0.
static double distance(const lb_system* s, int t, const double* x, const double* u, double* dx) {
  double sum = 0;
  if (s->reference) {
    lb_space_difference(&s->space, dx, s->reference->x + t * s->space.nx, x);
    for (int i = 0; i < s->space.ndx; ++i) sum += dx[i] * dx[i];
  }
  for (int i = 0; i < s->nu; ++i) {
    double du = u[i] - (s->reference ? s->reference->u[t * s->nu + i] : 0);
    sum += du * du;
  }
  return sqrt(sum);
}

// Writes step k of an episode into those arrays of the record that are not NULL.
static void keep(const lb_record* r, const lb_system* s, int k, const double* x, const double* u, const double* x_next,
                 const double* obs, const lb_outcome* outcome) {
  size_t nx = (size_t)s->space.nx, nu = (size_t)s->nu, nobs = (size_t)s->nobs, i = (size_t)k;
  if (r->t) r->t[i] = k;
  if (r->x) memcpy(r->x + i * nx, x, nx * sizeof(double));
  if (r->u) memcpy(r->u + i * nu, u, nu * sizeof(double));
  if (r->x_next) memcpy(r->x_next + i * nx, x_next, nx * sizeof(double));
  if (r->obs) memcpy(r->obs + i * nobs, obs, nobs * sizeof(double));
  if (r->obs_next) s->observe(s->self, r->obs_next + i * nobs);
  if (r->reward) r->reward[i] = outcome->reward;
  if (r->terminated) r->terminated[i] = outcome->terminated;
}

// The episode as it ends when a number is not finite: an infinite cost, and where it began.
static lb_episode diverge(lb_episode episode, lb_fault fault) {
  episode.diverged = true;
  episode.cost = INFINITY;
  episode.fault = fault;
  return episode;
}

// What made a step's outcome leave the finite numbers.
static lb_fault find_fault(const lb_system* s, const lb_outcome* outcome, const double* u, int t) {
  lb_fault control = lb_fault_in("control", u, s->nu, t);
  if (control.what) return control;
  return outcome->diverged ? (lb_fault){"simulation", 0, t, NAN} : (lb_fault){"reward", 0, t, outcome->reward};
}

// One episode of the policy from a random start. `always`: steps that are made before a state outside the stop norm
// ends it; LB_NO_EARLY_STOP: it never does.
static lb_episode run(lb_system* s, const lb_policy* policy, lb_source source, lb_rng* rng, int always,
                      const lb_record* record, lb_arena* scratch) {
  double *x = LB_TAKE(scratch, double, s->space.nx), *x_next = LB_TAKE(scratch, double, s->space.nx);
  double *u = LB_TAKE(scratch, double, s->nu), *obs = LB_TAKE(scratch, double, s->nobs);
  double* dx = LB_TAKE(scratch, double, s->space.ndx);
  noise buffer = noise_new(s, scratch);
  bool reads_state = policy->input == LB_READS_STATE;
  lb_episode episode = {0};
  s->reset(s->self, rng);
  s->get_state(s->self, x);
  while (episode.length < s->horizon) {
    int t = episode.length;
    if (!reads_state || (record && record->obs)) s->observe(s->self, obs);
    if (!reads_state) {
      lb_fault unseen = lb_fault_in("observation", obs, s->nobs, t - 1);
      if (unseen.what) return diverge(episode, unseen);
    }
    lb_policy_act(policy, 1, t, reads_state ? x : obs, u);
    if (always != LB_NO_EARLY_STOP && t >= always && !(distance(s, t, x, u, dx) <= s->stop_norm)) return episode;
    lb_outcome outcome = lb_system_step(s, source, u, next_draws(&buffer, s, rng));
    s->get_state(s->self, x_next);
    episode.cost -= outcome.reward;
    episode.length += 1;
    if (record) keep(record, s, t, x, u, x_next, obs, &outcome);
    memcpy(x, x_next, (size_t)s->space.nx * sizeof(double));
    if (outcome.diverged || !isfinite(episode.cost)) return diverge(episode, find_fault(s, &outcome, u, t));
    if (outcome.terminated || outcome.truncated) break;
  }
  if (s->cost) episode.cost += s->cost->terminal(s->cost->ctx, episode.length, x);
  return episode;
}

lb_episode lb_episode_run(lb_system* s, const lb_policy* policy, lb_source source, lb_rng* rng, int always,
                          const lb_record* record, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  lb_episode episode = run(s, policy, source, rng, always, record, scratch);
  lb_arena_release(scratch, mark);
  return episode;
}
