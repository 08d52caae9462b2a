// Demonstrations in memory: see demos.h.
#include "data/demos.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/running.h"
#include "data/demos_private.h"

#define rows lb_demos_rows

// Numbers that a recording may fill the memory with.
static const double most_numbers = 2e9;

// Numbers of a transition.
static double width_of(const lb_system* s, bool with_observations) {
  return 3.0 * s->space.nx + s->nu + s->nw + s->nhidden + (with_observations ? 2.0 * s->nobs : 0) + 1;
}

double lb_demos_bytes(const lb_system* system, double n) {
  return n * sizeof(double) * width_of(system, true);
}

lb_status lb_demos_check_room(const lb_system* s, double n, bool with_observations, const char* path) {
  double width = width_of(s, with_observations);
  char what[400];
  lb_memory there = lb_memory_of_process();
  if (n > LB_DEMOS_MOST || width * n > most_numbers) {
    return lb_fail(LB_INPUT, "%s: %.10g transitions of %s need more than %g numbers in memory; record fewer", path, n,
                   s->name, most_numbers);
  }
  snprintf(what, sizeof what, "%.200s: %.0f transitions of %.100s", path, n, s->name);
  return lb_memory_check(width * n * sizeof(double), &there, what, "record fewer");
}

lb_demos* lb_demos_new(const lb_system* s, int capacity, int max_episodes, bool with_observations) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return NULL;
  lb_demos* d = LB_TAKE(arena, lb_demos, 1);
  *d = (lb_demos){.arena = arena, .nx = s->space.nx, .nu = s->nu, .nw = s->nw, .nobs = s->nobs, .nhidden = s->nhidden};
  d->origin = "the demonstrations";
  d->start = LB_TAKE(arena, int, max_episodes + 1);
  d->cut = LB_TAKE(arena, bool, max_episodes);
  d->path = LB_TAKE(arena, double*, max_episodes);
  d->x = LB_TAKE(arena, double, rows(capacity, d->nx));
  d->u = LB_TAKE(arena, double, rows(capacity, d->nu));
  d->x_next = LB_TAKE(arena, double, rows(capacity, d->nx));
  d->noise = LB_TAKE(arena, double, rows(capacity, d->nw));
  d->hidden = LB_TAKE(arena, double, rows(capacity, d->nhidden));
  d->reward = LB_TAKE(arena, double, (size_t)capacity);
  if (with_observations) {
    d->observation = LB_TAKE(arena, double, rows(capacity, d->nobs));
    d->next_observation = LB_TAKE(arena, double, rows(capacity, d->nobs));
  }
  d->terminal = LB_TAKE(arena, bool, (size_t)capacity);
  d->timeout = LB_TAKE(arena, bool, (size_t)capacity);
  return d;
}

int lb_demos_split(const lb_system* s, const lb_demos_names* names, const char* name[3], int first[3], int width[3]) {
  if (s->nq == 0) {
    name[0] = names->whole, first[0] = 0, width[0] = s->space.nx;
    return 1;
  }
  name[0] = names->qpos, first[0] = 0, width[0] = s->nq;
  name[1] = names->qvel, first[1] = s->nq, width[1] = s->space.nx - s->nq - s->na;
  name[2] = names->act, first[2] = s->space.nx - s->na, width[2] = s->na;
  return s->na > 0 ? 3 : 2;
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

void lb_demos_lay_path(lb_demos* d, int e) {
  int begin = d->start[e], end = d->start[e + 1], length = end - begin;
  double* path = LB_TAKE(d->arena, double, rows(length + 1, d->nx));
  memcpy(path, d->x + rows(begin, d->nx), rows(length, d->nx) * sizeof(double));
  memcpy(path + rows(length, d->nx), d->x_next + rows(end - 1, d->nx), (size_t)d->nx * sizeof(double));
  d->path[e] = path;
}

void lb_demos_close_episode(lb_demos* d) {
  int e = d->episodes++;
  d->start[e + 1] = d->n;
  lb_demos_lay_path(d, e);
}

lb_trajectory lb_demos_episode(const lb_demos* demos, int e, const double** x_next, const double** noise) {
  assert(e >= 0 && e < demos->episodes);
  int begin = demos->start[e];
  if (x_next) *x_next = demos->x_next + rows(begin, demos->nx);
  if (noise) *noise = demos->noisy ? demos->noise + rows(begin, demos->nw) : NULL;
  return (lb_trajectory){
      .length = demos->start[e + 1] - begin, .x = demos->path[e], .u = demos->u + rows(begin, demos->nu)};
}

// Row t of episode e; what was not recorded is NULL.
lb_demo_step lb_demos_step(const lb_demos* d, int e, int t) {
  int i = d->start[e] + t;
  assert(t >= 0 && i < d->start[e + 1]);
  bool next = !d->no_next || !d->no_next[i];
  return (lb_demo_step){.x = d->x + rows(i, d->nx),
                        .u = d->u + rows(i, d->nu),
                        .noise = d->noisy ? d->noise + rows(i, d->nw) : NULL,
                        .hidden = d->has_hidden ? d->hidden + rows(i, d->nhidden) : NULL,
                        .obs = d->observation ? d->observation + rows(i, d->nobs) : NULL,
                        .x_next = next ? d->x_next + rows(i, d->nx) : NULL,
                        .next_obs = next && d->next_observation ? d->next_observation + rows(i, d->nobs) : NULL,
                        .reward = d->reward[i],
                        .terminal = d->terminal[i]};
}

bool lb_demos_exact_at(const lb_demos* d, int e, int t, const double** x, const double** hidden) {
  lb_demo_step step = lb_demos_step(d, e, t);
  *x = step.x;
  *hidden = step.hidden;
  if (!d->rounded) return true;
  int row = d->start[e] + t, low = 0, high = d->keys.n;  // the row is none before `low`, and none from `high` on
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (d->keys.row[middle] < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == d->keys.n || d->keys.row[low] != row) return false;
  *hidden = d->nhidden > 0 ? d->keys.hidden + rows(low, d->nhidden) : NULL;
  return true;
}

bool lb_demos_has_hidden(const lb_demos* demos) {
  return !demos->rounded && (demos->has_hidden || demos->nhidden == 0);
}

lb_demos_singles lb_demos_in_single(const lb_demos* demos) {
  return demos->singles;
}

int lb_demos_without_next(const lb_demos* demos) {
  int n = 0;
  for (int i = 0; demos->no_next && i < demos->n; ++i) n += demos->no_next[i];
  return n;
}

bool lb_demos_is_rounded(const lb_demos* demos) {
  return demos->rounded;
}

bool lb_demos_has_observations(const lb_demos* demos) {
  return demos->observation != NULL;
}

int lb_demos_keyframes(const lb_demos* demos) {
  return demos->keys.n;
}

bool lb_demos_is_cut(const lb_demos* demos, int e) {
  assert(e >= 0 && e < demos->episodes);
  return demos->cut[e];
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

// Rows [begin, begin + n) of `from`, each of so many numbers, to row `at` of `to`; nothing from NULL.
static void copy_rows(double* to, int at, const double* from, int begin, int n, int width) {
  if (!from || width == 0) return;
  memcpy(to + rows(at, width), from + rows(begin, width), rows(n, width) * sizeof(double));
}

lb_status lb_demos_select(lb_demos** out, const lb_demos* demos, const int* index, int n) {
  int total = 0;
  for (int k = 0; k < n; ++k) total += demos->start[index[k] + 1] - demos->start[index[k]];
  lb_system shape = {
      .space = {.nx = demos->nx}, .nu = demos->nu, .nw = demos->nw, .nobs = demos->nobs, .nhidden = demos->nhidden};
  lb_demos* d = lb_demos_new(&shape, total, n, demos->observation != NULL);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d demonstrations", n);
  d->origin = lb_arena_text(d->arena, demos->origin);
  d->noisy = demos->noisy;
  d->has_hidden = demos->has_hidden;
  d->rounded = demos->rounded;
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
    d->cut[k] = demos->cut[index[k]];
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
  for (int e = 0; e < demos->episodes; ++e) {
    if (!demos->cut[e] || demos->episodes == 1) lb_moments_add(&moments, episode_cost(demos, system, e));
  }
  *mean = moments.mean;
  *se = lb_moments_se(&moments);
}
