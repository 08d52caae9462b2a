// Policies that never plan, behind core/planner.h: what others are measured against.
#include <math.h>
#include <string.h>

#include "plan/lq_policy.h"
#include "plan/lq_policy_file.h"
#include "plan/planner_kinds.h"

typedef struct planner {
  const lb_system* system;
  lb_rng rng;         // of random actions
  lb_lq_policy zero;  // the reference without feedback
} planner;

void lb_random_draw(const lb_system* s, lb_rng* rng, int n, double* u) {
  for (int i = 0; i < n * s->nu; ++i) {
    double low = s->u_low[i % s->nu], high = s->u_high[i % s->nu];
    if (!isfinite(low) || !isfinite(high)) low = -1, high = 1;
    u[i] = low + (high - low) * lb_rng_uniform(rng);
  }
}

// Controls uniform within the limits, whatever the state.
static void act_randomly(void* ctx, int n, int t, const double* in, double* u) {
  (void)t, (void)in;
  planner* p = ctx;
  lb_random_draw(p->system, &p->rng, n, u);
}

// u = 0.
static void act_zero(void* ctx, int n, int t, const double* in, double* u) {
  (void)t, (void)in;
  memset(u, 0, (size_t)n * (size_t)((planner*)ctx)->system->nu * sizeof *u);
}

// A planner whose policy is `act` on the state and that never plans.
static lb_planner planner_of(planner* p, void (*act)(void*, int, int, const double*, double*)) {
  const lb_system* s = p->system;
  return (lb_planner){.ctx = p,
                      .policy = {.input = LB_READS_STATE, .nin = s->space.nx, .nu = s->nu, .ctx = p, .act = act},
                      .gives_controls = true};
}

lb_status lb_random_open(lb_planner* out, const lb_opening* o, const void* options) {
  (void)options;
  planner* p = LB_TAKE(o->arena, planner, 1);
  *p = (planner){.system = o->system, .rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 0)};
  *out = planner_of(p, act_randomly);
  return lb_ok();
}

// Writes the zero policy as a file.
static lb_status write_zero(void* ctx, const char* path, const lb_system* system, lb_arena* scratch) {
  (void)scratch;
  return lb_lq_policy_file_save(path, &((planner*)ctx)->zero, system, "{}");
}

// Of a task with a reference: what it costs to do nothing about the noise.
lb_status lb_zero_open(lb_planner* out, const lb_opening* o, const void* options) {
  (void)options;
  const lb_system* s = o->system;
  planner* p = LB_TAKE(o->arena, planner, 1);
  *p = (planner){.system = s};
  *out = planner_of(p, act_zero);
  if (!s->cost || !s->reference) return lb_ok();
  lb_lq_policy_init(&p->zero, &s->space, s->nu, s->horizon, o->arena);
  size_t steps = (size_t)s->horizon;
  memcpy(p->zero.x_nominal, s->reference->x, (steps + 1) * (size_t)s->space.nx * sizeof(double));
  memcpy(p->zero.u_nominal, s->reference->u, steps * (size_t)s->nu * sizeof(double));
  out->policy = lb_lq_policy_view(&p->zero);
  out->write_policy = write_zero;
  return lb_ok();
}

// Writes the expert's LQ policy as a file.
static lb_status write_expert(void* ctx, const char* path, const lb_system* system, lb_arena* scratch) {
  (void)scratch;
  return lb_lq_policy_file_save(path, lb_lq_policy_of(ctx), system, "{}");
}

// A network's file is the expert's own and is not written again.
lb_status lb_expert_open(lb_planner* out, const lb_opening* o, const void* options) {
  (void)options;
  lb_policy* policy = LB_TAKE(o->arena, lb_policy, 1);
  *policy = *o->expert;
  *out = (lb_planner){.ctx = policy, .policy = *policy, .gives_controls = true};
  if (lb_lq_policy_of(policy)) out->write_policy = write_expert;
  return lb_ok();
}
