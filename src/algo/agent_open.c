// Opens an agent: its system, the room for its data, the expert's demonstrations, model and planners by the registry.
// What an iteration of the planner is (core/kind.h) decides which of these there are.
#include <float.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "algo/agent.h"
#include "algo/forecast.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/action.h"
#include "io/file.h"
#include "plan/mpc.h"
#include "task/task.h"

enum { MOST_IMAGINED = 20000000 };

// The planner's policy in the system's units.
static void act_scaled(void* ctx, int n, int t, const double* in, double* u) {
  const lb_agent* a = ctx;
  lb_policy_act(&lb_agent_planner(a)->policy, n, t, in, u);
  lb_action_scale(a->system, u, u, n);
}

void lb_agent_take_policy(lb_agent* a) {
  const lb_planner* p = lb_agent_planner(a);
  a->policy = p->policy;
  if (p->gives_controls || a->space == &a->system->space) return;
  a->policy.ctx = a;
  a->policy.act = act_scaled;
}

static lb_status out_of_memory(const lb_agent* a) {
  return lb_fail(LB_MEMORY, "%s: no memory for a run", a->system->name);
}

// Whether there is room for what the settings ask for; demonstrations come on top.
static lb_status check_memory(const lb_agent* a) {
  const lb_system* s = a->system;
  const lb_loop_settings* l = &a->schedule.settings;
  lb_memory there = lb_memory_of_process();
  if (a->schedule.run->keeps_episode) {
    char what[200];
    lb_forecast_task task = {.nobs = s->nobs, .nu = s->nu, .nx = s->space.nx, .horizon = s->horizon};
    snprintf(what, sizeof what, "%s on %s", a->recipe.name, s->name);
    return lb_memory_check(lb_forecast_bytes(&a->recipe, &a->protocol, &task), &there, what,
                           "lower steps, buffer, imagined_kept, batch sizes or widths, or use a larger machine");
  }
  if (!a->schedule.run->rolls_out) return lb_ok();
  double n = (double)l->iterations * l->samples + (double)l->learner_rollouts * s->horizon;
  LB_TRY(lb_memory_check(lb_forecast_bytes_of_iterations(&a->protocol, s), &there, s->name,
                         "lower iterations, samples or learner_rollouts"));
  if (n <= INT_MAX) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: iterations times samples, and learner_rollouts, are %.0f transitions; at most %d can be "
                 "kept: lower one of them",
                 s->name, n, INT_MAX);
}

// Room for an episode that is under way between iterations.
static void make_room(lb_agent* a) {
  const lb_system* s = a->system;
  a->episode.obs = LB_TAKE(a->arena, double, s->nobs);
  a->episode.action = LB_TAKE(a->arena, double, s->nu);
  a->episode.u = LB_TAKE(a->arena, double, s->nu);
  a->episode.w = LB_TAKE(a->arena, double, s->nw);
  a->episode.before = LB_TAKE(a->arena, float, s->nobs);
  a->episode.after = LB_TAKE(a->arena, float, s->nobs);
  a->episode.taken = LB_TAKE(a->arena, float, s->nu);
  a->data.initial = LB_TAKE(a->arena, float, LB_AGENT_INITIAL * s->nobs);
}

// Room for the states of rollouts.
static void make_datasets(lb_agent* a) {
  const lb_system* s = a->system;
  const lb_loop_settings* l = &a->schedule.settings;
  int nx = s->space.nx, H = s->horizon;
  lb_dataset_init(&a->rollouts.seen, nx, s->nu, l->iterations * l->samples, a->arena);
  lb_dataset_init(&a->rollouts.learner, nx, s->nu, l->learner_rollouts * H, a->arena);
  lb_dataset_init(&a->rollouts.unseen, nx, s->nu, LB_AGENT_KEPT * H, a->arena);
}

// Room for what a planner draws, and for a policy's rollouts in the model.
static lb_status make_batches(lb_agent* a) {
  const lb_system* s = a->system;
  const lb_loop_settings* l = &a->schedule.settings;
  int batch = a->planners[1].batch, width = lb_transitions_width(s->nobs, s->nu);
  if (batch > 0) {
    a->data.rows = LB_TAKE(a->arena, int, 2 * batch);
    a->data.batch = LB_TAKE(a->arena, float, (size_t)batch*(size_t)width);
  }
  if (lb_recipe_has_model(&a->recipe)) {
    int64_t both = 2 * (int64_t)l->steps;
    int mixed = a->recipe.one_a_step ? (int)(both < l->buffer ? both : l->buffer) : 1;
    lb_ring_init(&a->data.mix, s->nobs, s->nu, mixed, a->arena);
  }
  if (!lb_recipe_imagines(&a->recipe)) return lb_ok();
  int64_t longest = l->rollout_first > l->rollout_last ? l->rollout_first : l->rollout_last;
  int64_t imagined = longest * l->imagined_per_step * l->imagined_kept;
  if (imagined > MOST_IMAGINED) {
    return lb_fail(
        LB_INPUT,
        "rollouts of %lld steps, %d a real step, kept for %d real steps are %lld transitions; at most %d can "
        "be kept: lower imagined_kept",
        (long long)longest, l->imagined_per_step, l->imagined_kept, (long long)imagined, MOST_IMAGINED);
  }
  lb_ring_init(&a->data.imagined, s->nobs, s->nu, (int)imagined, a->arena);
  return lb_ok();
}

// Room for what is collected, and the expert.
static lb_status open_measured(lb_agent* a, const char* root) {
  if (a->schedule.run->keeps_episode) make_room(a);
  if (a->schedule.run->rolls_out) make_datasets(a);
  return lb_agent_load_expert(a, root);
}

// The demonstrations about which plans are made at real steps.
static const lb_trajectory* demos_measured(lb_agent* a, int* n) {
  bool about_them = a->schedule.run->keeps_episode && a->recipe.planner.kind->needs_demos;
  return about_them ? lb_agent_trajectories(a, n) : NULL;
}

const lb_agent_way lb_agent_measured = {.resumes = true,
                                        .open = open_measured,
                                        .demos = demos_measured,
                                        .evaluate = lb_diagnose,
                                        .write = lb_agent_write_measured};

// Model and planners, by the registry.
static lb_status open_kinds(lb_agent* a) {
  const lb_recipe* r = &a->recipe;
  lb_options_room options;
  lb_opening o = {.system = a->system,
                  .other = a->evaluator,
                  .space = a->space,
                  .seed = a->seed,
                  .counts = &a->counts,
                  .expert = a->expert.act ? &a->expert : NULL,
                  .clone_steps = r->planner.from_clone ? a->schedule.settings.warmup_steps : 0,
                  .arena = a->arena};
  o.demos = a->way->demos(a, &o.ndemos);
  lb_recipe_planner_options(&r->planner, &a->protocol, &options);
  LB_TRY(r->planner.kind->open(&a->planners[1], &o, &options));
  lb_recipe_model_options(r, &a->protocol, &options);
  LB_TRY(r->model.kind->open(&a->model, &o, &options));
  a->acting = 1;
  if (a->schedule.run->rolls_out) {
    lb_recipe_planner_options(&r->first, &a->protocol, &options);
    LB_TRY(r->first.kind->open(&a->planners[0], &o, &options));
    a->acting = 0;
  } else if (lb_recipe_has_model(r) && lb_recipe_is_online(r)) {
    int most = r->planner.kind->plans_for_reward ? LB_MPC_MOST_COLUMNS : 0;
    a->world = lb_world_new(a->evaluator, &a->model, lb_recipe_knows_reward(r), most, a->arena);
  }
  lb_agent_take_policy(a);
  return lb_ok();
}

// The task, the room for its data, the expert, model and planners; the learner's first episode.
static lb_status open_world(lb_agent* a, const char* root, const char* task) {
  char models[1024];
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&a->system, models, task));
  a->evaluator = a->system;
  a->schedule = lb_schedule_of(&a->recipe, &a->protocol, a->system, 0);
  a->way = a->system->exact ? &lb_agent_computed : &lb_agent_measured;
  if (a->schedule.run->keeps_episode) LB_TRY(lb_task_open(&a->evaluator, models, task));
  LB_TRY(check_memory(a));
  a->arena = lb_arena_new(0);
  a->scratch = lb_arena_new(0);
  if (!a->arena || !a->scratch) return out_of_memory(a);
  a->observations = (lb_space){.nx = a->system->nobs, .ndx = a->system->nobs};
  a->space = lb_recipe_is_online(&a->recipe) ? &a->observations : &a->system->space;
  a->best.mean = -DBL_MAX;
  LB_TRY(a->way->open(a, root));
  LB_TRY(open_kinds(a));
  if (!a->schedule.run->keeps_episode) return lb_ok();
  LB_TRY(make_batches(a));
  lb_agent_begin_episode(a);
  return lb_ok();
}

// Frees all that was opened, in the reverse order.
static void close_agent(void* self) {
  lb_agent* a = self;
  if (a->model.destroy) a->model.destroy(a->model.ctx);
  for (int i = 0; i < 2; ++i) {
    if (a->planners[i].destroy) a->planners[i].destroy(a->planners[i].ctx);
  }
  lb_demos_free(a->demos);
  lb_arena_free(a->scratch);
  lb_arena_free(a->arena);
  if (a->evaluator != a->system) lb_system_free(a->evaluator);
  lb_system_free(a->system);
  free(a);
}

//
// The steps of the loop
//

// What comes before iteration 0, timed; a clone needs its demonstrations no longer.
static lb_status begin(void* self) {
  lb_agent* a = self;
  double start = lb_cpu_seconds();
  lb_status status = lb_agent_begin(a);
  if (a->recipe.planner.from_clone) {
    lb_demos_free(a->demos);
    a->demos = NULL;
  }
  lb_phase_add(&a->times.clone, start);
  return status;
}

static void collect(void* self) {
  lb_agent_collect(self);
}

static void fit(void* self) {
  lb_agent_fit(self);
}

static void plan(void* self) {
  lb_agent_plan(self);
}

static bool measure(void* self, lb_lines* lines) {
  return lb_agent_measure(self, lines);
}

lb_status lb_agent_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options) {
  lb_agent* a = calloc(1, sizeof *a);
  if (!a) return lb_fail(LB_MEMORY, "%s: no memory for a run", options->task);
  a->recipe = *recipe;
  a->protocol = options->protocol;
  a->seed = options->seed;
  a->given = options->given;
  a->status = lb_ok();
  lb_status status = open_world(a, options->root, options->task);
  if (status.code != LB_OK) {
    close_agent(a);
    return status;
  }
  if (a->system->cost && a->schedule.run->keeps_episode) {
    lb_log_warning(
        "%s has a cost and no reward: %s learns from minus its stage costs, without the terminal one, and no episode "
        "ends before its %d steps: far from the reference they grow with the square of the distance",
        a->system->name, recipe->name, a->system->horizon);
  }
  *steps = (lb_steps){.self = a,
                      .system = a->system,
                      .expert = &a->used,
                      .parts = lb_recipe_parts(recipe, lb_recipe_form_on(a->system)),
                      .iterations = a->schedule.iterations,
                      .iteration_name = a->schedule.name,
                      .iteration = &a->iteration,
                      .times = &a->times,
                      .begin = begin,
                      .collect = collect,
                      .fit = fit,
                      .plan = plan,
                      .measure = measure,
                      .close = close_agent};
  lb_agent_add_files(steps);
  return status;
}
