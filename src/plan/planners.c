// Both planners keep one object: an arena, the workspace, and the policy and value that the loop sees.
#include "plan/planners.h"

#include <math.h>
#include <stddef.h>

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

static void destroy(void* ctx) {
  planner* p = ctx;
  lb_arena_free(p->arena);  // p lies in it
}

static void save(void* ctx, double* state) {
  planner* p = ctx;
  state[0] = p->planned;
  lb_lq_policy_save(&p->policy, state + 1);
  lb_lq_value_save(&p->value, state + 1 + lb_lq_policy_nstate(&p->policy));
}

static const char* load(void* ctx, const double* state) {
  planner* p = ctx;
  if (state[0] < 0 || state[0] > 1) return "whether there is a plan";
  p->planned = state[0] > 0;
  lb_lq_policy_load(&p->policy, state + 1);
  lb_lq_value_load(&p->value, state + 1 + lb_lq_policy_nstate(&p->policy));
  return NULL;
}

// The first pass, into the candidates.
static lb_lqr_report first_pass(planner* p, const lb_problem* problem) {
  lb_psdp_config config = p->psdp;
  if (p->limits) config.lqr.limits = (lb_control_limits){problem->u_low, problem->u_high};
  return lb_psdp_plan(p->lqr, &p->candidate, &p->candidate_value, problem->model, problem->cost, problem->expert,
                      problem->reference, &config, problem->counts);
}

static int keep(planner* p, const lb_lq_policy* policy, const lb_lq_value* value) {
  lb_lq_policy_copy(&p->policy, policy);
  if (value) lb_lq_value_copy(&p->value, value);
  p->planned = true;
  return 0;
}

static int plan_psdp(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  lb_lqr_report pass = first_pass(p, problem);
  *report = (lb_plan_report){.cost_in_model = NAN, .iterations = 1, .stop = lb_lqr_outcome_text(pass.outcome)};
  return pass.outcome == LB_LQR_DONE ? keep(p, &p->candidate, &p->candidate_value) : -1;
}

static lb_ilqr_result search_from(planner* p, const lb_problem* problem, lb_ilqr_start start) {
  lb_ilqr_config config = p->search;
  if (p->limits) config.limits = (lb_control_limits){problem->u_low, problem->u_high};
  start.x0 = problem->x0;
  return lb_ilqr_solve(p->ilqr, problem->model, problem->cost, &start, &config, problem->counts);
}

// `value` stands in for a search in which no pass succeeded; NULL: the former value stays.
static int keep_result(planner* p, const lb_ilqr_result* r, const lb_lq_value* value, int passes_before,
                       lb_plan_report* report) {
  report->cost_in_model = r->cost;
  report->iterations = passes_before + r->iterations;
  report->stop = lb_ilqr_stop_text(r->stop);
  return isfinite(r->cost) ? keep(p, r->policy, r->value ? r->value : value) : -1;
}

static int plan_ilqr(void* ctx, const lb_problem* problem, lb_plan_report* report) {
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
      return keep(p, &p->candidate, &p->candidate_value);
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
                      .nstate = 1 + lb_lq_policy_nstate(&p->policy) + lb_lq_value_nstate(&p->value),
                      .get_state = save,
                      .set_state = load,
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
