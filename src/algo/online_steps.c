// The four steps of the loop on an online run.
#include <float.h>
#include <math.h>
#include <string.h>

#include "algo/online.h"
#include "io/file.h"
#include "plan/sac_actor.h"

static lb_status begin(void* self) {
  return lb_online_begin(self);
}

static void collect(void* self) {
  lb_online* o = self;
  double start = lb_cpu_seconds();
  lb_online_collect(o);
  lb_phase_add(&o->times.collect, start);
}

static void fit(void* self) {
  lb_online* o = self;
  double start = lb_cpu_seconds();
  lb_online_fit(o);
  lb_phase_add(&o->times.fit, start);
}

static void update(lb_online* o) {
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, (uint32_t)o->updates, 0);
  lb_transitions states, batch = lb_online_draw(o, &states, o->data.rows, &rng);
  lb_sac_update(o->sac, &o->report, &batch, states.n > 0 ? &states : NULL, &rng);
  o->updates += 1;
  o->sums.updates += 1;
  o->sums.critic_loss += o->report.critic_loss;
  if (o->updates % lb_sac_config_of(o->sac)->actor_every == 0) o->sums.actor_updates += 1;
  o->sums.actor_loss += o->report.actor_loss;
  o->sums.q += o->report.q;
  o->sums.log_density += o->report.log_density;
}

// The next action, planned; or as many updates of the policy as the real steps so far entitle to.
static void plan(void* self) {
  lb_online* o = self;
  double start = lb_cpu_seconds();
  const lb_online_protocol* p = &o->protocol.online;
  if (!o->sac) lb_online_plan_step(o);
  double due = lb_online_updates_per_step(&o->recipe, p) * (o->round - p->warmup_steps);
  bool ready = o->data.learner.n > 0 && (!o->imagination || o->data.imagined.n > 0);
  while (o->sac && (double)o->updates + 1 <= due && ready && !o->report.broken && !o->fit.broken) update(o);
  lb_phase_add(&o->times.plan, start);
}

static void keep_best_actor(lb_online* o) {
  long count;
  const lb_real* actor = lb_sac_actor_weights(o->sac, &count);
  memcpy(o->best.actor, actor, (size_t)count * sizeof *actor);
}

// Puts other weights in the place of the actor's, and back.
static void exchange_actor(lb_online* o, lb_real* other) {
  long count;
  lb_real* actor = lb_sac_actor_weights(o->sac, &count);
  for (long i = 0; i < count; ++i) {
    lb_real kept = actor[i];
    actor[i] = other[i];
    other[i] = kept;
  }
}

// The average of the actor, on the episodes on which the actor itself was measured.
static void measure_average(lb_online* o) {
  lb_real* average = o->sac ? lb_sac_average_weights(o->sac) : NULL;
  int none;
  if (!average) return;
  lb_mark mark = lb_arena_mark(o->arena);
  exchange_actor(o, average);
  o->measured_average = lb_evaluate(o->evaluator, &o->policy, o->protocol.online.evaluation_episodes, o->seed,
                                    (uint32_t)o->round, o->arena, 0, &(lb_record){0}, &none);
  exchange_actor(o, average);
  lb_arena_release(o->arena, mark);
}

static bool measure(void* self, lb_lines* lines) {
  lb_online* o = self;
  const lb_online_protocol* p = &o->protocol.online;
  if (o->round % p->evaluate_every != 0 && o->round != p->steps) return false;
  double start = lb_cpu_seconds();
  o->measured = lb_online_evaluate(o);
  measure_average(o);
  double mean = -o->measured.mean;
  if (mean > o->best.mean) {
    if (o->sac) keep_best_actor(o);
    o->best.mean = mean;
    o->best.round = o->round;
    o->best.is_filed = false;
  }
  lb_phase_add(&o->times.evaluate, start);
  *lines = (lb_lines){.measure = "return", .score = mean, .score_se = o->measured.se, .real = o->measured};
  lb_online_lines(o, &lines->metrics, &lines->timing);
  o->sums = (lb_online_sums){0};
  return true;
}

// What a reader of the result should know.
static void remark(const void* self, lb_text* out) {
  const lb_online* o = self;
  char why[300];
  if (o->unusable.n == 0) return;
  lb_fault_describe(why, sizeof why, &o->unusable.fault, o->system);
  lb_text_add(out, "%d step%s of the learner left out, the first at step %d of the run, where %s", o->unusable.n,
              o->unusable.n == 1 ? "" : "s", o->unusable.round, why);
}

static lb_status check(void* self) {
  const lb_online* o = self;
  if (o->episode.fault.what) {
    char why[300];
    lb_fault_describe(why, sizeof why, &o->episode.fault, o->system);
    return lb_fail(LB_DIVERGED, "step %d: episode %d of the learner cannot begin: %s", o->round, o->episode.number,
                   why);
  }
  if (o->fit.broken) {
    return lb_fail(LB_DIVERGED, "step %d: fit %d of the model: the %s%s is not finite", o->round, o->fits,
                   o->fit.broken, o->model ? " of the ensemble" : "");
  }
  if (!o->report.broken) return lb_ok();
  return lb_fail(LB_DIVERGED, "step %d: update %lld: the gradient of the %s is not finite", o->round,
                 (long long)o->updates, o->report.broken);
}

static void save(void* self, lb_npz_writer* w) {
  lb_online_save(self, w);
}

static lb_status restore(void* self, const lb_npz* npz) {
  return lb_online_restore(self, npz);
}

static lb_status save_actor_as(lb_online* o, const char* path) {
  const lb_system* s = o->system;
  lb_mark mark = lb_arena_mark(o->arena);
  lb_actor* actor = lb_sac_actor_copy(o->sac, s->u_low, s->u_high, o->arena);
  lb_net_task task = {.name = s->name, .hash = s->hash};
  lb_status status = lb_actor_save(actor, path, &task, "{}");
  lb_arena_release(o->arena, mark);
  return status;
}

static lb_status save_actor(lb_online* o, const char* folder, const char* name) {
  char path[1200];
  lb_path_join(path, sizeof path, folder, name);
  return save_actor_as(o, path);
}

static lb_status snapshot(void* self, const char* path) {
  return save_actor_as(self, path);
}

// The policy file of other weights than the present actor's.
static lb_status save_other(lb_online* o, lb_real* other, const char* folder, const char* name) {
  exchange_actor(o, other);
  lb_status status = save_actor(o, folder, name);
  exchange_actor(o, other);
  return status;
}

static lb_status deposit(void* self, const char* folder) {
  lb_online* o = self;
  if (!o->sac || !(o->best.mean > -DBL_MAX) || o->best.is_filed) return lb_ok();
  lb_status status = save_other(o, o->best.actor, folder, "best.safetensors");
  o->best.is_filed = status.code == LB_OK;
  return status;
}

static lb_status finish(void* self, const char* folder) {
  lb_online* o = self;
  lb_real* average = o->sac ? lb_sac_average_weights(o->sac) : NULL;
  if (average) LB_TRY(save_other(o, average, folder, "average.safetensors"));
  if (o->sac) LB_TRY(save_actor(o, folder, "policy.safetensors"));
  if (!o->model) return lb_ok();
  char path[1200];
  lb_path_join(path, sizeof path, folder, "model.safetensors");
  return lb_neural_save(o->model, path);
}

static const lb_policy* policy(void* self) {
  const lb_online* o = self;
  return &o->policy;
}

static const lb_dynamics* learned(void* self) {
  lb_online* o = self;
  if (o->fits == 0 || o->fit.broken || !(o->model || o->linear)) return NULL;
  o->shown = lb_online_mean(o);
  return &o->shown;
}

static lb_status take_learned(void* self, const char* path) {
  lb_online* o = self;
  LB_TRY(lb_neural_load(o->model, path));
  o->fits = 1;
  return lb_ok();
}

static lb_status take_model(void* self, const char* path) {
  return lb_online_plan_take(self, path);
}

lb_steps lb_online_steps(lb_online* o) {
  return (lb_steps){.self = o,
                    .system = o->system,
                    .expert = &o->used,
                    .parts = lb_recipe_parts(&o->recipe, false),
                    .rounds = o->protocol.online.steps,
                    .round_name = "step",
                    .round = &o->round,
                    .times = &o->times,
                    .begin = begin,
                    .collect = collect,
                    .fit = fit,
                    .plan = plan,
                    .measure = measure,
                    .deposit = deposit,
                    .check = check,
                    .save = save,
                    .restore = restore,
                    .finish = finish,
                    .snapshot = o->sac ? snapshot : NULL,
                    .learned = learned,
                    .take_learned = o->model ? take_learned : NULL,
                    .policy = policy,
                    .take_model = o->model && !o->sac ? take_model : NULL,
                    .remark = remark};
}
