// Lazy passes about the demonstrations behind core/planner.h: one plan a fit, and none when the policy acts.
//
// The passes follow from model and demonstrations, and are made again, uncounted, when a run is taken up.
#include <string.h>

#include "plan/box_qp.h"
#include "plan/lazy.h"
#include "plan/planner_kinds.h"

static const lb_param choices[] = {
    {"window", LB_PARAM_WHOLE, offsetof(lb_lazy_options, window), 0, 1000000, -1, NULL, "",
     "steps by which a demonstrated state's time may differ from the episode's; usually any"},
};
const lb_params lb_lazy_choices = LB_PARAMS_OF(choices);

typedef struct planner {
  lb_lazy* lazy;
  bool is_ready;
  int64_t calls;  // plans made
  lb_counts* counts;
  int nu, nx, horizon;
  double* action;  // (nu) that the learner will take next
} planner;

// The action of the plan at time t; zero before there is one.
static void follow(planner* p, double* action, const double* x, int t) {
  memset(action, 0, (size_t)p->nu * sizeof *action);
  if (p->is_ready) lb_lazy_act(p->lazy, action, x, t, p->horizon - t);
}

// lb_policy.act: the plan's own action.
static void act_measured(void* ctx, int n, int t, const double* in, double* u) {
  planner* p = ctx;
  for (ptrdiff_t j = 0; j < n; ++j) follow(p, u + j * p->nu, in + j * p->nx, t);
}

// The action that plan() found for the step that comes.
static void act(void* ctx, int n, int t, const double* in, double* action, lb_rng* rng) {
  (void)n, (void)t, (void)in, (void)rng;
  const planner* p = ctx;
  memcpy(action, p->action, (size_t)p->nu * sizeof *action);
}

// One plan for each fit; in a model that is never fitted, one for all.
static lb_status plan(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  p->is_ready = problem->world != NULL;
  report->planned = p->is_ready;
  int wanted = p->is_ready && !problem->model->fit && problem->fits > 1 ? 1 : problem->fits;
  if (p->is_ready && p->calls != wanted) {
    lb_lazy_plan(p->lazy, problem->world, problem->counts);
    p->calls = wanted;
  }
  if (problem->acts_next) follow(p, p->action, problem->seen, problem->t);
  return lb_ok();
}

// Plans in the world as it is, for an evaluation.
static void prepare(void* ctx, const lb_problem* problem) {
  planner* p = ctx;
  p->is_ready = problem->world != NULL;
  if (p->is_ready) lb_lazy_plan(p->lazy, problem->world, NULL);
}

enum { ENTRIES = 2 };

// What a checkpoint remembers: calls, and the action under way.
static void list_entries(lb_entry out[ENTRIES], planner* p) {
  const lb_entry entries[ENTRIES] = {
      LB_ENTRY("plan/calls", &p->calls, 0, LB_MOST_COUNT),
      LB_ENTRIES("plan/action", p->action, p->nu, -1, 1),
  };
  memcpy(out, entries, sizeof entries);
}

// Adds the entries to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  (void)scratch;
  lb_entry entries[ENTRIES];
  list_entries(entries, ctx);
  lb_entries_save(entries, ENTRIES, "", w);
}

// Takes them from one.
static lb_status restore(void* ctx, const lb_npz* npz, lb_arena* scratch) {
  (void)scratch;
  lb_entry entries[ENTRIES];
  list_entries(entries, ctx);
  return lb_entries_restore(entries, ENTRIES, "", npz);
}

// Measuring a policy plans nothing.
static void write(void* ctx, lb_json_writer* w) {
  const planner* p = ctx;
  lb_json_write_int(w, "planner_calls", p->calls);
  lb_json_write_int(w, "lqr_passes", p->counts->lqr_passes);
  lb_json_write_int(w, "planner_calls_evaluation", 0);
  lb_json_write_int(w, "lqr_passes_evaluation", 0);
  lb_json_write_int(w, "model_queries_evaluation", 0);
}

lb_status lb_lazy_open(lb_planner* out, const lb_opening* o, const void* options) {
  const lb_lazy_options* own = options;
  planner* p = LB_TAKE(o->arena, planner, 1);
  int nx = o->space->nx, nu = o->system->nu;
  *p = (planner){.counts = o->counts, .nu = nu, .nx = nx, .horizon = o->system->horizon};
  p->action = LB_TAKE(o->arena, double, nu);
  double low[LB_BOX_QP_MAX], high[LB_BOX_QP_MAX];
  for (int i = 0; i < nu; ++i) low[i] = -1, high[i] = 1;
  lb_lazy_config c = lb_lazy_default_config();
  c.horizon = own->horizon;
  if (own->window >= 0) c.window = own->window;
  p->lazy = lb_lazy_new(&c, nx, nu, low, high, o->demos, o->ndemos, o->arena);
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
