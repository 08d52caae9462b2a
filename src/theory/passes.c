// From PSDP to one LQR pass. PSDP says: backward in time, at the states of the expert, choose the control that is best
// if the policy already chosen acts afterwards. Done to the letter, with rollouts in the model for values and with
// policies u = K x + k fitted to the best controls at sampled states, it needs some ten thousand rollouts; one Riccati
// pass gives the same gains where dynamics are linear and the cost quadratic, whatever trajectory it lies about, and
// nearly the same about the states in question where they are not. About other states it plans for another system; and
// the published update rule, which drops the trajectory's own controls, is right about the origin alone.
#include <math.h>
#include <string.h>

#include "eval/evaluate.h"
#include "linalg/chol.h"
#include "linalg/lstsq.h"
#include "plan/lqr.h"
#include "task/helicopter_2023.h"
#include "theory/lds.h"
#include "theory/study.h"

enum { STATES = 24, MOST_NX = 12, MOST_NU = 4, NEWTON = 2, EPISODES = 100 };

static const double spread_of_states = 0.001;

typedef struct passes {
  lb_lds_problem problem;
  lb_lds_view view;
  lb_system* system;  // the helicopter; NULL: the linear system
  const lb_dynamics* f;
  const lb_cost* cost;
  int nx, nu, H;
  lb_lq_policy policy, pass;  // the row's, and the pass about the expert's states
  lb_lq_value value;
  double* x;  // (STATES, H + 1, nx) states of the expert
  uint64_t seed;
  int64_t steps;  // of the model
  bool by_regression, displaced, published;
} passes;

// Where PSDP chooses: states that the expert meets under the system's noise, spread so that they tell all directions
// apart.
static void sample_states(passes* p, lb_study* study) {
  lb_policy acting = lb_lq_policy_view(&p->pass);
  for (int i = 0; i < STATES; ++i) {
    double* x = p->x + (size_t)i * (size_t)(p->H + 1) * (size_t)p->nx;
    lb_rng rng = lb_rng_stream(p->seed, LB_RNG_EXPERT, (uint32_t)i, 0);
    lb_rng spread = lb_rng_stream(p->seed, LB_RNG_EXPERT, (uint32_t)i, 1);
    if (p->system) {
      double w[MOST_NX], u[MOST_NU];
      p->system->reset(p->system->self, &rng);
      for (int t = 0; t < p->H; ++t) {
        p->system->get_state(p->system->self, x + t * p->nx);
        lb_policy_act(&acting, 1, t, x + t * p->nx, u);
        for (int k = 0; k < p->nx; ++k) x[t * p->nx + k] += spread_of_states * lb_rng_normal(&spread);
        lb_rng_normals(&rng, w, p->system->nw);
        lb_system_step(p->system, LB_STEP_EXPERT, u, w);
      }
      study->ledger.steps[LB_STEP_EXPERT] += p->H;
    } else {
      for (int k = 0; k < p->H * p->nx; ++k) x[k] = 0.1 * lb_rng_normal(&rng);
    }
  }
}

// Cost in the model of u at time t, then of the policy to the end.
static double cost_to_go(passes* p, int t, const double* from, const double* u_first) {
  lb_policy acting = lb_lq_policy_view(&p->policy);
  double x[MOST_NX], next[MOST_NX], u[MOST_NU], sum = 0;
  memcpy(x, from, (size_t)p->nx * sizeof *x);
  for (int k = t; k < p->H; ++k) {
    if (k == t) {
      memcpy(u, u_first, (size_t)p->nu * sizeof *u);
    } else {
      lb_policy_act(&acting, 1, k, x, u);
    }
    sum += p->cost->stage(p->cost->ctx, k, x, u);
    p->f->step(p->f->ctx, 1, &k, x, u, next);
    memcpy(x, next, (size_t)p->nx * sizeof *x);
    p->steps += 1;
  }
  return sum + p->cost->terminal(p->cost->ctx, p->H, x);
}

// One Newton step on u |-> cost_to_go by central differences, which are exact for a quadratic.
static void newton(passes* p, int t, const double* x, double* u) {
  int n = p->nu;
  double g[MOST_NU], h[MOST_NU * MOST_NU], plus[MOST_NU], minus[MOST_NU], moved[MOST_NU];
  const double e = 1e-3, here = cost_to_go(p, t, x, u);
  for (int i = 0; i < n; ++i) {
    memcpy(moved, u, sizeof moved);
    moved[i] = u[i] + e;
    plus[i] = cost_to_go(p, t, x, moved);
    moved[i] = u[i] - e;
    minus[i] = cost_to_go(p, t, x, moved);
    g[i] = (plus[i] - minus[i]) / (2 * e);
    h[i * n + i] = (plus[i] - 2 * here + minus[i]) / (e * e);
  }
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < i; ++j) {
      memcpy(moved, u, sizeof moved);
      moved[i] += e;
      moved[j] += e;
      h[i * n + j] = (cost_to_go(p, t, x, moved) - plus[i] - plus[j] + here) / (e * e);
      h[j * n + i] = h[i * n + j];
    }
  }
  if (!lb_chol_factor(h, n)) return;
  lb_chol_solve(g, h, n, 1);
  for (int i = 0; i < n; ++i) u[i] -= g[i];
}

// u = K (x - mean) + k by least squares over the best controls at the states of time t; directions in which the states
// do not spread keep no gain.
static void choose(passes* p, int t, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  int nx = p->nx, nu = p->nu, width = nx + 1;
  double *Z = LB_TAKE(scratch, double, (STATES * width)), *U = LB_TAKE(scratch, double, (STATES * nu)),
         *W = LB_TAKE(scratch, double, (width * nu));
  for (int i = 0; i < STATES; ++i) {
    const double* x = p->x + ((size_t)i * (size_t)(p->H + 1) + (size_t)t) * (size_t)nx;
    double u[MOST_NU] = {0};
    for (int k = 0; k < NEWTON; ++k) newton(p, t, x, u);
    memcpy(Z + i * width, x, (size_t)nx * sizeof *Z);
    Z[i * width + nx] = 1;
    memcpy(U + i * nu, u, (size_t)nu * sizeof *U);
  }
  lb_lstsq solved = lb_lstsq_svd(W, NULL, Z, U, STATES, width, nu, 1e-9, scratch);
  for (int j = 0; solved.ok && j < nu; ++j) {
    for (int i = 0; i < nx; ++i) p->policy.K[(t * nu + j) * nx + i] = W[i * nu + j];
    p->policy.k[t * nu + j] = W[nx * nu + j];
  }
  lb_arena_release(scratch, mark);
}

// A trajectory of the model that is not the expert's: from a start that is off, with controls that are no one's.
static lb_trajectory displaced(passes* p, lb_arena* arena) {
  double *x = LB_TAKE(arena, double, ((p->H + 1) * p->nx)), *u = LB_TAKE(arena, double, (p->H * p->nu));
  lb_rng rng = lb_rng_stream(p->seed, LB_RNG_LEARNER, 0, 0);
  lb_policy acting = lb_lq_policy_view(&p->pass);
  for (int i = 0; i < p->nx; ++i) x[i] = (p->system && i >= 9 ? 0.05 : 0.3) * lb_rng_normal(&rng);
  for (int t = 0; t < p->H; ++t) {
    lb_policy_act(&acting, 1, t, x + t * p->nx, u + t * p->nu);
    for (int i = 0; i < p->nu; ++i) u[t * p->nu + i] += 0.1 * lb_rng_normal(&rng);
    p->f->step(p->f->ctx, 1, &t, x + t * p->nx, u + t * p->nu, x + (t + 1) * p->nx);
  }
  return (lb_trajectory){.length = p->H, .x = x, .u = u};
}

// The gains of the row, and of one pass about the expert's states beside them.
static void plan(lb_study* study, int iteration) {
  (void)iteration;
  passes* p = study->self;
  lb_arena* arena = study->arena;
  const lb_trajectory origin = {
      .length = p->H, .x = LB_TAKE(arena, double, ((p->H + 1) * p->nx)), .u = LB_TAKE(arena, double, (p->H * p->nu))};
  lb_lqr* w = lb_lqr_new(p->f->space, p->nu, p->H, arena);
  lb_lqr_config config = lb_lqr_default_config();
  bool own = !p->by_regression && !p->displaced;
  lb_lqr_pass(w, &p->pass, &p->value, p->f, p->cost, &origin, &config, own ? &study->counts : NULL);
  if (own) {
    lb_lq_policy_copy(&p->policy, &p->pass);
  } else if (p->displaced) {
    lb_trajectory about = displaced(p, arena);
    lb_lqr_pass(w, &p->policy, &p->value, p->f, p->cost, &about, &config, &study->counts);
    p->policy.rule = p->published ? LB_RULE_2023 : LB_RULE_TEXTBOOK;
  } else {
    sample_states(p, study);
    for (int t = p->H - 1; t >= 0; --t) choose(p, t, arena);
    study->counts.model_queries += p->steps;
  }
}

// Mean cost of 100 noisy episodes of the helicopter; of 100 random starts of the linear system.
static double real_cost(passes* p, lb_study* study) {
  lb_policy acting = lb_lq_policy_view(&p->policy);
  if (p->system) {
    return lb_evaluate(p->system, &acting, EPISODES, p->seed, 0, study->arena, 0, NULL, NULL).mean;
  }
  lb_rng rng = lb_rng_stream(p->seed, LB_RNG_EVALUATION, 0, 0);
  double sum = 0, u[MOST_NU], x[MOST_NX];
  for (int i = 0; i < EPISODES; ++i) {
    for (int k = 0; k < p->nx; ++k) x[k] = 0.1 * lb_rng_normal(&rng);
    lb_policy_act(&acting, 1, 0, x, u);
    sum += cost_to_go(p, 0, x, u) / EPISODES;
  }
  return isfinite(sum) ? sum : INFINITY;
}

// Costs, and how far the gains are from the pass's.
static int measure(lb_study* study, int iteration, lb_study_number out[LB_STUDY_NUMBERS]) {
  (void)iteration;
  passes* p = study->self;
  int n = 0;
  double difference = 0, most = 0;
  // Of times at which the states spread in all directions.
  for (int i = p->H / 5 * p->nu * p->nx; i < p->H * p->nu * p->nx; ++i) {
    difference = fmax(difference, fabs(p->policy.K[i] - p->pass.K[i]));
    most = fmax(most, fabs(p->pass.K[i]));
  }
  lb_study_put(out, &n, LB_METRIC_COST, real_cost(p, study));
  lb_study_put(out, &n, LB_METRIC_GAIN_DIFFERENCE, difference / most);
  lb_study_put(out, &n, LB_METRIC_LQR_PASSES, (double)study->counts.lqr_passes);
  lb_study_put(out, &n, LB_METRIC_MODEL_QUERIES, (double)study->counts.model_queries);
  return n;
}

static void close_passes(lb_study* study) {
  lb_system_free(((passes*)study->self)->system);
}

static const char* const words[] = {"expert", "psdp", "displaced", "displaced-2023", NULL};
enum { EXPERT, PSDP, DISPLACED, DISPLACED_2023 };
static const lb_param params[] = {{.key = "about",
                                   .type = LB_PARAM_WORD,
                                   .offset = offsetof(lb_passes_options, about),
                                   .high = DISPLACED_2023,
                                   .words = words,
                                   .meaning =
                                       "a pass about the expert's states, PSDP by regression at them, or a pass "
                                       "about states that are no one's, by the textbook's rule or the published"}};
const lb_params lb_passes_choices = LB_PARAMS_OF(params);

double lb_passes_seconds(const void* options, const lb_system* system, int iterations) {
  bool hover = strcmp(system->name, "hover-psdp") == 0,
       by_regression = ((const lb_passes_options*)options)->about == PSDP;
  return (iterations + 1) * (by_regression ? (hover ? 0.4 : 0.03) : hover ? 0.02 : 0.002);
}

lb_status lb_passes_fits(const void* options, const lb_system* system, const char* algorithm) {
  static const char* const names[] = {"linear-psdp", "hover-psdp"};
  (void)options;
  return lb_study_fits(names, 2, system, algorithm);
}

lb_status lb_passes_open(lb_planner* out, const lb_opening* o, const void* options) {
  int about = ((const lb_passes_options*)options)->about;
  passes* p = LB_TAKE(o->arena, passes, 1);
  p->seed = o->seed;
  p->displaced = about == DISPLACED || about == DISPLACED_2023;
  p->published = about == DISPLACED_2023;
  p->by_regression = about == PSDP;
  if (strcmp(o->system->name, "hover-psdp") == 0) {
    LB_TRY(lb_helicopter_2023_open(&p->system));
    p->f = p->system->truth;
    p->cost = p->system->cost;
    p->nx = p->system->space.nx;
    p->nu = p->system->nu;
    p->H = p->system->horizon;
  } else {
    p->problem = lb_lds_growing();
    lb_lds_view_init(&p->view, &p->problem, NULL);
    p->f = &p->view.f;
    p->cost = &p->view.cost;
    p->nx = LB_LDS_N;
    p->nu = 1;
    p->H = LB_LDS_H;
  }
  const lb_space* space = p->f->space;
  lb_lq_policy_init(&p->policy, space, p->nu, p->H, o->arena);
  lb_lq_policy_init(&p->pass, space, p->nu, p->H, o->arena);
  lb_lq_value_init(&p->value, space, p->H, o->arena);
  p->x = LB_TAKE(o->arena, double, (STATES * (p->H + 1) * p->nx));
  const lb_study study = {.self = p, .plan = plan, .measure = measure, .close = close_passes};
  return lb_study_open(out, &study, o);
}
