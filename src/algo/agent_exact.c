// What is particular to a system that is known exactly (core/exact.h): the expert, episodes of states that are kept as
// they come, and measurements that are computed.
#include <math.h>
#include <string.h>

#include "algo/agent.h"
#include "core/metrics.h"
#include "io/file.h"
#include "plan/lqr.h"
#include "tabular/acting.h"
#include "tabular/counted.h"
#include "tabular/portals.h"
#include "theory/drawing.h"

enum { MOST_TERMS = 100000 };  // states, actions and times over which the terms of the lemmas are summed

// The controller of one LQR pass in the true system about the origin, where the system has no expert of its own.
static void solve_expert(lb_agent* a) {
  const lb_system* s = a->system;
  int H = s->horizon;
  const lb_trajectory origin = {
      .length = H, .x = LB_TAKE(a->arena, double, (H + 1) * s->space.nx), .u = LB_TAKE(a->arena, double, H * s->nu)};
  lb_lq_value value;
  lb_lqr_config config = lb_lqr_default_config();
  config.affine = false;
  lb_lq_policy_init(&a->feedback, s->truth->space, s->nu, H, a->arena);
  lb_lq_value_init(&value, s->truth->space, H, a->arena);
  lb_lqr_pass(lb_lqr_new(s->truth->space, s->nu, H, a->arena), &a->feedback, &value, s->truth, s->cost, &origin,
              &config, NULL);
  a->expert = lb_lq_policy_view(&a->feedback);
}

// The expert of the present iteration.
static void take_expert(lb_agent* a) {
  const lb_exact* e = a->system->exact;
  if (e->expert) a->expert = e->expert(a->system->self, a->seed, (uint32_t)a->iteration);
}

// One episode of a policy into a dataset, with the draws of one stream: where it begins, and at each step what it does
// and what follows.
static void record(lb_agent* a, lb_dataset* into, const lb_policy* policy, lb_source source, lb_rng* rng) {
  lb_system* s = a->system;
  const lb_exact* e = s->exact;
  int nx = s->space.nx, na = e->table ? e->table->na : 0;
  lb_mark mark = lb_arena_mark(a->scratch);
  double *x = LB_TAKE(a->scratch, double, nx), *next = LB_TAKE(a->scratch, double, nx);
  double *u = LB_TAKE(a->scratch, double, s->nu), *w = LB_TAKE(a->scratch, double, s->nw);
  s->reset(s->self, rng);
  for (int t = 0; t < s->horizon; ++t) {
    s->get_state(s->self, x);
    lb_acting_choose(u, policy, na, t, x, rng);
    if (s->nw > 0) lb_system_noise(s, 1, w, rng);
    lb_outcome outcome = lb_system_step(s, source, u, s->nw > 0 ? w : NULL);
    s->get_state(s->self, next);
    lb_dataset_add(into, t, x, u, next);
    if (outcome.terminated) break;
  }
  lb_arena_release(a->scratch, mark);
}

void lb_agent_keep_episode(lb_agent* a, int i, bool of_expert) {
  lb_purpose purpose = of_expert ? LB_RNG_EXPERT : LB_RNG_LEARNER;
  lb_rng rng = lb_rng_stream(a->seed, purpose, (uint32_t)a->iteration, (uint32_t)i);
  lb_dataset *seen = &a->rollouts.seen, *shown = &a->rollouts.shown;
  int before = seen->n;
  if (i == 0) take_expert(a);
  record(a, seen, of_expert ? &a->expert : &a->policy, of_expert ? LB_STEP_EXPERT : LB_STEP_LEARNER, &rng);
  for (int k = before; of_expert && k < seen->n; ++k) {
    lb_dataset_add(shown, seen->t[k], seen->x + k * seen->nx, seen->u + k * seen->nu, seen->x_next + k * seen->nx);
  }
  a->rollouts.expert = lb_dataset_batch(shown);
}

// The world of this seed, room for episodes, the expert and what it is worth.
static lb_status open_exact(lb_agent* a, const char* root) {
  (void)root;
  const lb_system* s = a->system;
  const lb_exact* e = s->exact;
  size_t each = (size_t)s->horizon, iterations = (size_t)a->schedule.iterations;
  if (e->draw) e->draw(s->self, a->seed);
  lb_dataset_init(&a->rollouts.seen, s->space.nx, s->nu,
                  (int)(iterations * each) * (a->schedule.shown + a->schedule.tried), a->arena);
  lb_dataset_init(&a->rollouts.shown, s->space.nx, s->nu, (int)(iterations * each) * a->schedule.shown, a->arena);
  if (a->recipe.planner.kind->needs_expert && !e->expert) solve_expert(a);
  take_expert(a);
  a->exact = (lb_agent_exact){.expert = NAN, .reached = -1};
  if (a->expert.act && e->worth) a->exact.expert = e->worth(s->self, &a->expert, a->scratch);
  return lb_ok();
}

// Episodes of the expert that are there before iteration 0.
static const lb_trajectory* shown_before(lb_agent* a, int* n) {
  const lb_system* s = a->system;
  lb_ledger before = s->ledger;
  lb_trajectory* all = LB_TAKE(a->arena, lb_trajectory, s->exact->demos);
  for (int i = 0; i < s->exact->demos; ++i) {
    lb_dataset one;
    lb_rng rng = lb_rng_stream(a->seed, LB_RNG_EXPERT, 0, (uint32_t)i);
    lb_dataset_init(&one, s->space.nx, s->nu, s->horizon, a->arena);
    record(a, &one, &a->expert, LB_STEP_EXPERT, &rng);
    all[i] = (lb_trajectory){.length = one.n, .x = one.x, .u = one.u};
  }
  a->system->ledger = before;  // they are on nobody's account
  *n = s->exact->demos;
  return all;
}

// ---------------------------------------------------------------------------------------------------------------------
// Measurements

// The terms of the lemmas in the present model; false where there is none, or too much to sum over.
static bool take_terms(lb_agent* a) {
  const lb_exact* e = a->system->exact;
  const lb_model* model = &a->model;
  if (e->tree && model->tree) {
    lb_branching real = lb_portals_real(e->tree), believed;
    model->tree(model->ctx, &believed);  // has been planned in: it has not changed since
    a->exact.terms = lb_exact_terms_of_tree(&real, &believed, a->system->horizon, &a->expert, &a->policy);
    return true;
  }
  const lb_mdp *real = e->table, *m = model->table ? model->table(model->ctx, NULL) : NULL;
  if (!m || (size_t)lb_mdp_times(real) * (size_t)real->ns * (size_t)real->na > MOST_TERMS) return false;
  double *expert = LB_TAKE(a->scratch, double, lb_mdp_policy_size(real)),
         *learner = LB_TAKE(a->scratch, double, lb_mdp_policy_size(real));
  lb_acting_read(expert, real, &a->expert);
  lb_acting_read(learner, real, &a->policy);
  a->exact.terms = lb_exact_terms_of(real, m, expert, learner, a->scratch);
  return true;
}

// What the policy is worth, and the terms of the lemmas.
static lb_evaluation evaluate_exact(lb_agent* a) {
  const lb_exact* e = a->system->exact;
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_evaluation result = {.mean = NAN, .se = NAN};
  a->exact.has_terms = false;
  if (a->policy.act) {
    double worth = e->worth(a->system->self, &a->policy, a->scratch), sign = e->in_cost ? 1 : -1;
    result.mean = sign * worth;
    a->exact.has_terms = take_terms(a);
    if (a->exact.reached < 0 && sign * (worth - a->exact.expert) <= 1e-9) a->exact.reached = a->iteration;
  }
  lb_arena_release(a->scratch, mark);
  return result;
}

static void put(lb_json_writer* w, int metric, double value) {
  lb_json_write_number(w, lb_metric_name(metric), value);
}

// What is known of it exactly in a line of metrics: its worth, the lemmas' terms, what model and planner add.
static void write_exact(const lb_agent* a, lb_json_writer* w) {
  const lb_exact* e = a->system->exact;
  const lb_exact_terms* t = &a->exact.terms;
  const lb_planner* p = lb_agent_planner(a);
  const int64_t* steps = a->system->ledger.steps;
  if (a->policy.act) put(w, e->in_cost ? LB_METRIC_COST : LB_METRIC_RETURN, (e->in_cost ? 1 : -1) * a->measured.mean);
  if (a->exact.has_terms) {
    put(w, LB_METRIC_RETURN_IN_MODEL, t->learner_in_model);
    put(w, LB_METRIC_EXPERT_RETURN_IN_MODEL, t->expert_in_model);
    put(w, LB_METRIC_PLANNING_ERROR, t->planning);
    put(w, LB_METRIC_LEMMA_LEFT, t->gap);
    put(w, LB_METRIC_ADVANTAGE, t->advantage);
    put(w, LB_METRIC_VALUE_GAP_EXPERT, t->expert_value_2);
    put(w, LB_METRIC_VALUE_GAP_LEARNER, t->learner_value);
    put(w, LB_METRIC_REWARD_GAP_EXPERT, t->expert_reward);
    put(w, LB_METRIC_REWARD_GAP_LEARNER, t->learner_reward);
    put(w, LB_METRIC_LEMMA_RESIDUAL, lb_exact_terms_residual(t, 2));
  }
  if (a->model.write) a->model.write(a->model.ctx, w);
  if (p->write) p->write(p->ctx, w);
  if (a->policy.act && lb_recipe_learns(&a->recipe)) {
    if (e->interactions > 0) put(w, LB_METRIC_INTERACTIONS, (double)e->interactions * a->iteration);
    if (a->exact.reached >= 0) put(w, LB_METRIC_ROUNDS_TO_EXPERT, a->exact.reached);
  }
  lb_json_write_int(w, lb_metric_name(LB_METRIC_STEPS_LEARNER), steps[LB_STEP_LEARNER]);
  lb_json_write_int(w, lb_metric_name(LB_METRIC_STEPS_EXPERT), steps[LB_STEP_EXPERT]);
  lb_json_write_int(w, lb_metric_name(LB_METRIC_STEPS_EXPLORATION), steps[LB_STEP_EXPLORATION]);
}

// World and model beside each other, of a system whose states have places.
static lb_status draw_exact(const lb_agent* a, const char* folder) {
  const lb_mdp* real = a->system->exact->table;
  const lb_mdp* m = real && real->place && a->model.table ? a->model.table(a->model.ctx, NULL) : NULL;
  if (!m) return lb_ok();
  const lb_dataset* data = &a->rollouts.seen;
  bool* seen = LB_TAKE(a->arena, bool, (size_t)real->ns*(size_t)real->na);
  for (int i = 0; i < data->n; ++i) seen[(int)data->x[i] * real->na + (int)data->u[i]] = true;
  char path[1200], title[200];
  lb_text svg = {0};
  snprintf(title, sizeof title, "The model of %s", a->recipe.title);
  lb_path_join(path, sizeof path, folder, LB_RUN_DRAWING);
  lb_drawing_write(&svg, real, "The world", m, title, seen);
  lb_status status = lb_file_replace(path, svg.data, svg.length);
  lb_text_free(&svg);
  return status;
}

const lb_agent_way lb_agent_computed = {.resumes = false,
                                        .open = open_exact,
                                        .demos = shown_before,
                                        .evaluate = evaluate_exact,
                                        .write = write_exact,
                                        .draw = draw_exact};
