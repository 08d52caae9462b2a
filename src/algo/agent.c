#include "algo/agent.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "algo/forecast.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/action.h"
#include "io/file.h"
#include "plan/mpc.h"
#include "task/task.h"

enum { MOST_IMAGINED = 20000000 };

//
// Opening
//

// The planner's policy in the system's units.
static void act_scaled(void* ctx, int n, int t, const double* in, double* u) {
  const lb_agent* a = ctx;
  lb_policy_act(&lb_agent_planner(a)->policy, n, t, in, u);
  lb_action_scale(a->system, u, u, n);
}

static void take_policy(lb_agent* a) {
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
  if (lb_agent_steps(a)) {
    char what[200];
    lb_forecast_task task = {.nobs = s->nobs, .nu = s->nu, .nx = s->space.nx, .horizon = s->horizon};
    snprintf(what, sizeof what, "%s on %s", a->recipe.name, s->name);
    return lb_memory_check(lb_forecast_bytes(&a->recipe, &a->protocol, &task), &there, what,
                           "lower steps, buffer, imagined_kept, batch sizes or widths, or use a larger machine");
  }
  if (!lb_agent_rolls_out(a)) return lb_ok();
  double n = (double)l->iterations * l->samples + (double)l->learner_rollouts * s->horizon;
  LB_TRY(lb_memory_check(lb_forecast_bytes_of_rounds(&a->protocol, s), &there, s->name,
                         "lower iterations, samples or learner_rollouts"));
  if (n <= INT_MAX) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: iterations times samples, and learner_rollouts, are %.0f transitions; at most %d can be "
                 "kept: lower one of them",
                 s->name, n, INT_MAX);
}

// Room for an episode that is under way between rounds.
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
                  .clone_steps = r->planner.from_clone ? a->schedule.warmup : 0,
                  .arena = a->arena};
  if (lb_agent_steps(a) && r->planner.kind->needs_demos) o.demos = lb_agent_trajectories(a, &o.ndemos);
  lb_recipe_planner_options(&r->planner, &a->protocol, &options);
  LB_TRY(r->planner.kind->open(&a->planners[1], &o, &options));
  lb_recipe_model_options(r, &a->protocol, &options);
  LB_TRY(r->model.kind->open(&a->model, &o, &options));
  a->acting = 1;
  if (lb_agent_rolls_out(a)) {
    lb_recipe_planner_options(&r->first, &a->protocol, &options);
    LB_TRY(r->first.kind->open(&a->planners[0], &o, &options));
    a->acting = 0;
  } else if (lb_recipe_has_model(r)) {
    int most = r->planner.kind->plans_for_reward ? LB_MPC_MOST_COLUMNS : 0;
    a->world = lb_world_new(a->evaluator, &a->model, lb_recipe_knows_reward(r), most, a->arena);
  }
  take_policy(a);
  return lb_ok();
}

static lb_status open_world(lb_agent* a, const char* root, const char* task) {
  char models[1024];
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&a->system, models, task));
  a->evaluator = a->system;
  a->schedule = lb_schedule_of(&a->recipe, &a->protocol, a->system->cost != NULL, 0);
  if (lb_agent_steps(a)) LB_TRY(lb_task_open(&a->evaluator, models, task));
  LB_TRY(check_memory(a));
  a->arena = lb_arena_new(0);
  a->scratch = lb_arena_new(0);
  if (!a->arena || !a->scratch) return out_of_memory(a);
  a->observations = (lb_space){.nx = a->system->nobs, .ndx = a->system->nobs};
  a->space = lb_recipe_is_online(&a->recipe) ? &a->observations : &a->system->space;
  a->best.mean = -DBL_MAX;
  if (lb_agent_steps(a)) make_room(a);
  if (lb_agent_rolls_out(a)) make_datasets(a);
  LB_TRY(lb_agent_load_expert(a, root));
  LB_TRY(open_kinds(a));
  if (!lb_agent_steps(a)) return lb_ok();
  LB_TRY(make_batches(a));
  lb_agent_begin_episode(a);
  return lb_ok();
}

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

// Before round 0: the learner becomes a clone of the demonstrations, where the recipe asks for it.
static lb_status begin(void* self) {
  lb_agent* a = self;
  double start = lb_cpu_seconds();
  lb_planner* p = &a->planners[1];
  if (!a->recipe.planner.from_clone) return lb_ok();
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_PLAN, 0, 3);
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_demo_rows demos;
  lb_status status = lb_agent_lay_out(&demos, a, 0, a->scratch);
  if (status.code == LB_OK) status = p->imitate(p->ctx, &demos, &rng, a->scratch);
  lb_arena_release(a->scratch, mark);
  lb_demos_free(a->demos);
  a->demos = NULL;
  lb_phase_add(&a->times.clone, start);
  return status;
}

static void collect(void* self) {
  lb_agent* a = self;
  double start = lb_cpu_seconds();
  if (lb_agent_steps(a)) lb_agent_step(a);
  if (lb_agent_rolls_out(a)) lb_agent_roll_out(a);
  lb_phase_add(&a->times.collect, start);
}

// The model to all that there is, where a fit is due; then rollouts in it, where a policy learns from them.
static void fit(void* self) {
  lb_agent* a = self;
  double start = lb_cpu_seconds();
  lb_fit_data data = lb_agent_fit_data(a);
  int least = lb_agent_steps(a) ? 2 : 1;
  if (lb_agent_rolls_out(a)) a->fit = (lb_fit_report){0};
  if (!lb_schedule_fits(&a->schedule, a->round) || data.rows.n + data.batch.n < least) return;
  if (a->model.fit) {
    lb_rng rng = lb_rng_stream(a->seed, LB_RNG_FIT, (uint32_t)a->round, 0);
    a->model.fit(a->model.ctx, &data, &rng, &a->fit, a->scratch);
  }
  a->rollouts.fitted = a->rollouts.seen.n;
  a->fits += 1;
  if (lb_recipe_imagines(&a->recipe) && !a->fit.broken && a->data.learner.n > 0) lb_agent_imagine(a);
  lb_phase_add(&a->times.fit, start);
}

static lb_problem problem_of(lb_agent* a) {
  const lb_system* s = a->system;
  bool imagines = lb_recipe_imagines(&a->recipe), steps = lb_agent_steps(a), ready = lb_agent_is_ready(a);
  lb_problem p = {.horizon = s->horizon,
                  .discount = lb_protocol_get(&a->protocol, "discount"),
                  .fits = a->fits,
                  .u_low = s->u_low,
                  .u_high = s->u_high,
                  .seed = a->seed,
                  .round = (uint32_t)a->round,
                  .acts_next = lb_schedule_plans_next(&a->schedule, a->round),
                  .counts = &a->counts,
                  .scratch = a->scratch};
  if (lb_agent_rolls_out(a)) {
    p.model = &a->model;
    p.cost = s->cost;
    p.reference = s->reference;
    p.x0 = s->reference ? s->reference->x : NULL;
    p.expert = &a->rollouts.mean;
  } else if (steps) {
    if (a->world && ready) p.model = &a->model;
    if (a->world && ready) p.world = lb_world_mean(a->world);
    p.t = a->episode.t;
    p.seen = a->episode.obs;
    p.steps = a->round - a->schedule.warmup;
    p.source = a;
    bool something = a->data.learner.n > 0 && (!imagines || a->data.imagined.n > 0) && !a->fit.broken;
    if (something) p.draw = lb_agent_draw;
  } else if (a->round > 0 && a->demos) {
    p.demos = &a->round_demos;
  }
  return p;
}

static void plan(void* self) {
  lb_agent* a = self;
  double start = lb_cpu_seconds();
  int which = !lb_agent_rolls_out(a) || a->round > 0;
  lb_planner* planner = &a->planners[which];
  lb_mark mark = lb_arena_mark(a->scratch);
  a->plan = (lb_plan_report){0};
  a->status = lb_ok();
  if (a->schedule.kind == LB_ROUND_DEMOS && a->round > 0) {
    a->status = lb_agent_lay_out(&a->round_demos, a, a->schedule.episodes[a->round - 1], a->scratch);
  }
  lb_problem problem = problem_of(a);
  if (planner->plan && a->status.code == LB_OK) a->status = planner->plan(planner->ctx, &problem, &a->plan);
  if (lb_agent_rolls_out(a) && (a->plan.planned || a->round == 0)) a->acting = which;
  take_policy(a);
  lb_arena_release(a->scratch, mark);
  lb_phase_add(&a->times.plan, start);
}

// The average of the policy, on the episodes on which the policy itself was measured.
static void measure_average(lb_agent* a) {
  const lb_planner* p = lb_agent_planner(a);
  int none;
  a->has_average = p->use && p->use(p->ctx, LB_POLICY_AVERAGE);
  if (!a->has_average) return;
  a->measured_average = lb_evaluate(a->evaluator, &a->policy, lb_schedule_evaluation_episodes(&a->schedule), a->seed,
                                    (uint32_t)a->round, a->scratch, 0, &(lb_record){0}, &none);
  p->use(p->ctx, LB_POLICY_LAST);
}

static bool measure(void* self, lb_lines* lines) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  bool cost = lb_schedule_is_in_cost(&a->schedule);
  if (!lb_schedule_measures(&a->schedule, a->round)) return false;
  if (a->schedule.kind == LB_ROUND_DEMOS && a->status.code != LB_OK) return false;
  double start = lb_cpu_seconds();
  a->measured = lb_diagnose(a);
  measure_average(a);
  double score = cost ? a->measured.mean : -a->measured.mean;
  if (lb_agent_steps(a) && score > a->best.mean) {
    if (p->keep_best) p->keep_best(p->ctx);
    a->best = (lb_agent_best){.mean = score, .round = a->round};
  }
  lb_phase_add(&a->times.evaluate, start);
  *lines =
      (lb_lines){.measure = cost ? "cost" : "return", .score = score, .score_se = a->measured.se, .real = a->measured};
  lb_agent_lines(a, &lines->metrics, &lines->timing);
  return true;
}

// Why the run has to end.
static lb_status check(void* self) {
  const lb_agent* a = self;
  const char* round = a->schedule.name;
  char why[300];
  if (a->episode.fault.what) {
    lb_fault_describe(why, sizeof why, &a->episode.fault, a->system);
    return lb_fail(LB_DIVERGED, "%s %d: episode %d of the learner cannot begin: %s", round, a->round, a->episode.number,
                   why);
  }
  if (a->fit.broken) {
    return lb_fail(LB_DIVERGED, "%s %d: fit %d of the model: the %s is not finite", round, a->round, a->fits,
                   a->fit.broken);
  }
  if (a->status.code == LB_OK || !lb_agent_steps(a)) return a->status;
  return lb_fail(a->status.code, "%s %d: %s", round, a->round, a->status.text);
}

// What a reader of the result should know.
static void remark(const void* self, lb_text* out) {
  const lb_agent* a = self;
  char why[300];
  if (a->unusable.n == 0) return;
  lb_fault_describe(why, sizeof why, &a->unusable.fault, a->system);
  lb_text_add(out, "%d step%s of the learner left out, the first at step %d of the run, where %s", a->unusable.n,
              a->unusable.n == 1 ? "" : "s", a->unusable.round, why);
}

// What acts, as a file.
static lb_status snapshot(void* self, const char* path) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_status status = p->write_policy(p->ctx, path, a->system, a->scratch);
  lb_arena_release(a->scratch, mark);
  return status;
}

// The policy file of what acts, or of another that the planner keeps.
static lb_status write_policy(lb_agent* a, lb_which_policy which, const char* folder, const char* name) {
  char path[1200];
  const lb_planner* p = lb_agent_planner(a);
  lb_path_join(path, sizeof path, folder, name);
  if (which != LB_POLICY_LAST && !(p->use && p->use(p->ctx, which))) return lb_ok();
  lb_status status = snapshot(a, path);
  if (which != LB_POLICY_LAST) p->use(p->ctx, LB_POLICY_LAST);
  return status;
}

// After a measurement: the best policy so far, or where every round makes a fresh one, that of the round.
static lb_status deposit(void* self, const char* folder) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  if (!p->write_policy) return lb_ok();
  if (a->schedule.kind == LB_ROUND_DEMOS) return write_policy(a, LB_POLICY_LAST, folder, "policy.safetensors");
  if (!p->keep_best || !(a->best.mean > -DBL_MAX) || a->best.is_filed) return lb_ok();
  lb_status status = write_policy(a, LB_POLICY_BEST, folder, "best.safetensors");
  a->best.is_filed = status.code == LB_OK;
  return status;
}

// The last policy, and the model.
static lb_status finish(void* self, const char* folder) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  if (a->schedule.kind == LB_ROUND_DEMOS) return lb_ok();
  if (p->write_policy) {
    LB_TRY(write_policy(a, LB_POLICY_AVERAGE, folder, "average.safetensors"));
    LB_TRY(write_policy(a, LB_POLICY_LAST, folder, "policy.safetensors"));
  }
  if (!a->model.write_file) return lb_ok();
  char path[1200];
  lb_path_join(path, sizeof path, folder, "model.safetensors");
  return a->model.write_file(a->model.ctx, path);
}

// The map that was learned, once there is one.
static const lb_dynamics* learned(void* self) {
  const lb_agent* a = self;
  bool ready = lb_agent_rolls_out(a) || lb_agent_is_ready(a);
  return a->model.fit && ready ? &a->model.dynamics : NULL;
}

static lb_status take_learned(void* self, const char* path) {
  lb_agent* a = self;
  LB_TRY(a->model.read_file(a->model.ctx, path));
  a->fits = 1;
  return lb_ok();
}

static const lb_policy* policy(void* self) {
  const lb_agent* a = self;
  return &a->policy;
}

static void save(void* self, lb_npz_writer* w) {
  lb_agent_save(self, w);
}

// After a restored run or a model from a file: what the planner makes of it anew.
static void prepare(lb_agent* a) {
  lb_planner* p = &a->planners[a->acting];
  take_policy(a);
  if (!p->prepare) return;
  lb_problem problem = problem_of(a);
  p->prepare(p->ctx, &problem);
}

static lb_status restore(void* self, const lb_npz* npz) {
  lb_agent* a = self;
  LB_TRY(lb_agent_restore(a, npz));
  prepare(a);
  return lb_ok();
}

static lb_status take_model(void* self, const char* path) {
  LB_TRY(take_learned(self, path));
  prepare(self);
  return lb_ok();
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
  if (a->system->cost && lb_agent_steps(a)) {
    lb_log_warning(
        "%s has a cost and no reward: %s learns from minus its stage costs, without the terminal one, and no episode "
        "ends before its %d steps: far from the reference they grow with the square of the distance",
        a->system->name, recipe->name, a->system->horizon);
  }
  const lb_planner* p = &a->planners[1];
  bool learns = a->schedule.kind != LB_ROUND_ONCE;
  *steps = (lb_steps){.self = a,
                      .system = a->system,
                      .expert = &a->used,
                      .parts = lb_recipe_parts(recipe, a->system->cost != NULL),
                      .rounds = a->schedule.rounds,
                      .round_name = a->schedule.name,
                      .round = &a->round,
                      .times = &a->times,
                      .begin = begin,
                      .collect = collect,
                      .fit = fit,
                      .plan = plan,
                      .measure = measure,
                      .deposit = deposit,
                      .check = check,
                      .save = learns ? save : NULL,
                      .restore = learns ? restore : NULL,
                      .finish = finish,
                      .snapshot = p->write_policy && p->restore ? snapshot : NULL,
                      .learned = learned,
                      .take_learned = a->model.read_file ? take_learned : NULL,
                      .policy = learns && p->restore ? policy : NULL,
                      .take_model = p->prepare && a->model.read_file ? take_model : NULL,
                      .remark = remark,
                      .close = close_agent};
  return status;
}
