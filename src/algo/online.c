#include "algo/online.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "io/file.h"
#include "task/task.h"

void lb_online_scale(const lb_system* s, double* u, const double* action, int n) {
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < s->nu; ++i) {
      double low = s->u_low[i], high = s->u_high[i];
      u[j * s->nu + i] = low + 0.5 * (action[j * s->nu + i] + 1) * (high - low);
    }
  }
}

static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_online* o = ctx;
  lb_sac_act(o->sac, u, in, n, NULL);
  lb_online_scale(o->system, u, u, n);
}

static lb_sac_config planner_config(const lb_online* o) {
  const lb_online_protocol* p = &o->protocol.online;
  lb_sac_config c = lb_sac_default_config(o->system->nobs, o->system->nu);
  c.hidden = p->hidden_layers;
  c.width = p->width;
  c.batch = p->batch;
  c.gamma = p->discount;
  c.tau = p->target_rate;
  c.target_interval = p->target_interval;
  c.rate = p->learning_rate;
  c.alpha = p->temperature;
  c.learn_alpha = p->learn_temperature != 0;
  c.target_entropy = p->target_entropy * o->system->nu;
  return c;
}

// Every control needs limits: actions are shares of them.
static lb_status check_system(const lb_system* s) {
  for (int i = 0; i < s->nu; ++i) {
    if (isfinite(s->u_low[i]) && isfinite(s->u_high[i])) continue;
    return lb_fail(LB_INPUT, "%s: control %d has no limits; learning with networks needs ctrlrange in model.xml",
                   s->name, i);
  }
  if (s->nobs > 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the task has no observation; learning with networks needs 'observation' in task.json",
                 s->name);
}

static void start_episode(lb_online* o) {
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->episode.number, 0);
  o->system->reset(o->system->self, &rng);
  o->system->observe(o->system->self, o->episode.obs);
}

static void make_learner(lb_online* o) {
  const lb_system* s = o->system;
  const lb_online_protocol* p = &o->protocol.online;
  lb_sac_config config = planner_config(o);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 1);
  o->sac = lb_sac_new(&config, &rng, o->arena);
  o->policy = (lb_policy){.input = LB_READS_OBSERVATION, .nin = s->nobs, .nu = s->nu, .ctx = o, .act = act};
  lb_ring_init(&o->real, s->nobs, s->nu, p->buffer < p->steps ? p->buffer : p->steps, o->arena);
  lb_sac_actor_weights(o->sac, &o->actor_count);
  o->best = (lb_online_best){.mean = -DBL_MAX, .actor = LB_TAKE(o->arena, lb_real, o->actor_count)};
  o->episode.obs = LB_TAKE(o->arena, double, s->nobs);
}

lb_status lb_online_open(lb_online* o, const char* root, const char* task) {
  char models[1024];
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&o->system, models, task));
  LB_TRY(lb_task_open(&o->evaluator, models, task));
  LB_TRY(check_system(o->system));
  o->arena = lb_arena_new(0);
  if (!o->arena) return lb_fail(LB_MEMORY, "%s: no memory for a run", task);
  make_learner(o);
  start_episode(o);
  return lb_ok();
}

void lb_online_close(lb_online* o) {
  lb_arena_free(o->arena);
  lb_system_free(o->evaluator);
  lb_system_free(o->system);
  *o = (lb_online){0};
}

void lb_online_take_best(lb_online* o) {
  long count;
  lb_real* actor = lb_sac_actor_weights(o->sac, &count);
  memcpy(actor, o->best.actor, (size_t)count * sizeof *actor);
}
