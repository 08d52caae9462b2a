// Online runs that plan in the mean of what was learned: iLQR over a receding horizon at every step (plan/mpc.h), or
// lazily, by a pass about each demonstration after every fit (plan/lazy.h).
//
// A lazy planner's passes are those of the learner and of whoever is measured. They follow from the model and the
// demonstrations, and are made again, uncounted, when a run is taken up.
//
// The learner's plan is warm-started along its episode and belongs to the checkpoint. An evaluation has a planner of
// its own, which forgets its plan at the start of each episode; what it computes is counted apart, since SAC's policies
// cost next to nothing when they are measured, and these do.
#include <assert.h>
#include <string.h>

#include "algo/online.h"
#include "algo/oracle.h"
#include "eval/tracks.h"
#include "io/entries.h"

enum { ENTRIES = 8 };

lb_dynamics lb_online_mean(const lb_online* o) {
  return o->model ? lb_neural_dynamics(o->model, &o->space, NULL) : *lb_linear_dynamics(o->linear);
}

static bool is_ready(const lb_online* o) {
  return o->fits > 0 && !o->fit.broken;
}

static void think(lb_online* o, lb_mpc* planner, double* action, const double* obs, lb_counts* counts) {
  lb_mpc_act(planner, action, lb_planning_model(o->plan.planning), obs, counts);
}

static void follow(const lb_online* o, double* action, const double* obs, int t) {
  lb_lazy_act(o->plan.lazy, action, obs, t, o->system->horizon - t);
}

// The policy that is measured. Before the first fit there is nothing to plan in: the middle of the limits.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  lb_online* o = ctx;
  assert(n == 1);  // one episode, along which the plan moves on
  memset(u, 0, (size_t)o->system->nu * sizeof *u);
  if (is_ready(o) && o->plan.lazy) {
    follow(o, u, in, t);
  } else if (is_ready(o)) {
    if (t == 0) lb_mpc_forget(o->plan.evaluation);
    think(o, o->plan.evaluation, u, in, &o->plan.evaluation_counts);
    o->plan.evaluation_calls += 1;
  }
  lb_online_scale(o->system, u, u, 1);
}

// The demonstrations that are learned from, as trajectories of observations.
static const lb_trajectory* trajectories(lb_online* o, int* n) {
  const lb_ring* ring = &o->data.expert;
  int nobs = ring->nobs, nact = ring->nact;
  lb_tracks tracks = lb_tracks_find(ring->data, ring->n, nobs, nact, o->arena);
  lb_trajectory* out = LB_TAKE(o->arena, lb_trajectory, tracks.episodes);
  *n = tracks.episodes;
  for (int e = 0; e < tracks.episodes; ++e) {
    int length = tracks.start[e + 1] - tracks.start[e];
    double* x = LB_TAKE(o->arena, double, (ptrdiff_t)(length + 1) * nobs);
    double* u = LB_TAKE(o->arena, double, (ptrdiff_t)length* nact);
    for (ptrdiff_t t = 0; t < length; ++t) {
      const float *row = ring->data + (tracks.start[e] + t) * ring->width,
                  *next = row + lb_transitions_next(nobs, nact);
      for (int i = 0; i < nobs; ++i) x[t * nobs + i] = (double)row[i];
      for (int i = 0; i < nobs; ++i) x[(t + 1) * nobs + i] = (double)next[i];
      for (int i = 0; i < nact; ++i) u[t * nact + i] = (double)row[nobs + i];
    }
    out[e] = (lb_trajectory){.length = length, .x = x, .u = u};
  }
  return out;
}

static void make_lazy(lb_online* o) {
  int n;
  const lb_trajectory* demos = trajectories(o, &n);
  o->plan.lazy = lb_planning_lazy(o->system, &o->protocol.online, o->recipe.planner.window, demos, n, o->arena);
}

static void make_planners(lb_online* o) {
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 4), same = rng;
  o->plan.learner = lb_planning_planner(o->evaluator, &o->protocol.online, &rng, o->arena);
  o->plan.evaluation = lb_planning_planner(o->evaluator, &o->protocol.online, &same, o->arena);
}

void lb_online_plan_open(lb_online* o) {
  lb_system* s = o->evaluator;
  bool learned = o->recipe.model != LB_MODEL_TRUE;
  if (learned && !o->model) o->linear = lb_planning_linear(&o->space, s->nu, o->recipe.ridge);
  lb_dynamics mean = learned ? lb_online_mean(o) : lb_oracle_dynamics(lb_oracle_new(s, o->arena), &o->space);
  o->plan.planning = lb_planning_new(s, &mean, o->model, o->recipe.planner.reward, LB_MPC_MOST_COLUMNS, o->arena);
  if (o->recipe.planner.kind == LB_PLANNER_LAZY) {
    make_lazy(o);
  } else {
    make_planners(o);
  }
  o->plan.action = LB_TAKE(o->arena, double, s->nu);
  o->policy = (lb_policy){.input = LB_READS_OBSERVATION, .nin = s->nobs, .nu = s->nu, .ctx = o, .act = act};
}

// How often the expert's and the learner's rows are needed to weigh their shares: one of the two as they are, of the
// other enough, evenly repeated.
static void weigh(const lb_online_fitted* f, int count[2]) {
  count[0] = f->first;
  count[1] = f->rows.n - f->first;
  if (count[0] == 0 || count[1] == 0) return;
  double odds = f->share / (1 - f->share);
  if (count[0] > odds * count[1]) {
    count[1] = (int)lround(count[0] / odds);
  } else {
    count[0] = (int)lround(count[1] * odds);
  }
}

// The linear model by least squares on all that there is; a fit that fails is broken.
void lb_online_plan_fit(lb_online* o) {
  lb_online_fitted data = lb_online_fitted_to(o);
  int nobs = data.rows.nobs, nact = data.rows.nact, width = lb_transitions_width(nobs, nact), count[2];
  lb_mark mark = lb_arena_mark(o->arena);
  weigh(&data, count);
  int n = count[0] + count[1], rows[] = {data.first, data.rows.n - data.first};
  double* x = LB_TAKE(o->arena, double, (size_t)n*(size_t)nobs);
  double* u = LB_TAKE(o->arena, double, (size_t)n*(size_t)nact);
  double* x_next = LB_TAKE(o->arena, double, (size_t)n*(size_t)nobs);
  for (ptrdiff_t k = 0; k < n; ++k) {
    bool second = k >= count[0];
    int64_t at = second ? data.first + (k - count[0]) * rows[1] / count[1] : k * rows[0] / count[0];
    const float *row = data.rows.data + at * width, *next = row + lb_transitions_next(nobs, nact);
    for (int i = 0; i < nobs; ++i) {
      x[k * nobs + i] = (double)row[i];
      x_next[k * nobs + i] = (double)next[i];
    }
    for (int i = 0; i < nact; ++i) u[k * nact + i] = (double)row[nobs + i];
  }
  lb_batch batch = {.n = n, .x = x, .u = u, .x_next = x_next};
  lb_linear_report report = lb_linear_fit(o->linear, &batch);
  o->fit.broken = report.ok ? NULL : "linear fit";
  lb_arena_release(o->arena, mark);
}

// A lazy planner's passes, one plan a fit; in the true system, which stays as it is, one for all.
static void renew_passes(lb_online* o) {
  int wanted = o->recipe.model == LB_MODEL_TRUE && o->fits > 1 ? 1 : o->fits;
  if (!is_ready(o) || o->plan.calls == wanted) return;
  lb_lazy_plan(o->plan.lazy, lb_planning_model(o->plan.planning), &o->counts);
  o->plan.calls = wanted;
}

void lb_online_plan_step(lb_online* o) {
  const lb_online_protocol* p = &o->protocol.online;
  if (o->plan.lazy) {
    renew_passes(o);
  } else if (o->episode.t == 0) {
    lb_mpc_forget(o->plan.learner);
  }
  if (o->round < p->warmup_steps || o->round >= p->steps) return;  // a random action is next, or none
  memset(o->plan.action, 0, (size_t)o->system->nu * sizeof(double));
  if (!is_ready(o)) return;
  if (o->plan.lazy) {
    follow(o, o->plan.action, o->episode.obs, o->episode.t);
    return;
  }
  think(o, o->plan.learner, o->plan.action, o->episode.obs, &o->counts);
  o->plan.calls += 1;
}

// What a checkpoint keeps; the plan's state and the linear model's numbers are in `state` and `linear`, NULL where
// there are none.
static int list_entries(lb_entry out[ENTRIES], lb_online* o, double* state, double* linear) {
  lb_online_plan* p = &o->plan;
  const double any = DBL_MAX;
  int n = 0;
  out[n++] = (lb_entry)LB_ENTRY("plan/calls", &p->calls, 0, o->protocol.online.steps);
  out[n++] = (lb_entry)LB_ENTRY("plan/lqr_passes", &o->counts.lqr_passes, 0, LB_MOST_COUNT);
  out[n++] = (lb_entry)LB_ENTRY("plan/evaluation/calls", &p->evaluation_calls, 0, LB_MOST_COUNT);
  out[n++] = (lb_entry)LB_ENTRY("plan/evaluation/lqr_passes", &p->evaluation_counts.lqr_passes, 0, LB_MOST_COUNT);
  out[n++] = (lb_entry)LB_ENTRY("plan/evaluation/model_queries", &p->evaluation_counts.model_queries, 0, LB_MOST_COUNT);
  if (state) out[n++] = (lb_entry)LB_ENTRIES("plan/state", state, lb_mpc_nstate(p->learner), -any, any);
  out[n++] = (lb_entry)LB_ENTRIES("plan/action", p->action, o->system->nu, -1, 1);
  if (linear) out[n++] = (lb_entry)LB_ENTRIES("plan/linear", linear, lb_linear_nparam(o->linear), -any, any);
  return n;
}

void lb_online_plan_save(lb_online* o, lb_npz_writer* w) {
  lb_entry entries[ENTRIES];
  lb_mark mark = lb_arena_mark(o->arena);
  double* state = o->plan.lazy ? NULL : LB_TAKE(o->arena, double, lb_mpc_nstate(o->plan.learner));
  double* linear = o->linear ? LB_TAKE(o->arena, double, lb_linear_nparam(o->linear)) : NULL;
  if (state) lb_mpc_get_state(o->plan.learner, state);
  if (o->linear) lb_linear_get(o->linear, linear);
  lb_entries_save(entries, list_entries(entries, o, state, linear), "", w);
  lb_arena_release(o->arena, mark);
}

lb_status lb_online_plan_restore(lb_online* o, const lb_npz* npz) {
  lb_entry entries[ENTRIES];
  double* state = o->plan.lazy ? NULL : LB_TAKE(o->arena, double, lb_mpc_nstate(o->plan.learner));
  double* linear = o->linear ? LB_TAKE(o->arena, double, lb_linear_nparam(o->linear)) : NULL;
  LB_TRY(lb_entries_restore(entries, list_entries(entries, o, state, linear), "", npz));
  if (o->linear) lb_linear_set(o->linear, linear);
  if (o->plan.lazy) {
    if (is_ready(o)) lb_lazy_plan(o->plan.lazy, lb_planning_model(o->plan.planning), NULL);
    return lb_ok();
  }
  const char* wrong = lb_mpc_set_state(o->plan.learner, state);
  if (!wrong) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry 'plan/state' holds what no run can have: %s", lb_npz_origin(npz), wrong);
}

lb_status lb_online_plan_take(lb_online* o, const char* path) {
  LB_TRY(lb_neural_load(o->model, path));
  o->fits = 1;
  if (o->plan.lazy) lb_lazy_plan(o->plan.lazy, lb_planning_model(o->plan.planning), NULL);
  return lb_ok();
}
