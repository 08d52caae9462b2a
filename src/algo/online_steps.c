// The four steps of the loop on an online run.
#include <math.h>
#include <string.h>

#include "algo/online.h"
#include "base/clock.h"

enum { MOST_OBSERVED = 4096, MOST_CONTROLS = 256, MOST_BATCH = 65536 };

static void clock_off(double* phase, double start) {
  *phase += lb_cpu_seconds() - start;
}

static bool is_warmup(const lb_online* o) {
  return o->round <= o->protocol.online.warmup_steps;
}

// The learner's action of this round, in [-1, 1].
static void choose_action(lb_online* o, double* action) {
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->round, 1);
  if (!is_warmup(o)) {
    lb_sac_act(o->sac, action, o->episode.obs, 1, &rng);
    return;
  }
  for (int i = 0; i < o->system->nu; ++i) action[i] = 2 * lb_rng_uniform(&rng) - 1;
}

static void end_episode(lb_online* o) {
  lb_online_episode* e = &o->episode;
  o->sums.episodes += 1;
  o->sums.episode_return += e->total;
  e->number += 1;
  e->t = 0;
  e->total = 0;
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)e->number, 0);
  o->system->reset(o->system->self, &rng);
  o->system->observe(o->system->self, e->obs);
}

static void to_floats(float* out, const double* in, int n) {
  for (int i = 0; i < n; ++i) out[i] = (float)in[i];
}

// One real step. A transition that left the finite numbers teaches nothing: it only ends the episode.
static void collect(void* self) {
  lb_online* o = self;
  lb_system* s = o->system;
  double start = lb_cpu_seconds();
  double action[MOST_CONTROLS], u[MOST_CONTROLS], w[MOST_CONTROLS];
  float before[MOST_OBSERVED], after[MOST_OBSERVED], taken[MOST_CONTROLS];
  choose_action(o, action);
  lb_online_scale(s, u, action, 1);
  if (s->nw > 0) {
    lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->round, 2);
    lb_rng_normals(&rng, w, s->nw);
  }
  lb_source source = is_warmup(o) ? LB_STEP_EXPLORATION : LB_STEP_LEARNER;
  lb_outcome outcome = lb_system_step(s, source, u, s->nw > 0 ? w : NULL);
  to_floats(before, o->episode.obs, s->nobs);
  to_floats(taken, action, s->nu);
  s->observe(s->self, o->episode.obs);
  to_floats(after, o->episode.obs, s->nobs);
  bool usable = !outcome.diverged && isfinite(outcome.reward);
  if (usable) lb_ring_add(&o->real, before, taken, (float)outcome.reward, outcome.terminated, after);
  if (usable) o->episode.total += outcome.reward;
  o->episode.t += 1;
  if (!usable || outcome.terminated || outcome.truncated || o->episode.t >= s->horizon) end_episode(o);
  clock_off(&o->times.collect, start);
}

static void fit(void* self) {
  (void)self;  // no model
}

static void update(lb_online* o) {
  int rows[MOST_BATCH], n = o->protocol.online.batch;
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, (uint32_t)o->updates, 0);
  lb_ring_draw(&o->real, rows, n, &rng);
  lb_transitions batch = lb_ring_view(&o->real, rows, n);
  lb_sac_update(o->sac, &o->report, &batch, NULL, &rng);
  o->updates += 1;
  o->sums.updates += 1;
  o->sums.critic_loss += o->report.critic_loss;
  o->sums.actor_loss += o->report.actor_loss;
  o->sums.q += o->report.q;
  o->sums.log_density += o->report.log_density;
}

// As many updates as the real steps so far entitle to.
static void plan(void* self) {
  lb_online* o = self;
  double start = lb_cpu_seconds();
  const lb_online_protocol* p = &o->protocol.online;
  double due = p->updates_per_step * (o->round - p->warmup_steps);
  while ((double)o->updates + 1 <= due && o->real.n > 0 && !o->report.broken) update(o);
  clock_off(&o->times.plan, start);
}

static bool measure(void* self, lb_lines* lines) {
  lb_online* o = self;
  const lb_online_protocol* p = &o->protocol.online;
  if (o->round % p->evaluate_every != 0 && o->round != p->steps) return false;
  double start = lb_cpu_seconds();
  o->measured = lb_evaluate(o->evaluator, &o->policy, p->evaluation_episodes, o->seed, (uint32_t)o->round, o->arena, 0,
                            NULL, NULL);
  double mean = -o->measured.mean;
  if (mean > o->best.mean) {
    long count;
    const lb_real* actor = lb_sac_actor_weights(o->sac, &count);
    memcpy(o->best.actor, actor, (size_t)count * sizeof *actor);
    o->best.mean = mean;
    o->best.round = o->round;
  }
  clock_off(&o->times.evaluate, start);
  *lines = (lb_lines){.measure = "return", .score = mean, .score_se = o->measured.se};
  lb_online_lines(o, &lines->metrics, &lines->timing);
  o->sums = (lb_online_sums){0};
  return true;
}

static lb_status check(void* self) {
  const lb_online* o = self;
  if (!o->report.broken) return lb_ok();
  return lb_fail(LB_DIVERGED, "step %d: update %lld: the gradient of the %s is not finite", o->round,
                 (long long)o->updates, o->report.broken);
}

static void save(void* self, lb_npz_writer* w) {
  lb_online_save(self, w);
}

lb_steps lb_online_steps(lb_online* o) {
  return (lb_steps){.self = o,
                    .rounds = o->protocol.online.steps,
                    .round_name = "step",
                    .round = &o->round,
                    .collect = collect,
                    .fit = fit,
                    .plan = plan,
                    .measure = measure,
                    .check = check,
                    .save = save};
}
