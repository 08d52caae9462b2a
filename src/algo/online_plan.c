// Online runs that plan at every step: iLQR over a receding horizon in the mean of what was learned (plan/mpc.h).
//
// The learner's plan is warm-started along its episode and belongs to the checkpoint. An evaluation has a planner of
// its own, which forgets its plan at the start of each episode; what it computes is counted apart, since SAC's policies
// cost next to nothing when they are measured, and these do.
#include <assert.h>
#include <string.h>

#include "algo/online.h"

enum { ACCOUNTS = 5 };

lb_dynamics lb_online_mean(const lb_online* o) {
  return o->model ? lb_neural_dynamics(o->model, &o->space, NULL) : *lb_linear_dynamics(o->linear);
}

static bool is_ready(const lb_online* o) {
  return o->fits > 0 && !o->fit.broken;
}

static void think(lb_online* o, lb_mpc* planner, double* action, const double* obs, lb_counts* counts) {
  lb_mpc_act(planner, action, lb_planning_model(o->plan.planning), obs, counts);
}

// The policy that is measured. Before the first fit there is nothing to plan in: the middle of the limits.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  lb_online* o = ctx;
  assert(n == 1);  // one episode, along which the plan moves on
  memset(u, 0, (size_t)o->system->nu * sizeof *u);
  if (is_ready(o)) {
    if (t == 0) lb_mpc_forget(o->plan.evaluation);
    think(o, o->plan.evaluation, u, in, &o->plan.evaluation_counts);
    o->plan.evaluation_calls += 1;
  }
  lb_online_scale(o->system, u, u, 1);
}

void lb_online_plan_open(lb_online* o) {
  lb_system* s = o->evaluator;
  const lb_online_protocol* p = &o->protocol.online;
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 4), same = rng;
  if (!o->model) o->linear = lb_planning_linear(&o->space, s->nu, o->recipe.ridge);
  lb_dynamics mean = lb_online_mean(o);
  o->plan.planning = lb_planning_new(s, &mean, o->model, o->recipe.planner.reward, LB_MPC_MOST_COLUMNS, o->arena);
  o->plan.learner = lb_planning_planner(s, p, &rng, o->arena);
  o->plan.evaluation = lb_planning_planner(s, p, &same, o->arena);
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

void lb_online_plan_step(lb_online* o) {
  const lb_online_protocol* p = &o->protocol.online;
  if (o->episode.t == 0) lb_mpc_forget(o->plan.learner);
  if (o->round < p->warmup_steps || o->round >= p->steps) return;  // a random action is next, or none
  memset(o->plan.action, 0, (size_t)o->system->nu * sizeof(double));
  if (!is_ready(o)) return;
  think(o, o->plan.learner, o->plan.action, o->episode.obs, &o->counts);
  o->plan.calls += 1;
}

static void visit_accounts(lb_online* o, int64_t values[ACCOUNTS], bool store) {
  lb_online_plan* p = &o->plan;
  int64_t* accounts[] = {&p->calls, &o->counts.lqr_passes, &p->evaluation_calls, &p->evaluation_counts.lqr_passes,
                         &p->evaluation_counts.model_queries};
  for (size_t i = 0; i < sizeof accounts / sizeof *accounts; ++i) {
    if (store) {
      values[i] = *accounts[i];
    } else {
      *accounts[i] = values[i];
    }
  }
}

void lb_online_plan_save(lb_online* o, lb_npz_writer* w) {
  int64_t accounts[ACCOUNTS];
  lb_mark mark = lb_arena_mark(o->arena);
  int nstate = lb_mpc_nstate(o->plan.learner), nlinear = o->linear ? lb_linear_nparam(o->linear) : 0;
  double* numbers = LB_TAKE(o->arena, double, nstate + nlinear);
  visit_accounts(o, accounts, true);
  lb_npz_add(w, "plan/accounts", LB_I64, 1, (const int64_t[]){ACCOUNTS}, accounts);
  lb_mpc_get_state(o->plan.learner, numbers);
  lb_npz_add_doubles(w, "plan/state", 1, (const int64_t[]){nstate}, numbers);
  lb_npz_add_doubles(w, "plan/action", 1, (const int64_t[]){o->system->nu}, o->plan.action);
  if (o->linear) {
    lb_linear_get(o->linear, numbers);
    lb_npz_add_doubles(w, "plan/linear", 1, (const int64_t[]){nlinear}, numbers);
  }
  lb_arena_release(o->arena, mark);
}

lb_status lb_online_plan_restore(lb_online* o, const lb_npz* npz) {
  double* numbers;
  const lb_array* stored = lb_npz_find(npz, "plan/accounts");
  if (!stored || stored->dtype != LB_I64 || stored->size != ACCOUNTS) {
    return lb_fail(LB_INPUT, "%s: no accounts of the plans; start over with --fresh", lb_npz_origin(npz));
  }
  int64_t accounts[ACCOUNTS];
  memcpy(accounts, stored->data, sizeof accounts);
  visit_accounts(o, accounts, false);
  int64_t nstate = lb_mpc_nstate(o->plan.learner), nu = o->system->nu;
  LB_TRY(lb_npz_doubles(npz, "plan/state", 1, &nstate, o->arena, &numbers, NULL));
  lb_mpc_set_state(o->plan.learner, numbers);
  LB_TRY(lb_npz_doubles(npz, "plan/action", 1, &nu, o->arena, &numbers, NULL));
  memcpy(o->plan.action, numbers, (size_t)nu * sizeof(double));
  if (!o->linear) return lb_ok();
  int64_t nlinear = lb_linear_nparam(o->linear);
  LB_TRY(lb_npz_doubles(npz, "plan/linear", 1, &nlinear, o->arena, &numbers, NULL));
  lb_linear_set(o->linear, numbers);
  return lb_ok();
}
