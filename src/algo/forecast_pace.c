#include "algo/forecast_pace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/imagination.h"
#include "algo/online.h"
#include "algo/oracle.h"
#include "algo/planning.h"
#include "base/clock.h"
#include "base/sort.h"
#include "data/ring.h"
#include "model/linear.h"
#include "model/neural.h"
#include "plan/bc.h"
#include "plan/mpc.h"
#include "plan/sac.h"

enum { ROWS = 4096, IMAGINED = 2048, BEFORE = 1, BLOCKS = 5 };
static const double seconds_a_block = 0.004;

// Everything that may be measured, made when it is first needed.
typedef struct bench {
  lb_system* system;
  const lb_recipe* recipe;
  const lb_online_protocol* p;
  lb_arena* arena;
  lb_rng rng;
  lb_ring data, imagined;
  lb_sac* sac;
  lb_neural* model;
  bool plain;  // the model is to be fitted to what was seen, whatever the recipe says
  lb_imagination* imagination;
  lb_value value;
  lb_neural_values values;
  lb_planning* planning;
  lb_mpc* planner;
  lb_lazy* lazy;
  lb_space space;  // of observations
  lb_linear* map;
  int* rows;
  double *obs, *action, *u, *w;
  float* starts;
  int t;
} bench;

// CPU seconds of one call, the median of a few blocks of them.
static double time_of(void (*call)(bench*), bench* b) {
  double took[BLOCKS];
  for (int i = 0; i < BEFORE; ++i) call(b);
  for (int i = 0; i < BLOCKS; ++i) {
    double start = lb_cpu_seconds(), spent = 0;
    int calls = 0;
    while (calls == 0 || spent < seconds_a_block) {
      call(b);
      calls += 1;
      spent = lb_cpu_seconds() - start;
    }
    took[i] = spent / calls;
    if (spent > 20 * seconds_a_block) return took[i];  // what takes long varies little
  }
  lb_sort(took, BLOCKS);
  return took[BLOCKS / 2];
}

static double* find(lb_paces* known, const char* key, bool* is_new) {
  for (int i = 0; i < known->n; ++i) {
    if (strcmp(known->keys[i], key) == 0) {
      *is_new = false;
      return &known->seconds[i];
    }
  }
  if (known->n == LB_PACES) known->n = 0;  // forgets: it only costs time
  snprintf(known->keys[known->n], sizeof known->keys[0], "%s", key);
  *is_new = true;
  return &known->seconds[known->n++];
}

static void need_data(bench* b) {
  const lb_system* s = b->system;
  if (b->data.n > 0) return;
  float* row = LB_TAKE(b->arena, float, lb_transitions_width(s->nobs, s->nu));
  lb_ring_init(&b->data, s->nobs, s->nu, ROWS, b->arena);
  for (int i = 0; i < ROWS; ++i) {
    for (int j = 0; j < b->data.width; ++j) row[j] = (float)(2 * lb_rng_uniform(&b->rng) - 1);
    lb_ring_add(&b->data, row, row + s->nobs, row[lb_transitions_reward(s->nobs, s->nu)], false,
                row + lb_transitions_next(s->nobs, s->nu));
  }
}

static void open_bench(bench* b, lb_system* system, const lb_recipe* recipe, const lb_online_protocol* p) {
  *b = (bench){.system = system, .recipe = recipe, .p = p, .rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0)};
  b->arena = lb_arena_new(0);
  if (!b->arena) abort();
  b->obs = LB_TAKE(b->arena, double, system->nobs + 1);
  b->action = LB_TAKE(b->arena, double, system->nu);
  b->u = LB_TAKE(b->arena, double, system->nu);
  b->w = LB_TAKE(b->arena, double, system->nw);
  b->rows = LB_TAKE(b->arena, int, p->batch + p->model_batch * LB_NEURAL_MOST_MEMBERS);
}

static void need_sac(bench* b) {
  if (b->sac) return;
  lb_sac_config c = lb_online_sac_config(b->system, b->recipe, b->p);
  if (c.target_critics > c.critics) c.target_critics = c.critics;  // such a run will be refused
  c.actor_every = 1;
  b->sac = lb_sac_new(&c, &b->rng, b->arena);
}

static void need_model(bench* b) {
  if (b->model) return;
  lb_neural_config c = lb_online_ensemble_config(b->system, b->recipe, b->p);
  bool moments = b->recipe->loss == LB_LOSS_VALUE_MOMENTS && !b->plain;
  need_data(b);
  if (c.elites > c.members) c.elites = c.members;  // such a run will be refused
  if (b->plain) c.loss = LB_NEURAL_PREDICTION;
  b->model = lb_neural_new(&c, &b->rng, b->arena);
  lb_transitions all = lb_ring_view(&b->data, NULL, ROWS);
  lb_neural_normalize(b->model, &all);
  if (!moments) return;
  need_sac(b);
  b->value = lb_sac_value(b->sac);
  b->values = lb_neural_values_new(&b->value, &all, b->arena);
}

static void begin(bench* b) {
  b->system->reset(b->system->self, &b->rng);
  b->t = 0;
}

static void step_with(bench* b) {
  lb_system* s = b->system;
  if (s->nw > 0) lb_rng_normals(&b->rng, b->w, s->nw);
  lb_outcome outcome = s->step(s->self, b->u, s->nw > 0 ? b->w : NULL);  // not a real step of anybody
  b->t += 1;
  if (outcome.terminated || outcome.truncated || outcome.diverged || b->t >= s->horizon) begin(b);
}

static void step_randomly(bench* b) {
  const lb_system* s = b->system;
  for (int i = 0; i < s->nu; ++i) {
    double low = isfinite(s->u_low[i]) ? s->u_low[i] : -1, high = isfinite(s->u_high[i]) ? s->u_high[i] : 1;
    b->u[i] = low + (high - low) * lb_rng_uniform(&b->rng);
  }
  step_with(b);
}

static void act(bench* b) {
  const lb_system* s = b->system;
  s->observe(s->self, b->obs);
  lb_sac_act(b->sac, b->action, b->obs, 1, &b->rng);
}

static void update(bench* b) {
  lb_sac_report report;
  lb_ring_draw(&b->data, b->rows, b->p->batch, &b->rng);
  lb_transitions batch = lb_ring_view(&b->data, b->rows, b->p->batch);
  lb_sac_update(b->sac, &report, &batch, NULL, &b->rng);
}

static void update_model(bench* b) {
  int batch = lb_neural_config_of(b->model)->batch;
  lb_transitions all = lb_ring_view(&b->data, NULL, ROWS);
  lb_ring_draw(&b->data, b->rows, b->p->model_members * batch, &b->rng);
  lb_neural_step(b->model, &all, b->value.at ? &b->values : NULL, b->rows, batch);
}

static void imagine(bench* b) {
  lb_counts counts = {0};
  lb_imagination_run(b->imagination, &b->imagined, b->starts, IMAGINED, 1, &b->rng, &counts);
}

// One epoch of cloning on few rows, which tells an update's time.
static void clone(bench* b) {
  lb_actor_config shape = lb_actor_default_config(b->system->nobs, b->system->nu);
  shape.hidden = b->p->hidden_layers;
  shape.width = b->p->width;
  shape.u_low = b->system->u_low;
  shape.u_high = b->system->u_high;
  lb_bc_config c = lb_bc_default_config();
  c.loss = b->recipe->planner.loss;
  c.batch = b->p->batch;
  c.most_epochs = 4;
  lb_mark mark = lb_arena_mark(b->arena);
  lb_actor* actor = lb_actor_new(&shape, &b->rng, b->arena);
  lb_bc_report report;
  lb_transitions all = lb_ring_view(&b->data, NULL, ROWS);
  if (lb_bc_fit(actor, &report, &all, NULL, 0, &c, &b->rng, b->arena).code != LB_OK) abort();
  lb_arena_release(b->arena, mark);
}

double lb_pace_of_task(lb_paces* known, lb_system* system) {
  char key[160];
  bool is_new;
  snprintf(key, sizeof key, "step %.64s", system->name);
  double* seconds = find(known, key, &is_new);
  if (!is_new) return *seconds;
  lb_online_protocol p = lb_protocol_default().online;
  bench b;
  open_bench(&b, system, NULL, &p);
  begin(&b);
  *seconds = time_of(step_randomly, &b);
  lb_arena_free(b.arena);
  return *seconds;
}

// The actor's choice at one observation.
static double pace_of_acting(bench* b, lb_paces* known) {
  char key[160];
  bool is_new;
  const lb_system* s = b->system;
  snprintf(key, sizeof key, "act %d %d %d %d", s->nobs, s->nu, b->p->hidden_layers, b->p->width);
  double* seconds = find(known, key, &is_new);
  if (!is_new) return *seconds;
  need_sac(b);
  begin(b);
  return *seconds = time_of(act, b);
}

// Of an update that leaves the actor as it is.
static double pace_of_critics(bench* b) {
  lb_sac* whole = b->sac;
  lb_sac_config c = *lb_sac_config_of(whole);
  c.actor_from = INT64_MAX;
  b->sac = lb_sac_new(&c, &b->rng, b->arena);
  double seconds = time_of(update, b);
  b->sac = whole;
  return seconds;
}

static double pace_of_update(bench* b, lb_paces* known) {
  char key[160];
  bool is_new;
  const lb_system* s = b->system;
  lb_sac_config c = lb_online_sac_config(s, b->recipe, b->p);
  snprintf(key, sizeof key, "update %d %d %d %d %d %d %d %d %d %d", s->nobs, s->nu, c.hidden, c.width, c.batch,
           c.critics, c.target_critics, c.layer_norm, c.mean_value, c.actor_every);
  double* seconds = find(known, key, &is_new);
  if (!is_new) return *seconds;
  need_data(b);
  need_sac(b);
  *seconds = time_of(update, b);
  if (c.actor_every == 1) return *seconds;
  double all = *seconds, critics = pace_of_critics(b);
  return *seconds = critics + (all - critics) / c.actor_every;
}

static double pace_of_clone(bench* b, lb_paces* known) {
  enum { EPOCHS = 4 };
  char key[160];
  bool is_new;
  const lb_system* s = b->system;
  snprintf(key, sizeof key, "clone %d %d %d %d %d %d", s->nobs, s->nu, b->p->hidden_layers, b->p->width, b->p->batch,
           (int)b->recipe->planner.loss);
  double* seconds = find(known, key, &is_new);
  if (!is_new) return *seconds;
  need_data(b);
  return *seconds = time_of(clone, b) / (EPOCHS * ceil(0.9 * ROWS / b->p->batch));
}

static void model_key(char key[160], const char* what, const bench* b) {
  const lb_online_protocol* p = b->p;
  bool moments = b->recipe->loss == LB_LOSS_VALUE_MOMENTS && !b->plain;
  snprintf(key, 160, "%s %d %d %d %d %d %d %d %d %d", what, b->system->nobs, b->system->nu, p->model_layers,
           p->model_width, p->model_batch, p->model_members, p->model_elites, moments ? p->hidden_layers : 0,
           moments ? p->width : 0);
}

static double pace_of_model(bench* b, lb_paces* known) {
  char key[160];
  bool is_new;
  model_key(key, "model", b);
  double* seconds = find(known, key, &is_new);
  if (!is_new) return *seconds;
  need_model(b);
  return *seconds = time_of(update_model, b);
}

static double pace_of_imagining(bench* b, lb_paces* known) {
  char key[160], whole[160];
  bool is_new;
  const lb_system* s = b->system;
  model_key(key, "imagine", b);
  snprintf(whole, sizeof whole, "%.100s %d %d %d %.32s", key, b->p->hidden_layers, b->p->width,
           (int)b->recipe->planner.reward, s->name);
  double* seconds = find(known, whole, &is_new);
  if (!is_new) return *seconds;
  need_sac(b);
  need_model(b);
  b->imagination =
      lb_imagination_new(b->system, b->model, b->sac, b->recipe->planner.reward == LB_REWARD_KNOWN, b->arena);
  lb_ring_init(&b->imagined, s->nobs, s->nu, 4 * IMAGINED, b->arena);
  b->starts = LB_TAKE(b->arena, float, (size_t)IMAGINED*(size_t)s->nobs);
  for (int i = 0; i < IMAGINED; ++i) {
    begin(b);
    s->observe(s->self, b->obs);
    for (int j = 0; j < s->nobs; ++j) b->starts[(ptrdiff_t)i * s->nobs + j] = (float)b->obs[j];
  }
  return *seconds = time_of(imagine, b) / IMAGINED;
}

// Of online_terms.c: rollouts of expert and learner side by side; the elites' mean predictions on either side; values.
static double pace_of_terms(const bench* b, const lb_pace* pace, bool both_sides) {
  enum { STARTS = 64, VISITS = 1000 + 2000, PREDICTIONS = 1000 + 400 * 5 + 100 * 20 };
  double horizon = fmin(b->system->horizon, ceil(log(0.05) / log(fmin(0.999999, b->p->discount))));
  double rollouts = both_sides ? 2.0 * STARTS * horizon : 0;
  double side = PREDICTIONS * (double)b->p->model_elites + 2.0 * VISITS;
  return pace->imagined * (1.5 * rollouts + (both_sides ? 2 : 1) * side);
}

static void plan_a_step(bench* b) {
  lb_counts counts = {0};
  lb_mpc_act(b->planner, b->action, lb_planning_model(b->planning), b->obs, &counts);
}

// A model of the row's kind that knows nothing, planned in; b->map is the caller's.
static void open_planning(bench* b) {
  lb_system* s = b->system;
  b->space = (lb_space){.nx = s->nobs, .ndx = s->nobs};
  bool networks = b->recipe->model == LB_MODEL_ENSEMBLE;
  b->map = lb_planning_linear(&b->space, s->nu, b->recipe->ridge);
  if (networks) need_model(b);
  lb_dynamics mean = networks ? lb_neural_dynamics(b->model, &b->space, NULL) : *lb_linear_dynamics(b->map);
  if (b->recipe->model == LB_MODEL_TRUE) mean = lb_oracle_dynamics(lb_oracle_new(s, b->arena), &b->space);
  b->planning =
      lb_planning_new(s, &mean, networks ? b->model : NULL, b->recipe->planner.reward, LB_MPC_MOST_COLUMNS, b->arena);
}

static void plan_key(char whole[160], const char* what, const bench* b) {
  char key[160];
  model_key(key, what, b);
  snprintf(whole, 160, "%.90s %d %d %d %d %d %.32s", key, (int)b->recipe->model, b->p->plan_horizon,
           b->p->plan_iterations, b->p->plan_guesses, (int)b->recipe->planner.reward, b->system->name);
}

// From an episode's first observation, in a model that knows nothing: plans do not need fewer iterations there. 0 where
// the task is none that the row can plan on.
static double pace_of_plan(bench* b, lb_paces* known) {
  char key[160];
  bool is_new;
  lb_system* s = b->system;
  plan_key(key, "plan", b);
  double* seconds = find(known, key, &is_new);
  if (!is_new) return *seconds;
  *seconds = 0;
  if (lb_planning_check(s, b->recipe->planner.reward).code != LB_OK) return 0;
  open_planning(b);
  b->planner = lb_planning_planner(s, b->p, &b->rng, b->arena);
  begin(b);
  s->observe(s->self, b->obs);
  *seconds = time_of(plan_a_step, b);
  lb_linear_free(b->map);
  return *seconds;
}

static void plan_lazily(bench* b) {
  lb_lazy_plan(b->lazy, lb_planning_model(b->planning), NULL);
}

static void follow(bench* b) {
  lb_lazy_act(b->lazy, b->action, b->obs, 0, 1);
}

enum { KNOTS = 256 };

// About one demonstration of random numbers, all of whose knots are compared.
static void open_lazy_planner(bench* b) {
  lb_system* s = b->system;
  double* x = LB_TAKE(b->arena, double, (size_t)(KNOTS + 1) * (size_t)s->nobs);
  double* u = LB_TAKE(b->arena, double, (size_t)KNOTS*(size_t)s->nu);
  for (int i = 0; i < (KNOTS + 1) * s->nobs; ++i) x[i] = 2 * lb_rng_uniform(&b->rng) - 1;
  for (int i = 0; i < KNOTS * s->nu; ++i) u[i] = 2 * lb_rng_uniform(&b->rng) - 1;
  lb_trajectory* demo = LB_TAKE(b->arena, lb_trajectory, 1);
  *demo = (lb_trajectory){.length = KNOTS, .x = x, .u = u};
  open_planning(b);
  b->lazy = lb_planning_lazy(s, b->p, -1, demo, 1, b->arena);
}

// A knot's share of a plan, and of the search for the nearest.
static void pace_of_knots(lb_pace* out, bench* b, lb_paces* known) {
  char of_plan[160], of_search[160];
  bool is_new, too;
  plan_key(of_plan, "knot", b);
  snprintf(of_search, sizeof of_search, "compare %d", b->system->nobs);
  double* knot = find(known, of_plan, &is_new);
  if (is_new) {
    *knot = 0;
    if (lb_planning_check(b->system, b->recipe->planner.reward).code != LB_OK) return;
    open_lazy_planner(b);
    *knot = time_of(plan_lazily, b) / KNOTS;
  }
  out->knot = *knot;
  double* compared = find(known, of_search, &too);
  if (too && !is_new) open_lazy_planner(b);
  if (too) *compared = time_of(follow, b) / KNOTS;
  out->compared = *compared;
  if (is_new || too) lb_linear_free(b->map);
}

void lb_pace_measure(lb_pace* out, lb_paces* known, lb_system* system, const lb_recipe* recipe,
                     const lb_online_protocol* p, bool both_sides) {
  bench b;
  *out = (lb_pace){.bare_step = lb_pace_of_task(known, system)};
  open_bench(&b, system, recipe, p);
  bool learns = recipe->kind == LB_ROW_LOOP, plans = learns && lb_recipe_plans(recipe);
  out->step = out->bare_step + (plans || recipe->kind == LB_ROW_RANDOM ? 0 : pace_of_acting(&b, known));
  if (learns && (recipe->planner.kind == LB_PLANNER_BC || recipe->planner.from_clone)) {
    out->clone_update = pace_of_clone(&b, known);
  }
  if (learns && recipe->planner.kind == LB_PLANNER_SAC) out->update = pace_of_update(&b, known);
  if (learns && recipe->model == LB_MODEL_ENSEMBLE) {
    bool moments = recipe->loss == LB_LOSS_VALUE_MOMENTS;
    if (moments) out->model_update = pace_of_model(&b, known);
    b.plain = true;
    b.model = NULL;
    b.value = (lb_value){0};
    double plain = pace_of_model(&b, known);
    if (!moments) out->model_update = plain;
    if (!plans) out->imagined = pace_of_imagining(&b, known);
    // Forward alone takes a third of forward and backward; the variance has little to go back through.
    out->variance_update = 0.4 * plain;
    out->judged = (moments ? 0.5 * out->model_update : plain / 3) / p->model_batch;
    out->terms = pace_of_terms(&b, out, both_sides);
  }
  if (learns && !plans && recipe->model == LB_MODEL_TRUE)
    out->imagined = 1.5 * out->bare_step + 0.1 * pace_of_acting(&b, known);
  if (plans && recipe->planner.kind == LB_PLANNER_LAZY) {
    pace_of_knots(out, &b, known);
  } else if (plans) {
    out->plan = pace_of_plan(&b, known);
  }
  lb_arena_free(b.arena);
}
