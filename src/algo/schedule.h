// When a run collects, fits, explores and measures: the only place that knows what a round is. The loop (algo/loop.h)
// goes from round 0, which has no data yet, to the last one.
//
//   once       round 0 alone: a policy is measured
//   rollouts   rounds 1..iterations: real rollouts, a fit to all data, a plan, an evaluation
//   step       rounds 1..steps: one real step of the learner. The first `warmup` are explored at random; from then on a
//              fit is due every `fit_every`, and an evaluation every `evaluate_every`, at round 0 and at the last
//   demos      rounds 1..n: from few demonstrations to all of them
#ifndef LB_ALGO_SCHEDULE_H_
#define LB_ALGO_SCHEDULE_H_

#include <stdbool.h>

#include "algo/recipe.h"

enum { LB_SCHEDULE_DEMOS = 4 };

typedef struct lb_schedule {
  lb_round_kind kind;
  const char* name;  // of a round in messages: "round", "step", "size of the data"
  int rounds;        // the last one
  int warmup, fit_every, evaluate_every;
  bool has_model, in_cost;
  int episodes[LB_SCHEDULE_DEMOS];  // of demonstrations, of each round of them
  lb_loop_settings settings;
} lb_schedule;

// has_cost: of the task. episodes: of demonstrations that there are, for rounds of these.
lb_schedule lb_schedule_of(const lb_recipe* recipe, const lb_protocol* protocol, bool has_cost, int episodes);

// Whether round `round` acts at random.
bool lb_schedule_explores(const lb_schedule* s, int round);
// Whether the model is to be fitted in it, if there is enough to fit to.
bool lb_schedule_fits(const lb_schedule* s, int round);
bool lb_schedule_measures(const lb_schedule* s, int round);
// Whether the learner's next action is the planner's.
bool lb_schedule_plans_next(const lb_schedule* s, int round);
// Length of rollouts in the model at a round.
int lb_schedule_rollout_length(const lb_schedule* s, int round);

// Real episodes of an evaluation, and the round whose noise it meets: what is measured once meets that of the others'
// last evaluation.
int lb_schedule_evaluation_episodes(const lb_schedule* s);
int lb_schedule_evaluation_round(const lb_schedule* s, int round);

// Whether evaluations are in costs; else in returns.
bool lb_schedule_is_in_cost(const lb_schedule* s);

#endif  // LB_ALGO_SCHEDULE_H_
