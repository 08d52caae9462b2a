#include "algo/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algo/demonstrator.h"
#include "algo/reference_lines.h"
#include "base/clock.h"
#include "eval/evaluate.h"
#include "io/file.h"
#include "task/task.h"

typedef struct reference {
  lb_system* system;
  lb_arena* arena;
  lb_actor* expert;  // NULL: none
  lb_expert_used used;
  lb_policy policy;
  lb_rng rng;  // of random actions
  lb_protocol protocol;
  uint64_t seed;
  int round;
} reference;

void lb_reference_draw(const lb_system* s, lb_rng* rng, int n, double* u) {
  for (int i = 0; i < n * s->nu; ++i) {
    double low = s->u_low[i % s->nu], high = s->u_high[i % s->nu];
    if (!isfinite(low) || !isfinite(high)) low = -1, high = 1;
    u[i] = low + (high - low) * lb_rng_uniform(rng);
  }
}

static void act_randomly(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  (void)in;
  reference* r = ctx;
  lb_reference_draw(r->system, &r->rng, n, u);
}

static void act_zero(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  (void)in;
  reference* r = ctx;
  memset(u, 0, (size_t)n * (size_t)r->system->nu * sizeof *u);
}

static bool measure(void* self, lb_lines* lines) {
  reference* r = self;
  const lb_protocol* p = &r->protocol;
  bool cost = r->system->cost != NULL;
  int episodes = cost ? p->evaluation_rollouts : p->online.evaluation_episodes;
  uint32_t round = (uint32_t)(cost ? p->iterations : p->online.steps);
  double start = lb_cpu_seconds();
  r->rng = lb_rng_stream(r->seed, LB_RNG_PLAN, 0, 0);
  lb_evaluation real = lb_evaluate(r->system, &r->policy, episodes, r->seed, round, r->arena, 0, NULL, NULL);
  lb_reference_lines(lines, cost ? "cost" : "return", r->system, &real, lb_cpu_seconds() - start);
  return true;
}

static void close_reference(void* self) {
  reference* r = self;
  lb_arena_free(r->arena);
  lb_system_free(r->system);
  free(r);
}

static lb_status open_reference(reference* r, const lb_recipe* recipe, const lb_run_options* o) {
  char models[1024];
  lb_path_join(models, sizeof models, o->root, "models");
  LB_TRY(lb_task_open(&r->system, models, o->task));
  r->arena = lb_arena_new(0);
  if (!r->arena) return lb_fail(LB_MEMORY, "%s: no memory for a run", o->task);
  const lb_system* s = r->system;
  if (recipe->kind == LB_ROW_EXPERT) {
    if (o->given.policy) {
      LB_TRY(lb_demonstrator_given_policy(&r->expert, &r->used, o->given.policy, s, r->arena));
    } else {
      LB_TRY(lb_demonstrator_policy(&r->expert, &r->used, o->root, s, r->arena));
    }
    r->policy = lb_actor_policy(r->expert);
    return lb_ok();
  }
  r->policy = (lb_policy){.input = LB_READS_STATE,
                          .nin = s->space.nx,
                          .nu = s->nu,
                          .ctx = r,
                          .act = recipe->kind == LB_ROW_ZERO ? act_zero : act_randomly};
  return lb_ok();
}

lb_status lb_reference_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* o) {
  reference* r = calloc(1, sizeof *r);
  if (!r) return lb_fail(LB_MEMORY, "%s: no memory for a run", o->task);
  *r = (reference){.protocol = o->protocol, .seed = o->seed};
  lb_status status = open_reference(r, recipe, o);
  if (status.code != LB_OK) {
    close_reference(r);
    return status;
  }
  bool cost = r->system->cost != NULL;
  *steps = (lb_steps){.self = r,
                      .system = r->system,
                      .expert = &r->used,
                      .parts = lb_recipe_parts(recipe, cost),
                      .rounds = 0,
                      .round_name = cost ? "round" : "step",
                      .round = &r->round,
                      .measure = measure,
                      .close = close_reference};
  return status;
}
