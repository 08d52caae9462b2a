// The known metrics: see metric.h.
#include "report/metric.h"

#include <assert.h>

static const lb_metric metrics[LB_METRIC_KNOWN] = {
    {"cost", "Cost", "cost", false, false},
    {"cost_se", "Standard error of the cost over rollouts", "standard error over rollouts", false, false},
    {"cost_median", "Median cost over rollouts", "median cost over rollouts", false, false},
    {"rollouts_diverged", "Diverged evaluation rollouts", "diverged evaluation rollouts", false, true},
    {"interactions", "Interactions as published", "interactions as published", true, true},
    {"steps_expert", "Demonstrated steps", "demonstrated steps", true, true},
    {"steps_learner", "Learner steps", "learner steps", true, true},
    {"steps_evaluation", "Evaluation steps", "evaluation steps", true, true},
    {"learner_steps", "Learner steps of the iteration", "learner steps of the iteration", false, true},
    {"lqr_passes", "LQR passes", "LQR passes", true, true},
    {"model_queries", "Model queries", "model queries", true, true},
    {"cost_in_model", "Cost in the learned model", "cost in the learned model", false, false},
    {"expert_cost_in_model", "Expert's cost in the learned model", "expert's cost in the learned model", false, false},
    {"planning_error", "Planning error", "planning error", false, false},
    {"model_error_expert", "Model error on expert states", "model error on expert states", false, false},
    {"model_error_learner", "Model error on learner states", "model error on learner states", false, false},
    {"fit_loss", "Loss of the fit", "loss of the fit", false, false},
    {"fit_rank", "Rank of the fit", "rank of the fit", false, true},
    {"wall", "Wall seconds", "wall seconds", true, false},
    {"cpu", "CPU seconds", "CPU seconds", true, false},
    {"collect", "CPU seconds collecting", "CPU seconds collecting", true, false},
    {"fit", "CPU seconds fitting", "CPU seconds fitting", true, false},
    {"plan", "CPU seconds planning", "CPU seconds planning", true, false},
    {"evaluate", "CPU seconds evaluating", "CPU seconds evaluating", true, false},
    {"samples", "Real samples with demonstrations", "real samples", true, true},
    {"cpu_learning", "CPU seconds of learning", "CPU seconds of learning (without evaluation)", true, false},
};

const lb_metric* lb_metric_at(int id) {
  assert(id >= 0 && id < LB_METRIC_KNOWN);
  return &metrics[id];
}
