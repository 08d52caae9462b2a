// One loop for the textbook's iLQR and for the authors' variant: what differs is in the configuration.
#include "plan/ilqr.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "plan/rollout.h"

struct lb_ilqr {
  const lb_space* space;
  int nu, horizon, history_capacity;
  lb_lqr* lqr;
  lb_lq_policy candidate;  // of the pass at work
  lb_lq_policy accepted;   // its rollout is the best trajectory
  lb_lq_value candidate_value, value;
  double *x, *u;          // best trajectory
  double *x_try, *u_try;  // of the line search
  double* history;        // (history_capacity + 1)
};

enum { MAX_ITERATIONS = 10000 };

// What one solve carries along.
typedef struct search {
  lb_ilqr* s;
  const lb_dynamics* f;
  const lb_cost* cost;
  const double* x0;
  const lb_ilqr_config* config;
  lb_counts* counts;
  double growth;        // of mu, at its next change
  bool expanded;        // the workspace holds the expansion about the best trajectory
  bool have_gains;      // candidate is a pass about the best trajectory that succeeded
  double candidate_mu;  // regularisation of the candidate's pass
  double accepted_mu;   // and of the accepted policy's
  lb_lqr_report pass;   // the last one
  lb_ilqr_result result;
} search;

lb_ilqr_config lb_ilqr_default_config(void) {
  return (lb_ilqr_config){.rule = LB_RULE_TEXTBOOK,
                          .final = LB_ILQR_FINAL_BEST,
                          .max_iterations = 100,
                          .line_search_steps = 12,
                          .accept_ratio = 1e-4,
                          .gradient_tolerance = 1e-6,
                          .cost_tolerance = 1e-9,
                          .mu_min = 1e-6,
                          .mu_max = 1e10,
                          .mu_factor = 1.6};
}

lb_ilqr_config lb_ilqr_2023_config(void) {
  return (lb_ilqr_config){
      .rule = LB_RULE_2023, .final = LB_ILQR_FINAL_ACCEPTED, .max_iterations = 100, .line_search_steps = 20};
}

const char* lb_ilqr_stop_text(lb_ilqr_stop stop) {
  switch (stop) {
    case LB_ILQR_CONVERGED_GRADIENT:
      return "converged: the feed-forward terms vanished";
    case LB_ILQR_CONVERGED_COST:
      return "converged: no more gain in cost";
    case LB_ILQR_NO_STEP:
      return "no step length was accepted";
    case LB_ILQR_MAX_ITERATIONS:
      return "the iterations were used up";
    case LB_ILQR_MAX_REGULARISATION:
      return "the backward pass failed at the largest regularisation";
    case LB_ILQR_DIVERGED:
      return "the model left the finite numbers";
  }
  return "?";
}

lb_ilqr* lb_ilqr_new(const lb_space* space, int nu, int horizon, lb_arena* arena) {
  lb_ilqr* s = LB_TAKE(arena, lb_ilqr, 1);
  size_t nx = (size_t)(horizon + 1) * (size_t)space->nx, n = (size_t)horizon * (size_t)nu;
  s->space = space;
  s->nu = nu;
  s->horizon = horizon;
  s->lqr = lb_lqr_new(space, nu, horizon, arena);
  lb_lq_policy_init(&s->candidate, space, nu, horizon, arena);
  lb_lq_policy_init(&s->accepted, space, nu, horizon, arena);
  lb_lq_value_init(&s->candidate_value, space, horizon, arena);
  lb_lq_value_init(&s->value, space, horizon, arena);
  s->x = LB_TAKE(arena, double, nx);
  s->u = LB_TAKE(arena, double, n);
  s->x_try = LB_TAKE(arena, double, nx);
  s->u_try = LB_TAKE(arena, double, n);
  s->history = LB_TAKE(arena, double, MAX_ITERATIONS + 1);
  return s;
}

// The trajectory that was tried becomes the best one.
static void swap_trajectories(lb_ilqr* s) {
  double *x = s->x, *u = s->u;
  s->x = s->x_try;
  s->u = s->u_try;
  s->x_try = x;
  s->u_try = u;
}

// The best trajectory itself becomes the nominal one of p, without feed-forward; its gains stay.
static void centre_on_best(const lb_ilqr* s, lb_lq_policy* p) {
  memcpy(p->x_nominal, s->x, (size_t)(s->horizon + 1) * (size_t)s->space->nx * sizeof(double));
  memcpy(p->u_nominal, s->u, (size_t)s->horizon * (size_t)s->nu * sizeof(double));
  memset(p->k, 0, (size_t)s->horizon * (size_t)s->nu * sizeof(double));
  p->alpha = 0;
}

// No feedback: u = u_nominal.
static void open_loop(lb_lq_policy* p) {
  memset(p->K, 0, (size_t)p->horizon * (size_t)p->nu * (size_t)p->space->ndx * sizeof(double));
  memset(p->k, 0, (size_t)p->horizon * (size_t)p->nu * sizeof(double));
  p->alpha = 0;
  p->rule = LB_RULE_TEXTBOOK;
}

// Rolls the start out into the best trajectory and makes it the accepted policy; returns its cost.
static double begin(search* q, const lb_ilqr_start* start) {
  lb_ilqr* s = q->s;
  lb_policy policy = lb_lq_policy_view(&s->accepted);
  assert((start->lq != NULL) + (start->policy != NULL) + (start->u != NULL) == 1);
  if (start->lq) {
    lb_lq_policy_copy(&s->accepted, start->lq);
  } else {
    memset(s->accepted.x_nominal, 0, (size_t)(s->horizon + 1) * (size_t)s->space->nx * sizeof(double));
    open_loop(&s->accepted);
  }
  if (start->u) {
    memcpy(s->accepted.u_nominal, start->u, (size_t)s->horizon * (size_t)s->nu * sizeof(double));
    for (int t = 0; t <= s->horizon; ++t) {  // a point of the space, which zeros need not be
      memcpy(s->accepted.x_nominal + (size_t)t * (size_t)s->space->nx, q->x0, (size_t)s->space->nx * sizeof(double));
    }
  }
  double cost = lb_rollout(s->x, s->u, q->f, q->cost, start->policy ? start->policy : &policy, q->config->limits, q->x0,
                           s->horizon);
  if (!start->lq) centre_on_best(s, &s->accepted);
  return cost;
}

// False at the largest regularisation, or when there is none.
static bool raise_mu(search* q) {
  const lb_ilqr_config* c = q->config;
  if (q->result.mu >= c->mu_max) return false;
  q->growth = fmax(c->mu_factor, q->growth * c->mu_factor);
  q->result.mu = fmin(c->mu_max, fmax(c->mu_min, q->result.mu * q->growth));
  return true;
}

// Tassa 2012, section II-F: growth = min(1 / factor, growth / factor), mu *= growth, 0 below mu_min.
static void lower_mu(search* q) {
  const lb_ilqr_config* c = q->config;
  q->growth = fmin(1 / c->mu_factor, q->growth / c->mu_factor);
  q->result.mu *= q->growth;
  if (!(q->result.mu >= c->mu_min)) q->result.mu = 0;
}

// One backward pass about the best trajectory with the present mu, which expands the model only where the trajectory
// moved. False where it has no gains.
static bool pass(search* q) {
  lb_ilqr* s = q->s;
  const lb_ilqr_config* c = q->config;
  lb_lqr_config config = {.limits = c->limits};  // a rollout of the model has no defects
  if (c->mu_on_state) {
    config.mu_state = q->result.mu;
  } else {
    config.mu_control = q->result.mu;
  }
  if (!q->expanded) {
    lb_lqr_expand(s->lqr, q->f, q->cost, &(lb_trajectory){s->horizon, s->x, s->u}, false);
    q->expanded = true;
  }
  q->pass = lb_lqr_backward(s->lqr, &s->candidate, &s->candidate_value, &config, q->counts);
  q->result.pass = q->pass.outcome;
  q->result.iterations += 1;
  q->have_gains = q->pass.outcome == LB_LQR_DONE;
  q->candidate_mu = q->result.mu;
  if (!q->have_gains) return false;
  lb_lq_value kept = s->value;
  s->value = s->candidate_value;
  s->candidate_value = kept;
  q->result.value = &s->value;
  s->candidate.rule = c->rule;
  return true;
}

// Tries the step lengths in turn; true, with the new best trajectory and cost, at the first that is good enough.
static bool line_search(search* q) {
  lb_ilqr* s = q->s;
  const lb_ilqr_config* c = q->config;
  lb_policy policy = lb_lq_policy_view(&s->candidate);
  s->candidate.alpha = 1;
  for (int i = 0; i < c->line_search_steps; ++i, s->candidate.alpha *= 0.5) {
    double a = s->candidate.alpha;
    double cost = lb_rollout(s->x_try, s->u_try, q->f, q->cost, &policy, c->limits, q->x0, s->horizon);
    double expected = -(a * q->pass.expected_linear + a * a * q->pass.expected_quadratic);
    if (!(cost < q->result.cost) || q->result.cost - cost < c->accept_ratio * expected) continue;
    swap_trajectories(s);
    lb_lq_policy_copy(&s->accepted, &s->candidate);
    q->accepted_mu = q->candidate_mu;
    q->result.cost = cost;
    q->result.accepted += 1;
    s->history[q->result.accepted] = cost;
    q->expanded = q->have_gains = false;
    return true;
  }
  return false;
}

// Whether a gain is below cost_tolerance (1 + |cost|).
static bool is_negligible(const search* q, double gain) {
  double tolerance = q->config->cost_tolerance;
  return tolerance > 0 && gain <= tolerance * (1 + fabs(q->result.cost));
}

// One pass and its line search. True when the search is over, with the reason in the result.
static bool iterate(search* q) {
  const lb_ilqr_config* c = q->config;
  lb_ilqr_result* r = &q->result;
  if (!pass(q)) {
    r->stop = q->pass.outcome == LB_LQR_NOT_FINITE ? LB_ILQR_DIVERGED : LB_ILQR_MAX_REGULARISATION;
    return q->pass.outcome == LB_LQR_NOT_FINITE || !raise_mu(q);
  }
  if (c->gradient_tolerance > 0 && r->mu == 0 && q->pass.feedforward <= c->gradient_tolerance) {
    r->stop = LB_ILQR_CONVERGED_GRADIENT;
    return true;
  }
  double before = r->cost;
  if (line_search(q)) {
    lower_mu(q);
    r->stop = LB_ILQR_CONVERGED_COST;
    return is_negligible(q, before - r->cost);
  }
  if (is_negligible(q, -(q->pass.expected_linear + q->pass.expected_quadratic))) {
    r->stop = LB_ILQR_CONVERGED_COST;
    return true;
  }
  r->stop = LB_ILQR_NO_STEP;
  return !raise_mu(q);
}

// Regularised gains are good for a step of the search, not for flying: they answer a disturbance too weakly. Where the
// last gains are such, makes one more pass along the best trajectory with as little regularisation as it bears.
static void settle_gains(search* q) {
  double mu = q->result.mu;
  bool hopeless = q->result.stop == LB_ILQR_MAX_REGULARISATION || q->result.stop == LB_ILQR_DIVERGED;
  if (hopeless || (q->have_gains ? q->candidate_mu : q->accepted_mu) == 0) return;
  q->result.mu = 0;
  q->growth = 1;
  while (!pass(q) && q->pass.outcome != LB_LQR_NOT_FINITE && raise_mu(q)) continue;
  q->result.mu = mu;
}

// Picks the policy to hand back.
static lb_lq_policy* finish(search* q) {
  lb_ilqr* s = q->s;
  if (q->config->final == LB_ILQR_FINAL_ACCEPTED || !isfinite(q->result.start_cost)) return &s->accepted;
  settle_gains(q);
  lb_lq_policy* p = q->have_gains ? &s->candidate : &s->accepted;
  centre_on_best(s, p);
  return p;
}

lb_ilqr_result lb_ilqr_solve(lb_ilqr* s, const lb_dynamics* f, const lb_cost* cost, const lb_ilqr_start* start,
                             const lb_ilqr_config* config, lb_counts* counts) {
  assert(config->max_iterations <= MAX_ITERATIONS && config->line_search_steps >= 1);
  assert(config->mu_max == 0 || (config->mu_factor > 1 && config->mu_min > 0));
  search q = {.s = s, .f = f, .cost = cost, .x0 = start->x0, .config = config, .counts = counts, .growth = 1};
  lb_ilqr_result* r = &q.result;
  r->mu = config->mu_max > 0 ? config->mu_initial : 0;
  r->start_cost = r->cost = s->history[0] = begin(&q, start);
  bool over = !isfinite(r->cost);
  if (over) r->stop = LB_ILQR_DIVERGED;
  while (!over) {
    if (r->iterations >= config->max_iterations) {
      r->stop = LB_ILQR_MAX_ITERATIONS;
      break;
    }
    over = iterate(&q);
  }
  r->policy = finish(&q);
  r->trajectory = (lb_trajectory){s->horizon, s->x, s->u};
  r->history = s->history;
  return *r;
}
