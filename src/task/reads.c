#include "task/reads.h"

#include <assert.h>
#include <math.h>

#include "task/mujoco_system.h"

typedef struct meeting {
  lb_system* system;
  double *x, *x_next, *u, *live, *alone;
  lb_rng rng;
} meeting;

// u uniform within the limits; [-1, 1] where there are none.
static void draw_controls(meeting* m) {
  const lb_system* s = m->system;
  for (int i = 0; i < s->nu; ++i) {
    double low = isfinite(s->u_low[i]) ? s->u_low[i] : -1, high = isfinite(s->u_high[i]) ? s->u_high[i] : 1;
    m->u[i] = low + (high - low) * lb_rng_uniform(&m->rng);
  }
}

// One real step beside the same transition by itself; false where the episode ends.
static bool compare_step(lb_reads_report* r, meeting* m) {
  lb_system* s = m->system;
  double reward;
  bool terminated;
  s->get_state(s->self, m->x);
  draw_controls(m);
  lb_outcome outcome = lb_system_step(s, LB_STEP_EVALUATION, m->u, NULL);
  if (outcome.diverged) return false;
  s->get_state(s->self, m->x_next);
  s->observe(s->self, m->live);
  s->imagine(s->self, &(lb_imagined){&reward, &terminated, m->alone}, 1, m->x, m->u, m->x_next);
  double gap = fabs(reward - outcome.reward);
  r->steps += 1;
  r->reward = fmax(r->reward, gap);
  r->reward_mean += gap;
  r->flags += terminated != outcome.terminated;
  for (int i = 0; i < s->nobs; ++i) r->observation = fmax(r->observation, fabs(m->live[i] - m->alone[i]));
  return !outcome.terminated && !outcome.truncated;
}

// Random episodes, each step judged from live data and from its states alone.
static void measure(lb_reads_report* r, lb_system* s, lb_arena* arena, int steps, uint64_t seed) {
  size_t nx = (size_t)s->space.nx, nobs = (size_t)s->nobs;
  meeting m = {.system = s,
               .x = LB_TAKE(arena, double, nx),
               .x_next = LB_TAKE(arena, double, nx),
               .u = LB_TAKE(arena, double, s->nu),
               .live = LB_TAKE(arena, double, nobs),
               .alone = LB_TAKE(arena, double, nobs),
               .rng = lb_rng_stream(seed, LB_RNG_EVALUATION, 0, 0)};
  bool goes_on = false;
  for (int i = 0; i < steps; ++i) {
    if (!goes_on) s->reset(s->self, &m.rng);
    goes_on = compare_step(r, &m);
  }
  if (r->steps > 0) r->reward_mean /= r->steps;
}

lb_status lb_reads_measure(lb_reads_report* r, const lb_task_spec* spec, int steps, uint64_t seed) {
  const lb_terms* t = &spec->terms;
  assert(spec->has_rewards);
  *r = (lb_reads_report){.is_stateless =
                             t->seen == LB_PHYS_STATE && t->ended == LB_PHYS_STATE && t->rewarded == LB_PHYS_STATE};
  if (r->is_stateless) return lb_ok();
  lb_phys_map_config config = lb_phys_map_default_config();
  lb_system* system;
  LB_TRY(lb_mujoco_system_open(&system, spec->folder, spec->name, &config));
  lb_arena* arena = lb_arena_new(1 << 14);
  if (arena) measure(r, system, arena, steps, seed);
  lb_arena_free(arena);
  lb_system_free(system);
  return arena ? lb_ok() : lb_fail(LB_MEMORY, "no memory to measure '%s'", spec->name);
}
