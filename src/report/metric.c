// The known metrics: see metric.h.
#include "report/metric.h"

#include <assert.h>
#include <math.h>

static const lb_metric metrics[LB_METRIC_KNOWN] = {
    {"cost", "Cost", "cost", false, false, false, INFINITY},
    {"cost_se", "Standard error of the cost over rollouts", "standard error over rollouts", false, false, false, NAN},
    {"cost_median", "Median cost over rollouts", "median cost over rollouts", false, false, false, INFINITY},
    {"rollouts_diverged", "Diverged evaluation rollouts", "diverged evaluation rollouts", false, true, false, NAN},
    {"interactions", "Interactions as published", "interactions as published", true, true, false, NAN},
    {"steps_expert", "Demonstrated steps", "demonstrated steps", true, true, false, NAN},
    {"steps_learner", "Learner steps", "learner steps", true, true, false, NAN},
    {"steps_evaluation", "Evaluation steps", "evaluation steps", true, true, false, NAN},
    {"learner_steps", "Learner steps of the iteration", "learner steps of the iteration", false, true, false, NAN},
    {"lqr_passes", "LQR passes", "LQR passes", true, true, false, NAN},
    {"model_queries", "Model queries", "model queries", true, true, false, NAN},
    {"cost_in_model", "Cost in the learned model", "cost in the learned model", false, false, false, NAN},
    {"expert_cost_in_model", "Expert's cost in the learned model", "expert's cost in the learned model", false, false,
     false, NAN},
    {"planning_error", "Planning error", "planning error", false, false, false, NAN},
    {"model_error_expert", "Model error on expert states", "model error on expert states", false, false, false, NAN},
    {"model_error_learner", "Model error on learner states", "model error on learner states", false, false, false, NAN},
    {"fit_loss", "Loss of the fit", "loss of the fit", false, false, false, NAN},
    {"fit_rank", "Rank of the fit", "rank of the fit", false, true, false, NAN},
    {"wall", "Wall seconds", "wall seconds", true, false, false, NAN},
    {"cpu", "CPU seconds", "CPU seconds", true, false, false, NAN},
    {"collect", "CPU seconds collecting", "CPU seconds collecting", true, false, false, NAN},
    {"fit", "CPU seconds fitting", "CPU seconds fitting", true, false, false, NAN},
    {"plan", "CPU seconds planning", "CPU seconds planning", true, false, false, NAN},
    {"evaluate", "CPU seconds evaluating", "CPU seconds evaluating", true, false, false, NAN},
    {"samples", "Real samples with demonstrations", "real samples", true, true, false, NAN},
    {"cpu_learning", "CPU seconds of learning", "CPU seconds of learning (without evaluation)", true, false, false,
     NAN},
    {"return", "Return", "return", false, false, true, -INFINITY},
    {"return_se", "Standard error of the return over episodes", "standard error over episodes", false, false, false,
     NAN},
    {"return_median", "Median return over episodes", "median return over episodes", false, false, true, -INFINITY},
    {"return_best", "Best evaluation so far", "best evaluation so far", false, false, true, NAN},
    {"steps_exploration", "Exploration steps", "exploration steps", true, true, false, NAN},
    {"gradient_updates", "Gradient updates", "gradient updates", true, true, false, NAN},
    {"imagined_steps", "Imagined steps", "imagined steps", true, true, false, NAN},
    {"value_disagreement_expert", "Value disagreement on expert states", "value disagreement on expert states", false,
     false, false, NAN},
    {"value_disagreement_learner", "Value disagreement on learner states", "value disagreement on learner states",
     false, false, false, NAN},
    {"advantage", "Expert's advantage in the model", "expert's advantage in the model", false, false, false, NAN},
    {"model_error_expert_1", "1-step model error on expert states", "1-step model error on expert states", false, false,
     false, NAN},
    {"model_error_expert_5", "5-step model error on expert states", "5-step model error on expert states", false, false,
     false, NAN},
    {"model_error_expert_20", "20-step model error on expert states", "20-step model error on expert states", false,
     false, false, NAN},
    {"model_error_learner_1", "1-step model error on learner states", "1-step model error on learner states", false,
     false, false, NAN},
    {"model_error_learner_5", "5-step model error on learner states", "5-step model error on learner states", false,
     false, false, NAN},
    {"model_error_learner_20", "20-step model error on learner states", "20-step model error on learner states", false,
     false, false, NAN},
    {"reward_disagreement_expert", "Reward disagreement on expert states", "reward disagreement on expert states",
     false, false, false, NAN},
    {"reward_disagreement_learner", "Reward disagreement on learner states", "reward disagreement on learner states",
     false, false, false, NAN},
    {"advantage_learner", "Learner's advantage in the model", "learner's advantage in the model", false, false, false,
     NAN},
    {"clone", "CPU seconds cloning", "CPU seconds cloning", true, false, false, NAN},
    {"value_error_expert", "Value error on expert states", "value error on expert states", false, false, false, NAN},
    {"value_error_learner", "Value error on learner states", "value error on learner states", false, false, false, NAN},
    {"model_updates", "Model updates", "model updates", true, true, false, NAN},
    {"planner_calls", "Plans made", "plans made", true, true, false, NAN},
    {"peak_memory", "Peak memory in MB", "peak memory in MB", true, true, false, NAN},
    {"survival_steps", "Survival in steps", "survival in steps", false, false, true, NAN},
    {"lemma_left", "Left side of the lemma", "left side of the lemma", false, false, false, NAN},
    {"lemma_residual", "Residual of the lemma", "residual of the lemma", false, false, false, NAN},
    {"lemma_residual_se", "Standard error of the lemma's residual", "standard error of the lemma's residual", false,
     false, false, NAN},
    {"undiscounted_value_disagreement_expert", "Value disagreement on expert states, undiscounted",
     "value disagreement on expert states, undiscounted", false, false, false, NAN},
    {"undiscounted_value_disagreement_learner", "Value disagreement on learner states, undiscounted",
     "value disagreement on learner states, undiscounted", false, false, false, NAN},
    {"undiscounted_reward_disagreement_expert", "Reward disagreement on expert states, undiscounted",
     "reward disagreement on expert states, undiscounted", false, false, false, NAN},
    {"undiscounted_reward_disagreement_learner", "Reward disagreement on learner states, undiscounted",
     "reward disagreement on learner states, undiscounted", false, false, false, NAN},
    {"undiscounted_advantage", "Expert's advantage in the model, undiscounted",
     "expert's advantage in the model, undiscounted", false, false, false, NAN},
    {"undiscounted_advantage_learner", "Learner's advantage in the model, undiscounted",
     "learner's advantage in the model, undiscounted", false, false, false, NAN},
    {"undiscounted_lemma_left", "Left side of the lemma, undiscounted", "left side of the lemma, undiscounted", false,
     false, false, NAN},
    {"undiscounted_lemma_residual", "Residual of the lemma, undiscounted", "residual of the lemma, undiscounted", false,
     false, false, NAN},
    {"undiscounted_lemma_residual_se", "Standard error of the lemma's residual, undiscounted",
     "standard error of the lemma's residual, undiscounted", false, false, false, NAN},
    {"return_average", "Return of the averaged actor", "return of the averaged actor", false, false, true, NAN},
    {"samples_learner", "Learner samples", "learner samples", true, true, false, NAN},
    {"return_normalised", "Normalised return", "normalised return", false, false, true, -INFINITY},
};

const lb_metric* lb_metric_at(int id) {
  assert(id >= 0 && id < LB_METRIC_KNOWN);
  return &metrics[id];
}

bool lb_metric_is_signed(int id) {
  switch (id) {
    case LB_METRIC_RETURN:
    case LB_METRIC_RETURN_MEDIAN:
    case LB_METRIC_RETURN_BEST:
    case LB_METRIC_RETURN_AVERAGE:
    case LB_METRIC_RETURN_NORMALISED:
    case LB_METRIC_PLANNING_ERROR:
    case LB_METRIC_ADVANTAGE:
    case LB_METRIC_ADVANTAGE_LEARNER:
    case LB_METRIC_VALUE_GAP_EXPERT:
    case LB_METRIC_VALUE_GAP_LEARNER:
    case LB_METRIC_REWARD_GAP_EXPERT:
    case LB_METRIC_REWARD_GAP_LEARNER:
    case LB_METRIC_LEMMA_LEFT:
    case LB_METRIC_LEMMA_RESIDUAL:
    case LB_METRIC_WHOLE_VALUE_GAP_EXPERT:
    case LB_METRIC_WHOLE_VALUE_GAP_LEARNER:
    case LB_METRIC_WHOLE_REWARD_GAP_EXPERT:
    case LB_METRIC_WHOLE_REWARD_GAP_LEARNER:
    case LB_METRIC_WHOLE_ADVANTAGE:
    case LB_METRIC_WHOLE_ADVANTAGE_LEARNER:
    case LB_METRIC_WHOLE_LEFT:
    case LB_METRIC_WHOLE_RESIDUAL:
      return true;
    default:
      return false;
  }
}
