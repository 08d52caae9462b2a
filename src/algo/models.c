#include "algo/models.h"

#include "base/arena.h"
#include "model/linear.h"
#include "model/parametric.h"

// A draw from the family's prior: truth + uniform[low, high). Draws outside the family's domain are drawn again.
static void draw_initial(double* theta, const lb_family* family, void* member, uint64_t seed) {
  lb_rng rng = lb_rng_stream(seed, LB_RNG_INITIAL_MODEL, 0, 0);
  do {
    for (int i = 0; i < family->nparam; ++i) {
      double low = family->prior_low[i], high = family->prior_high[i];
      theta[i] = family->truth[i] + low + (high - low) * lb_rng_uniform(&rng);
    }
  } while (!family->member_set(member, theta));
}

static lb_parametric* make_parametric(const lb_recipe* recipe, const lb_family* family, const double* theta,
                                      lb_counts* counts) {
  lb_parametric_config config =
      recipe->fit == LB_CHOICE_BFGS_2023 ? lb_parametric_2023_config() : lb_parametric_default_config();
  if (config.method == LB_FIT_LEAST_SQUARES) config.ridge = recipe->ridge;
  config.anchor = recipe->loss == LB_LOSS_VALUE_MOMENTS ? recipe->anchor : 0;
  config.spread = recipe->spread;
  return lb_parametric_new(family, theta, &config, counts);
}

// A linear model that starts as the initial member's linearisation about the reference.
static lb_linear* make_linear(const lb_recipe* recipe, const lb_system* system, void* member, lb_counts* counts) {
  const lb_family* family = system->family;
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = recipe->model == LB_MODEL_LINEAR_TV;
  config.prior = LB_LINEAR_PRIOR_INITIAL;
  config.ridge = recipe->ridge;
  config.window = recipe->window;
  config.anchor = recipe->loss == LB_LOSS_VALUE_MOMENTS ? recipe->anchor : 0;
  config.spread = recipe->spread;
  lb_linear* model = lb_linear_new(&system->space, system->nu, system->horizon, system->reference, &config, counts);
  lb_dynamics initial = {
      .space = family->space, .nu = family->nu, .ctx = member, .step = family->step, .linearize = family->linearize};
  lb_linear_start_from(model, &initial);
  return model;
}

lb_status lb_model_make(lb_model* model, const lb_recipe* recipe, const lb_system* system, uint64_t seed,
                        lb_counts* counts) {
  const lb_family* family = system->family;
  if (!family) {
    return lb_fail(LB_INPUT, "%s: the algorithm %s needs 'parameters' in task.json to draw its initial model from",
                   system->name, recipe->name);
  }
  void* member = family->member_new(family->ctx);
  if (!member) return lb_fail(LB_MEMORY, "%s: no memory for a model", system->name);
  lb_arena* scratch = lb_arena_new(0);
  double* theta = LB_TAKE(scratch, double, family->nparam);
  draw_initial(theta, family, member, seed);
  if (recipe->model == LB_MODEL_PARAMETRIC) {
    *model = lb_parametric_as_model(make_parametric(recipe, family, theta, counts));
  } else {
    *model = lb_linear_as_model(make_linear(recipe, system, member, counts));
  }
  family->member_free(member);
  lb_arena_free(scratch);
  return lb_ok();
}
