#include "theory/finite_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "core/metrics.h"
#include "tabular/acting.h"
#include "tabular/counted.h"
#include "tabular/hedge.h"
#include "tabular/portals.h"
#include "tabular/search.h"
#include "tabular/solve.h"

static void put(lb_json_writer* w, int metric, double value) {
  lb_json_write_number(w, lb_metric_name(metric), value);
}

// Refuses a system that is not finite.
static lb_status needs_exact(const lb_system* system, const char* algorithm) {
  const lb_exact* e = system->exact;
  if (e && (e->table || e->tree)) return lb_ok();
  return lb_fail(LB_INPUT, "%s: %s is for finite systems, of which every state is known (docs/theory.md)", system->name,
                 algorithm);
}

// Refuses one without episodes.
static lb_status needs_clock(const lb_system* system, const char* algorithm) {
  LB_TRY(needs_exact(system, algorithm));
  if (system->horizon > 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: %s plans over episodes, and this one has no 'horizon'", system->name, algorithm);
}

// ---------------------------------------------------------------------------------------------------------------------
// Counts

typedef struct counts {
  lb_counted* data;  // of a table
  const lb_mdp* model;
  double surprise;
  lb_portals* tree;  // of a tree
  bool changed;      // since it was asked for last
} counts;

lb_status lb_counts_fits(const void* options, const lb_system* system, const char* algorithm) {
  (void)options;
  return needs_clock(system, algorithm);
}

// Adds what was seen since the last fit.
static void fit_counts(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch) {
  (void)rng;
  (void)scratch;
  counts* c = ctx;
  const lb_batch* b = &data->batch;
  for (int i = data->first_new; i < b->n; ++i) {
    if (c->tree) {
      c->changed = lb_portals_visit(c->tree, (int64_t)b->x[i], b->u[i] >= 0.5) || c->changed;
    } else {
      lb_counted_add(c->data, (int)b->x[i], (int)b->u[i], (int)b->x_next[i], 1);
    }
  }
  *report = (lb_fit_report){0};
  if (c->tree) return;
  c->model = lb_counted_fit(c->data);
  report->loss = c->surprise = lb_counted_surprise(c->data, c->model);
}

// The model that was fitted last.
static const lb_mdp* counts_table(void* ctx, lb_rng* rng) {
  (void)rng;
  return ((counts*)ctx)->model;
}

// What is believed now; whether that changed since the last call.
static bool counts_tree(void* ctx, lb_branching* out) {
  counts* c = ctx;
  bool changed = c->changed;
  *out = lb_portals_model(c->tree);
  c->changed = false;
  return changed;
}

// The loss of the fit, or the portals that are left.
static void write_counts(void* ctx, lb_json_writer* w) {
  const counts* c = ctx;
  if (c->model) put(w, LB_METRIC_FIT_LOSS, c->surprise);
  if (c->tree) put(w, LB_METRIC_PORTALS_OPEN, lb_portals_open(c->tree));
}

static void destroy_counts(void* ctx) {
  lb_counted_free(((counts*)ctx)->data);
}

lb_status lb_counts_open(lb_model* out, const lb_opening* o, const void* options) {
  (void)options;
  const lb_exact* e = o->system->exact;
  counts* c = LB_TAKE(o->arena, counts, 1);
  *c = (counts){.tree = e->tree, .changed = true};
  if (e->table) c->data = lb_counted_new(e->table, LB_UNSEEN_POOLED, NULL);
  *out = (lb_model){.ctx = c,
                    .has_prior = e->tree != NULL,
                    .fit = fit_counts,
                    .table = e->table ? counts_table : NULL,
                    .tree = e->tree ? counts_tree : NULL,
                    .write = write_counts,
                    .destroy = destroy_counts};
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// A finite class

enum { MOST_MEMBERS = 16, MOST_MEASURED = 20000 };
static const double rate = 0.9;  // of Hedge, as published

typedef struct class_model {
  const lb_exact* exact;
  lb_hedge_loss loss;
  double weight[MOST_MEMBERS], last[MOST_MEMBERS];
  int drawn;
  double *x, *W;  // (ns) all states, and the values on arrival of the last fit
  lb_transition* data;
  int n, room;
} class_model;

static const char* const losses[] = {"prediction", "value-moments", NULL};
static const lb_param class_params[] = {{.key = "loss",
                                         .type = LB_PARAM_WORD,
                                         .offset = offsetof(lb_class_options, loss),
                                         .high = 1,
                                         .words = losses,
                                         .meaning = "what a model of the class is weighed by"}};
const lb_params lb_class_choices = LB_PARAMS_OF(class_params);

unsigned lb_class_needs(const void* options) {
  return ((const lb_class_options*)options)->loss == LB_HEDGE_VALUE ? LB_GIVES_VALUE : 0;
}

lb_status lb_class_fits(const void* options, const lb_system* system, const char* algorithm) {
  (void)options;
  LB_TRY(needs_clock(system, algorithm));
  if (system->exact->nmembers > 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: %s chooses from a class of models, and this world has none", system->name, algorithm);
}

// The transitions that are new.
static void take_up(class_model* c, const lb_batch* b) {
  for (; c->n < b->n; ++c->n) {
    if (c->n == c->room) {
      c->room = 2 * c->room + 1024;
      lb_transition* more = realloc(c->data, (size_t)c->room * sizeof *more);
      if (!more) abort();
      c->data = more;
    }
    c->data[c->n] = (lb_transition){(int)b->x[c->n], (int)b->u[c->n], (int)b->x_next[c->n]};
  }
}

// w_j <- w_j exp(-0.9 loss_j), by one draw of each model for every transition so far.
static void fit_class(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch) {
  (void)scratch;
  class_model* c = ctx;
  const lb_mdp* real = c->exact->table;
  take_up(c, &data->batch);
  if (data->value && data->value->at) data->value->at(data->value->ctx, real->ns, 0, c->x, c->W);
  for (int s = 0; s < real->ns; ++s) c->W[s] = real->arrival[s] + c->W[s];
  for (int j = 0; j < c->exact->nmembers; ++j) {
    c->last[j] = lb_hedge_sampled_loss(c->loss, c->exact->members[j], c->W, c->data, c->n, rng);
  }
  lb_hedge_update(c->weight, c->last, c->exact->nmembers, rate);
  *report = (lb_fit_report){.loss = c->last[c->drawn]};
}

// A model by its weight, or the one drawn last.
static const lb_mdp* class_table(void* ctx, lb_rng* rng) {
  class_model* c = ctx;
  if (rng) c->drawn = lb_hedge_draw(c->weight, c->exact->nmembers, rng);
  return c->exact->members[c->drawn];
}

// The mean loss of the model that is planned in, its expectation over its draws.
static double expected(const class_model* c, lb_hedge_loss loss) {
  return lb_hedge_expected_loss(loss, c->exact->members[c->drawn], c->W, c->data, c->n);
}

// The weight of the first model, and how far off the present one is.
static void write_class(void* ctx, lb_json_writer* w) {
  const class_model* c = ctx;
  put(w, LB_METRIC_CLASS_WEIGHT, c->weight[0]);
  if (c->n == 0 || c->n > MOST_MEASURED) return;
  put(w, LB_METRIC_MODEL_MISS, expected(c, LB_HEDGE_PREDICTION));
  put(w, LB_METRIC_VALUE_MISS, expected(c, LB_HEDGE_VALUE));
}

static void destroy_class(void* ctx) {
  free(((class_model*)ctx)->data);
}

lb_status lb_class_open(lb_model* out, const lb_opening* o, const void* options) {
  const lb_exact* e = o->system->exact;
  class_model* c = LB_TAKE(o->arena, class_model, 1);
  c->exact = e;
  c->loss = (lb_hedge_loss)((const lb_class_options*)options)->loss;
  c->x = LB_TAKE(o->arena, double, e->table->ns);
  c->W = LB_TAKE(o->arena, double, e->table->ns);
  for (int s = 0; s < e->table->ns; ++s) c->x[s] = s;
  for (int j = 0; j < e->nmembers; ++j) c->weight[j] = 1.0 / e->nmembers;
  *out = (lb_model){.ctx = c,
                    .has_prior = true,
                    .fit = fit_class,
                    .table = class_table,
                    .write = write_class,
                    .destroy = destroy_class};
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Planners

typedef struct planner {
  const lb_exact* exact;
  bool lazy, alike;
  // Over a table.
  double *pi, *V, *shown;  // shown (T, ns): how often the expert was seen where
  int nshown;
  lb_acting acting;
  lb_acting_table table;
  // In a tree of `depth` decisions.
  int depth, *plan;
  int64_t* way;
  lb_followed follows;
  double promised;
  int plans;
  lb_counts counts;
} planner;

static const lb_param search_params[] = {{.key = "alike",
                                          .type = LB_PARAM_YES,
                                          .offset = offsetof(lb_search_options, alike),
                                          .high = 1,
                                          .meaning = "draw among actions that are alike; else take the first"}};
const lb_params lb_search_choices = LB_PARAMS_OF(search_params);

lb_status lb_lazy_search_fits(const void* options, const lb_system* system, const char* algorithm) {
  (void)options;
  return needs_clock(system, algorithm);
}

lb_status lb_search_fits(const void* options, const lb_system* system, const char* algorithm) {
  (void)options;
  LB_TRY(needs_clock(system, algorithm));
  if (!system->exact->tree) return lb_ok();
  lb_branching model = lb_portals_model(system->exact->tree);
  return lb_within(lb_search_check(&model, system->horizon, system->exact->forced), "%s, %s (%s-forced)", system->name,
                   algorithm, system->name);
}

// A plan and its measurement are a dozen sweeps over a table of some 1e-8 s for each of its rows; of the iterations in
// a tree about half plan anew.
static double table_seconds(const lb_mdp* m, int iterations) {
  return 12e-8 * iterations * m->ns * m->na * lb_mdp_times(m);
}

double lb_search_seconds(const void* options, const lb_system* system, int iterations) {
  (void)options;
  if (!system->exact->tree) return table_seconds(system->exact->table, iterations);
  lb_branching model = lb_portals_model(system->exact->tree);
  return 0.5 * iterations * 1e-8 * lb_search_nodes(&model, system->horizon);
}

double lb_lazy_search_seconds(const void* options, const lb_system* system, int iterations) {
  (void)options;
  double T = system->horizon;
  return system->exact->tree ? 1e-8 * iterations * T * T : table_seconds(system->exact->table, iterations);
}

// Where the expert was, of its transitions so far.
static const double* count_shown(planner* p, const lb_batch* b) {
  int ns = p->exact->table->ns;
  for (; b && p->nshown < b->n; ++p->nshown) p->shown[b->t[p->nshown] * ns + (int)b->x[p->nshown]] += 1;
  return p->shown;
}

// The best policy in the table, or PSDP where the expert was.
static lb_status plan_table(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  lb_rng rng = lb_rng_stream(problem->seed, LB_RNG_PLAN, problem->iteration, 0);
  const lb_mdp* m = problem->model ? problem->model->table(problem->model->ctx, &rng) : NULL;
  *report = (lb_plan_report){.planned = m != NULL};
  if (!m) return lb_ok();
  if (p->lazy) {
    lb_solve_psdp(p->pi, m, count_shown(p, problem->shown), problem->counts, problem->scratch);
    lb_solve_evaluate(p->V, m, p->pi, NULL, problem->scratch);
  } else {
    lb_solve_optimal(p->V, p->alike ? NULL : p->pi, m, 0, problem->counts, problem->scratch);
    if (p->alike) lb_solve_choose(p->pi, m, p->V, &rng);
  }
  report->cost_in_model = -lb_solve_return(m, p->V);
  p->plans += 1;
  p->counts = *problem->counts;
  return lb_ok();
}

// A policy that always takes the first action.
static int first_action(void* ctx, int64_t s, int t) {
  (void)ctx;
  (void)s;
  (void)t;
  return 0;
}

// The planned decision; the first one where none was planned.
static void act_in_tree(void* ctx, int n, int t, const double* in, double* u) {
  const planner* p = ctx;
  for (int i = 0; i < n; ++i) {
    int planned = p->lazy ? lb_followed_act(&p->follows, (int64_t)in[i], t) : p->plan[t];
    u[i] = planned < 0 ? 0 : planned;
  }
}

// Plans anew only where what was seen has changed the model: else the plan would be the same.
static lb_status plan_in_tree(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  lb_branching model;
  *report = (lb_plan_report){.planned = problem->model && problem->model->tree(problem->model->ctx, &model)};
  if (report->planned) {
    p->promised = p->lazy ? lb_search_psdp(&p->follows, &model, 1, 1, NULL, problem->counts, problem->scratch)
                          : lb_search_tree(&model, 0, p->depth, 1, p->plan, NULL, problem->counts, problem->scratch);
    p->plans += 1;
  }
  report->cost_in_model = -p->promised;
  p->counts = *problem->counts;
  return lb_ok();
}

// What planning took so far.
static void write_planner(void* ctx, lb_json_writer* w) {
  const planner* p = ctx;
  double work = (double)(p->counts.nodes + p->counts.backups);
  put(w, LB_METRIC_BACKUPS, (double)p->counts.backups);
  if (p->exact->table) return;
  put(w, LB_METRIC_NODES, (double)p->counts.nodes);
  put(w, LB_METRIC_PLANNING_WORK, work);
  put(w, LB_METRIC_PLANNING_WORK_EACH, p->plans ? work / p->plans : 0);
  put(w, LB_METRIC_PLANS, p->plans);
}

// Over a table: all actions alike before the first plan.
static void open_table(lb_planner* out, planner* p, const lb_opening* o) {
  const lb_mdp* m = p->exact->table;
  p->pi = LB_TAKE(o->arena, double, lb_mdp_policy_size(m));
  p->V = LB_TAKE(o->arena, double, lb_mdp_value_size(m));
  if (p->lazy) p->shown = LB_TAKE(o->arena, double, (size_t)m->horizon*(size_t)m->ns);
  lb_solve_uniform(p->pi, m);
  p->acting = (lb_acting){.m = m, .pi = p->pi, .rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 3)};
  p->table = (lb_acting_table){m, p->V};
  *out = (lb_planner){.ctx = p,
                      .policy = lb_acting_policy(&p->acting),
                      .gives_controls = true,
                      .value = lb_acting_value(&p->table),
                      .plan = plan_table,
                      .write = write_planner};
}

// In a tree: along the way that the expert showed.
static void open_tree(lb_planner* out, planner* p, const lb_opening* o) {
  p->depth = o->system->horizon;
  p->plan = LB_TAKE(o->arena, int, p->depth);
  p->way = LB_TAKE(o->arena, int64_t, p->depth);
  for (int t = 0; t < p->depth && o->ndemos > 0; ++t) p->way[t] = (int64_t)o->demos->x[t];
  p->follows = (lb_followed){.length = p->depth, .state = p->way, .action = p->plan, .otherwise = first_action};
  *out = (lb_planner){.ctx = p,
                      .policy = {.input = LB_READS_STATE, .nin = 1, .nu = 1, .ctx = p, .act = act_in_tree},
                      .gives_controls = true,
                      .plan = plan_in_tree,
                      .write = write_planner};
}

// By what the system is.
static lb_status open_planner(lb_planner* out, const lb_opening* o, bool lazy, bool alike) {
  planner* p = LB_TAKE(o->arena, planner, 1);
  *p = (planner){.exact = o->system->exact, .lazy = lazy, .alike = alike};
  if (p->exact->table) {
    open_table(out, p, o);
  } else {
    open_tree(out, p, o);
  }
  return lb_ok();
}

lb_status lb_search_open(lb_planner* out, const lb_opening* o, const void* options) {
  return open_planner(out, o, false, ((const lb_search_options*)options)->alike);
}

lb_status lb_lazy_search_open(lb_planner* out, const lb_opening* o, const void* options) {
  (void)options;
  return open_planner(out, o, true, false);
}
