#include "algo/schedule.h"

#include <math.h>

// 1, 4, 10 and all episodes, as far as there are as many; or those alone that are asked for.
static void plan_demos(lb_schedule* s, int episodes) {
  static const int few[] = {1, 4, 10};
  const lb_loop_settings* l = &s->settings;
  bool all = l->expert_transitions == 0 && l->expert_episodes == 0;
  for (int i = 0; all && i < LB_SCHEDULE_DEMOS - 1; ++i) {
    if (few[i] < episodes) s->episodes[s->iterations++] = few[i];
  }
  s->episodes[s->iterations++] = episodes;
}

// On a system that is known exactly, which says how many iterations there are, and of how many episodes each is.
static lb_schedule schedule_exact(const lb_recipe* r, const lb_protocol* protocol, const lb_exact* exact) {
  const lb_planner_kind* planner = r->planner.kind;
  lb_options_room options;
  lb_recipe_planner_options(&r->planner, protocol, &options);
  int most = planner->most_iterations ? planner->most_iterations(&options) : 0;
  bool collects = lb_recipe_learns(r) && lb_recipe_has_model(r);
  int shown = collects ? (int)(r->expert_share * exact->episodes + 0.5) : 0;
  return (lb_schedule){.kind = LB_ITERATION_EXACT,
                       .run = lb_iterations_of(LB_ITERATION_EXACT),
                       .name = "iteration",
                       .iterations = most > 0 && most < exact->iterations ? most : exact->iterations,
                       .has_model = lb_recipe_has_model(r),
                       .in_cost = exact->in_cost,
                       .shown = shown,
                       .tried = collects ? exact->episodes - shown : 0,
                       .settings = lb_protocol_loop(protocol)};
}

lb_schedule lb_schedule_of(const lb_recipe* r, const lb_protocol* protocol, const lb_system* system, int episodes) {
  if (system && system->exact) return schedule_exact(r, protocol, system->exact);
  bool has_cost = system && system->cost;
  lb_schedule s = {.kind = r->planner.kind->iteration,
                   .run = lb_recipe_iterations(r),
                   .has_model = lb_recipe_has_model(r),
                   .in_cost = has_cost && !lb_recipe_is_online(r),
                   .settings = lb_protocol_loop(protocol)};
  switch (s.kind) {
    case LB_ITERATION_KINDS:
    case LB_ITERATION_ONCE:
      s.name = has_cost ? "iteration" : "step";
      break;
    case LB_ITERATION_ROLLOUTS:
      s.name = "iteration";
      s.iterations = s.settings.iterations;
      break;
    case LB_ITERATION_STEP:
      s.name = "step";
      s.iterations = s.settings.steps;
      break;
    case LB_ITERATION_DEMOS:
      s.name = "size of the data";
      plan_demos(&s, episodes);
      break;
    case LB_ITERATION_EXACT:
      s.name = "iteration";
      break;
  }
  return s;
}

// Length of rollouts in the model: rollout_first until rollout_from, rollout_last from rollout_to on, linear between.
static int rollout_length(const lb_loop_settings* l, int iteration) {
  double way = (double)(iteration - l->rollout_from) / fmax(1, l->rollout_to - l->rollout_from);
  way = fmin(1, fmax(0, way));
  return (int)floor(l->rollout_first + way * (l->rollout_last - l->rollout_first));
}

// By the kind of iteration; "since" is counted from the end of the warm-up.
lb_due lb_schedule_due(const lb_schedule* s, int iteration) {
  const lb_loop_settings* l = &s->settings;
  int since = iteration - l->warmup_steps;
  bool first = iteration == 0, last = iteration == s->iterations;
  switch (s->kind) {
    case LB_ITERATION_KINDS:
    case LB_ITERATION_ONCE:
      break;
    case LB_ITERATION_ROLLOUTS:
      if (first) return (lb_due){.acts_next = true, .measures = true};
      return (lb_due){.rollouts = l->learner_rollouts,
                      .samples = l->samples,
                      .fits = true,
                      .planner = 1,
                      .acts_next = true,
                      .measures = true};
    case LB_ITERATION_STEP:
      return (lb_due){.steps = !first,
                      .explores = since <= 0,
                      .fits = s->has_model && !first && since >= 0 && since % l->fit_every == 0,
                      .imagined = l->imagined_per_step * l->fit_every,
                      .length = rollout_length(l, iteration),
                      .planner = 1,
                      .learned = since,
                      .acts_next = since >= 0 && !last,
                      .measures = iteration % l->evaluate_every == 0 || last};
    case LB_ITERATION_EXACT:
      return (lb_due){.shown = first ? 0 : s->shown,
                      .tried = first ? 0 : s->tried,
                      .fits = !first,
                      .planner = 1,
                      .acts_next = true,
                      .measures = true};
    case LB_ITERATION_DEMOS:
      return (lb_due){
          .planner = 1, .acts_next = true, .episodes = first ? 0 : s->episodes[iteration - 1], .measures = !first};
  }
  return (lb_due){.planner = 1, .acts_next = true, .measures = true};
}

int lb_schedule_evaluation_episodes(const lb_schedule* s) {
  return s->in_cost ? s->settings.evaluation_rollouts : s->settings.evaluation_episodes;
}

int lb_schedule_evaluation_iteration(const lb_schedule* s, int iteration) {
  if (s->run->goes_on) return iteration;
  return s->in_cost ? s->settings.iterations : s->settings.steps;
}
