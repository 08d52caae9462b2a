#include "data/replay.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

// A row goes on from the row before where that one's step ends as near to it as this, the unit being as in a gap.
static const double follows_within = 1e-4;

// What is stepped and compared with.
typedef struct comparison {
  lb_system* system;
  const lb_demos* demos;
  lb_demos_singles singles;
  double *x, *obs;       // (nx), (nobs) what the simulator gives
  double *left, *alone;  // (nhidden) the hidden numbers that a step leaves behind; those of a state alone
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

// The worst deviation of a (n) from b; `single`: beyond what a float rounds.
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

// How far the reward of a step is from the recorded one.
static double reward_gap(const comparison* c, const lb_demo_step* want, double reward) {
  return deviation_of(reward, want->reward, c->singles.reward);
}

// Takes one step as recorded and compares what comes out; the state's deviation is returned. Beyond `limit` of it only
// the state counts. Adds the reward's deviation to the gap unless `reward` takes it instead.
static double compare_step(lb_replay_gap* g, const comparison* c, const lb_demo_step* want, int e, int t, double limit,
                           double* reward) {
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
  if (reward) {
    *reward = reward_gap(c, want, outcome.reward);
  } else {
    g->reward = fmax(g->reward, reward_gap(c, want, outcome.reward));
  }
  g->flags += outcome.terminated != want->terminal;
  return off;
}

// Whether the step just taken leaves a reading for the next reward to take off that the state does not tell (a position
// that was computed before the last substep). What it leaves goes to c->left.
static bool leaves_a_reading(const comparison* c, int t) {
  lb_system* s = c->system;
  s->get_hidden(s->self, c->left);
  s->get_state(s->self, c->x);
  s->set_state(s->self, c->x, t + 1);
  s->get_hidden(s->self, c->alone);
  size_t size = (size_t)(s->nhidden - s->nwarm) * sizeof *c->left;
  return memcmp(c->left + s->nwarm, c->alone + s->nwarm, size) != 0;
}

// One step from its recorded state where the file lacks the reading that its reward takes off. follows: whether the row
// before led here; has_left: whether it left a reading. Returns whether this one does.
static bool restart_unread(lb_replay_report* r, const comparison* c, const lb_demo_step* step, int e, int t,
                           bool follows, bool has_left) {
  lb_system* s = c->system;
  double gap = 0;
  s->set_state(s->self, step->x, t);
  if (follows && has_left) {
    s->get_hidden(s->self, c->alone);
    memcpy(c->alone + s->nwarm, c->left + s->nwarm, (size_t)(s->nhidden - s->nwarm) * sizeof *c->left);
    s->set_hidden(s->self, c->alone);
  }
  compare_step(&r->restart, c, step, e, t, INFINITY, &gap);
  bool leaves = leaves_a_reading(c, t);
  if (follows || !leaves) {
    r->restart.reward = fmax(r->restart.reward, gap);
  } else {
    r->without_reading += 1;
  }
  return leaves;
}

// Each step on its own, from its recorded state.
static void replay_restarts(lb_replay_report* r, const comparison* c, int e, int length) {
  lb_system* s = c->system;
  bool has_left = false;
  for (int t = 0; t < length; ++t) {
    lb_demo_step step = lb_demos_step(c->demos, e, t);
    if (!step.hidden && s->nhidden > s->nwarm) {
      // c->x is where the row before has led.
      bool follows = t > 0 && deviation(c->x, step.x, s->space.nx, false) <= follows_within;
      has_left = restart_unread(r, c, &step, e, t, follows, has_left);
    } else {
      s->set_state(s->self, step.x, t);
      if (step.hidden) s->set_hidden(s->self, step.hidden);
      compare_step(&r->restart, c, &step, e, t, INFINITY, NULL);
    }
    if (!lb_demos_has_cold(c->demos)) continue;
    step = lb_demos_cold_step(c->demos, e, t);
    s->set_state(s->self, step.x, t);
    compare_step(&r->cold, c, &step, e, t, INFINITY, NULL);
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
    if (compare_step(&r->run, c, &step, e, t, limit, NULL) <= LB_REPLAY_PARTED) continue;
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
                  .obs = LB_TAKE(arena, double, system->nobs),
                  .left = LB_TAKE(arena, double, system->nhidden),
                  .alone = LB_TAKE(arena, double, system->nhidden)};
  for (int e = 0; e < report->episodes; ++e) {
    int length = lb_demos_episode(demos, e, NULL, NULL).length;
    replay_restarts(report, &c, e, length);
    replay_run(report, &c, e, length);
  }
  lb_arena_free(arena);
}
