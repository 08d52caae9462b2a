#include "data/replay.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

// What is stepped and compared with.
typedef struct comparison {
  lb_system* system;
  const lb_demos* demos;
  lb_demos_singles singles;
  double *x, *obs;  // (nx), (nobs) what the simulator gives
} comparison;

// How far a is from the recorded b, in units of its size where that is above 1. Where b is a float32, what its rounding
// explains does not count. A NaN where the other is none is infinite.
static double deviation_of(double a, double b, bool single) {
  double off = fabs(a - b);
  if (isnan(off)) return isnan(a) && isnan(b) ? 0 : INFINITY;
  if (single && (float)a == (float)b) return 0;
  if (single) {
    float f = fabsf((float)b);
    off = fmax(0, off - 0.5 * ((double)nextafterf(f, INFINITY) - (double)f));
  }
  return off / fmax(1, fabs(b));
}

static double deviation(const double* a, const double* b, int n, bool single) {
  double worst = 0;
  for (int i = 0; i < n; ++i) worst = fmax(worst, deviation_of(a[i], b[i], single));
  return worst;
}

// Equal to the bit; of float32, as roundings.
static bool same(const double* a, const double* b, int n, bool single) {
  if (!single) return memcmp(a, b, (size_t)n * sizeof *a) == 0;
  for (int i = 0; i < n; ++i) {
    if ((float)a[i] != (float)b[i] && !(isnan(a[i]) && isnan(b[i]))) return false;
  }
  return true;
}

// Takes one step as recorded and compares what comes out; the state's deviation is returned. Beyond `limit` of it only
// the state counts.
static double compare_step(lb_replay_gap* g, const comparison* c, const lb_demo_step* want, int e, int t,
                           double limit) {
  lb_system* s = c->system;
  lb_outcome outcome = lb_system_step(s, LB_STEP_EVALUATION, want->u, want->noise);
  s->get_state(s->self, c->x);
  s->observe(s->self, c->obs);
  double off = want->x_next ? deviation(c->x, want->x_next, s->space.nx, c->singles.next_state) : 0;
  if (off > g->state) {
    g->state = off;
    g->episode = e;
    g->step = t;
  }
  g->compared += 1;
  g->is_bitwise = g->is_bitwise && (!want->x_next || same(c->x, want->x_next, s->space.nx, c->singles.next_state)) &&
                  (!want->next_obs || same(c->obs, want->next_obs, s->nobs, c->singles.observation)) &&
                  same(&outcome.reward, &want->reward, 1, c->singles.reward) && outcome.terminated == want->terminal;
  if (off > limit) return off;
  if (want->next_obs) {
    g->observation = fmax(g->observation, deviation(c->obs, want->next_obs, s->nobs, c->singles.observation));
  }
  g->reward = fmax(g->reward, deviation_of(outcome.reward, want->reward, c->singles.reward));
  g->flags += outcome.terminated != want->terminal;
  return off;
}

// Each step on its own, from its recorded state.
static void replay_restarts(lb_replay_report* r, const comparison* c, int e, int length) {
  lb_system* s = c->system;
  for (int t = 0; t < length; ++t) {
    lb_demo_step step = lb_demos_step(c->demos, e, t);
    s->set_state(s->self, step.x, t);
    if (step.hidden) s->set_hidden(s->self, step.hidden);
    compare_step(&r->restart, c, &step, e, t, INFINITY);
    if (!lb_demos_has_cold(c->demos)) continue;
    step = lb_demos_cold_step(c->demos, e, t);
    s->set_state(s->self, step.x, t);
    compare_step(&r->cold, c, &step, e, t, INFINITY);
  }
}

// The whole episode from its first state.
static void replay_run(lb_replay_report* r, const comparison* c, int e, int length) {
  lb_system* s = c->system;
  bool parted = false;
  lb_demo_step step = lb_demos_step(c->demos, e, 0);
  s->set_state(s->self, step.x, 0);
  if (step.hidden) s->set_hidden(s->self, step.hidden);
  for (int t = 0; t < length; ++t) {
    step = lb_demos_step(c->demos, e, t);
    double limit = parted ? -1 : LB_REPLAY_PARTED;
    if (compare_step(&r->run, c, &step, e, t, limit) <= LB_REPLAY_PARTED) continue;
    if (!parted && (r->parted < 0 || t < r->parted)) r->parted = t;
    parted = true;
  }
}

void lb_replay(lb_replay_report* report, lb_system* system, const lb_demos* demos) {
  lb_demos_singles singles = lb_demos_in_single(demos);
  *report = (lb_replay_report){.episodes = lb_demos_episodes(demos),
                               .transitions = lb_demos_transitions(demos),
                               .is_exact = lb_demos_has_hidden(demos),
                               .singles = singles,
                               .without_next = lb_demos_without_next(demos),
                               .restart.is_bitwise = true,
                               .cold.is_bitwise = true,
                               .run.is_bitwise = true,
                               .parted = -1};
  lb_arena* arena = lb_arena_new(0);
  comparison c = {.system = system,
                  .demos = demos,
                  .singles = singles,
                  .x = LB_TAKE(arena, double, system->space.nx),
                  .obs = LB_TAKE(arena, double, system->nobs)};
  for (int e = 0; e < report->episodes; ++e) {
    int length = lb_demos_episode(demos, e, NULL, NULL).length;
    replay_restarts(report, &c, e, length);
    replay_run(report, &c, e, length);
  }
  lb_arena_free(arena);
}
