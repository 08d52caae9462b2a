#include "data/replay.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MAX_WIDTH = 1024 };

static double gap(double a, double b) {
  double d = fabs(a - b);
  return !isnan(d) ? d : isnan(a) && isnan(b) ? 0 : INFINITY;
}

static double deviation(const double* a, const double* b, int n) {
  double worst = 0;
  for (int i = 0; i < n; ++i) worst = fmax(worst, gap(a[i], b[i]));
  return worst;
}

static double scaled_deviation(const double* a, const double* b, int n) {
  double worst = 0;
  for (int i = 0; i < n; ++i) worst = fmax(worst, gap(a[i], b[i]) / fmax(1, fabs(b[i])));
  return worst;
}

static bool same(const double* a, const double* b, int n) {
  return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

// Takes one step as recorded and compares what comes out; the state's deviation is returned. Beyond `limit` of it only
// the state counts.
static double compare_step(lb_replay_gap* g, lb_system* s, const lb_demo_step* want, int e, int t, double limit) {
  double x[MAX_WIDTH], obs[MAX_WIDTH];
  lb_outcome outcome = lb_system_step(s, LB_STEP_EVALUATION, want->u, want->noise);
  s->get_state(s->self, x);
  s->observe(s->self, obs);
  double off = deviation(x, want->x_next, s->space.nx);
  if (off > g->state) {
    g->state = off;
    g->episode = e;
    g->step = t;
  }
  g->compared += 1;
  bool observed = want->next_obs != NULL;
  g->is_bitwise = g->is_bitwise && same(x, want->x_next, s->space.nx) &&
                  (!observed || same(obs, want->next_obs, s->nobs)) && outcome.reward == want->reward &&
                  outcome.terminated == want->terminal;
  if (off > limit) return off;
  if (observed) g->observation = fmax(g->observation, scaled_deviation(obs, want->next_obs, s->nobs));
  g->reward = fmax(g->reward, gap(outcome.reward, want->reward));
  g->flags += outcome.terminated != want->terminal;
  return off;
}

// Each step on its own, from its recorded state.
static void replay_restarts(lb_replay_report* r, lb_system* s, const lb_demos* demos, int e, int length) {
  for (int t = 0; t < length; ++t) {
    lb_demo_step step = lb_demos_step(demos, e, t);
    s->set_state(s->self, step.x, t);
    if (step.hidden) s->set_hidden(s->self, step.hidden);
    compare_step(&r->restart, s, &step, e, t, INFINITY);
    if (!lb_demos_has_cold(demos)) continue;
    step = lb_demos_cold_step(demos, e, t);
    s->set_state(s->self, step.x, t);
    compare_step(&r->cold, s, &step, e, t, INFINITY);
  }
}

// The whole episode from its first state.
static void replay_run(lb_replay_report* r, lb_system* s, const lb_demos* demos, int e, int length) {
  bool parted = false;
  lb_demo_step step = lb_demos_step(demos, e, 0);
  s->set_state(s->self, step.x, 0);
  if (step.hidden) s->set_hidden(s->self, step.hidden);
  for (int t = 0; t < length; ++t) {
    step = lb_demos_step(demos, e, t);
    double limit = parted ? -1 : LB_REPLAY_PARTED;
    if (compare_step(&r->run, s, &step, e, t, limit) <= LB_REPLAY_PARTED) continue;
    if (!parted && (r->parted < 0 || t < r->parted)) r->parted = t;
    parted = true;
  }
}

void lb_replay(lb_replay_report* report, lb_system* system, const lb_demos* demos) {
  assert(system->space.nx <= MAX_WIDTH && system->nobs <= MAX_WIDTH);
  *report = (lb_replay_report){.episodes = lb_demos_episodes(demos),
                               .transitions = lb_demos_transitions(demos),
                               .is_exact = lb_demos_has_hidden(demos),
                               .restart.is_bitwise = true,
                               .cold.is_bitwise = true,
                               .run.is_bitwise = true,
                               .parted = -1};
  for (int e = 0; e < report->episodes; ++e) {
    int length = lb_demos_episode(demos, e, NULL, NULL).length;
    replay_restarts(report, system, demos, e, length);
    replay_run(report, system, demos, e, length);
  }
}
