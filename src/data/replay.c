#include "data/replay.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MAX_STATE = 1024 };

// Largest |a - b|, NAN counting as infinite.
static double deviation(const double* a, const double* b, int n) {
  double worst = 0;
  for (int i = 0; i < n; ++i) {
    double gap = fabs(a[i] - b[i]);
    if (isnan(gap)) gap = isnan(a[i]) && isnan(b[i]) ? 0 : INFINITY;
    if (gap > worst) worst = gap;
  }
  return worst;
}

static void note(double gap, double* worst, int* episode, int* step, int e, int t) {
  if (gap > *worst) {
    *worst = gap;
    *episode = e;
    *step = t;
  }
}

// Each step on its own, from its recorded state.
static void replay_restarts(lb_replay_report* r, lb_system* s, const lb_demos* demos, int e, double* x) {
  const double *x_next, *noise;
  lb_trajectory path = lb_demos_episode(demos, e, &x_next, &noise);
  int nx = s->space.nx;
  for (int t = 0; t < path.length; ++t) {
    s->set_state(s->self, path.x + t * nx, t);
    lb_outcome outcome = lb_system_step(s, LB_STEP_EVALUATION, path.u + t * s->nu, noise ? noise + t * s->nw : NULL);
    s->get_state(s->self, x);
    note(deviation(x, x_next + t * nx, nx), &r->restart, &r->restart_episode, &r->restart_step, e, t);
    r->restart_is_bitwise = r->restart_is_bitwise && memcmp(x, x_next + t * nx, (size_t)nx * sizeof(double)) == 0;
    r->reward = fmax(r->reward, fabs(outcome.reward - lb_demos_reward(demos, e, t)));
    r->flags += outcome.terminated != lb_demos_terminal(demos, e, t);
  }
}

// The whole episode from its first state.
static void replay_run(lb_replay_report* r, lb_system* s, const lb_demos* demos, int e, double* x) {
  const double *x_next, *noise;
  lb_trajectory path = lb_demos_episode(demos, e, &x_next, &noise);
  int nx = s->space.nx;
  s->set_state(s->self, path.x, 0);
  for (int t = 0; t < path.length; ++t) {
    lb_system_step(s, LB_STEP_EVALUATION, path.u + t * s->nu, noise ? noise + t * s->nw : NULL);
    s->get_state(s->self, x);
    note(deviation(x, x_next + t * nx, nx), &r->run, &r->run_episode, &r->run_step, e, t);
    r->run_is_bitwise = r->run_is_bitwise && memcmp(x, x_next + t * nx, (size_t)nx * sizeof(double)) == 0;
  }
}

void lb_replay(lb_replay_report* report, lb_system* system, const lb_demos* demos) {
  double x[MAX_STATE];
  assert(system->space.nx <= MAX_STATE);
  *report = (lb_replay_report){.episodes = lb_demos_episodes(demos),
                               .transitions = lb_demos_transitions(demos),
                               .restart_is_bitwise = true,
                               .run_is_bitwise = true};
  for (int e = 0; e < report->episodes; ++e) {
    replay_restarts(report, system, demos, e, x);
    replay_run(report, system, demos, e, x);
  }
}
