#include "algo/registry.h"

#include <string.h>

#include "base/text.h"
#include "model/model_kinds.h"
#include "plan/planner_kinds.h"
#include "theory/finite_kinds.h"
#include "theory/study.h"

enum {
  STATES = LB_GIVES_STATES,
  OBSERVATIONS = LB_GIVES_OBSERVATIONS,
  GRADIENTS = LB_GIVES_GRADIENTS,
  SAMPLES = LB_GIVES_SAMPLES,
  REWARD = LB_GIVES_REWARD,
  ACTING = LB_GIVES_ACTING,
  NO_MODEL = LB_GIVES_NO_MODEL,
  TRUTH = LB_GIVES_TRUTH,
  VALUE = LB_GIVES_VALUE,
  EXACT = LB_GIVES_EXACT
};

// What a planner may lack, as messages name it.
static const struct {
  unsigned bit;
  const char* words;
} capabilities[] = {{STATES, "works over states, for a cost"},
                    {OBSERVATIONS, "works over observations, for reward"},
                    {GRADIENTS, "has derivatives"},
                    {SAMPLES, "can be drawn from"},
                    {REWARD, "predicts rewards"},
                    {ACTING, "may be asked while an episode is under way"},
                    {EXACT, "is all of a finite system"},
                    {NO_MODEL, "is none"}};

// clang-format off
static const lb_model_kind models[] = {
    {.name = "parametric", .summary = "the task's own equations or simulator with unknown parameters",
     .gives = STATES | GRADIENTS | ACTING,
     .choices = &lb_parametric_choices, .size = sizeof(lb_parametric_options),
     .needs = lb_parametric_needs, .check = lb_parametric_check, .open = lb_parametric_open},
    {.name = "linear", .summary = "one affine map, of states or of observations",
     .gives = STATES | OBSERVATIONS | GRADIENTS | ACTING,
     .choices = &lb_linear_choices, .size = sizeof(lb_linear_options),
     .needs = lb_linear_needs, .check = lb_linear_check, .open = lb_linear_open, .bytes = lb_linear_bytes},
    {.name = "linear-tv", .summary = "an affine map of states for each time",
     .gives = STATES | GRADIENTS | ACTING,
     .choices = &lb_linear_tv_choices, .size = sizeof(lb_linear_options),
     .needs = lb_linear_needs, .check = lb_linear_check, .open = lb_linear_tv_open},
    {.name = "none", .summary = "the planner learns from real transitions",
     .gives = OBSERVATIONS | SAMPLES | NO_MODEL, .open = lb_no_model_open},
    {.name = "ensemble", .summary = "probabilistic networks over observations",
     .gives = OBSERVATIONS | GRADIENTS | SAMPLES | REWARD | ACTING,
     .choices = &lb_ensemble_choices, .settings = {{&lb_ensemble_settings, 0}}, .size = sizeof(lb_ensemble_options),
     .needs = lb_ensemble_needs, .check = lb_ensemble_check, .open = lb_ensemble_open,
     .pace = lb_ensemble_pace, .fit_work = lb_ensemble_fit_work, .bytes = lb_ensemble_bytes},
    {.name = "features", .summary = "ridge regression on random Fourier features of observations",
     .gives = OBSERVATIONS | GRADIENTS | SAMPLES | REWARD | ACTING,
     .settings = {{&lb_features_settings, 0}}, .size = sizeof(lb_features_options), .open = lb_features_open,
     .bytes = lb_features_bytes},
    {.name = "true", .summary = "an oracle: the true system; what is planned in it is no real step",
     .gives = OBSERVATIONS | GRADIENTS | SAMPLES | TRUTH, .open = lb_true_open},
    {.name = "counts", .summary = "of a finite system, the frequencies of what was seen",
     .gives = EXACT, .fits = lb_counts_fits, .open = lb_counts_open},
    {.name = "class", .summary = "one of a finite class of models, weighed by Hedge",
     .gives = EXACT, .choices = &lb_class_choices, .size = sizeof(lb_class_options),
     .needs = lb_class_needs, .fits = lb_class_fits, .open = lb_class_open},
};

static const lb_planner_kind planners[] = {
    {.name = "ilqr", .summary = "iLQR to the end, over whole trajectories", .does = "goes by iterations",
     .iteration = LB_ITERATION_ROLLOUTS, .needs = STATES | GRADIENTS, .gives = VALUE,
     .choices = &lb_ilqr_choices, .size = sizeof(lb_trajectory_options),
     .fits = lb_trajectory_fits, .open = lb_ilqr_open},
    {.name = "psdp", .summary = "one LQR pass about a trajectory", .does = "goes by iterations",
     .iteration = LB_ITERATION_ROLLOUTS, .needs = STATES | GRADIENTS, .gives = VALUE,
     .choices = &lb_psdp_choices, .size = sizeof(lb_trajectory_options),
     .fits = lb_trajectory_fits, .open = lb_psdp_open},
    {.name = "sac", .summary = "soft actor-critic", .does = "goes by real steps",
     .iteration = LB_ITERATION_STEP, .needs = OBSERVATIONS | SAMPLES, .gives = VALUE, .learns = true,
     .choices = &lb_sac_choices,
     .settings = {{&lb_actor_params, offsetof(lb_sac_options, actor)},
                  {&lb_learner_params, offsetof(lb_sac_options, learner)}, {&lb_sac_params, 0}},
     .size = sizeof(lb_sac_options), .check = lb_sac_check, .settle = lb_sac_settle, .open = lb_sac_open,
     .updates = lb_sac_updates, .imitation = lb_sac_imitation, .bytes = lb_sac_bytes,
     .policy_bytes = lb_sac_policy_bytes},
    {.name = "td3", .summary = "twin delayed deep deterministic policy gradient", .does = "goes by real steps",
     .iteration = LB_ITERATION_STEP, .needs = OBSERVATIONS | SAMPLES, .gives = VALUE, .learns = true,
     .settings = {{&lb_actor_params, offsetof(lb_td3_options, actor)},
                  {&lb_learner_params, offsetof(lb_td3_options, learner)}, {&lb_td3_params, 0}},
     .size = sizeof(lb_td3_options), .open = lb_td3_open,
     .updates = lb_td3_updates, .imitation = lb_td3_imitation, .bytes = lb_td3_bytes,
     .policy_bytes = lb_td3_policy_bytes},
    {.name = "bc", .summary = "behaviour cloning: the expert's actions are imitated", .does = "imitates demonstrations",
     .iteration = LB_ITERATION_DEMOS, .needs = OBSERVATIONS | NO_MODEL, .needs_demos = true,
     .choices = &lb_bc_choices, .settings = {{&lb_actor_params, offsetof(lb_bc_options, actor)}},
     .size = sizeof(lb_bc_options), .open = lb_bc_open,
     .updates = lb_bc_updates, .imitation = lb_bc_imitation, .bytes = lb_bc_bytes,
     .policy_bytes = lb_bc_policy_bytes},
    {.name = "mpc", .summary = "receding-horizon iLQR: a plan at every step", .does = "plans at every real step",
     .iteration = LB_ITERATION_STEP, .needs = OBSERVATIONS | GRADIENTS | ACTING, .plans_for_reward = true, .plans_when_acting = true,
     .settings = {{&lb_horizon_params, 0}, {&lb_search_params, 0}}, .size = sizeof(lb_mpc_options),
     .fits = lb_box_fits, .open = lb_mpc_open},
    {.name = "lazy", .summary = "an LQR pass about each demonstration after every fit", .does = "plans once a fit",
     .iteration = LB_ITERATION_STEP, .needs = OBSERVATIONS | GRADIENTS, .plans_for_reward = true, .needs_demos = true,
     .choices = &lb_lazy_choices, .settings = {{&lb_horizon_params, 0}}, .size = sizeof(lb_lazy_options),
     .fits = lb_box_fits, .open = lb_lazy_open},
    {.name = "search", .summary = "the best policy in a finite model, to the end", .does = "searches a finite model",
     .iteration = LB_ITERATION_EXACT, .needs = EXACT, .gives = VALUE,
     .choices = &lb_search_choices, .size = sizeof(lb_search_options),
     .fits = lb_search_fits, .open = lb_search_open, .exact_seconds = lb_search_seconds},
    {.name = "lazy-search", .summary = "PSDP in a finite model at the states where the expert was",
     .does = "searches a finite model", .iteration = LB_ITERATION_EXACT, .needs = EXACT, .gives = VALUE,
     .fits = lb_lazy_search_fits, .open = lb_lazy_search_open, .exact_seconds = lb_lazy_search_seconds},
    {.name = "plug-in", .summary = "a study: samples of every state and action, and the best plan in what they give",
     .does = "is a study", .iteration = LB_ITERATION_EXACT, .needs = NO_MODEL,
     .choices = &lb_plug_in_choices, .size = sizeof(lb_plug_in_options),
     .fits = lb_plug_in_fits, .open = lb_plug_in_open,
     .most_iterations = lb_plug_in_iterations, .exact_seconds = lb_plug_in_seconds},
    {.name = "lds", .summary = "a study: the published linear example, likelihood or value moments",
     .does = "is a study", .iteration = LB_ITERATION_EXACT, .needs = NO_MODEL,
     .choices = &lb_lds_choices, .size = sizeof(lb_lds_options),
     .fits = lb_lds_fits, .open = lb_lds_study_open,
     .most_iterations = lb_lds_iterations, .exact_seconds = lb_lds_seconds},
    {.name = "lemmas", .summary = "a study: both lemmas on random MDPs",
     .does = "is a study", .iteration = LB_ITERATION_EXACT, .needs = NO_MODEL,
     .fits = lb_lemmas_fits, .open = lb_lemmas_open, .exact_seconds = lb_lemmas_seconds},
    {.name = "passes", .summary = "a study: whether one LQR pass is PSDP",
     .does = "is a study", .iteration = LB_ITERATION_EXACT, .needs = NO_MODEL,
     .choices = &lb_passes_choices, .size = sizeof(lb_passes_options),
     .fits = lb_passes_fits, .open = lb_passes_open, .exact_seconds = lb_passes_seconds},
    {.name = "expert", .summary = "the expert's own policy, measured once", .does = "learns nothing",
     .needs = NO_MODEL, .needs_expert = true, .open = lb_expert_open},
    {.name = "zero", .summary = "controls of zero, or of the reference without feedback", .does = "learns nothing",
     .needs = NO_MODEL, .open = lb_zero_open},
    {.name = "random", .summary = "uniformly random actions, measured once", .does = "learns nothing",
     .needs = NO_MODEL, .open = lb_random_open},
};
// clang-format on

enum { MODELS = sizeof models / sizeof *models, PLANNERS = sizeof planners / sizeof *planners };

const lb_model_kind* lb_registry_model(int i) {
  return i < MODELS ? &models[i] : NULL;
}

const lb_planner_kind* lb_registry_planner(int i) {
  return i < PLANNERS ? &planners[i] : NULL;
}

const lb_model_kind* lb_registry_find_model(const char* name) {
  for (int i = 0; i < MODELS; ++i) {
    if (strcmp(models[i].name, name) == 0) return &models[i];
  }
  return NULL;
}

const lb_planner_kind* lb_registry_find_planner(const char* name) {
  for (int i = 0; i < PLANNERS; ++i) {
    if (strcmp(planners[i].name, name) == 0) return &planners[i];
  }
  return NULL;
}

// The settings of a kind, planners first.
static const lb_params_at* settings_of(int kind) {
  return kind < PLANNERS ? planners[kind].settings : models[kind - PLANNERS].settings;
}

const lb_params* lb_registry_settings(int wanted) {
  const lb_params* seen[LB_REGISTRY_MOST];
  int n = 0;
  for (int kind = 0; kind < PLANNERS + MODELS; ++kind) {
    for (const lb_params_at* s = settings_of(kind); s->params; ++s) {
      bool is_new = true;
      for (int i = 0; i < n; ++i) is_new = is_new && seen[i] != s->params;
      if (!is_new) continue;
      if (n == wanted) return s->params;
      seen[n++] = s->params;
    }
  }
  return NULL;
}

lb_status lb_registry_check(const lb_planner_kind* planner, const lb_model_kind* model) {
  unsigned missing = planner->needs & ~model->gives;
  if (!missing) return lb_ok();
  const char* why = "";
  for (size_t i = sizeof capabilities / sizeof *capabilities; i-- > 0;) {
    if (missing & capabilities[i].bit) why = capabilities[i].words;
  }
  lb_text goes = {0};
  for (int i = 0; i < MODELS; ++i) {
    if (planner->needs & ~models[i].gives) continue;
    lb_text_add(&goes, "%s%s", goes.length > 0 ? ", " : "", models[i].name);
  }
  lb_status status =
      lb_fail(LB_INPUT, "planner '%s' does not go with model '%s': it needs one that %s; it goes with %s",
              planner->name, model->name, why, goes.data ? goes.data : "none of them");
  lb_text_free(&goes);
  return status;
}
