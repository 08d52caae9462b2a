// Linear models behind core/model.h: over the states of a task with a cost, in coordinates about the reference, and
// over observations.
#include <math.h>

#include "io/entries.h"
#include "model/initial.h"
#include "model/linear_private.h"
#include "model/map_file.h"
#include "model/model_kinds.h"

static const char* const losses[] = {"prediction", "value-moments", NULL};

enum { CHOICES = 4 };
#define AT(field) offsetof(lb_linear_options, field)
static const lb_param choices[CHOICES + 1] = {
    {"loss", LB_PARAM_WORD, AT(loss), 0, 1, 0, losses, "", "squared error of next states, or of their values"},
    {"ridge", LB_PARAM_REAL, AT(ridge), 0, 1e6, 1e-3, NULL, "", "the pull towards the initial model, a transition"},
    {"anchor", LB_PARAM_REAL, AT(anchor), 1e-9, 1e9, 1, NULL, "", "value moments: weight of the likelihood"},
    {"spread", LB_PARAM_YES, AT(spread), 0, 1, 1, NULL, "", "value moments: next states are noisy"},
    {"window", LB_PARAM_REAL, AT(window), 0.1, 1e6, 5, NULL, "", "width of the kernel over time, in steps"},
};
const lb_params lb_linear_choices = {choices, CHOICES, ""}, lb_linear_tv_choices = {choices, CHOICES + 1, ""};

unsigned lb_linear_needs(const void* options) {
  return lb_model_loss_needs(((const lb_linear_options*)options)->loss);
}

lb_status lb_linear_check(const void* options, unsigned given) {
  const lb_linear_options* o = options;
  for (int i = 2; i < CHOICES && o->loss == LB_LOSS_PREDICTION; ++i) {
    if (!(given >> i & 1)) continue;
    return lb_fail(LB_INPUT, "'%s' means nothing to loss 'prediction'; it goes with value-moments", choices[i].key);
  }
  return lb_ok();
}

// lb_model.fit: least squares on states, or on value moments where there is a value to match.
static void fit_states(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch) {
  (void)rng, (void)scratch;
  lb_linear* m = ctx;
  bool moments = m->config.anchor > 0 && data->value;
  lb_linear_report r = moments ? lb_linear_fit_moments(m, &data->batch, data->value) : lb_linear_fit(m, &data->batch);
  *report = (lb_fit_report){.loss = r.loss,
                            .evaluations = 1 + r.evaluations,
                            .rank = r.rank * m->knots * m->space->ndx,
                            .nparam = lb_linear_nparam(m),
                            .stop = r.ok ? "solved" : "no unique finite solution; the former parameters stay"};
}

// How often the expert's and the learner's rows are needed to weigh their shares: one of the two as they are, of the
// other enough, evenly repeated.
static void weigh(const lb_fit_data* f, int count[2]) {
  count[0] = f->first;
  count[1] = f->rows.n - f->first;
  if (count[0] == 0 || count[1] == 0) return;
  double odds = f->share / (1 - f->share);
  if (count[0] > odds * count[1]) {
    count[1] = (int)lround(count[0] / odds);
  } else {
    count[0] = (int)lround(count[1] * odds);
  }
}

// By least squares on all rows; a fit that fails is broken.
static void fit_observations(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report,
                             lb_arena* scratch) {
  (void)rng;
  lb_linear* m = ctx;
  int nobs = data->rows.nobs, nact = data->rows.nact, width = lb_transitions_width(nobs, nact), count[2];
  lb_mark mark = lb_arena_mark(scratch);
  weigh(data, count);
  int n = count[0] + count[1], rows[] = {data->first, data->rows.n - data->first};
  double* x = LB_TAKE(scratch, double, ((size_t)n * (size_t)nobs));
  double* u = LB_TAKE(scratch, double, ((size_t)n * (size_t)nact));
  double* x_next = LB_TAKE(scratch, double, ((size_t)n * (size_t)nobs));
  for (ptrdiff_t k = 0; k < n; ++k) {
    bool second = k >= count[0];
    int64_t row_at = second ? data->first + (k - count[0]) * rows[1] / count[1] : k * rows[0] / count[0];
    const float *row = data->rows.data + row_at * width, *next = row + lb_transitions_next(nobs, nact);
    for (int i = 0; i < nobs; ++i) {
      x[k * nobs + i] = (double)row[i];
      x_next[k * nobs + i] = (double)next[i];
    }
    for (int i = 0; i < nact; ++i) u[k * nact + i] = (double)row[nobs + i];
  }
  lb_batch batch = {.n = n, .x = x, .u = u, .x_next = x_next};
  lb_linear_report r = lb_linear_fit(m, &batch);
  *report = (lb_fit_report){.loss = r.loss, .evaluations = 1, .broken = r.ok ? NULL : "linear fit"};
  lb_arena_release(scratch, mark);
}

static lb_entry state_entry(const lb_linear* m, double* state) {
  return (lb_entry)LB_ENTRIES("model/state", state, lb_linear_nstate(m), -DBL_MAX, DBL_MAX);
}

// Adds the parameters to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  const lb_linear* m = ctx;
  lb_mark mark = lb_arena_mark(scratch);
  double* state = LB_TAKE(scratch, double, lb_linear_nstate(m));
  lb_linear_get_state(m, state);
  lb_entry entry = state_entry(m, state);
  lb_entries_save(&entry, 1, "", w);
  lb_arena_release(scratch, mark);
}

// Takes them from one.
static lb_status restore(void* ctx, const lb_npz* npz, const lb_fit_data* data, lb_arena* scratch) {
  (void)data;
  lb_linear* m = ctx;
  double* state = LB_TAKE(scratch, double, lb_linear_nstate(m));
  lb_entry entry = state_entry(m, state);
  LB_TRY(lb_entries_restore(&entry, 1, "", npz));
  lb_linear_set_state(m, state);
  return lb_ok();
}

// What the map is of, as its file says.
static const char* file_kind(const lb_linear* m) {
  return m->config.form == LB_LINEAR_DELTA ? "map of observations" : "map of states";
}

// Writes the parameters as a file of their own.
static lb_status write_file(void* ctx, const char* path) {
  lb_linear* m = ctx;
  return lb_map_save(m->W, lb_linear_nparam(m), file_kind(m), path);
}

// Reads such a file.
static lb_status read_file(void* ctx, const char* path) {
  lb_linear* m = ctx;
  return lb_map_load(m->W, lb_linear_nparam(m), file_kind(m), path);
}

static void destroy(void* ctx) {
  lb_linear_free(ctx);
}

lb_model lb_linear_as_model(lb_linear* m) {
  return (lb_model){.ctx = m,
                    .dynamics = *lb_linear_dynamics(m),
                    .fit = fit_states,
                    .save = save,
                    .restore = restore,
                    .write_file = write_file,
                    .read_file = read_file,
                    .destroy = destroy};
}

// One affine map of the change of the observation, pulled towards none. Its queries are counted by whoever plans in it.
static lb_status open_observations(lb_model* out, const lb_opening* o, const lb_linear_options* own) {
  lb_linear_config config = lb_linear_default_config();
  config.form = LB_LINEAR_DELTA;
  config.ridge = own->ridge;
  *out = lb_linear_as_model(lb_linear_new(o->space, o->system->nu, 1, NULL, &config, NULL));
  out->fit = fit_observations;
  return lb_ok();
}

// It starts as the initial member's linearisation about the reference.
static lb_status open_states(lb_model* out, const lb_opening* o, const lb_linear_options* own, bool time_varying) {
  const lb_system* s = o->system;
  const lb_family* family = s->family;
  void* member = family->member_new(family->ctx);
  if (!member) return lb_fail(LB_MEMORY, "%s: no memory for a model", s->name);
  lb_mark mark = lb_arena_mark(o->arena);
  lb_initial_draw(LB_TAKE(o->arena, double, family->nparam), family, member, o->seed);
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = time_varying;
  config.prior = LB_LINEAR_PRIOR_INITIAL;
  config.ridge = own->ridge;
  config.window = own->window;
  config.anchor = own->loss == LB_LOSS_VALUE_MOMENTS ? own->anchor : 0;
  config.spread = own->spread;
  lb_linear* model = lb_linear_new(&s->space, s->nu, s->horizon, s->reference, &config, o->counts);
  lb_dynamics initial = {
      .space = family->space, .nu = family->nu, .ctx = member, .step = family->step, .linearize = family->linearize};
  lb_linear_start_from(model, &initial);
  *out = lb_linear_as_model(model);
  out->has_prior = true;
  family->member_free(member);
  lb_arena_release(o->arena, mark);
  return lb_ok();
}

lb_status lb_linear_open(lb_model* out, const lb_opening* o, const void* options) {
  bool states = o->space == &o->system->space;
  return states ? open_states(out, o, options, false) : open_observations(out, o, options);
}

lb_status lb_linear_tv_open(lb_model* out, const lb_opening* o, const void* options) {
  return open_states(out, o, options, true);
}

// Over observations: the map, the initial one, and their copies in a checkpoint and in a file.
double lb_linear_bytes(const void* options, int nobs, int nact, double rows) {
  (void)options, (void)rows;
  return sizeof(double) * 4.0 * nobs * (nobs + nact + 1);
}
