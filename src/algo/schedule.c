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
  lb_schedule s = {.kind = r->planner.kind->round,
                   .has_model = lb_recipe_has_model(r),
                   .in_cost = has_cost && !lb_recipe_is_online(r),
                   .settings = lb_protocol_loop(protocol)};
  switch (s.kind) {
    case LB_ROUND_ONCE:
      s.name = has_cost ? "round" : "step";
      break;
    case LB_ROUND_ROLLOUTS:
      s.name = "round";
      s.rounds = s.settings.iterations;
      break;
    case LB_ROUND_STEP:
      s.name = "step";
      s.rounds = s.settings.steps;
      break;
    case LB_ROUND_DEMOS:
      s.name = "size of the data";
      plan_demos(&s, episodes);
      break;
    case LB_ROUND_EXACT:
      s.name = "round";
      break;
  }
  return s;
}

lb_schedule lb_schedule_of_exact(const lb_recipe* r, const lb_protocol* protocol, const lb_exact* exact) {
  const lb_planner_kind* planner = r->planner.kind;
  lb_options_room options;
  lb_recipe_planner_options(&r->planner, protocol, &options);
  int most = planner->most_rounds ? planner->most_rounds(&options) : 0;
  bool collects = lb_recipe_learns(r) && lb_recipe_has_model(r);
  int shown = collects ? (int)(r->expert_share * exact->episodes + 0.5) : 0;
  return (lb_schedule){.kind = LB_ROUND_EXACT,
                       .name = "round",
                       .rounds = most > 0 && most < exact->rounds ? most : exact->rounds,
                       .has_model = lb_recipe_has_model(r),
                       .in_cost = exact->in_cost,
                       .shown = shown,
                       .tried = collects ? exact->episodes - shown : 0,
                       .settings = lb_protocol_loop(protocol)};
}

// Length of rollouts in the model: rollout_first until rollout_from, rollout_last from rollout_to on, linear between.
static int rollout_length(const lb_loop_settings* l, int round) {
  double way = (double)(round - l->rollout_from) / fmax(1, l->rollout_to - l->rollout_from);
  way = fmin(1, fmax(0, way));
  return (int)floor(l->rollout_first + way * (l->rollout_last - l->rollout_first));
}

// By the kind of round; "since" is counted from the end of the warm-up.
lb_due lb_schedule_due(const lb_schedule* s, int round) {
  const lb_loop_settings* l = &s->settings;
  int since = round - l->warmup_steps;
  bool first = round == 0, last = round == s->rounds;
  switch (s->kind) {
    case LB_ROUND_ONCE:
      break;
    case LB_ROUND_ROLLOUTS:
      if (first) return (lb_due){.acts_next = true, .measures = true};
      return (lb_due){.rollouts = l->learner_rollouts,
                      .samples = l->samples,
                      .fits = true,
                      .planner = 1,
                      .acts_next = true,
                      .measures = true};
    case LB_ROUND_STEP:
      return (lb_due){.steps = !first,
                      .explores = since <= 0,
                      .fits = s->has_model && !first && since >= 0 && since % l->fit_every == 0,
                      .imagined = l->imagined_per_step * l->fit_every,
                      .length = rollout_length(l, round),
                      .planner = 1,
                      .learned = since,
                      .acts_next = since >= 0 && !last,
                      .measures = round % l->evaluate_every == 0 || last};
    case LB_ROUND_EXACT:
      return (lb_due){.shown = first ? 0 : s->shown,
                      .tried = first ? 0 : s->tried,
                      .fits = !first,
                      .planner = 1,
                      .acts_next = true,
                      .measures = true};
    case LB_ROUND_DEMOS:
      return (lb_due){
          .planner = 1, .acts_next = true, .episodes = first ? 0 : s->episodes[round - 1], .measures = !first};
  }
  return (lb_due){.planner = 1, .acts_next = true, .measures = true};
}

int lb_schedule_evaluation_episodes(const lb_schedule* s) {
  return s->in_cost ? s->settings.evaluation_rollouts : s->settings.evaluation_episodes;
}

int lb_schedule_evaluation_round(const lb_schedule* s, int round) {
  if (s->kind != LB_ROUND_ONCE && s->kind != LB_ROUND_DEMOS) return round;
  return s->in_cost ? s->settings.iterations : s->settings.steps;
}
