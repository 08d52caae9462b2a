// Both planners keep one object: an arena, the workspace, and the policy and value that the loop sees.
#include "plan/planners.h"

#include <math.h>
#include <stddef.h>

#include "core/tangent.h"
#include "io/entries.h"
#include "plan/box_qp.h"
#include "plan/lq_policy_file.h"
#include "plan/planner_kinds.h"

typedef struct planner {
  lb_arena* arena;
  lb_lqr* lqr;
  lb_lq_policy policy, candidate;
  lb_lq_value value, candidate_value;
  bool limits, planned;
  lb_psdp_config psdp;
  lb_ilqr* ilqr;  // NULL in a PSDP planner
  lb_ilqr_config search;
  bool warm_start;
} planner;

// Frees the planner and all it holds.
static void destroy(void* ctx) {
  planner* p = ctx;
  lb_arena_free(p->arena);  // p lies in it
}

static int nstate(const planner* p) {
  return 1 + lb_lq_policy_nstate(&p->policy) + lb_lq_value_nstate(&p->value);
}

static lb_entry state_entry(const planner* p, double* state) {
  return (lb_entry)LB_ENTRIES("planner/state", state, nstate(p), -DBL_MAX, DBL_MAX);
}

// Adds whether there is a plan, the policy and its value to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  planner* p = ctx;
  lb_mark mark = lb_arena_mark(scratch);
  double* state = LB_TAKE(scratch, double, nstate(p));
  state[0] = p->planned;
  lb_lq_policy_save(&p->policy, state + 1);
  lb_lq_value_save(&p->value, state + 1 + lb_lq_policy_nstate(&p->policy));
  lb_entry entry = state_entry(p, state);
  lb_entries_save(&entry, 1, "", w);
  lb_arena_release(scratch, mark);
}

// Takes them from one.
static lb_status restore(void* ctx, const lb_npz* npz, lb_arena* scratch) {
  planner* p = ctx;
  double* state = LB_TAKE(scratch, double, nstate(p));
  lb_entry entry = state_entry(p, state);
  LB_TRY(lb_entries_restore(&entry, 1, "", npz));
  if (state[0] < 0 || state[0] > 1) {
    return lb_fail(LB_INPUT, "%s: the entry 'planner/state' holds what no run can have: whether there is a plan",
                   lb_npz_origin(npz));
  }
  p->planned = state[0] > 0;
  lb_lq_policy_load(&p->policy, state + 1);
  lb_lq_value_load(&p->value, state + 1 + lb_lq_policy_nstate(&p->policy));
  return lb_ok();
}

// Writes the LQ policy as a file.
static lb_status write_policy(void* ctx, const char* path, const lb_system* system, lb_arena* scratch) {
  (void)scratch;
  return lb_lq_policy_file_save(path, &((planner*)ctx)->policy, system, "{}");
}

// The first pass, into the candidates.
static lb_lqr_report first_pass(planner* p, const lb_problem* problem) {
  lb_psdp_config config = p->psdp;
  if (p->limits) config.lqr.limits = (lb_control_limits){problem->u_low, problem->u_high};
  return lb_psdp_plan(p->lqr, &p->candidate, &p->candidate_value, &problem->model->dynamics, problem->cost,
                      problem->expert, problem->reference, &config, problem->counts);
}

// The policy, and its value unless NULL, become the plan.
static bool keep(planner* p, const lb_lq_policy* policy, const lb_lq_value* value) {
  lb_lq_policy_copy(&p->policy, policy);
  if (value) lb_lq_value_copy(&p->value, value);
  p->planned = true;
  return true;
}

// PSDP: one LQR pass backwards along the given trajectory (Bagnell et al. 2003, as Vemula et al. 2023 use it).
static lb_status plan_psdp(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  lb_lqr_report pass = first_pass(p, problem);
  *report = (lb_plan_report){.cost_in_model = NAN, .iterations = 1, .stop = lb_lqr_outcome_text(pass.outcome)};
  report->planned = pass.outcome == LB_LQR_DONE && keep(p, &p->candidate, &p->candidate_value);
  return lb_ok();
}

// iLQR from a start, within the limits where the planner has any.
static lb_ilqr_result search_from(planner* p, const lb_problem* problem, lb_ilqr_start start) {
  lb_ilqr_config config = p->search;
  if (p->limits) config.limits = (lb_control_limits){problem->u_low, problem->u_high};
  start.x0 = problem->x0;
  return lb_ilqr_solve(p->ilqr, &problem->model->dynamics, problem->cost, &start, &config, problem->counts);
}

// `value` stands in for a search in which no pass succeeded; NULL: the former value stays.
static lb_status keep_result(planner* p, const lb_ilqr_result* r, const lb_lq_value* value, int passes_before,
                             lb_plan_report* report) {
  report->cost_in_model = r->cost;
  report->iterations = passes_before + r->iterations;
  report->stop = lb_ilqr_stop_text(r->stop);
  report->planned = isfinite(r->cost) && keep(p, r->policy, r->value ? r->value : value);
  return lb_ok();
}

// iLQR from the former policy (warm_start), else from one pass along the reference, else from its controls; the next
// one where the start has no finite cost in the model.
static lb_status plan_ilqr(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  if (p->warm_start && p->planned) {
    lb_ilqr_result r = search_from(p, problem, (lb_ilqr_start){.lq = &p->policy});
    if (isfinite(r.start_cost)) return keep_result(p, &r, NULL, 0, report);
  }
  lb_lqr_report pass = first_pass(p, problem);
  if (pass.outcome == LB_LQR_DONE) {
    lb_ilqr_result r = search_from(p, problem, (lb_ilqr_start){.lq = &p->candidate});
    if (isfinite(r.start_cost)) return keep_result(p, &r, &p->candidate_value, 1, report);
    if (p->search.final == LB_ILQR_FINAL_ACCEPTED) {
      keep_result(p, &r, NULL, 1, report);
      report->planned = keep(p, &p->candidate, &p->candidate_value);
      return lb_ok();
    }
  }
  const lb_trajectory* about = lb_psdp_trajectory(&p->psdp, problem->expert, problem->reference);
  lb_ilqr_result r = search_from(p, problem, (lb_ilqr_start){.u = about->u});
  return keep_result(p, &r, NULL, 1, report);
}

// NULL in *out when memory is short.
static lb_planner new_planner(planner** out, const lb_space* space, int nu, int horizon) {
  lb_arena* arena = lb_arena_new(0);
  *out = NULL;
  if (!arena) return (lb_planner){0};
  planner* p = LB_TAKE(arena, planner, 1);
  p->arena = arena;
  p->lqr = lb_lqr_new(space, nu, horizon, p->arena);
  lb_lq_policy_init(&p->policy, space, nu, horizon, p->arena);
  lb_lq_policy_init(&p->candidate, space, nu, horizon, p->arena);
  lb_lq_value_init(&p->value, space, horizon, p->arena);
  lb_lq_value_init(&p->candidate_value, space, horizon, p->arena);
  *out = p;
  return (lb_planner){.ctx = p,
                      .policy = lb_lq_policy_view(&p->policy),
                      .value = lb_lq_value_view(&p->value),
                      .save = save,
                      .restore = restore,
                      .write_policy = write_policy,
                      .destroy = destroy};
}

lb_planner lb_psdp_planner(const lb_space* space, int nu, int horizon, const lb_psdp_config* config, bool limits) {
  planner* p;
  lb_planner view = new_planner(&p, space, nu, horizon);
  if (!p) return view;
  p->psdp = *config;
  p->limits = limits;
  view.plan = plan_psdp;
  return view;
}

lb_ilqr_planner_config lb_ilqr_planner_default_config(void) {
  return (lb_ilqr_planner_config){
      .first = lb_psdp_default_config(), .ilqr = lb_ilqr_default_config(), .limits = true, .warm_start = false};
}

lb_ilqr_planner_config lb_ilqr_planner_2023_config(void) {
  return (lb_ilqr_planner_config){.first = lb_psdp_2023_config(), .ilqr = lb_ilqr_2023_config()};
}

lb_planner lb_ilqr_planner(const lb_space* space, int nu, int horizon, const lb_ilqr_planner_config* config) {
  planner* p;
  lb_planner view = new_planner(&p, space, nu, horizon);
  if (!p) return view;
  p->psdp = config->first;
  p->search = config->ilqr;
  p->limits = config->limits;
  p->warm_start = config->warm_start;
  p->ilqr = lb_ilqr_new(space, nu, horizon, p->arena);
  view.plan = plan_ilqr;
  return view;
}

static const char* const abouts[] = {"expert", "target", NULL};
static const char* const editions[] = {"textbook", "2023", NULL};

#define AT(field) offsetof(lb_trajectory_options, field)
static const lb_param choices[] = {
    {"about", LB_PARAM_WORD, AT(about), 0, 1, 0, abouts, "", "the trajectory about which the (first) pass lies"},
    {"edition", LB_PARAM_WORD, AT(edition), 0, 1, 0, editions, "",
     "the textbook's rules, or those of the published program"},
    {"max_iterations", LB_PARAM_WHOLE, AT(max_iterations), 1, 100000, 100, NULL, "", "passes after the first"},
    {"warm_start", LB_PARAM_YES, AT(warm_start), 0, 1, 0, NULL, "",
     "begin at the last iteration's policy instead of a fresh first pass"},
};
const lb_params lb_psdp_choices = {choices, 2, ""}, lb_ilqr_choices = {choices, 4, ""};

lb_status lb_trajectory_fits(const void* options, const lb_system* s, const char* algorithm) {
  const lb_trajectory_options* o = options;
  if (s->nu > LB_BOX_QP_MAX) {
    return lb_fail(LB_INPUT, "%s has %d controls, %s plans for at most %d", s->name, s->nu, algorithm,
                   (int)LB_BOX_QP_MAX);
  }
  // The authors' update rule and first pass subtract states, so that they need a plain vector space.
  if (o->edition != LB_EDITION_2023 || lb_space_is_plain(&s->space)) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: %s plans by the authors' rule of 2023, which subtracts states, and this task's hold rotations "
                 "(quaternions); sysid and lamps go with a textbook planner",
                 s->name, algorithm);
}

// The (first) pass. Only the textbook's knows control limits.
static lb_psdp_config first_pass_of(const lb_trajectory_options* o) {
  lb_psdp_config config = o->edition == LB_EDITION_2023 ? lb_psdp_2023_config() : lb_psdp_default_config();
  config.about = o->about == LB_ABOUT_TARGET ? LB_PSDP_ABOUT_TARGET : LB_PSDP_ABOUT_EXPERT;
  return config;
}

static lb_status opened(const lb_planner* out, const lb_system* s) {
  return out->ctx ? lb_ok() : lb_fail(LB_MEMORY, "%s: no memory for a planner", s->name);
}

lb_status lb_psdp_open(lb_planner* out, const lb_opening* opening, const void* options) {
  const lb_trajectory_options* o = options;
  const lb_system* s = opening->system;
  lb_psdp_config first = first_pass_of(o);
  *out = lb_psdp_planner(&s->space, s->nu, s->horizon, &first, o->edition != LB_EDITION_2023);
  return opened(out, s);
}

lb_status lb_ilqr_open(lb_planner* out, const lb_opening* opening, const void* options) {
  const lb_trajectory_options* o = options;
  const lb_system* s = opening->system;
  lb_ilqr_planner_config config =
      o->edition == LB_EDITION_2023 ? lb_ilqr_planner_2023_config() : lb_ilqr_planner_default_config();
  config.first = first_pass_of(o);
  config.warm_start = o->warm_start;
  config.ilqr.max_iterations = o->max_iterations;
  *out = lb_ilqr_planner(&s->space, s->nu, s->horizon, &config);
  return opened(out, s);
}
