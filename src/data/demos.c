#include "data/demos.h"

#include <assert.h>
#include <string.h>

#include "base/moments.h"
#include "data/demos_private.h"

#define rows lb_demos_rows

lb_demos* lb_demos_new(const lb_system* s, int capacity, int max_episodes) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return NULL;
  lb_demos* d = LB_TAKE(arena, lb_demos, 1);
  *d = (lb_demos){.arena = arena, .nx = s->space.nx, .nu = s->nu, .nw = s->nw, .nobs = s->nobs, .nhidden = s->nhidden};
  d->start = LB_TAKE(arena, int, max_episodes + 1);
  d->path = LB_TAKE(arena, double*, max_episodes);
  d->x = LB_TAKE(arena, double, rows(capacity, d->nx));
  d->u = LB_TAKE(arena, double, rows(capacity, d->nu));
  d->x_next = LB_TAKE(arena, double, rows(capacity, d->nx));
  d->noise = LB_TAKE(arena, double, rows(capacity, d->nw));
  d->hidden = LB_TAKE(arena, double, rows(capacity, d->nhidden));
  d->reward = LB_TAKE(arena, double, (size_t)capacity);
  d->observation = LB_TAKE(arena, double, rows(capacity, d->nobs));
  d->next_observation = LB_TAKE(arena, double, rows(capacity, d->nobs));
  d->terminal = LB_TAKE(arena, bool, (size_t)capacity);
  d->timeout = LB_TAKE(arena, bool, (size_t)capacity);
  return d;
}

void lb_demos_free(lb_demos* demos) {
  if (demos) lb_arena_free(demos->arena);
}

int lb_demos_episodes(const lb_demos* demos) {
  return demos->episodes;
}

int lb_demos_transitions(const lb_demos* demos) {
  return demos->n;
}

// Closes the episode that ends with transition n - 1: lays its states out in one piece.
void lb_demos_close_episode(lb_demos* d) {
  int begin = d->start[d->episodes], length = d->n - begin;
  double* path = LB_TAKE(d->arena, double, rows(length + 1, d->nx));
  memcpy(path, d->x + rows(begin, d->nx), rows(length, d->nx) * sizeof(double));
  memcpy(path + rows(length, d->nx), d->x_next + rows(d->n - 1, d->nx), (size_t)d->nx * sizeof(double));
  d->path[d->episodes++] = path;
  d->start[d->episodes] = d->n;
}

// Takes one step of the policy and appends it; returns what the system said.
static lb_outcome record_step(lb_demos* d, lb_system* s, const lb_policy* policy, int t, lb_rng* rng) {
  int i = d->n++;
  double* x = d->x + rows(i, d->nx);
  double* u = d->u + rows(i, d->nu);
  double* w = d->noise + rows(i, d->nw);
  s->get_state(s->self, x);
  if (d->has_hidden) s->get_hidden(s->self, d->hidden + rows(i, d->nhidden));
  s->observe(s->self, d->observation + rows(i, d->nobs));
  lb_policy_act(policy, 1, t, policy->input == LB_READS_STATE ? x : d->observation + rows(i, d->nobs), u);
  lb_rng_normals(rng, w, d->nw);
  lb_outcome outcome = lb_system_step(s, LB_STEP_EXPERT, u, d->nw > 0 ? w : NULL);
  s->get_state(s->self, d->x_next + rows(i, d->nx));
  s->observe(s->self, d->next_observation + rows(i, d->nobs));
  d->reward[i] = outcome.reward;
  d->terminal[i] = outcome.terminated;
  d->timeout[i] = !outcome.terminated && (outcome.truncated || t + 1 == s->horizon);
  return outcome;
}

lb_status lb_demos_record(lb_demos** out, lb_system* system, const lb_policy* policy, int n, uint64_t seed) {
  *out = NULL;
  lb_demos* d = lb_demos_new(system, n * system->horizon, n);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d demonstrations of %s", n, system->name);
  d->noisy = d->nw > 0;
  d->has_hidden = d->nhidden > 0;
  for (int e = 0; e < n; ++e) {
    lb_rng rng = lb_rng_stream(seed, LB_RNG_EXPERT, (uint32_t)e, 0);
    system->reset(system->self, &rng);
    for (int t = 0; t < system->horizon; ++t) {
      lb_outcome outcome = record_step(d, system, policy, t, &rng);
      if (outcome.diverged) {
        lb_demos_free(d);
        return lb_fail(LB_DIVERGED, "%s: the expert's episode %d diverged at step %d", system->name, e, t);
      }
      if (outcome.terminated || outcome.truncated) break;
    }
    lb_demos_close_episode(d);
  }
  *out = d;
  return lb_ok();
}

lb_trajectory lb_demos_episode(const lb_demos* demos, int e, const double** x_next, const double** noise) {
  assert(e >= 0 && e < demos->episodes);
  int begin = demos->start[e];
  if (x_next) *x_next = demos->x_next + rows(begin, demos->nx);
  if (noise) *noise = demos->noisy ? demos->noise + rows(begin, demos->nw) : NULL;
  return (lb_trajectory){
      .length = demos->start[e + 1] - begin, .x = demos->path[e], .u = demos->u + rows(begin, demos->nu)};
}

lb_demo_step lb_demos_step(const lb_demos* d, int e, int t) {
  int i = d->start[e] + t;
  assert(t >= 0 && i < d->start[e + 1]);
  return (lb_demo_step){.x = d->x + rows(i, d->nx),
                        .u = d->u + rows(i, d->nu),
                        .noise = d->noisy ? d->noise + rows(i, d->nw) : NULL,
                        .hidden = d->has_hidden ? d->hidden + rows(i, d->nhidden) : NULL,
                        .obs = d->observation + rows(i, d->nobs),
                        .x_next = d->x_next + rows(i, d->nx),
                        .next_obs = d->next_observation + rows(i, d->nobs),
                        .reward = d->reward[i],
                        .terminal = d->terminal[i]};
}

bool lb_demos_has_hidden(const lb_demos* demos) {
  return demos->has_hidden || demos->nhidden == 0;
}

bool lb_demos_has_cold(const lb_demos* demos) {
  return demos->cold.x_next != NULL;
}

lb_demo_step lb_demos_cold_step(const lb_demos* d, int e, int t) {
  assert(d->cold.x_next);
  int i = d->start[e] + t;
  lb_demo_step step = lb_demos_step(d, e, t);
  step.hidden = NULL;
  step.x_next = d->cold.x_next + rows(i, d->nx);
  step.next_obs = d->cold.next_observation + rows(i, d->nobs);
  step.reward = d->cold.reward[i];
  step.terminal = d->cold.terminal[i];
  return step;
}

static void copy_rows(double* to, int at, const double* from, int begin, int n, int width) {
  memcpy(to + rows(at, width), from + rows(begin, width), rows(n, width) * sizeof(double));
}

lb_status lb_demos_select(lb_demos** out, const lb_demos* demos, const int* index, int n) {
  int total = 0;
  for (int k = 0; k < n; ++k) total += demos->start[index[k] + 1] - demos->start[index[k]];
  lb_system shape = {
      .space = {.nx = demos->nx}, .nu = demos->nu, .nw = demos->nw, .nobs = demos->nobs, .nhidden = demos->nhidden};
  lb_demos* d = lb_demos_new(&shape, total, n);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d demonstrations", n);
  d->noisy = demos->noisy;
  d->has_hidden = demos->has_hidden;
  for (int k = 0; k < n; ++k) {
    int begin = demos->start[index[k]], length = demos->start[index[k] + 1] - begin;
    copy_rows(d->x, d->n, demos->x, begin, length, d->nx);
    copy_rows(d->u, d->n, demos->u, begin, length, d->nu);
    copy_rows(d->x_next, d->n, demos->x_next, begin, length, d->nx);
    copy_rows(d->noise, d->n, demos->noise, begin, length, d->nw);
    copy_rows(d->hidden, d->n, demos->hidden, begin, length, d->nhidden);
    copy_rows(d->reward, d->n, demos->reward, begin, length, 1);
    copy_rows(d->observation, d->n, demos->observation, begin, length, d->nobs);
    copy_rows(d->next_observation, d->n, demos->next_observation, begin, length, d->nobs);
    memcpy(d->terminal + d->n, demos->terminal + begin, (size_t)length * sizeof(bool));
    memcpy(d->timeout + d->n, demos->timeout + begin, (size_t)length * sizeof(bool));
    d->n += length;
    lb_demos_close_episode(d);
  }
  *out = d;
  return lb_ok();
}

// The cost of episode e as recorded: minus its rewards, plus the terminal cost where the system has one.
static double episode_cost(const lb_demos* d, const lb_system* s, int e) {
  int length = d->start[e + 1] - d->start[e];
  double cost = 0;
  for (int i = d->start[e]; i < d->start[e + 1]; ++i) cost -= d->reward[i];
  if (s->cost) cost += s->cost->terminal(s->cost->ctx, length, d->path[e] + rows(length, d->nx));
  return cost;
}

void lb_demos_cost(const lb_demos* demos, const lb_system* system, double* mean, double* se) {
  lb_moments moments = {0};
  for (int e = 0; e < demos->episodes; ++e) lb_moments_add(&moments, episode_cost(demos, system, e));
  *mean = moments.mean;
  *se = lb_moments_se(&moments);
}
