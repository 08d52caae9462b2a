#include "algo/forecast_pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algo/agent.h"
#include "algo/branch.h"
#include "base/clock.h"
#include "plan/mpc.h"

// The schedule and the options of model and planner.
lb_forecast_plan lb_forecast_plan_of(const lb_recipe* r, const lb_protocol* protocol, const lb_system* s,
                                     int episodes) {
  lb_forecast_plan p = {.recipe = r, .protocol = protocol, .schedule = lb_schedule_of(r, protocol, s, episodes)};
  lb_recipe_model_options(r, protocol, &p.model);
  lb_recipe_planner_options(&r->planner, protocol, &p.planner);
  p.has_model = lb_recipe_has_model(r);
  p.imagines = lb_recipe_imagines(r);
  p.is_fitted = p.has_model && !(r->model.kind->gives & LB_GIVES_TRUTH);
  return p;
}

//
// Over observations
//

enum { ROWS = 4096, STARTS = 2048, KNOTS = LB_PACE_KNOTS };

// Model and planner in the run's sizes, on transitions of random numbers.
typedef struct trial {
  lb_system* system;
  const lb_forecast_plan* plan;
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
  double steps, ends;  // taken at random, and episodes of these that came to an end
} trial;

// The task at a first state.
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
  if (s->nw > 0) lb_system_noise(s, 1, t->w, &t->rng);
  lb_outcome outcome = s->step(s->self, t->u, s->nw > 0 ? t->w : NULL);
  t->t += 1;
  t->steps += 1;
  t->ends += outcome.terminated || outcome.diverged;
  if (outcome.terminated || outcome.truncated || outcome.diverged || t->t >= s->horizon) begin_episode(t);
}

// The learner's action, with its noise.
static void act(void* ctx) {
  trial* t = ctx;
  if (t->planner.act) {
    t->planner.act(t->planner.ctx, 1, 1, t->x, t->u, &t->rng);
  } else {
    lb_policy_act(&t->planner.policy, 1, 1, t->x, t->u);
  }
}

// The action of an evaluation.
static void act_measured(void* ctx) {
  trial* t = ctx;
  lb_policy_act(&t->planner.policy, 1, 1, t->x, t->u);
}

// A batch of the random transitions, as lb_problem wants it.
static lb_transitions draw(void* source, int n, lb_transitions* actor_states, lb_rng* rng) {
  trial* t = source;
  *actor_states = (lb_transitions){0};
  lb_ring_draw(&t->data, t->rows, n, rng);
  return lb_ring_view(&t->data, t->rows, n);
}

// A plan, or the gradient updates to which the problem entitles.
static void plan_once(void* ctx) {
  trial* t = ctx;
  lb_plan_report report = {0};
  t->counts.gradient_updates = 0;
  (void)t->planner.plan(t->planner.ctx, &t->problem, &report);
}

// The plans that follow a fit.
static void renew_once(void* ctx) {
  trial* t = ctx;
  t->planner.prepare(t->planner.ctx, &t->problem);
}

// STARTS rollouts of one step in the model.
static void imagine_once(void* ctx) {
  trial* t = ctx;
  lb_counts counts = {0};
  lb_sampler world = lb_world_sampler(t->world);
  lb_branch_rollouts(&world, &t->planner, &t->imagined, t->starts, STARTS, 1, &t->rng, &counts, t->scratch);
}

enum { TOGETHER = 64 };

// TOGETHER predictions of the mean.
static void predict_once(void* ctx) {
  trial* t = ctx;
  const lb_dynamics* f = &t->model.dynamics;
  f->step(f->ctx, TOGETHER, NULL, t->next + (ptrdiff_t)TOGETHER * t->system->nobs,
          t->next + (ptrdiff_t)2 * TOGETHER * t->system->nobs, t->next);
}

// A fit to the random transitions.
static void fit_once(void* ctx) {
  trial* t = ctx;
  lb_fit_report report = {0};
  t->model.fit(t->model.ctx, &t->sample, &t->rng, &report, t->scratch);
}

static double random_number(trial* t) {
  return 2 * lb_rng_uniform(&t->rng) - 1;
}

// ROWS transitions of random numbers.
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

// Planner, model and world, in the run's sizes.
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

// Pieces of a fit, a prediction, a step in the model.
static void measure_model(lb_pace* out, trial* t) {
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

// An update or a plan, and the actions.
static void measure_planner(lb_pace* out, trial* t) {
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

void lb_pace_measure(lb_pace* out, lb_system* s, const lb_forecast_plan* plan) {
  trial t = {.system = s, .plan = plan, .rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0)};
  *out = (lb_pace){0};
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
  out->length = t.ends > 0 ? fmin(1, t.steps / (t.ends * s->horizon)) : 1;
  // A run that is going to be refused takes no time.
  if (plan && plan->schedule.run->keeps_episode && open_kinds(&t).code == LB_OK) {
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
double lb_pace_of_clone(const lb_system* s, const lb_forecast_plan* plan, double n) {
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
// Over states, by iterations
//

enum { ITERATIONS = 12, SAMPLES = 100, MANY = 4, FEW = 4, MORE = 20, PLANS = 4 };

// What a fit took: CPU seconds, and evaluations of its loss.
typedef struct fit_cost {
  double seconds, evaluations;
} fit_cost;

// One more iteration of an agent, by which its data grow by n transitions: the cost of its fit.
static fit_cost go_iteration(lb_agent* a, int n) {
  a->schedule.settings.samples = n;
  a->iteration += 1;
  lb_agent_collect(a);
  double start = lb_cpu_seconds();
  lb_agent_fit(a);
  fit_cost c = {lb_cpu_seconds() - start, fmax(1, a->fit.evaluations)};
  lb_agent_plan(a);
  return c;
}

// CPU seconds of an evaluation of n rollouts, the shortest of three where they are short.
static double measure_rollouts(lb_agent* a, int n) {
  const double enough = 0.05;
  double least = INFINITY, all = 0;
  a->schedule.settings.evaluation_rollouts = n;
  for (int i = 0; i < 3 && all < enough; ++i) {
    double start = lb_cpu_seconds();
    (void)lb_diagnose(a);
    double seconds = lb_cpu_seconds() - start;
    least = fmin(least, seconds);
    all += seconds;
  }
  return least;
}

// A fit takes evaluations of its loss, and each of them grows with the data. Two iterations of n transitions and one of
// several times as many, or of as many where fits take long, give how; as later fits begin near their end, they are
// taken to need as few evaluations as the better of the last two, and the first fit what it took.
static void measure_fits(lb_pace* out, lb_agent* a, int n) {
  const double quick = 0.25;  // CPU seconds
  lb_agent_plan(a);
  fit_cost first = go_iteration(a, n), second = go_iteration(a, n);
  int more = second.seconds < quick ? MANY * n : n;
  fit_cost last = go_iteration(a, more);
  double evaluations = fmin(second.evaluations, last.evaluations), rows = 2.0 * n + more;
  double less_each = second.seconds / second.evaluations, each = last.seconds / last.evaluations;
  double base = fmax(0, each - fmax(0, each - less_each) / more * rows);
  out->fit[1] = evaluations * base;
  out->fit[2] = evaluations * (each - base) / rows;
  out->fit[0] = fmax(0, first.seconds - out->fit[1] - out->fit[2] * n);
}

// An agent that has gone some iterations, what they took, and what an evaluation takes.
static lb_status open_trial(lb_pace* out, lb_steps* steps, const char* root, const char* task,
                            const lb_forecast_plan* plan) {
  lb_protocol few = *plan->protocol;
  const lb_loop_settings* l = &plan->schedule.settings;
  int samples = l->samples < SAMPLES ? l->samples : SAMPLES;
  lb_protocol_put(&few, "iterations", ITERATIONS);
  lb_protocol_put(&few, "samples", samples);
  lb_protocol_put(&few, "learner_rollouts", 1);
  lb_run_options o = {.root = root,
                      .suite = "",
                      .task = task,
                      .algo = plan->recipe->name,
                      .protocol = few,
                      .folder = "",
                      .command = ""};
  LB_TRY(lb_agent_open(steps, plan->recipe, &o));
  lb_agent* a = lb_agent_of(steps);
  measure_fits(out, a, samples);
  double less = measure_rollouts(a, FEW), more = measure_rollouts(a, MORE);
  double each = fmax(0, more - less) / (MORE - FEW);
  out->step = each / a->system->horizon;
  out->described = fmax(0, less - FEW * each);
  out->length = 1;
  return lb_ok();
}

// The row's own plan in the model of an agent that has gone some iterations.
static lb_status measure_plan(lb_pace* out, lb_agent* a, const lb_forecast_plan* plan) {
  const double enough = 0.01;  // CPU seconds
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  lb_opening o = {
      .system = a->system, .other = a->evaluator, .space = a->space, .counts = &a->counts, .arena = a->arena};
  lb_problem problem = lb_agent_problem(a);
  lb_plan_report report = {0};
  lb_planner p;
  LB_TRY(kind->open(&p, &o, &plan->planner));
  lb_status status = p.plan(p.ctx, &problem, &report);  // the first begins without a former policy
  double start = lb_cpu_seconds(), seconds = 0;
  int plans = 0;
  for (; plans < PLANS && seconds < enough && status.code == LB_OK; ++plans) {
    status = p.plan(p.ctx, &problem, &report);
    seconds = lb_cpu_seconds() - start;
  }
  out->plan = plans > 0 ? seconds / plans : 0;
  if (p.destroy) p.destroy(p.ctx);
  return status;
}

lb_status lb_pace_of_iterations(lb_pace* out, lb_pace_trials* trials, const char* root, const char* task,
                                const lb_forecast_plan* plan) {
  const lb_model_kind* kind = plan->recipe->model.kind;
  const lb_loop_settings* l = &plan->schedule.settings;
  uint64_t key = lb_pace_key(LB_PACE_KEY, task, strlen(task));
  key = lb_pace_key(key, &kind, sizeof(lb_model_kind*));
  key = lb_pace_key(key, &plan->model, kind->size);
  key = lb_pace_key(key, &l->expert_rollouts, sizeof l->expert_rollouts);
  key = lb_pace_key(key, &l->demonstrations, sizeof l->demonstrations);
  int i = 0;
  while (i < LB_PACE_TRIALS && !(trials->trial[i].steps.self && trials->trial[i].key == key)) ++i;
  *out = (lb_pace){0};
  if (i == LB_PACE_TRIALS) {
    i = trials->n % LB_PACE_TRIALS;
    lb_steps* steps = &trials->trial[i].steps;
    if (steps->self) steps->close(steps->self);
    steps->self = NULL;
    LB_TRY(open_trial(&trials->trial[i].pace, steps, root, task, plan));
    trials->trial[i].key = key;
    trials->n += 1;
  }
  *out = trials->trial[i].pace;
  return measure_plan(out, lb_agent_of(&trials->trial[i].steps), plan);
}

void lb_pace_trials_free(lb_pace_trials* trials) {
  for (int i = 0; i < LB_PACE_TRIALS; ++i) {
    lb_steps* steps = &trials->trial[i].steps;
    if (steps->self) steps->close(steps->self);
  }
}

uint64_t lb_pace_key(uint64_t key, const void* data, size_t n) {
  const unsigned char* bytes = data;
  for (size_t i = 0; i < n; ++i) key = (key ^ bytes[i]) * 0x100000001b3u;
  return key;
}
