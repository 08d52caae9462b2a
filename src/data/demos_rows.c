// Demonstrations as float rows: see demos_rows.h.
#include "data/demos_rows.h"

#include <assert.h>
#include <math.h>

#include "base/text.h"
#include "data/demos_private.h"

// What is asked for, resolved: `n` transitions of episodes index[0..episodes).
typedef struct selection {
  const int* index;
  int episodes, n;
} selection;

static int episode_at(const selection* s, int k) {
  return s->index ? s->index[k] : k;
}

// Which episodes and how many rows a choice means; fails where it asks for more than there are.
static lb_status resolve(selection* s, const lb_demos* d, const lb_demos_choice* c) {
  *s = (selection){.index = c->episodes > 0 ? c->index : NULL, .episodes = c->episodes > 0 ? c->episodes : d->episodes};
  assert(c->episodes >= 0 && c->transitions >= 0);
  if (!s->index && s->episodes > d->episodes) {
    return lb_fail(LB_INPUT, "%s: holds %d %s, %d were asked for; ask for fewer or record more", d->origin, d->episodes,
                   lb_plural(d->episodes, "episode", "episodes"), s->episodes);
  }
  int total = 0;
  for (int k = 0; k < s->episodes; ++k) {
    int e = episode_at(s, k);
    if (e < 0 || e >= d->episodes) {
      return lb_fail(LB_INPUT, "%s: holds the episodes 0 to %d, number %d was asked for", d->origin, d->episodes - 1,
                     e);
    }
    total += d->start[e + 1] - d->start[e];
  }
  if (c->transitions > total) {
    return lb_fail(LB_INPUT, "%s: %d %s in %d %s, %d were asked for; ask for fewer or record more", d->origin, total,
                   lb_plural(total, "transition", "transitions"), s->episodes,
                   lb_plural(s->episodes, "episode", "episodes"), c->transitions);
  }
  s->n = c->transitions > 0 ? c->transitions : total;
  return lb_ok();
}

lb_status lb_demos_rows_count(int* n, const lb_demos* demos, const lb_demos_choice* choice) {
  selection s;
  LB_TRY(resolve(&s, demos, choice));
  *n = s.n;
  return lb_ok();
}

// Fails unless every control has two finite limits, for actions are scaled to [-1, 1].
static lb_status check_limits(const lb_system* s) {
  for (int i = 0; i < s->nu; ++i) {
    if (isfinite(s->u_low[i]) && isfinite(s->u_high[i]) && s->u_low[i] < s->u_high[i]) continue;
    return lb_fail(LB_INPUT, "%s: control %s has the limits %g and %g; actions in [-1, 1] need finite ones", s->name,
                   lb_system_control(s, i).text, s->u_low[i], s->u_high[i]);
  }
  return lb_ok();
}

static void to_floats(float* to, const double* from, int n) {
  for (int i = 0; i < n; ++i) to[i] = (float)from[i];
}

// One transition as floats: observation, action in [-1, 1], reward, end, next observation (core/transitions.h).
static void write_row(float* row, const lb_demos* d, const lb_system* s, int i) {
  int nobs = d->nobs, nu = d->nu;
  to_floats(row, d->observation + lb_demos_rows(i, nobs), nobs);
  for (int j = 0; j < nu; ++j) {
    double u = d->u[lb_demos_rows(i, nu) + (size_t)j], middle = 0.5 * (s->u_low[j] + s->u_high[j]);
    row[nobs + j] = (float)fmin(fmax((u - middle) / (0.5 * (s->u_high[j] - s->u_low[j])), -1), 1);
  }
  row[lb_transitions_reward(nobs, nu)] = (float)d->reward[i];
  row[lb_transitions_terminated(nobs, nu)] = d->terminal[i] ? 1.0f : 0.0f;
  to_floats(row + lb_transitions_next(nobs, nu), d->next_observation + lb_demos_rows(i, nobs), nobs);
}

// Writes the selection: into rows, or one by one through `row` into the ring.
static void write_all(float* row, lb_ring* ring, const selection* chosen, const lb_demos* d, const lb_system* s) {
  int width = lb_transitions_width(d->nobs, d->nu), left = chosen->n;
  for (int k = 0; k < chosen->episodes && left > 0; ++k) {
    int e = episode_at(chosen, k);
    for (int i = d->start[e]; i < d->start[e + 1] && left > 0; ++i, --left) {
      write_row(row, d, s, i);
      if (ring) {
        lb_ring_add(ring, row, row + d->nobs, row[lb_transitions_reward(d->nobs, d->nu)], d->terminal[i],
                    row + lb_transitions_next(d->nobs, d->nu));
      } else {
        row += width;
      }
    }
  }
}

lb_status lb_demos_rows_copy(float* rows, const lb_demos* demos, const lb_system* system,
                             const lb_demos_choice* choice) {
  assert(demos->observation && demos->nobs == system->nobs && demos->nu == system->nu);
  selection s;
  LB_TRY(resolve(&s, demos, choice));
  LB_TRY(check_limits(system));
  write_all(rows, NULL, &s, demos, system);
  return lb_ok();
}

lb_status lb_demos_rows_push(lb_ring* ring, int* n, const lb_demos* demos, const lb_system* system,
                             const lb_demos_choice* choice) {
  assert(demos->observation && ring->nobs == demos->nobs && ring->nact == demos->nu);
  selection s;
  LB_TRY(resolve(&s, demos, choice));
  LB_TRY(check_limits(system));
  lb_arena* scratch = lb_arena_new(4096);
  if (!scratch) return lb_fail(LB_MEMORY, "%s: out of memory", demos->origin);
  write_all(LB_TAKE(scratch, float, ring->width), ring, &s, demos, system);
  lb_arena_free(scratch);
  if (n) *n = s.n;
  return lb_ok();
}
