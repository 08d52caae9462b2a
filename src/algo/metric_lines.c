// The lines of metrics.jsonl, which must be the same bytes whenever the same run is repeated: whatever a clock says
// goes to timing.jsonl (algo/phases.h). docs/metrics.md says what each number is.
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "algo/agent.h"
#include "io/json_writer.h"

// "<name>" and "<name>_se".
static void write_estimate(lb_json_writer* w, const char* name, const lb_estimate* e) {
  char se[80];
  snprintf(se, sizeof se, "%s_se", name);
  lb_json_write_number(w, name, e->mean);
  lb_json_write_number(w, se, e->se);
}

// The six terms of a form, its left side and what they leave of it; `form` leads the names.
static void write_lemma(lb_json_writer* w, const char* form, const lb_lemma_terms* expert,
                        const lb_lemma_terms* learner, const lb_estimate* left, const lb_estimate* residual) {
  const struct {
    const char* name;
    const lb_estimate* value;
  } all[] = {{"value_disagreement_expert", &expert->value},
             {"value_disagreement_learner", &learner->value},
             {"reward_disagreement_expert", &expert->reward},
             {"reward_disagreement_learner", &learner->reward},
             {"advantage", &expert->advantage},
             {"advantage_learner", &learner->advantage},
             {"lemma_left", left},
             {"lemma_residual", residual}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    char name[64];
    snprintf(name, sizeof name, "%s%s", form, all[i].name);
    write_estimate(w, name, all[i].value);
  }
}

// Model errors, both forms' terms and the planning error.
static void write_terms(const lb_diagnose_terms* t, lb_json_writer* w) {
  for (int i = 0; i < 2 * LB_DIAGNOSE_ERRORS; ++i) {
    char name[64];
    int k = i % LB_DIAGNOSE_ERRORS;
    bool expert = i < LB_DIAGNOSE_ERRORS;
    snprintf(name, sizeof name, "model_error_%s_%d", expert ? "expert" : "learner", lb_diagnose_steps[k]);
    write_estimate(w, name, expert ? &t->error_expert[k] : &t->error_learner[k]);
  }
  write_lemma(w, "", &t->expert, &t->learner, &t->left, &t->residual);
  write_lemma(w, "undiscounted_", &t->expert_whole, &t->learner_whole, &t->left_whole, &t->residual_whole);
  write_estimate(w, "planning_error", &t->planning_error);
  lb_json_write_int(w, "planning_horizon", t->planning_horizon);
}

// "<measure><ending>".
static void write_score(lb_json_writer* w, const char* measure, const char* ending, double value) {
  char key[32];
  snprintf(key, sizeof key, "%s%s", measure, ending);
  lb_json_write_number(w, key, value);
}

// What the policy is worth: a cost, or a return.
static void write_evaluation(const lb_agent* a, lb_json_writer* w) {
  const lb_evaluation* real = &a->measured;
  bool cost = a->schedule.in_cost;
  const char* measure = cost ? "cost" : "return";
  double sign = cost ? 1 : -1;
  write_score(w, measure, "", sign * real->mean);
  write_score(w, measure, "_se", real->se);
  write_score(w, measure, "_median", sign * real->median);
  if (a->has_average) {
    write_score(w, measure, "_average", sign * a->measured_average.mean);
    write_score(w, measure, "_average_se", a->measured_average.se);
  }
  if (a->system->has_end) {
    lb_json_write_number(w, "survival_steps", real->steps);
    lb_json_write_number(w, "survival_steps_se", real->steps_se);
  }
  lb_json_write_int(w, "rollouts_diverged", real->diverged);
}

// Where iterations are rollouts: the data, the accounts of planning, what the model does to costs and values, the fit.
static void write_rollouts(const lb_agent* a, lb_json_writer* w) {
  const int64_t* steps = a->system->ledger.steps;
  const lb_diagnose_errors* e = &a->errors;
  lb_json_write_int(w, "interactions", a->rollouts.seen.n);
  lb_json_write_int(w, "samples_expert", a->rollouts.seen.from_expert);
  lb_json_write_int(w, "steps_expert", steps[LB_STEP_EXPERT]);
  lb_json_write_int(w, "steps_learner", steps[LB_STEP_LEARNER]);
  lb_json_write_int(w, "learner_steps", a->rollouts.learner.n);
  lb_json_write_int(w, "lqr_passes", a->counts.lqr_passes);
  lb_json_write_int(w, "model_queries", a->counts.model_queries);
  lb_json_write_number(w, "cost_in_model", e->cost_in_model);
  lb_json_write_number(w, "expert_cost_in_model", e->expert_cost_in_model);
  lb_json_write_number(w, "planning_error", e->cost_in_model - e->expert_cost_in_model);
  lb_json_write_number(w, "model_error_expert", e->model_error_expert);
  lb_json_write_number(w, "model_error_learner", e->model_error_learner);
  lb_json_write_number(w, "value_error_expert", e->value_error_expert);
  lb_json_write_number(w, "value_error_learner", e->value_error_learner);
  if (a->iteration > 0) {
    lb_json_write_number(w, "fit_loss", a->fit.loss);
    lb_json_write_int(w, "fit_evaluations", a->fit.evaluations);
    lb_json_write_int(w, "fit_rank", a->fit.rank);
    lb_json_write_int(w, "fit_parameters", a->fit.nparam);
    lb_json_write_string(w, "fit_stop", a->fit.stop);
  }
  lb_json_write_bool(w, "planned", a->plan.planned);
  lb_json_write_int(w, "planner_iterations", a->plan.iterations);
  lb_json_write_string(w, "planner_stop", a->plan.stop);
}

// Where iterations are real steps: the best policy, the accounts, the model's errors and terms.
static void write_steps(const lb_agent* a, lb_json_writer* w) {
  const int64_t* steps = a->system->ledger.steps;
  bool has_best = a->best.mean > -DBL_MAX;
  lb_json_write_number(w, "return_best", has_best ? a->best.mean : NAN);
  lb_json_write_number(w, "best_iteration", has_best ? (double)a->best.iteration : (double)NAN);
  lb_json_write_int(w, "steps_learner", steps[LB_STEP_LEARNER]);
  lb_json_write_int(w, "steps_exploration", steps[LB_STEP_EXPLORATION]);
  lb_json_write_int(w, "steps_expert", steps[LB_STEP_EXPERT]);
  lb_json_write_int(w, "gradient_updates", a->counts.gradient_updates);
  lb_json_write_int(w, "episodes", a->episode.number);
  if (a->episodes > 0) lb_json_write_number(w, "learner_return", a->episode_return / a->episodes);
  if (!a->world) return;
  lb_json_write_int(w, "model_queries", a->counts.model_queries);
  lb_json_write_int(w, "fits", a->fits);
  if (a->data.expert.n > 0) lb_json_write_bool(w, "expert_measured_unseen", a->data.apart.n > 0);
  write_terms(&a->terms, w);
}

// Where iterations are of demonstrations.
static void write_demos(const lb_agent* a, lb_json_writer* w) {
  lb_json_write_int(w, "steps_learner", 0);
  lb_json_write_int(w, "steps_expert", a->iteration_demos.rows.n);
  lb_json_write_int(w, "gradient_updates", a->counts.gradient_updates);
}

void lb_agent_write_measured(const lb_agent* a, lb_json_writer* w) {
  const lb_planner* p = lb_agent_planner(a);
  write_evaluation(a, w);
  lb_json_write_int(w, "steps_evaluation", a->evaluator->ledger.steps[LB_STEP_EVALUATION]);
  if (lb_agent_has_rollouts(a)) write_rollouts(a, w);
  if (lb_agent_has_episode(a)) write_steps(a, w);
  if (a->iteration_demos.rows.n > 0) write_demos(a, w);
  if (a->model.write) a->model.write(a->model.ctx, w);
  if (p->write) p->write(p->ctx, w);
}

void lb_agent_write_lines(lb_agent* a, lb_lines* lines) {
  lines->iteration = a->iteration_demos.rows.n > 0 ? a->iteration_demos.rows.n : a->iteration;
  lb_json_writer w = lb_json_writer_on(&lines->metrics);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", lines->iteration);
  a->way->write(a, &w);
  lb_json_write_end_object(&w);
  a->episodes = a->episode_return = 0;
}
