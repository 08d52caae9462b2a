#include "algo/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/branch.h"
#include "algo/diagnose.h"
#include "algo/expert_files.h"
#include "algo/needs.h"
#include "algo/schedule.h"
#include "algo/world.h"
#include "base/clock.h"
#include "core/transitions.h"
#include "data/ring.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_policies.h"
#include "io/run_rollout.h"
#include "plan/mpc.h"
#include "task/task.h"

static const double mega = 1 << 20, libraries = 14 * mega;  // of a process that does nothing yet

// Updates of the model in a fit where nothing is known of the task.
static const double updates_unknown = 300;

// What an algorithm is, for its forecast.
typedef struct plan_of {
  const lb_recipe* recipe;
  const lb_protocol* protocol;
  lb_schedule schedule;
  lb_options_room model, planner;
  bool has_model, imagines, is_fitted;
} plan_of;

static plan_of plan_new(const lb_recipe* r, const lb_protocol* protocol, int episodes) {
  plan_of p = {.recipe = r, .protocol = protocol, .schedule = lb_schedule_of(r, protocol, false, episodes)};
  lb_recipe_model_options(r, protocol, &p.model);
  lb_recipe_planner_options(&r->planner, protocol, &p.planner);
  p.has_model = lb_recipe_has_model(r);
  p.imagines = lb_recipe_imagines(r);
  p.is_fitted = p.has_model && !(r->model.kind->gives & LB_GIVES_TRUTH);
  return p;
}

static double demonstrations(const lb_loop_settings* l, const lb_forecast_task* task) {
  double all = l->expert_transitions > 0 ? l->expert_transitions : task->demonstrated;
  double each = task->episodes > 0 ? (double)task->demonstrated / task->episodes : 0;
  return l->expert_episodes > 0 && each > 0 ? fmin(all, l->expert_episodes * each) : all;
}

// Transitions that the model can be fitted to at a round.
static double fitted_to(const plan_of* p, const lb_forecast_task* task, int round) {
  const lb_loop_settings* l = &p->schedule.settings;
  double share = p->recipe->expert_share, most = fmin(2.0 * l->steps, l->buffer);
  double learner = share < 1 ? fmin(round, l->buffer) : 0;
  if (!p->recipe->one_a_step) return learner + (share > 0 ? demonstrations(l, task) : 0);
  double expert = share >= 1 ? round : floor(share / (1 - share) * round);
  return fmin(most, (share < 1 ? round : 0) + expert);
}

//
// What the pieces take here
//

enum { ROWS = 4096, STARTS = 2048, KNOTS = 256 };

// CPU seconds.
typedef struct pace {
  double step, act, measured;  // the task's step; the learner's action; that of an evaluation
  double update;               // gradient update of the planner
  double plan, renew;          // a plan at a real step; the plans after a fit, of KNOTS demonstrated transitions
  double fit[LB_PACES];
  double imagined, predicted;  // a step of a rollout in the model, a prediction of its mean
  bool averages;               // whether an average of the policy is measured, too
} pace;

// Model and planner in the run's sizes, on transitions of random numbers.
typedef struct trial {
  lb_system* system;
  const plan_of* plan;
  lb_arena *arena, *scratch;
  lb_rng rng;
  lb_space observations;
  lb_ring data, imagined;
  lb_model model;
  lb_planner planner;
  lb_world* world;
  lb_counts counts;
  lb_problem problem;
  int* rows;
  double *x, *u, *w, *next;
  float* starts;
  lb_fit_data sample;
  int t;
} trial;

static void begin_episode(trial* t) {
  t->system->reset(t->system->self, &t->rng);
  t->t = 0;
}

// A step with random controls; not a real step of anybody.
static void step_task(void* ctx) {
  trial* t = ctx;
  lb_system* s = t->system;
  for (int i = 0; i < s->nu; ++i) {
    double low = isfinite(s->u_low[i]) ? s->u_low[i] : -1, high = isfinite(s->u_high[i]) ? s->u_high[i] : 1;
    t->u[i] = low + (high - low) * lb_rng_uniform(&t->rng);
  }
  if (s->nw > 0) lb_rng_normals(&t->rng, t->w, s->nw);
  lb_outcome outcome = s->step(s->self, t->u, s->nw > 0 ? t->w : NULL);
  t->t += 1;
  if (outcome.terminated || outcome.truncated || outcome.diverged || t->t >= s->horizon) begin_episode(t);
}

static void act(void* ctx) {
  trial* t = ctx;
  if (t->planner.act) {
    t->planner.act(t->planner.ctx, 1, 1, t->x, t->u, &t->rng);
  } else {
    lb_policy_act(&t->planner.policy, 1, 1, t->x, t->u);
  }
}

static void act_measured(void* ctx) {
  trial* t = ctx;
  lb_policy_act(&t->planner.policy, 1, 1, t->x, t->u);
}

static lb_transitions draw(void* source, int n, lb_transitions* actor_states, lb_rng* rng) {
  trial* t = source;
  *actor_states = (lb_transitions){0};
  lb_ring_draw(&t->data, t->rows, n, rng);
  return lb_ring_view(&t->data, t->rows, n);
}

static void plan_once(void* ctx) {
  trial* t = ctx;
  lb_plan_report report = {0};
  t->counts.gradient_updates = 0;
  (void)t->planner.plan(t->planner.ctx, &t->problem, &report);
}

static void renew_once(void* ctx) {
  trial* t = ctx;
  t->planner.prepare(t->planner.ctx, &t->problem);
}

static void imagine_once(void* ctx) {
  trial* t = ctx;
  lb_counts counts = {0};
  lb_sampler world = lb_world_sampler(t->world);
  lb_branch_rollouts(&world, &t->planner, &t->imagined, t->starts, STARTS, 1, &t->rng, &counts, t->scratch);
}

enum { TOGETHER = 64 };

static void predict_once(void* ctx) {
  trial* t = ctx;
  const lb_dynamics* f = &t->model.dynamics;
  f->step(f->ctx, TOGETHER, NULL, t->next + (ptrdiff_t)TOGETHER * t->system->nobs,
          t->next + (ptrdiff_t)2 * TOGETHER * t->system->nobs, t->next);
}

static void fit_once(void* ctx) {
  trial* t = ctx;
  lb_fit_report report = {0};
  t->model.fit(t->model.ctx, &t->sample, &t->rng, &report, t->scratch);
}

static double random_number(trial* t) {
  return 2 * lb_rng_uniform(&t->rng) - 1;
}

static void make_data(trial* t) {
  const lb_system* s = t->system;
  float* row = LB_TAKE(t->arena, float, lb_transitions_width(s->nobs, s->nu));
  lb_ring_init(&t->data, s->nobs, s->nu, ROWS, t->arena);
  for (int i = 0; i < ROWS; ++i) {
    for (int j = 0; j < t->data.width; ++j) row[j] = (float)random_number(t);
    lb_ring_add(&t->data, row, row + s->nobs, row[lb_transitions_reward(s->nobs, s->nu)], false,
                row + lb_transitions_next(s->nobs, s->nu));
  }
  t->sample = (lb_fit_data){.rows = lb_ring_view(&t->data, NULL, ROWS)};
}

// First observations of episodes, where predictions do not end at once.
static void make_starts(trial* t) {
  lb_system* s = t->system;
  t->starts = LB_TAKE(t->arena, float, (size_t)STARTS*(size_t)s->nobs);
  for (int i = 0; i < STARTS; ++i) {
    begin_episode(t);
    s->observe(s->self, t->x);
    for (int j = 0; j < s->nobs; ++j) t->starts[(ptrdiff_t)i * s->nobs + j] = (float)t->x[j];
  }
  t->next = LB_TAKE(t->arena, double, TOGETHER*(2 * s->nobs + s->nu));
  for (int i = 0; i < TOGETHER * (s->nobs + s->nu); ++i) t->next[TOGETHER * s->nobs + i] = random_number(t);
}

// One demonstration of random numbers.
static const lb_trajectory* make_demo(trial* t) {
  const lb_system* s = t->system;
  double* x = LB_TAKE(t->arena, double, (size_t)(KNOTS + 1) * (size_t)s->nobs);
  double* u = LB_TAKE(t->arena, double, (size_t)KNOTS*(size_t)s->nu);
  for (int i = 0; i < (KNOTS + 1) * s->nobs; ++i) x[i] = random_number(t);
  for (int i = 0; i < KNOTS * s->nu; ++i) u[i] = random_number(t);
  lb_trajectory* demo = LB_TAKE(t->arena, lb_trajectory, 1);
  *demo = (lb_trajectory){.length = KNOTS, .x = x, .u = u};
  return demo;
}

static lb_status open_kinds(trial* t) {
  const lb_recipe* r = t->plan->recipe;
  lb_opening o = {
      .system = t->system, .other = t->system, .space = &t->observations, .counts = &t->counts, .arena = t->arena};
  if (r->planner.kind->needs_demos) {
    o.demos = make_demo(t);
    o.ndemos = 1;
  }
  LB_TRY(r->planner.kind->open(&t->planner, &o, &t->plan->planner));
  LB_TRY(r->model.kind->open(&t->model, &o, &t->plan->model));
  if (!t->plan->has_model) return lb_ok();
  int most = r->planner.kind->plans_for_reward ? LB_MPC_MOST_COLUMNS : 0;
  t->world = lb_world_new(t->system, &t->model, lb_recipe_knows_reward(r), most, t->arena);
  return lb_ok();
}

static void measure_model(pace* out, trial* t) {
  const lb_model_kind* kind = t->plan->recipe->model.kind;
  t->sample.value = &t->planner.value;
  if (kind->pace) {
    kind->pace(out->fit, &t->model, &t->sample, &t->rng, t->scratch);
  } else if (t->model.fit) {
    out->fit[0] = lb_clock_of_call(fit_once, t) / ROWS;
  }
  out->predicted = lb_clock_of_call(predict_once, t) / TOGETHER;
  if (!t->plan->imagines) return;
  lb_ring_init(&t->imagined, t->system->nobs, t->system->nu, 4 * STARTS, t->arena);
  out->imagined = lb_clock_of_call(imagine_once, t) / STARTS;
}

// Of a gradient update: the planner is given as many real steps as lead to one at least.
static double pace_of_update(trial* t) {
  enum { MOST = 1024 };
  for (t->problem.steps = 1; t->problem.steps <= MOST; t->problem.steps *= 2) {
    plan_once(t);
    if (t->counts.gradient_updates == 0) continue;
    double updates = (double)t->counts.gradient_updates;
    return lb_clock_of_call(plan_once, t) / updates;
  }
  return 0;
}

static void measure_planner(pace* out, trial* t) {
  const lb_planner_kind* kind = t->plan->recipe->planner.kind;
  const lb_planner* p = &t->planner;
  if (t->plan->has_model) t->problem.world = lb_world_mean(t->world);
  if (t->plan->has_model) t->problem.model = &t->model;
  t->problem.seen = t->x;
  if (kind->learns) {
    t->rows = LB_TAKE(t->arena, int, p->batch);
    t->problem.source = t;
    t->problem.draw = draw;
    out->update = pace_of_update(t);
  } else if (kind->plans_for_reward) {
    t->problem.acts_next = true;
    t->problem.fits = 1;
    if (kind->needs_demos) out->renew = lb_clock_of_call(renew_once, t);
    plan_once(t);
    out->plan = lb_clock_of_call(plan_once, t);
  }
  out->act = lb_clock_of_call(act, t);
  out->measured = lb_clock_of_call(act_measured, t);
  out->averages = p->use && p->use(p->ctx, LB_POLICY_AVERAGE);
  if (out->averages) p->use(p->ctx, LB_POLICY_LAST);
}

static void measure_pace(pace* out, lb_system* s, const plan_of* plan) {
  trial t = {.system = s, .plan = plan, .rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0)};
  *out = (pace){0};
  t.arena = lb_arena_new(0);
  t.scratch = lb_arena_new(0);
  if (!t.arena || !t.scratch) abort();
  t.observations = (lb_space){.nx = s->nobs, .ndx = s->nobs};
  t.x = LB_TAKE(t.arena, double, s->nobs + 1);
  t.u = LB_TAKE(t.arena, double, s->nu);
  t.w = LB_TAKE(t.arena, double, s->nw);
  t.problem = (lb_problem){.horizon = s->horizon,
                           .discount = 0.99,
                           .u_low = s->u_low,
                           .u_high = s->u_high,
                           .t = 1,
                           .counts = &t.counts,
                           .scratch = t.scratch};
  begin_episode(&t);
  out->step = lb_clock_of_call(step_task, &t);
  // A run that is going to be refused takes no time.
  if (plan && plan->schedule.kind == LB_ROUND_STEP && open_kinds(&t).code == LB_OK) {
    make_data(&t);
    make_starts(&t);
    if (plan->has_model) measure_model(out, &t);
    measure_planner(out, &t);
    if (t.model.destroy) t.model.destroy(t.model.ctx);
    if (t.planner.destroy) t.planner.destroy(t.planner.ctx);
  }
  lb_arena_free(t.scratch);
  lb_arena_free(t.arena);
}

// CPU seconds of a clone of n transitions here.
static double pace_of_clone(const lb_system* s, const plan_of* plan, double n) {
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  trial t = {.plan = plan, .system = NULL, .rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0)};
  lb_system sizes = {.nobs = s->nobs, .nu = s->nu};
  t.system = &sizes;
  t.arena = lb_arena_new(0);
  t.scratch = lb_arena_new(0);
  if (!t.arena || !t.scratch) abort();
  make_data(&t);
  double seconds = kind->imitation ? kind->imitation(&plan->planner, &t.sample.rows, n, &t.rng, t.scratch) : 0;
  lb_arena_free(t.scratch);
  lb_arena_free(t.arena);
  return seconds;
}

//
// What is due: the schedule, run dry
//

// The accounts up to some round, and the CPU seconds of them.
typedef struct dry {
  const plan_of* plan;
  const lb_forecast_task* task;
  const pace* pace;  // all 0: accounts alone
  lb_forecast_accounts a;
  double seconds;
} dry;

static double knots(const dry* d) {
  return demonstrations(&d->plan->schedule.settings, d->task) / KNOTS;
}

static void run_evaluation(dry* d) {
  const pace* p = d->pace;
  const plan_of* plan = d->plan;
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  double steps = (double)lb_schedule_evaluation_episodes(&plan->schedule) * d->task->horizon * (p->averages ? 2 : 1);
  bool learns = plan->schedule.kind == LB_ROUND_STEP, described = d->a.fits > 0 && plan->has_model;
  d->a.evaluations += 1;
  d->a.evaluation_steps += (int64_t)steps;
  double acting = p->measured * (kind->needs_demos && learns ? knots(d) : 1);
  if (kind->plans_for_reward && !described) acting = 0;
  d->seconds += (learns ? d->task->usual_length : 1) * steps * (p->step + acting);
  if (!described || !learns) return;
  d->a.described += 1;
  if (kind->plans_when_acting) d->a.plans_evaluation += (int64_t)steps;
  if (!plan->is_fitted) return;
  double discount = lb_protocol_get(plan->protocol, "discount");
  bool both = lb_recipe_uses_demonstrations(plan->recipe);
  lb_diagnose_work w = lb_diagnose_work_of(d->task->horizon, discount);
  d->seconds += (both ? 2 : 1) * (w.predictions * p->predicted + w.draws * 2 * p->imagined);
  if (both) d->seconds += w.rollout_steps * 1.5 * p->imagined;
}

static void run_fit(dry* d, const lb_due* due, int round) {
  const plan_of* plan = d->plan;
  const lb_model_kind* kind = plan->recipe->model.kind;
  double share = plan->recipe->expert_share, updates = 0, seconds = 0;
  lb_fit_size size = {.rows = fitted_to(plan, d->task, round),
                      .both = share > 0 && share < 1 && !plan->recipe->one_a_step,
                      .usual_updates = d->task->usual_updates};
  if (!due->fits || size.rows < 2) return;
  d->a.fits += 1;
  if (kind->fit_work) {
    kind->fit_work(&updates, &seconds, &plan->model, d->pace->fit, &size);
  } else {
    seconds = d->pace->fit[0] * size.rows;
  }
  d->a.model_updates += updates;
  if (plan->imagines) {
    double steps = (double)due->imagined * due->length;
    d->a.imagined_steps += (int64_t)steps;
    seconds += steps * d->pace->imagined;
  }
  bool plans = plan->recipe->planner.kind->plans_for_reward && !plan->recipe->planner.kind->plans_when_acting;
  if (plans && (plan->is_fitted || d->a.fits == 1)) {
    d->a.plans += 1;
    seconds += d->pace->renew * knots(d);
  }
  d->seconds += seconds;
}

static void run_plan(dry* d, const lb_due* due) {
  const plan_of* plan = d->plan;
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  if (kind->updates && due->learned > 0) {
    int64_t updates = (int64_t)kind->updates(&plan->planner, due->learned);
    d->seconds += d->pace->update * (double)(updates - d->a.gradient_updates);
    d->a.gradient_updates = updates;
  }
  if (!kind->plans_when_acting || d->a.fits == 0 || !due->acts_next) return;
  d->a.plans += 1;
  d->seconds += d->pace->plan;
}

// One round by real steps.
static void run_step(dry* d, int round) {
  const lb_due due = lb_schedule_due(&d->plan->schedule, round);
  d->a.real_steps += due.steps;
  d->seconds += due.steps * (d->pace->step + (due.explores ? 0 : d->pace->act));
  run_fit(d, &due, round);
  run_plan(d, &due);
  if (due.measures) run_evaluation(d);
}

//
// Memory
//

// Networks, transitions, and what a checkpoint copies.
double lb_forecast_bytes(const lb_recipe* r, const lb_protocol* protocol, const lb_forecast_task* t) {
  plan_of plan = plan_new(r, protocol, t->episodes);
  const lb_loop_settings* l = &plan.schedule.settings;
  const lb_planner_kind* planner = r->planner.kind;
  double row = sizeof(float) * (double)lb_transitions_width(t->nobs, t->nu), bytes = libraries;
  if (!lb_recipe_learns(r)) return bytes;
  double expert = demonstrations(l, t), fitted = plan.is_fitted ? fitted_to(&plan, t, l->steps) : 0;
  if (planner->bytes) bytes += planner->bytes(&plan.planner, t->nobs, t->nu);
  if (r->model.kind->bytes) bytes += r->model.kind->bytes(&plan.model, t->nobs, t->nu, fitted);
  if (lb_recipe_uses_demonstrations(r)) bytes += expert * (row + 8.0 * (2 * t->nx + 2 * t->nobs + t->nu + 2));
  if (planner->round == LB_ROUND_DEMOS) return bytes;
  bool about_demos = planner->plans_for_reward && planner->needs_demos;
  if (about_demos) bytes += 8.0 * expert * (t->nobs + 2.0 * t->nu + (double)t->nobs * t->nu);
  double kept = row * fmin(l->steps, l->buffer);
  if (r->one_a_step) kept += row * fitted;
  if (plan.imagines) {
    double longest = l->rollout_first > l->rollout_last ? l->rollout_first : l->rollout_last;
    double imagined = longest * l->imagined_per_step * l->imagined_kept;
    kept += row * fmin(imagined, longest * l->imagined_per_step * fmax(0, l->steps - l->warmup_steps + l->fit_every));
  }
  return bytes + kept;  // a checkpoint takes transitions from where they are
}

//
// A run
//

enum { PACES = 128 };

// What was measured so far, by what it was measured on.
struct lb_forecaster {
  char root[1024];
  lb_json* usual;  // NULL: there is no such file
  uint64_t keys[PACES];
  pace paces[PACES];
  int n;
};

lb_forecaster* lb_forecaster_new(const char* root) {
  lb_forecaster* f = calloc(1, sizeof *f);
  if (!f) return NULL;
  snprintf(f->root, sizeof f->root, "%s", root);
  char path[1200];
  lb_path_join(path, sizeof path, root, "bench/usual.json");
  if (!lb_file_exists(path) || lb_json_load(&f->usual, path).code != LB_OK) f->usual = NULL;
  return f;
}

void lb_forecaster_free(lb_forecaster* f) {
  if (!f) return;
  lb_json_free(f->usual);
  free(f);
}

static uint64_t mixed_in(uint64_t key, const void* data, size_t n) {
  const unsigned char* bytes = data;
  for (size_t i = 0; i < n; ++i) key = (key ^ bytes[i]) * 0x100000001b3u;
  return key;
}

// The pace of an algorithm on a task; plan NULL: of the task alone.
static const pace* pace_of(lb_forecaster* f, lb_system* s, const plan_of* plan) {
  uint64_t key = mixed_in(0xcbf29ce484222325u, s->name, strlen(s->name));
  if (plan) {
    const lb_recipe* r = plan->recipe;
    bool knows = lb_recipe_knows_reward(r);
    key = mixed_in(key, &r->model.kind, sizeof r->model.kind);
    key = mixed_in(key, &r->planner.kind, sizeof r->planner.kind);
    key = mixed_in(key, &plan->model, r->model.kind->size);
    key = mixed_in(key, &plan->planner, r->planner.kind->size);
    key = mixed_in(key, &knows, sizeof knows);
  }
  for (int i = 0; i < f->n; ++i) {
    if (f->keys[i] == key) return &f->paces[i];
  }
  if (f->n == PACES) f->n = 0;  // forgets: it only costs time
  f->keys[f->n] = key;
  measure_pace(&f->paces[f->n], s, plan);
  return &f->paces[f->n++];
}

// usual.json's object of a task under a key; false when there is none.
static bool find_usual(const lb_forecaster* f, const char* part, const char* task, lb_node* out) {
  lb_node node;
  if (!f->usual || lb_json_object(lb_json_root(f->usual), part, &node).code != LB_OK) return false;
  return lb_json_has(node, task) && lb_json_object(node, task, out).code == LB_OK;
}

static double usual_updates(const lb_forecaster* f, const char* task, const lb_recipe* r) {
  const char* whose = r->expert_share >= 1 ? "expert" : r->expert_share > 0 ? "mix" : "learner";
  double value = updates_unknown;
  lb_node node;
  if (!find_usual(f, "fits", task, &node)) return value;
  return lb_json_number_or(node, whose, 0, 1e9, value, &value).code == LB_OK ? value : updates_unknown;
}

static double usual_length(const lb_forecaster* f, const char* task) {
  lb_node node;
  double share = 1;
  if (!f->usual || lb_json_object(lb_json_root(f->usual), "lengths", &node).code != LB_OK) return share;
  return lb_json_number_or(node, task, 0, 1, share, &share).code == LB_OK ? share : 1;
}

// How much is filed, by the card beside the demonstrations.
static void look_at_demonstrations(const lb_forecaster* f, lb_forecast_task* t, const char* task) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1300];
  lb_json* card;
  if (lb_expert_files_folder(folder, f->root, task).code != LB_OK) return;
  snprintf(path, sizeof path, "%s/%.100s.json", folder, task);
  if (!lb_file_exists(path) || lb_json_load(&card, path).code != LB_OK) return;
  lb_node root = lb_json_root(card);
  if (lb_json_int_or(root, "transitions", 0, 1 << 30, 0, &t->demonstrated).code != LB_OK) t->demonstrated = 0;
  if (lb_json_int_or(root, "episodes", 0, 1 << 30, 0, &t->episodes).code != LB_OK) t->episodes = 0;
  lb_json_free(card);
}

// Learning through so many rounds, from what the first 10 and 20 took: what a round takes grows with the data.
static double seconds_of_learning(double ten, double twenty, double rounds) {
  double square = (twenty - 2 * ten) / 200, straight = (ten - 100 * square) / 10;
  if (square < 0 || straight < 0) return twenty * rounds / 20;
  return straight * rounds + square * rounds * rounds;
}

double lb_forecast_bytes_of_rounds(const lb_protocol* protocol, const lb_system* s) {
  lb_loop_settings l = lb_protocol_loop(protocol);
  double n = (double)l.iterations * l.samples + (double)l.learner_rollouts * s->horizon;
  return n * (sizeof(int) + sizeof(double) * (2.0 * s->space.nx + s->nu));
}

// Lines of the logs, and what else is small beside rollout.npz.
enum { LINE = 4096, SMALL = 16384 };

// Policies in a run's folder: those of its way, the last, the best, and their average.
static double policies_of(double evaluations) {
  return fmin(evaluations, LB_RUN_POLICIES) + 3;
}

// The folder of a row by rounds: feedback policies, and a checkpoint with the data and the model.
static double disk_of_rounds(int rounds, double data, const lb_system* s) {
  double nx = s->space.nx, ndx = s->space.ndx, nu = s->nu, steps = s->horizon;
  double policy = SMALL + 8 * ((steps + 1) * nx + steps * nu * (2 + ndx));
  double model = 16 * (ndx + 1) * (nx + nu + 1) * (steps + 1);
  return SMALL + LB_RUN_ROLLOUT_BYTES + LINE * (rounds + 1.0) + policies_of(rounds) * policy + policy + data + model;
}

// The folder of a row that learns networks: what its process keeps in memory is more than its checkpoint and its model.
static double disk_of(const plan_of* plan, const lb_forecast* f, int nobs, int nu) {
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  double policy = kind && kind->policy_bytes ? kind->policy_bytes(&plan->planner, nobs, nu) : 0;
  double evaluations = (double)f->accounts.evaluations;
  return SMALL + LB_RUN_ROLLOUT_BYTES + LINE * evaluations + policies_of(evaluations) * policy + (f->bytes - libraries);
}

// A row that goes by rounds.
static void forecast_rounds(lb_forecaster* f, lb_forecast* out, lb_system* system, const char* algo,
                            const lb_protocol* protocol, bool reference) {
  lb_loop_settings own = lb_protocol_loop(protocol);
  const lb_loop_settings* p = &own;
  double step = pace_of(f, system, NULL)->step, then = step, learning = 0;
  int rounds = reference ? 0 : p->iterations, n = 0;
  lb_node node;
  out->accounts.evaluations = rounds + 1;
  out->accounts.evaluation_steps = (int64_t)(rounds + 1) * p->evaluation_rollouts * system->horizon;
  out->seconds = 1.15 * step * (double)out->accounts.evaluation_steps;
  out->bytes = libraries + 10 * mega;
  if (reference) return;
  double data = lb_forecast_bytes_of_rounds(protocol, system);
  out->bytes += data;
  out->disk = disk_of_rounds(rounds, data, system);
  double* took;
  lb_arena* arena = lb_arena_new(0);
  bool known = arena && find_usual(f, "rounds", system->name, &node) && lb_json_has(node, algo) &&
               lb_json_number(node, "step", 1e-12, 1e3, &then).code == LB_OK &&
               lb_json_numbers(node, algo, 2, arena, &took, &n).code == LB_OK;
  if (known) learning = seconds_of_learning(took[0], took[1], rounds) * p->samples / 100;
  out->seconds = known ? out->seconds + learning * step / then : NAN;
  lb_arena_free(arena);
}

typedef struct subject {
  lb_system* system;
  lb_recipe recipe;
  lb_forecast_task task;
  bool by_rounds;
} subject;

static lb_status open_subject(const lb_forecaster* f, subject* s, const char* task, const char* algo) {
  char models[1100];
  *s = (subject){0};
  lb_path_join(models, sizeof models, f->root, "models");
  LB_TRY(lb_recipe_load(&s->recipe, f->root, algo));
  LB_TRY(lb_task_open(&s->system, models, task));
  bool cost = s->system->cost != NULL;
  lb_status status = cost ? lb_ok() : lb_recipe_load_for_rewards(&s->recipe, f->root, algo);
  if (status.code == LB_OK) status = lb_needs_check(&s->recipe, s->system);
  if (status.code != LB_OK) {
    lb_system_free(s->system);
    return status;
  }
  s->by_rounds = cost && !lb_recipe_is_online(&s->recipe);
  s->task = (lb_forecast_task){.nobs = s->system->nobs,
                               .nu = s->system->nu,
                               .nx = s->system->space.nx,
                               .horizon = s->system->horizon,
                               .has_cost = cost,
                               .usual_updates = usual_updates(f, task, &s->recipe),
                               .usual_length = usual_length(f, task)};
  look_at_demonstrations(f, &s->task, task);
  return lb_ok();
}

// By real steps. The curve may be NULL.
static void forecast_steps(lb_forecaster* f, lb_forecast* out, double* curve, const subject* s, const plan_of* plan) {
  enum { LAST = LB_FORECAST_CURVE - 1 };
  dry d = {.plan = plan, .task = &s->task, .pace = pace_of(f, s->system, plan)};
  double at[LB_FORECAST_CURVE] = {0};
  int steps = plan->schedule.rounds, next = 0;
  if (plan->recipe->planner.from_clone) {
    d.seconds += pace_of_clone(s->system, plan, demonstrations(&plan->schedule.settings, &s->task));
  }
  for (int round = 0; round <= steps; ++round) {
    run_step(&d, round);
    while (next <= LAST && (int)((double)steps * next / LAST) <= round) at[next++] = d.seconds;
  }
  for (int i = 0; curve && d.seconds > 0 && i <= LAST; ++i) curve[i] = fmin(1, at[i] / d.seconds);
  out->accounts = d.a;
  out->seconds = d.seconds;
}

// By demonstrations, and what is measured once.
static void forecast_few(lb_forecaster* f, lb_forecast* out, const subject* s, const plan_of* plan) {
  const lb_schedule* schedule = &plan->schedule;
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  double each = s->task.episodes > 0 ? (double)s->task.demonstrated / s->task.episodes : 0;
  dry d = {.plan = plan, .task = &s->task, .pace = pace_of(f, s->system, NULL)};
  for (int round = 0; round <= schedule->rounds; ++round) {
    if (kind->updates && round > 0) {
      bool all = round == schedule->rounds;
      double n = all ? demonstrations(&schedule->settings, &s->task) : schedule->episodes[round - 1] * each;
      d.a.fits += 1;
      d.a.gradient_updates += (int64_t)kind->updates(&plan->planner, n);
      d.seconds += pace_of_clone(s->system, plan, n);
    }
    if (lb_schedule_due(schedule, round).measures) run_evaluation(&d);
  }
  out->accounts = d.a;
  out->seconds = d.seconds;
}

lb_status lb_forecast_run(lb_forecaster* f, lb_forecast* out, double* curve, const char* task, const char* algo,
                          const lb_protocol* protocol) {
  subject s;
  *out = (lb_forecast){0};
  for (int i = 0; curve && i < LB_FORECAST_CURVE; ++i) curve[i] = (double)i / (LB_FORECAST_CURVE - 1);
  LB_TRY(open_subject(f, &s, task, algo));
  if (s.by_rounds) {
    forecast_rounds(f, out, s.system, algo, protocol, !lb_recipe_learns(&s.recipe));
  } else {
    plan_of plan = plan_new(&s.recipe, protocol, s.task.episodes);
    if (plan.schedule.kind == LB_ROUND_STEP) {
      forecast_steps(f, out, curve, &s, &plan);
    } else {
      forecast_few(f, out, &s, &plan);
    }
    out->bytes = lb_forecast_bytes(&s.recipe, protocol, &s.task);
    out->disk = disk_of(&plan, out, s.task.nobs, s.task.nu);
  }
  lb_system_free(s.system);
  return lb_ok();
}
