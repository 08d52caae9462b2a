#include "algo/schedule.h"

#include <math.h>

// 1, 4, 10 and all episodes, as far as there are as many; or those alone that are asked for.
static void plan_demos(lb_schedule* s, int episodes) {
  static const int few[] = {1, 4, 10};
  const lb_loop_settings* l = &s->settings;
  bool all = l->expert_transitions == 0 && l->expert_episodes == 0;
  for (int i = 0; all && i < LB_SCHEDULE_DEMOS - 1; ++i) {
    if (few[i] < episodes) s->episodes[s->rounds++] = few[i];
  }
  s->episodes[s->rounds++] = episodes;
}

lb_schedule lb_schedule_of(const lb_recipe* r, const lb_protocol* protocol, bool has_cost, int episodes) {
  lb_loop_settings l = lb_protocol_loop(protocol);
  lb_schedule s = {.kind = r->planner.kind->round,
                   .warmup = l.warmup_steps,
                   .fit_every = l.fit_every,
                   .evaluate_every = l.evaluate_every,
                   .has_model = lb_recipe_has_model(r),
                   .in_cost = has_cost && !lb_recipe_is_online(r),
                   .settings = l};
  switch (s.kind) {
    case LB_ROUND_ONCE:
      s.name = has_cost ? "round" : "step";
      break;
    case LB_ROUND_ROLLOUTS:
      s.name = "round";
      s.rounds = l.iterations;
      break;
    case LB_ROUND_STEP:
      s.name = "step";
      s.rounds = l.steps;
      break;
    case LB_ROUND_DEMOS:
      s.name = "size of the data";
      plan_demos(&s, episodes);
      break;
  }
  return s;
}

bool lb_schedule_explores(const lb_schedule* s, int round) {
  return s->kind == LB_ROUND_STEP && round <= s->warmup;
}

bool lb_schedule_fits(const lb_schedule* s, int round) {
  if (s->kind == LB_ROUND_ROLLOUTS) return round > 0;
  int since = round - s->warmup;
  return s->kind == LB_ROUND_STEP && s->has_model && since >= 0 && since % s->fit_every == 0;
}

bool lb_schedule_measures(const lb_schedule* s, int round) {
  if (s->kind == LB_ROUND_DEMOS) return round > 0;
  return s->kind != LB_ROUND_STEP || round % s->evaluate_every == 0 || round == s->rounds;
}

bool lb_schedule_plans_next(const lb_schedule* s, int round) {
  return s->kind != LB_ROUND_STEP || (round >= s->warmup && round < s->rounds);
}

int lb_schedule_rollout_length(const lb_schedule* s, int round) {
  const lb_loop_settings* l = &s->settings;
  double way = (double)(round - l->rollout_from) / fmax(1, l->rollout_to - l->rollout_from);
  way = fmin(1, fmax(0, way));
  return (int)floor(l->rollout_first + way * (l->rollout_last - l->rollout_first));
}

bool lb_schedule_is_in_cost(const lb_schedule* s) {
  return s->in_cost;
}

int lb_schedule_evaluation_episodes(const lb_schedule* s) {
  return lb_schedule_is_in_cost(s) ? s->settings.evaluation_rollouts : s->settings.evaluation_episodes;
}

int lb_schedule_evaluation_round(const lb_schedule* s, int round) {
  if (s->kind == LB_ROUND_ROLLOUTS || s->kind == LB_ROUND_STEP) return round;
  return lb_schedule_is_in_cost(s) ? s->settings.iterations : s->settings.steps;
}
