// Receding-horizon iLQR behind core/planner.h: a plan for the learner's next action at every real step, and one at
// every step of an episode that is measured.
//
// The learner's plan is warm-started along its episode and belongs to the checkpoint. A measurement has a planner of
// its own, which forgets its plan at the start of each episode; what it computes is counted apart, since the policies
// of networks cost next to nothing when they are measured, and these do.
#include <assert.h>
#include <string.h>

#include "plan/box_qp.h"
#include "plan/planner_kinds.h"

static const lb_param horizon[] = {
    {"plan_horizon", LB_PARAM_WHOLE, offsetof(lb_mpc_options, horizon), 1, 1000, 25, NULL, "steps",
     "planned ahead; of lazy planning: that a point of a demonstration must have to go"},
};
const lb_params lb_horizon_params = LB_SETTINGS_OF(horizon, "Those that plan by LQR passes");

#define AT(field) offsetof(lb_mpc_options, field)
static const lb_param search[] = {
    {"plan_iterations", LB_PARAM_WHOLE, AT(iterations), 0, 1000, 1, NULL, "iterations", "of iLQR at a real step"},
    {"plan_guesses", LB_PARAM_WHOLE, AT(guesses), 0, LB_MPC_MOST_GUESSES, 14, NULL, "sequences",
     "random ones of controls, tried beside the former plan"},
};
const lb_params lb_search_params = LB_SETTINGS_OF(search, "Those of these that plan at every real step");

typedef struct planner {
  lb_mpc *learner, *evaluation;
  const lb_reward_model* world;     // NULL: there is no model to plan in yet
  double* action;                   // (nu) that the learner will take next
  int64_t calls, evaluation_calls;  // plans made
  lb_counts* counts;
  lb_counts evaluation_counts;
  int nu;
} planner;

lb_status lb_box_fits(const void* options, const lb_system* s, const char* algorithm) {
  (void)options, (void)algorithm;
  if (s->nu <= LB_BOX_QP_MAX) return lb_ok();
  return lb_fail(LB_INPUT, "%s has %d controls, iLQR plans for at most %d", s->name, s->nu, (int)LB_BOX_QP_MAX);
}

// The policy that is measured. Before the first fit there is nothing to plan in: the middle of the limits.
static void act_measured(void* ctx, int n, int t, const double* in, double* u) {
  planner* p = ctx;
  assert(n == 1);  // one episode, along which the plan moves on
  memset(u, 0, (size_t)p->nu * sizeof *u);
  if (!p->world) return;
  if (t == 0) lb_mpc_forget(p->evaluation);
  lb_mpc_act(p->evaluation, u, p->world, in, &p->evaluation_counts);
  p->evaluation_calls += 1;
}

// The action that plan() found for the step that comes.
static void act(void* ctx, int n, int t, const double* in, double* action, lb_rng* rng) {
  (void)t, (void)in, (void)rng;
  planner* p = ctx;
  assert(n == 1);
  memcpy(action, p->action, (size_t)p->nu * sizeof *action);
}

// Plans from the observation seen, where an action is due; at the start of an episode the former plan is forgotten.
static lb_status plan(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  p->world = problem->world;
  report->planned = p->world != NULL;
  if (problem->t == 0) lb_mpc_forget(p->learner);
  if (!problem->acts_next) return lb_ok();
  memset(p->action, 0, (size_t)p->nu * sizeof *p->action);
  if (!p->world) return lb_ok();
  lb_mpc_act(p->learner, p->action, p->world, problem->seen, problem->counts);
  p->calls += 1;
  return lb_ok();
}

static void prepare(void* ctx, const lb_problem* problem) {
  ((planner*)ctx)->world = problem->world;
}

enum { ENTRIES = 6 };

// What a checkpoint remembers: counts, the plan to start from, the action under way.
static void list_entries(lb_entry out[ENTRIES], planner* p, double* state) {
  const lb_entry entries[ENTRIES] = {
      LB_ENTRY("plan/calls", &p->calls, 0, LB_MOST_COUNT),
      LB_ENTRY("plan/evaluation/calls", &p->evaluation_calls, 0, LB_MOST_COUNT),
      LB_ENTRY("plan/evaluation/lqr_passes", &p->evaluation_counts.lqr_passes, 0, LB_MOST_COUNT),
      LB_ENTRY("plan/evaluation/model_queries", &p->evaluation_counts.model_queries, 0, LB_MOST_COUNT),
      LB_ENTRIES("plan/state", state, lb_mpc_nstate(p->learner), -DBL_MAX, DBL_MAX),
      LB_ENTRIES("plan/action", p->action, p->nu, -1, 1),
  };
  memcpy(out, entries, sizeof entries);
}

// Adds the entries to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  planner* p = ctx;
  lb_entry entries[ENTRIES];
  lb_mark mark = lb_arena_mark(scratch);
  double* state = LB_TAKE(scratch, double, lb_mpc_nstate(p->learner));
  lb_mpc_get_state(p->learner, state);
  list_entries(entries, p, state);
  lb_entries_save(entries, ENTRIES, "", w);
  lb_arena_release(scratch, mark);
}

// Takes them from one; LB_INPUT for a state that no plan can have.
static lb_status restore(void* ctx, const lb_npz* npz, lb_arena* scratch) {
  planner* p = ctx;
  lb_entry entries[ENTRIES];
  double* state = LB_TAKE(scratch, double, lb_mpc_nstate(p->learner));
  list_entries(entries, p, state);
  LB_TRY(lb_entries_restore(entries, ENTRIES, "", npz));
  const char* wrong = lb_mpc_set_state(p->learner, state);
  if (!wrong) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry 'plan/state' holds what no run can have: %s", lb_npz_origin(npz), wrong);
}

// The metrics of planning, in training and in evaluations.
static void write(void* ctx, lb_json_writer* w) {
  const planner* p = ctx;
  lb_json_write_int(w, "planner_calls", p->calls);
  lb_json_write_int(w, "lqr_passes", p->counts->lqr_passes);
  lb_json_write_int(w, "planner_calls_evaluation", p->evaluation_calls);
  lb_json_write_int(w, "lqr_passes_evaluation", p->evaluation_counts.lqr_passes);
  lb_json_write_int(w, "model_queries_evaluation", p->evaluation_counts.model_queries);
}

lb_mpc* lb_mpc_of(const lb_planner* p) {
  assert(p->plan == plan);
  return ((planner*)p->ctx)->learner;
}

const double* lb_mpc_next_action(const lb_planner* p) {
  assert(p->plan == plan);
  return ((planner*)p->ctx)->action;
}

lb_status lb_mpc_open(lb_planner* out, const lb_opening* o, const void* options) {
  const lb_mpc_options* own = options;
  planner* p = LB_TAKE(o->arena, planner, 1);
  int nx = o->space->nx, nu = o->system->nu;
  *p = (planner){.counts = o->counts, .nu = nu, .action = LB_TAKE(o->arena, double, nu)};
  double low[LB_BOX_QP_MAX], high[LB_BOX_QP_MAX];
  for (int i = 0; i < nu; ++i) low[i] = -1, high[i] = 1;
  lb_mpc_config c = lb_mpc_default_config();
  c.horizon = own->horizon;
  c.iterations = own->iterations;
  c.guesses = own->guesses;
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 4), same = rng;
  p->learner = lb_mpc_new(&c, nx, nu, low, high, &rng, o->arena);
  p->evaluation = lb_mpc_new(&c, nx, nu, low, high, &same, o->arena);
  *out = (lb_planner){.ctx = p,
                      .policy = {.input = LB_READS_OBSERVATION, .nin = nx, .nu = nu, .ctx = p, .act = act_measured},
                      .act = act,
                      .plan = plan,
                      .prepare = prepare,
                      .save = save,
                      .restore = restore,
                      .write = write};
  return lb_ok();
}
