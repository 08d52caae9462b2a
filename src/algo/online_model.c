// The model of an online run: fitted to expert and learner, then rolled out from real states.
#include <math.h>
#include <string.h>

#include "algo/online.h"

int lb_online_rollout_length(const lb_online_protocol* p, int round) {
  double way = (double)(round - p->rollout_from) / fmax(1, p->rollout_to - p->rollout_from);
  way = fmin(1, fmax(0, way));
  return (int)floor(p->rollout_first + way * (p->rollout_last - p->rollout_first));
}

// Makes room for what is to be kept at this length of rollouts. When more room comes, new rows go behind the old ones,
// so that the first n rows stay those that are filled.
static void settle_room(lb_online* o, int length) {
  const lb_online_protocol* p = &o->protocol.online;
  lb_ring* ring = &o->data.imagined;
  int wanted = length * p->imagined_per_step * p->imagined_kept;
  if (wanted == ring->capacity) return;
  if (wanted < ring->n) {
    ring->n = wanted;
    ring->next = 0;
  } else {
    ring->next = ring->n % wanted;
  }
  ring->capacity = wanted;
}

// The observations (n, nobs) at which rollouts begin, by the recipe's weights.
static void draw_starts(lb_online* o, float* starts, int n, lb_rng* rng) {
  const double* weights = o->recipe.planner.starts;
  double total = 0;
  size_t nobs = (size_t)o->system->nobs;
  int known = o->data.ninitial < LB_ONLINE_INITIAL ? o->data.ninitial : LB_ONLINE_INITIAL;
  for (int i = 0; i < LB_STATES; ++i) total += weights[i];
  for (int j = 0; j < n; ++j) {
    double at = total * lb_rng_uniform(rng);
    const float* from;
    if (at < weights[LB_STATES_INITIAL]) {
      from = o->data.initial + lb_rng_below(rng, (uint32_t)known) * nobs;
    } else {
      at -= weights[LB_STATES_INITIAL];
      const lb_ring* ring = at < weights[LB_STATES_EXPERT] ? &o->data.expert : &o->data.learner;
      from = ring->data + lb_rng_below(rng, (uint32_t)ring->n) * (size_t)ring->width;
    }
    memcpy(starts + (size_t)j * nobs, from, nobs * sizeof *starts);
  }
}

static void imagine(lb_online* o) {
  double start = lb_cpu_seconds();
  const lb_online_protocol* p = &o->protocol.online;
  int length = lb_online_rollout_length(p, o->round), n = p->imagined_per_step * p->fit_every;
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, (uint32_t)o->round, 2);
  lb_mark mark = lb_arena_mark(o->arena);
  float* starts = LB_TAKE(o->arena, float, (size_t)n*(size_t)o->system->nobs);
  settle_room(o, length);
  draw_starts(o, starts, n, &rng);
  lb_imagination_run(o->imagination, &o->data.imagined, starts, n, length, &rng, &o->counts);
  lb_arena_release(o->arena, mark);
  lb_phase_add(&o->times.fit_rollouts, start);
}

static void fit_ensemble(lb_online* o) {
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_FIT, (uint32_t)o->round, 0);
  lb_online_fitted data = lb_online_fitted_to(o);
  bool by_value = o->recipe.loss == LB_LOSS_VALUE_MOMENTS;
  lb_value value = {0};
  if (by_value) value = lb_sac_value(o->sac);
  lb_neural_fit_shares(o->model, &o->fit, &data.rows, data.first, data.share, by_value ? &value : NULL, &rng, o->arena);
  o->model_updates += o->fit.updates;
}

void lb_online_fit(lb_online* o) {
  const lb_online_protocol* p = &o->protocol.online;
  int since = o->round - p->warmup_steps;
  if (!lb_online_has_model(o) || since < 0 || since % p->fit_every != 0) return;
  if (lb_online_fitted_to(o).rows.n < 2) return;
  if (o->model) fit_ensemble(o);
  if (o->linear) lb_online_plan_fit(o);
  o->fits += 1;
  if (o->imagination && !o->fit.broken && o->data.learner.n > 0) imagine(o);
}
