// The lines of metrics.jsonl and timing.jsonl. Whatever a clock says goes to the second: the first must be the same
// bytes whenever the same run is repeated.
#include "algo/experiment.h"
#include "io/json_writer.h"

static void write_metrics(const lb_experiment* e, lb_json_writer* w) {
  const lb_measurement* m = &e->m;
  const int64_t* steps = e->system->ledger.steps;
  lb_json_write_int(w, "iteration", e->round);
  lb_json_write_number(w, "cost", m->real.mean);
  lb_json_write_number(w, "cost_se", m->real.se);
  lb_json_write_number(w, "cost_median", m->real.median);
  lb_json_write_int(w, "rollouts_diverged", m->real.diverged);
  lb_json_write_int(w, "interactions", e->data.n);
  lb_json_write_int(w, "samples_expert", e->data.from_expert);
  lb_json_write_int(w, "steps_expert", steps[LB_STEP_EXPERT]);
  lb_json_write_int(w, "steps_learner", steps[LB_STEP_LEARNER]);
  lb_json_write_int(w, "steps_evaluation", steps[LB_STEP_EVALUATION]);
  lb_json_write_int(w, "learner_steps", e->learner.n);
  lb_json_write_int(w, "lqr_passes", e->counts.lqr_passes);
  lb_json_write_int(w, "model_queries", e->counts.model_queries);
  lb_json_write_number(w, "cost_in_model", m->cost_in_model);
  lb_json_write_number(w, "expert_cost_in_model", m->expert_cost_in_model);
  lb_json_write_number(w, "planning_error", m->cost_in_model - m->expert_cost_in_model);
  lb_json_write_number(w, "model_error_expert", m->model_error_expert);
  lb_json_write_number(w, "model_error_learner", m->model_error_learner);
  lb_json_write_number(w, "value_error_expert", m->value_error_expert);
  lb_json_write_number(w, "value_error_learner", m->value_error_learner);
  if (e->round > 0) {
    lb_json_write_number(w, "fit_loss", m->fit.loss);
    lb_json_write_int(w, "fit_evaluations", m->fit.evaluations);
    lb_json_write_int(w, "fit_rank", m->fit.rank);
    lb_json_write_int(w, "fit_parameters", m->fit.nparam);
    lb_json_write_string(w, "fit_stop", m->fit.stop);
  }
  lb_json_write_bool(w, "planned", m->planned);
  lb_json_write_int(w, "planner_iterations", m->plan.iterations);
  lb_json_write_string(w, "planner_stop", m->plan.stop);
}

void lb_experiment_lines(const lb_experiment* e, lb_text* metrics, lb_text* timing) {
  lb_json_writer w = lb_json_writer_on(metrics);
  lb_json_write_begin_object(&w, NULL);
  write_metrics(e, &w);
  lb_json_write_end_object(&w);

  lb_phase_line(timing, e->round, &e->times);
}
