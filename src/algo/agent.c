// One iteration of every algorithm, from top to bottom: collect, fit, plan, measure. The loop (algo/loop.h) goes from
// iteration to iteration, the schedule (algo/schedule.h) says what of this is due, and the recipe (algo/recipe.h) says
// whose data, which model and which planner, which stand behind their interfaces:
//
//   sysid     collect rollouts, half of the data the expert's; fit by least squares; plan by iLQR to the end
//   lamps     the same data and fit; plan by one LQR pass about the expert's states
//   lamps-mm  the same data and plan; fit to the values of the present policy
//   sac       collect a step; no model; plan by gradient updates on batches of real transitions
//   mbpo      collect a step; fit an ensemble every so often and roll out in it; plan by the same updates on these
//   bc        collect nothing; plan by imitation of so many demonstrations
//
// On rewards sysid and lamps are as mbpo, on the expert's transitions and the learner's; sysid's actor learns on what
// was imagined, lamps' on states of the expert and of its own (lb_agent_draw in collect.c).
#include "algo/agent.h"

#include "core/action.h"

// Before iteration 0, where the recipe says so: the learner becomes a clone of the demonstrations.
lb_status lb_agent_begin(lb_agent* a) {
  lb_planner* p = &a->planners[1];
  if (!a->recipe.planner.from_clone) return lb_ok();
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_PLAN, 0, 3);
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_demo_rows demos;
  lb_status status = lb_agent_lay_out(&demos, a, 0, a->scratch);
  if (status.code == LB_OK) status = p->imitate(p->ctx, &demos, &rng, a->scratch);
  lb_arena_release(a->scratch, mark);
  return status;
}

// The learner's action in [-1, 1]: random while it explores (a clone acts from the first step on), then the planner's,
// with the noise by which that explores.
static void choose_action(lb_agent* a, bool explores, double* action) {
  const lb_planner* p = lb_agent_planner(a);
  const lb_agent_episode* e = &a->episode;
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_LEARNER, (uint32_t)a->iteration, 1);
  if (explores && !a->recipe.planner.from_clone) {
    for (int i = 0; i < a->system->nu; ++i) action[i] = 2 * lb_rng_uniform(&rng) - 1;
  } else if (p->act) {
    p->act(p->ctx, 1, e->t, e->obs, action, &rng);
  } else {
    lb_policy_act(&p->policy, 1, e->t, e->obs, action);
  }
}

// Real transitions of the learner, a step of its episode or whole rollouts; and the expert's share of what the model is
// fitted to: drawn with the learner's, one by one, or there as a whole from the beginning.
void lb_agent_collect(lb_agent* a) {
  const lb_due due = lb_schedule_due(&a->schedule, a->iteration);
  for (int i = 0; i < due.steps; ++i) {
    choose_action(a, due.explores, a->episode.action);
    lb_agent_take_step(a, due.explores ? LB_STEP_EXPLORATION : LB_STEP_LEARNER);
  }
  for (int i = 0; i < due.shown + due.tried; ++i) lb_agent_keep_episode(a, i, i < due.shown);
  a->rollouts.learner.n = 0;
  for (int i = 0; i < due.rollouts; ++i) lb_agent_roll_out(a, i);
  if (due.samples == 0) return;
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_MIX, (uint32_t)a->iteration, 0);
  lb_batch learner = lb_dataset_batch(&a->rollouts.learner);
  lb_dataset_mix(&a->rollouts.seen, &a->rollouts.expert, &learner, a->recipe.expert_share, due.samples, &rng);
}

// What a model is fitted to: over states, all that was drawn; over observations, the mix where demonstrations enter one
// a step, else the demonstrations and, right behind them, the learner's steps, of which a batch draws at the expert's
// share. By value moments it is fitted to the values of the present policy in the present model.
lb_fit_data lb_agent_fit_data(const lb_agent* a) {
  const lb_agent_rows* d = &a->data;
  double share = a->recipe.expert_share;
  lb_fit_data f = {.batch = lb_dataset_batch(&a->rollouts.seen),
                   .first_new = a->rollouts.fitted,
                   .value = &lb_agent_planner(a)->value};
  if (a->recipe.one_a_step) {
    f.rows = lb_ring_view(&d->mix, NULL, d->mix.n);
  } else if (share > 0) {
    f.rows = lb_ring_view(&d->expert, NULL, d->expert.n);
    f.first = d->expert.n;
    f.share = share;
    if (share < 1) f.rows.n += d->learner.n;
  } else {
    f.rows = lb_ring_view(&d->learner, NULL, d->learner.n);
  }
  return f;
}

// The model to all data; then rollouts in it, where a policy learns from them.
void lb_agent_fit(lb_agent* a) {
  const lb_due due = lb_schedule_due(&a->schedule, a->iteration);
  lb_fit_data data = lb_agent_fit_data(a);
  if (!due.fits || (data.batch.n == 0 && data.rows.n < 2)) return;
  a->fit = (lb_fit_report){0};
  if (a->model.fit) {
    lb_rng rng = lb_rng_stream(a->seed, LB_RNG_FIT, (uint32_t)a->iteration, 0);
    a->model.fit(a->model.ctx, &data, &rng, &a->fit, a->scratch);
  }
  a->rollouts.fitted = a->rollouts.seen.n;
  a->fits += 1;
  if (lb_recipe_imagines(&a->recipe) && !a->fit.broken && a->data.learner.n > 0) {
    lb_agent_imagine(a, due.imagined, due.length);
  }
}

// What is to be planned for, of all that the kinds of planners look at: a trajectory of least cost in the model; an
// action, where the learner's episode is; a policy, from batches of real or imagined transitions, or of demonstrations.
lb_problem lb_agent_problem(lb_agent* a) {
  const lb_due due = lb_schedule_due(&a->schedule, a->iteration);
  const lb_system* s = a->system;
  bool ready = lb_agent_is_ready(a), cost = a->schedule.in_cost;
  bool has_batches = a->data.learner.n > 0 && !a->fit.broken;
  if (lb_recipe_imagines(&a->recipe)) has_batches = has_batches && a->data.imagined.n > 0;
  return (lb_problem){.model = ready ? &a->model : NULL,
                      .world = ready && a->world ? lb_world_mean(a->world) : NULL,
                      .fits = a->fits,
                      .cost = cost ? s->cost : NULL,
                      .horizon = s->horizon,
                      .discount = lb_protocol_get(&a->protocol, "discount"),
                      .x0 = cost && s->reference ? s->reference->x : NULL,
                      .u_low = s->u_low,
                      .u_high = s->u_high,
                      .reference = cost ? s->reference : NULL,
                      .expert = &a->rollouts.mean,
                      .shown = &a->rollouts.expert,
                      .seed = a->seed,
                      .iteration = (uint32_t)a->iteration,
                      .t = a->episode.t,
                      .seen = a->episode.obs,
                      .acts_next = due.acts_next,
                      .steps = due.learned,
                      .source = a,
                      .draw = has_batches ? lb_agent_draw : NULL,
                      .demos = a->iteration_demos.rows.n > 0 ? &a->iteration_demos : NULL,
                      .counts = &a->counts,
                      .scratch = a->scratch};
}

// A policy in the model. The first plan is that of another planner, if the recipe says so; where none can be made, the
// former policy stays.
void lb_agent_plan(lb_agent* a) {
  const lb_due due = lb_schedule_due(&a->schedule, a->iteration);
  lb_planner* planner = &a->planners[due.planner];
  lb_mark mark = lb_arena_mark(a->scratch);
  a->plan = (lb_plan_report){0};
  a->status = lb_ok();
  if (due.episodes > 0) a->status = lb_agent_lay_out(&a->iteration_demos, a, due.episodes, a->scratch);
  lb_problem problem = lb_agent_problem(a);
  if (planner->plan && a->status.code == LB_OK) a->status = planner->plan(planner->ctx, &problem, &a->plan);
  if (a->plan.planned || a->iteration == 0) a->acting = due.planner;
  lb_agent_take_policy(a);
  lb_arena_release(a->scratch, mark);
}

// The policy's worth in the real system, in streams of its own, and how far the model is from it; the best so far.
bool lb_agent_measure(lb_agent* a, lb_lines* lines) {
  const lb_due due = lb_schedule_due(&a->schedule, a->iteration);
  const lb_planner* p = lb_agent_planner(a);
  bool cost = a->schedule.in_cost;
  if (!due.measures || (due.episodes > 0 && a->status.code != LB_OK)) return false;
  a->measured = a->way->evaluate(a);
  lb_diagnose_average(a);
  double score = cost ? a->measured.mean : -a->measured.mean;
  if (!cost && score > a->best.mean) {
    if (p->keep_best) p->keep_best(p->ctx);
    a->best = (lb_agent_best){.mean = score, .iteration = a->iteration};
  }
  *lines =
      (lb_lines){.measure = cost ? "cost" : "return", .score = score, .score_se = a->measured.se, .real = a->measured};
  lb_agent_write_lines(a, lines);
  return true;
}
