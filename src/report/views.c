// The kinds of panels: see views.h.
#include "report/views.h"

#include <stddef.h>

#include "core/metrics.h"
#include "report/curves.h"

static const char samples[] = "Learner samples (real steps)",
                  with_demonstrations[] = "Learner samples + demonstrations (steps)";

static const lb_view views[] = {
    {LB_METRIC_COST, "cost", "Cost", LB_METRIC_COST, LB_AXIS_ITERATION, LB_VIEW_OVERVIEW, true, false, LB_VIEW_NONE,
     NULL, "iterations"},
    {LB_METRIC_COST, "lqr-passes", "LQR passes", LB_METRIC_LQR_PASSES, LB_AXIS_ITERATION, LB_VIEW_OVERVIEW, false,
     false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "cost-lqr", "Cost", LB_METRIC_COST, LB_METRIC_LQR_PASSES, LB_VIEW_OVERVIEW, true, false,
     LB_VIEW_NONE, NULL, "LQR passes"},
    {LB_METRIC_COST, "cost-samples", "Cost", LB_METRIC_COST, LB_METRIC_SAMPLES, LB_VIEW_OVERVIEW, true, false,
     LB_VIEW_NONE, NULL, "real samples"},
    {LB_METRIC_COST, "cost-in-model", "Cost in the learned model", LB_METRIC_COST_IN_MODEL, LB_AXIS_ITERATION,
     LB_VIEW_OVERVIEW, false, false, LB_METRIC_EXPERT_COST_IN_MODEL, NULL, NULL},
    {LB_METRIC_COST, "planning-error", "Planning error", LB_METRIC_PLANNING_ERROR, LB_AXIS_ITERATION, LB_VIEW_OVERVIEW,
     false, false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "error-expert", "Model error, expert states", LB_METRIC_MODEL_ERROR_EXPERT, LB_AXIS_ITERATION,
     LB_VIEW_OVERVIEW, false, false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "error-learner", "Model error, learner states", LB_METRIC_MODEL_ERROR_LEARNER, LB_AXIS_ITERATION,
     LB_VIEW_OVERVIEW, false, false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "cost-log", "Cost", LB_METRIC_COST, LB_AXIS_ITERATION, LB_VIEW_PAGE, false, true, LB_VIEW_NONE,
     NULL, "iterations, logarithmic"},
    {LB_METRIC_COST, "cost-learner-samples", "Cost", LB_METRIC_COST, LB_METRIC_STEPS_LEARNER, LB_VIEW_PAGE, true, false,
     LB_VIEW_NONE, NULL, "learner samples"},
    {LB_METRIC_COST, "cost-cpu", "Cost", LB_METRIC_COST, LB_METRIC_CPU_LEARNING, LB_VIEW_PAGE, true, false,
     LB_VIEW_NONE, NULL, "CPU seconds"},
    {LB_METRIC_RETURN, "return", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_SAMPLES_LEARNER, LB_VIEW_OVERVIEW,
     true, false, LB_VIEW_NONE, samples, "learner samples"},
    {LB_METRIC_RETURN, "return-samples", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_SAMPLES, LB_VIEW_OVERVIEW,
     true, false, LB_VIEW_NONE, with_demonstrations, "samples with demonstrations"},
    {LB_METRIC_RETURN, "return-updates", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_GRADIENT_UPDATES,
     LB_VIEW_OVERVIEW, true, false, LB_VIEW_NONE, NULL, "gradient updates"},
    {LB_METRIC_RETURN, "return-cpu", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_CPU_LEARNING, LB_VIEW_OVERVIEW,
     true, false, LB_VIEW_NONE, "CPU seconds of learning", "CPU seconds"},
    {LB_METRIC_RETURN, "error-expert-1", "1-step model error, expert states", LB_METRIC_MODEL_ERROR_EXPERT_1,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "error-learner-1", "1-step model error, learner states", LB_METRIC_MODEL_ERROR_LEARNER_1,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "error-expert-20", "20-step model error, expert states", LB_METRIC_MODEL_ERROR_EXPERT_20,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "error-learner-20", "20-step model error, learner states", LB_METRIC_MODEL_ERROR_LEARNER_20,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "planning-error", "Planning error", LB_METRIC_PLANNING_ERROR, LB_METRIC_SAMPLES_LEARNER,
     LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "advantage", "Expert's advantage in the model", LB_METRIC_ADVANTAGE, LB_METRIC_SAMPLES_LEARNER,
     LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "value-expert", "Value disagreement, expert states", LB_METRIC_VALUE_GAP_EXPERT,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "value-learner", "Value disagreement, learner states", LB_METRIC_VALUE_GAP_LEARNER,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
};

const lb_view* lb_views(int* n) {
  *n = (int)(sizeof views / sizeof *views);
  return views;
}
