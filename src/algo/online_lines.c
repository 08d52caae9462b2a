// The lines of metrics.jsonl and timing.jsonl of an online run. Whatever a clock says goes to the second: the first
// must be the same bytes whenever the same run is repeated.
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "algo/online.h"
#include "io/json_writer.h"

// "<name>" and "<name>_se".
static void write_estimate(lb_json_writer* w, const char* name, const lb_estimate* e) {
  char se[80];
  snprintf(se, sizeof se, "%s_se", name);
  lb_json_write_number(w, name, e->mean);
  lb_json_write_number(w, se, e->se);
}

static void write_terms(const lb_online_terms* t, lb_json_writer* w) {
  for (int i = 0; i < 2 * LB_TERMS_ERRORS; ++i) {
    char name[64];
    int k = i % LB_TERMS_ERRORS;
    bool expert = i < LB_TERMS_ERRORS;
    snprintf(name, sizeof name, "model_error_%s_%d", expert ? "expert" : "learner", lb_terms_steps[k]);
    write_estimate(w, name, expert ? &t->error_expert[k] : &t->error_learner[k]);
  }
  write_estimate(w, "value_disagreement_expert", &t->expert.value);
  write_estimate(w, "value_disagreement_learner", &t->learner.value);
  write_estimate(w, "reward_disagreement_expert", &t->expert.reward);
  write_estimate(w, "reward_disagreement_learner", &t->learner.reward);
  write_estimate(w, "planning_error", &t->planning_error);
  lb_json_write_int(w, "planning_horizon", t->planning_horizon);
  write_estimate(w, "advantage", &t->expert.advantage);
  write_estimate(w, "advantage_learner", &t->learner.advantage);
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
  if (sums->updates > 0) {
    lb_json_write_number(w, "critic_loss", sums->critic_loss / sums->updates);
    lb_json_write_number(w, "actor_loss", sums->actor_loss / sums->updates);
    lb_json_write_number(w, "critic_value", sums->q / sums->updates);
    lb_json_write_number(w, "entropy", -sums->log_density / sums->updates);
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
