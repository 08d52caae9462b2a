// When a run collects, fits, plans and measures: the only place that knows what an iteration is. The loop (algo/loop.h)
// goes from iteration 0, which has no data yet, to the last one; algo/agent.c does what is due, and algo/forecast.h
// counts it.
//
//   once       iteration 0 alone: a policy is measured
//   rollouts   iterations 1..iterations: real rollouts, a fit to all data, a plan, an evaluation
//   step       iterations 1..steps: one real step of the learner. The first `warmup` are explored at random; from then
//   on a
//              fit is due every `fit_every`, and an evaluation every `evaluate_every`, at iteration 0 and at the last
//   demos      iterations 1..n: from few demonstrations to all of them
//   exact      iterations 1..n of a system that is known exactly, n as the system has it: a few episodes of the expert
//   and of
//              the learner, a fit to all data, a plan, and what all of it is worth, also where nothing is learned
#ifndef LB_ALGO_SCHEDULE_H_
#define LB_ALGO_SCHEDULE_H_

#include <stdbool.h>

#include "algo/recipe.h"

enum { LB_SCHEDULE_DEMOS = 4 };

typedef struct lb_schedule {
  lb_iteration_kind kind;           // for schedule.c alone
  const lb_iterations* run;         // what all others may ask
  const char* name;                 // of an iteration in messages: "iteration", "step", "size of the data"
  int iterations;                   // the last one
  bool has_model, in_cost;          // whether evaluations are in costs; else in returns
  int episodes[LB_SCHEDULE_DEMOS];  // of demonstrations, of each iteration of them
  int shown, tried;  // episodes of the expert and of the learner, of each iteration of a system known exactly
  lb_loop_settings settings;
} lb_schedule;

// What is due in an iteration.
typedef struct lb_due {
  // Collect.
  int steps;      // real steps in the learner's episode under way
  bool explores;  // they are warm-up
  int rollouts;   // whole real rollouts of the present policy
  int shown;      // whole episodes of the expert, and
  int tried;      // of the learner, that are kept as they come
  int samples;    // transitions of these and of the demonstrations by which the model's data grow
  // Fit.
  bool fits;     // if there is enough to fit to
  int imagined;  // rollouts in the model after a fit, where a policy learns from them
  int length;    // of such a rollout
  // Plan.
  int planner;     // 0: that of iteration 0; 1: that of all others
  int learned;     // real steps taken after the warm-up
  bool acts_next;  // the learner's next action is the planner's
  int episodes;    // of demonstrations to be imitated
  // Measure.
  bool measures;
} lb_due;

// On a system; NULL: on any that has rewards alone and is not known exactly. episodes: of demonstrations that there
// are, for iterations of these.
lb_schedule lb_schedule_of(const lb_recipe* recipe, const lb_protocol* protocol, const lb_system* system, int episodes);

lb_due lb_schedule_due(const lb_schedule* s, int iteration);

// Real episodes of an evaluation, and the iteration whose noise it meets: what is measured once meets that of the
// others' last evaluation.
int lb_schedule_evaluation_episodes(const lb_schedule* s);
int lb_schedule_evaluation_iteration(const lb_schedule* s, int iteration);

#endif  // LB_ALGO_SCHEDULE_H_
