// The parametric model behind core/model.h, and its initial estimate.
#include <math.h>

#include "io/entries.h"
#include "model/initial.h"
#include "model/map_file.h"
#include "model/model_kinds.h"
#include "model/parametric_private.h"

static const char* const losses[] = {"prediction", "value-moments", NULL};
static const char* const fits[] = {"least-squares", "bfgs-2023", NULL};

#define AT(field) offsetof(lb_parametric_options, field)
static const lb_param choices[] = {
    {"fit", LB_PARAM_WORD, AT(fit), 0, 1, 0, fits, "", "the optimiser; bfgs-2023 is the published one"},
    {"loss", LB_PARAM_WORD, AT(loss), 0, 1, 0, losses, "", "squared error of next states, or of their values"},
    {"ridge", LB_PARAM_REAL, AT(ridge), 0, 1e6, 1, NULL, "",
     "the pull towards the initial model, a prior of one width weighted by the noise; 0: none"},
    {"anchor", LB_PARAM_REAL, AT(anchor), 1e-9, 1e9, 1, NULL, "", "value moments: weight of the likelihood"},
    {"spread", LB_PARAM_YES, AT(spread), 0, 1, 1, NULL, "", "value moments: next states are noisy"},
};
const lb_params lb_parametric_choices = LB_PARAMS_OF(choices);

unsigned lb_model_loss_needs(int loss) {
  return loss == LB_LOSS_VALUE_MOMENTS ? LB_GIVES_VALUE : 0;
}

unsigned lb_parametric_needs(const void* options) {
  return lb_model_loss_needs(((const lb_parametric_options*)options)->loss);
}

lb_status lb_parametric_check(const void* options, unsigned given) {
  const lb_parametric_options* o = options;
  if (o->loss == LB_LOSS_PREDICTION) {
    for (int i = 3; i < 5; ++i) {
      if (!(given >> i & 1)) continue;
      return lb_fail(LB_INPUT, "'%s' means nothing to loss 'prediction'; it goes with value-moments", choices[i].key);
    }
    return lb_ok();
  }
  if (o->fit == LB_FIT_BFGS_2023) {
    return lb_fail(LB_INPUT, "loss 'value-moments' goes with every fit but '%s'", fits[o->fit]);
  }
  if (o->ridge > 0) return lb_ok();
  return lb_fail(LB_INPUT, "'ridge' must be more than 0 for loss 'value-moments' and model 'parametric'");
}

void lb_initial_draw(double* theta, const lb_family* family, void* member, uint64_t seed) {
  lb_rng rng = lb_rng_stream(seed, LB_RNG_INITIAL_MODEL, 0, 0);
  do {
    for (int i = 0; i < family->nparam; ++i) {
      double low = family->prior_low[i], high = family->prior_high[i];
      theta[i] = family->truth[i] + low + (high - low) * lb_rng_uniform(&rng);
    }
  } while (!family->member_set(member, theta));
}

// lb_model.fit: on states, or on value moments where there is a value to match.
static void fit(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch) {
  (void)scratch;
  lb_parametric* m = ctx;
  if (lb_parametric_matches_values(m) && data->value) {
    lb_parametric_fit_moments(m, report, &data->batch, data->first_new, data->value, rng);
  } else {
    lb_parametric_fit(m, report, &data->batch, data->first_new, rng);
  }
}

static lb_entry state_entry(const lb_parametric* m, double* state) {
  return (lb_entry)LB_ENTRIES("model/state", state, lb_parametric_nstate(m), -DBL_MAX, DBL_MAX);
}

// Adds the parameters and what the fits remember to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  const lb_parametric* m = ctx;
  lb_mark mark = lb_arena_mark(scratch);
  double* state = LB_TAKE(scratch, double, lb_parametric_nstate(m));
  lb_parametric_get_state(m, state);
  lb_entry entry = state_entry(m, state);
  lb_entries_save(&entry, 1, "", w);
  lb_arena_release(scratch, mark);
}

// Takes them from one; LB_INPUT for parameters that no member has.
static lb_status restore(void* ctx, const lb_npz* npz, const lb_fit_data* data, lb_arena* scratch) {
  lb_parametric* m = ctx;
  double* state = LB_TAKE(scratch, double, lb_parametric_nstate(m));
  lb_entry entry = state_entry(m, state);
  LB_TRY(lb_entries_restore(&entry, 1, "", npz));
  const char* wrong = lb_parametric_set_state(m, state, &data->batch);
  if (!wrong) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry 'model/state' holds what no run can have: %s", lb_npz_origin(npz), wrong);
}

// Writes the parameters that act as a file of their own.
static lb_status write_file(void* ctx, const char* path) {
  lb_parametric* m = ctx;
  return lb_map_save(m->acting, m->family->nparam, "map of states", path);
}

// Reads such a file.
static lb_status read_file(void* ctx, const char* path) {
  lb_parametric* m = ctx;
  lb_mark mark = lb_arena_mark(m->arena);
  double* theta = LB_TAKE(m->arena, double, m->family->nparam);
  lb_status status = lb_map_load(theta, m->family->nparam, "map of states", path);
  if (status.code == LB_OK && !lb_parametric_set_theta(m, theta)) {
    status = lb_fail(LB_INPUT, "%s: the entry 'map' holds numbers that no model of its kind has", path);
  }
  lb_arena_release(m->arena, mark);
  return status;
}

static void destroy(void* ctx) {
  lb_parametric_free(ctx);
}

lb_model lb_parametric_as_model(lb_parametric* m) {
  return (lb_model){.ctx = m,
                    .dynamics = *lb_parametric_dynamics(m),
                    .fit = fit,
                    .save = save,
                    .restore = restore,
                    .write_file = write_file,
                    .read_file = read_file,
                    .destroy = destroy};
}

lb_status lb_parametric_open(lb_model* out, const lb_opening* o, const void* options) {
  const lb_parametric_options* own = options;
  const lb_family* family = o->system->family;
  void* member = family->member_new(family->ctx);
  if (!member) return lb_fail(LB_MEMORY, "%s: no memory for a model", o->system->name);
  lb_mark mark = lb_arena_mark(o->arena);
  double* theta = LB_TAKE(o->arena, double, family->nparam);
  lb_initial_draw(theta, family, member, o->seed);
  lb_parametric_config config =
      own->fit == LB_FIT_BFGS_2023 ? lb_parametric_2023_config() : lb_parametric_default_config();
  if (config.method == LB_FIT_LEAST_SQUARES) config.ridge = own->ridge;
  config.anchor = own->loss == LB_LOSS_VALUE_MOMENTS ? own->anchor : 0;
  config.spread = own->spread;
  *out = lb_parametric_as_model(lb_parametric_new(family, theta, &config, o->counts));
  out->has_prior = true;
  family->member_free(member);
  lb_arena_release(o->arena, mark);
  return lb_ok();
}
