// The lines of metrics.jsonl and timing.jsonl of an online run. Whatever a clock says goes to the second: the first
// must be the same bytes whenever the same run is repeated.
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "algo/online.h"
#include "algo/reference_lines.h"
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

static void write_terms(const lb_online_terms* t, lb_json_writer* w) {
  for (int i = 0; i < 2 * LB_TERMS_ERRORS; ++i) {
    char name[64];
    int k = i % LB_TERMS_ERRORS;
    bool expert = i < LB_TERMS_ERRORS;
    snprintf(name, sizeof name, "model_error_%s_%d", expert ? "expert" : "learner", lb_terms_steps[k]);
    write_estimate(w, name, expert ? &t->error_expert[k] : &t->error_learner[k]);
  }
  write_lemma(w, "", &t->expert, &t->learner, &t->left, &t->residual);
  write_lemma(w, "undiscounted_", &t->expert_whole, &t->learner_whole, &t->left_whole, &t->residual_whole);
  write_estimate(w, "planning_error", &t->planning_error);
  lb_json_write_int(w, "planning_horizon", t->planning_horizon);
}

// Planning counted when the learner acts, and apart from it when its policy is measured.
static void write_plans(const lb_online* o, lb_json_writer* w) {
  lb_json_write_int(w, "planner_calls", o->plan.calls);
  lb_json_write_int(w, "lqr_passes", o->counts.lqr_passes);
  lb_json_write_int(w, "planner_calls_evaluation", o->plan.evaluation_calls);
  lb_json_write_int(w, "lqr_passes_evaluation", o->plan.evaluation_counts.lqr_passes);
  lb_json_write_int(w, "model_queries_evaluation", o->plan.evaluation_counts.model_queries);
}

static void write_metrics(const lb_online* o, lb_json_writer* w) {
  const int64_t* steps = o->system->ledger.steps;
  const lb_online_sums* sums = &o->sums;
  lb_json_write_int(w, "iteration", o->round);
  lb_json_write_number(w, "return", -o->measured.mean);
  lb_json_write_number(w, "return_se", o->measured.se);
  lb_json_write_number(w, "return_median", -o->measured.median);
  if (o->sac && lb_sac_average_weights(o->sac)) {
    lb_json_write_number(w, "return_average", -o->measured_average.mean);
    lb_json_write_number(w, "return_average_se", o->measured_average.se);
  }
  lb_reference_lines_survival(w, o->evaluator, &o->measured);
  bool has_best = o->best.mean > -DBL_MAX;
  lb_json_write_number(w, "return_best", has_best ? o->best.mean : NAN);
  lb_json_write_number(w, "best_iteration", has_best ? (double)o->best.round : (double)NAN);
  lb_json_write_int(w, "rollouts_diverged", o->measured.diverged);
  lb_json_write_int(w, "steps_learner", steps[LB_STEP_LEARNER]);
  lb_json_write_int(w, "steps_exploration", steps[LB_STEP_EXPLORATION]);
  lb_json_write_int(w, "steps_expert", steps[LB_STEP_EXPERT]);
  lb_json_write_int(w, "steps_evaluation", o->evaluator->ledger.steps[LB_STEP_EVALUATION]);
  lb_json_write_int(w, "gradient_updates", o->updates);
  if (lb_online_has_model(o)) {
    if (o->model) lb_json_write_int(w, "model_updates", o->model_updates);
    if (!o->sac) write_plans(o, w);
    lb_json_write_int(w, "model_queries", o->counts.model_queries);
    lb_json_write_int(w, "fits", o->fits);
    if (o->data.expert.n > 0) lb_json_write_bool(w, "expert_measured_unseen", o->data.apart.n > 0);
    write_terms(&o->terms, w);
  }
  lb_json_write_int(w, "episodes", o->episode.number);
  if (sums->episodes > 0) lb_json_write_number(w, "learner_return", sums->episode_return / sums->episodes);
  if (sums->updates > 0) lb_json_write_number(w, "critic_loss", sums->critic_loss / sums->updates);
  if (sums->actor_updates > 0) {
    lb_json_write_number(w, "actor_loss", sums->actor_loss / sums->actor_updates);
    lb_json_write_number(w, "critic_value", sums->q / sums->actor_updates);
    lb_json_write_number(w, "entropy", -sums->log_density / sums->actor_updates);
  }
  if (o->sac) lb_json_write_number(w, "temperature", lb_sac_alpha(o->sac));
}

void lb_online_lines(const lb_online* o, lb_text* metrics, lb_text* timing) {
  lb_json_writer w = lb_json_writer_on(metrics);
  lb_json_write_begin_object(&w, NULL);
  write_metrics(o, &w);
  lb_json_write_end_object(&w);

  lb_phase_line(timing, o->round, &o->times);
}
