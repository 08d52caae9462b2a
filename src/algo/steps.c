// The four steps of the loop on an experiment.
#include <math.h>

#include "algo/experiment.h"
#include "algo/policy_file.h"
#include "model/map_file.h"

const lb_policy* lb_experiment_policy(const lb_experiment* e) {
  return &e->planners[e->acting].policy;
}

static void collect(void* self) {
  lb_experiment* e = self;
  double start = lb_cpu_seconds();
  lb_dataset* pool = &e->learner;
  // Without expert data to fall back on, a round keeps at least its first step, however wild.
  int always = e->recipe.expert_share > 0 ? 0 : 1;
  pool->n = 0;
  for (int i = 0; i < e->protocol.learner_rollouts; ++i) {
    lb_rng rng = lb_rng_stream(e->seed, LB_RNG_LEARNER, (uint32_t)e->round, (uint32_t)i);
    lb_record record = {.t = pool->t + pool->n,
                        .x = pool->x + (size_t)pool->n * (size_t)pool->nx,
                        .u = pool->u + (size_t)pool->n * (size_t)pool->nu,
                        .x_next = pool->x_next + (size_t)pool->n * (size_t)pool->nx};
    lb_episode episode =
        lb_episode_run(e->system, lb_experiment_policy(e), LB_STEP_LEARNER, &rng, always, &record, e->arena);
    // A step that left the finite numbers teaches no model.
    pool->n += episode.diverged ? episode.length - 1 : episode.length;
  }
  lb_rng rng = lb_rng_stream(e->seed, LB_RNG_MIX, (uint32_t)e->round, 0);
  lb_batch learner = lb_dataset_batch(pool);
  lb_dataset_mix(&e->data, &e->expert_data, &learner, e->recipe.expert_share, e->protocol.samples, &rng);
  lb_phase_add(&e->times.collect, start);
}

static void fit(void* self) {
  lb_experiment* e = self;
  double start = lb_cpu_seconds();
  e->m.fit = (lb_fit_report){0};
  lb_rng rng = lb_rng_stream(e->seed, LB_RNG_FIT, (uint32_t)e->round, 0);
  lb_batch all = lb_dataset_batch(&e->data);
  if (all.n == 0) return;
  e->model.fit(e->model.ctx, &all, e->fitted, &e->planners[e->acting].value, &rng, &e->m.fit);
  e->fitted = e->data.n;
  lb_phase_add(&e->times.fit, start);
}

static void plan(void* self) {
  lb_experiment* e = self;
  lb_measurement* m = &e->m;
  double start = lb_cpu_seconds();
  const lb_system* s = e->system;
  lb_problem problem = {.model = &e->model.dynamics,
                        .cost = s->cost,
                        .horizon = s->horizon,
                        .x0 = s->reference->x,
                        .u_low = s->u_low,
                        .u_high = s->u_high,
                        .reference = s->reference,
                        .expert = &e->expert_mean,
                        .counts = &e->counts};
  m->plan = (lb_plan_report){0};
  int which = e->round > 0;
  lb_planner* planner = &e->planners[which];
  m->planned = planner->plan(planner->ctx, &problem, &m->plan) == 0;
  if (m->planned || e->round == 0) e->acting = which;
  lb_phase_add(&e->times.plan, start);
}

static bool measure(void* self, lb_lines* lines) {
  lb_experiment* e = self;
  lb_measurement* m = &e->m;
  double start = lb_cpu_seconds();
  lb_system* s = e->system;
  const lb_policy* policy = lb_experiment_policy(e);
  lb_policy expert = lb_lq_policy_view(&e->expert);
  lb_dataset* seen = &e->evaluation;
  lb_record record = {.t = seen->t, .x = seen->x, .u = seen->u, .x_next = seen->x_next};
  int n = e->protocol.evaluation_rollouts, kept = n < LB_EXPERIMENT_KEPT ? n : LB_EXPERIMENT_KEPT;
  m->real = lb_evaluate(s, policy, n, e->seed, (uint32_t)e->round, e->arena, kept, &record, &seen->n);
  const lb_dynamics* model = &e->model.dynamics;
  m->cost_in_model = lb_cost_in_model(model, s->cost, policy, s->reference->x, s->horizon, e->arena);
  m->expert_cost_in_model = lb_cost_in_model(model, s->cost, &expert, s->reference->x, s->horizon, e->arena);
  lb_batch unseen = lb_dataset_batch(seen);
  m->model_error_expert = lb_model_error(model, &e->expert_data, e->arena);
  m->model_error_learner = lb_model_error(model, &unseen, e->arena);
  const lb_value* value = &e->planners[e->acting].value;
  m->value_error_expert = lb_value_error(model, value, &e->expert_data, e->arena);
  m->value_error_learner = lb_value_error(model, value, &unseen, e->arena);
  lb_phase_add(&e->times.evaluate, start);
  *lines = (lb_lines){.measure = "cost", .score = m->real.mean, .score_se = m->real.se, .real = m->real};
  lb_experiment_lines(e, &lines->metrics, &lines->timing);
  return true;
}

static lb_status check(void* self) {
  const lb_experiment* e = self;
  if (isfinite(e->m.fit.loss)) return lb_ok();
  return lb_fail(LB_DIVERGED, "round %d: the model's error is not finite after the fit (%s)", e->round, e->m.fit.stop);
}

static void save(void* self, lb_npz_writer* w) {
  lb_experiment_save(self, w);
}

static lb_status restore(void* self, const lb_npz* npz) {
  return lb_experiment_restore(self, npz);
}

static lb_status snapshot(void* self, const char* path) {
  lb_experiment* e = self;
  return lb_policy_file_save(path, lb_lq_policy_of(lb_experiment_policy(e)), e->system, "{}");
}

static lb_status take_learned(void* self, const char* path) {
  lb_experiment* e = self;
  return lb_map_load(&e->model, path, e->arena);
}

static const lb_dynamics* learned(void* self) {
  const lb_experiment* e = self;
  return &e->model.dynamics;
}

static lb_status finish(void* self, const char* folder) {
  lb_experiment* e = self;
  char path[1200];
  lb_path_join(path, sizeof path, folder, "policy.safetensors");
  LB_TRY(snapshot(e, path));
  lb_path_join(path, sizeof path, folder, "model.safetensors");
  return lb_map_save(&e->model, path, e->arena);
}

static const lb_policy* policy(void* self) {
  return lb_experiment_policy(self);
}

lb_steps lb_experiment_steps(lb_experiment* e) {
  return (lb_steps){.self = e,
                    .system = e->system,
                    .expert = &e->used,
                    .parts = LB_PROTOCOL_ROUNDS,
                    .rounds = e->protocol.iterations,
                    .round_name = "round",
                    .round = &e->round,
                    .times = &e->times,
                    .collect = collect,
                    .fit = fit,
                    .plan = plan,
                    .measure = measure,
                    .check = check,
                    .save = save,
                    .restore = restore,
                    .finish = finish,
                    .snapshot = snapshot,
                    .learned = learned,
                    .take_learned = take_learned,
                    .policy = policy};
}
