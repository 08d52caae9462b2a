// Ridge regression on random Fourier features behind core/model.h.
#include <math.h>
#include <string.h>

#include "io/entries.h"
#include "model/features.h"
#include "model/map_file.h"
#include "model/model_kinds.h"

#define AT(field) offsetof(lb_features_options, field)
static const lb_param settings[] = {
    {"model_features", LB_PARAM_WHOLE, AT(features), 1, 4096, 256, NULL, "features", "random cosines of the model"},
    {"model_bandwidth", LB_PARAM_REAL, AT(bandwidth), 1e-3, 1e3, 1, NULL, "deviations",
     "over which predictions vary, of each number of observation and action"},
    {"model_ridge", LB_PARAM_REAL, AT(ridge), 1e-12, 1e6, 1e-5, NULL, "", "weight of the pull towards no change"},
};
const lb_params lb_features_settings = LB_SETTINGS_OF(settings, "Those whose model is linear in random features");

typedef struct model {
  lb_features* map;
  lb_space space;
  lb_arena* arena;
  double loss;  // of the last fit
} model;

// lb_dynamics.step: x' = the map's mean, without the reward.
static void step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  model* m = ctx;
  ptrdiff_t nobs = m->space.nx;
  lb_mark mark = lb_arena_mark(m->arena);
  double* mean = LB_TAKE(m->arena, double, n*(nobs + 1));
  lb_features_predict(m->map, mean, NULL, x, u, n);
  for (ptrdiff_t r = 0; r < n; ++r) memcpy(x_next + r * nobs, mean + r * (nobs + 1), (size_t)nobs * sizeof *x_next);
  lb_arena_release(m->arena, mark);
}

// lb_dynamics.linearize: the map's exact Jacobian.
static long linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)t;
  lb_features_jacobian(((model*)ctx)->map, A, B, x, u, n);
  return n;
}

// Next observation and reward.
static void predict(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward) {
  model* m = ctx;
  ptrdiff_t nobs = m->space.nx;
  lb_mark mark = lb_arena_mark(m->arena);
  double* mean = LB_TAKE(m->arena, double, n*(nobs + 1));
  lb_features_predict(m->map, mean, NULL, x, u, n);
  for (ptrdiff_t r = 0; r < n; ++r) {
    memcpy(x_next + r * nobs, mean + r * (nobs + 1), (size_t)nobs * sizeof *x_next);
    reward[r] = mean[r * (nobs + 1) + nobs];
  }
  lb_arena_release(m->arena, mark);
}

// Gradient and Hessian of the predicted reward, in closed form.
static long expand_reward(void* ctx, int n, const double* x, const double* u, double* gradient, double* hessian) {
  lb_features_reward(((model*)ctx)->map, gradient, hessian, x, u, n);
  return n;
}

// The mean and, in each number, the predictive deviation times a normal draw.
static void sample(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                   bool* terminated, lb_rng* rng) {
  (void)t;
  model* m = ctx;
  ptrdiff_t nobs = m->space.nx, T = nobs + 1;
  lb_mark mark = lb_arena_mark(m->arena);
  double* mean = LB_TAKE(m->arena, double, n* T);
  double* deviation = LB_TAKE(m->arena, double, n* T);
  double* noise = LB_TAKE(m->arena, double, n* T);
  lb_features_predict(m->map, mean, deviation, x, u, n);
  lb_rng_normals(rng, noise, (int)(n * T));
  for (ptrdiff_t i = 0; i < n * T; ++i) mean[i] += deviation[i] * noise[i];
  for (ptrdiff_t r = 0; r < n; ++r) {
    memcpy(x_next + r * nobs, mean + r * T, (size_t)nobs * sizeof *x_next);
    reward[r] = mean[r * T + nobs];
  }
  memset(terminated, 0, (size_t)n * sizeof *terminated);
  lb_arena_release(m->arena, mark);
}

// lb_model.fit: ridge regression from sums over the rows.
static void fit(void* ctx, const lb_fit_data* data, lb_rng* rng, lb_fit_report* report, lb_arena* scratch) {
  (void)rng, (void)scratch;
  model* m = ctx;
  lb_features_report r = lb_features_fit(m->map, data);
  m->loss = r.loss;
  *report = (lb_fit_report){
      .loss = r.loss, .evaluations = 1, .stop = "solved", .broken = r.ok ? NULL : "fit of random features"};
}

static lb_entry state_entry(const model* m, double* state) {
  return (lb_entry)LB_ENTRIES("model/state", state, lb_features_nstate(m->map), -DBL_MAX, DBL_MAX);
}

static lb_entry loss_entry(model* m) {
  return (lb_entry)LB_ENTRY("model/loss", &m->loss, 0, DBL_MAX);
}

// Adds weights and loss to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  model* m = ctx;
  lb_mark mark = lb_arena_mark(scratch);
  double* state = LB_TAKE(scratch, double, lb_features_nstate(m->map));
  lb_features_get_state(m->map, state);
  lb_entry entries[] = {state_entry(m, state), loss_entry(m)};
  lb_entries_save(entries, 2, "", w);
  lb_arena_release(scratch, mark);
}

// Takes them from one; LB_INPUT for weights that no fit can have.
static lb_status restore(void* ctx, const lb_npz* npz, const lb_fit_data* data, lb_arena* scratch) {
  (void)data;
  model* m = ctx;
  double* state = LB_TAKE(scratch, double, lb_features_nstate(m->map));
  lb_entry entries[] = {state_entry(m, state), loss_entry(m)};
  LB_TRY(lb_entries_restore(entries, 2, "", npz));
  if (lb_features_set_state(m->map, state)) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry 'model/state' holds what no run can have", lb_npz_origin(npz));
}

static const char file_kind[] = "random features";

static lb_status write_file(void* ctx, const char* path) {
  model* m = ctx;
  int n = lb_features_nmap(m->map);
  lb_mark mark = lb_arena_mark(m->arena);
  double* map = LB_TAKE(m->arena, double, n);
  lb_features_get_map(m->map, map);
  lb_status status = lb_map_save(map, n, file_kind, path);
  lb_arena_release(m->arena, mark);
  return status;
}

static lb_status read_file(void* ctx, const char* path) {
  model* m = ctx;
  int n = lb_features_nmap(m->map);
  lb_mark mark = lb_arena_mark(m->arena);
  double* map = LB_TAKE(m->arena, double, n);
  lb_status status = lb_map_load(map, n, file_kind, path);
  if (status.code == LB_OK && !lb_features_set_map(m->map, map)) {
    status = lb_fail(LB_INPUT, "%s: the units of its numbers are none that a fit can have", path);
  }
  lb_arena_release(m->arena, mark);
  return status;
}

static void write(void* ctx, lb_json_writer* w) {
  lb_json_write_number(w, "fit_loss", ((const model*)ctx)->loss);
}

lb_features* lb_features_of(const lb_model* m) {
  return ((model*)m->ctx)->map;
}

lb_status lb_features_open(lb_model* out, const lb_opening* o, const void* options) {
  const lb_features_options* own = options;
  int nobs = o->space->nx, nact = o->system->nu;
  if (nobs + nact > 512) {
    return lb_fail(LB_INPUT, "%s: %d observations and %d controls; a model of random features takes 512 together",
                   o->system->name, nobs, nact);
  }
  lb_features_config c = {
      .nobs = nobs, .nact = nact, .features = own->features, .bandwidth = own->bandwidth, .ridge = own->ridge};
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_INITIAL_MODEL, 0, 0);
  model* m = LB_TAKE(o->arena, model, 1);
  *m = (model){.map = lb_features_new(&c, &rng, o->arena), .space = *o->space, .arena = o->arena};
  *out = (lb_model){.ctx = m,
                    .dynamics = {.space = &m->space, .nu = nact, .ctx = m, .step = step, .linearize = linearize},
                    .sampler = {.nx = nobs, .nu = nact, .ctx = m, .sample = sample},
                    .predict = predict,
                    .expand_reward = expand_reward,
                    .fit = fit,
                    .save = save,
                    .restore = restore,
                    .write_file = write_file,
                    .read_file = read_file,
                    .write = write};
  return lb_ok();
}

// The sums of two sources, the factor, and the copy of these in a checkpoint.
double lb_features_bytes(const void* options, int nobs, int nact, double rows) {
  (void)rows;
  double F = ((const lb_features_options*)options)->features + nobs + nact + 1;
  return sizeof(double) * 2 * (3 * F * F + 3 * F * (nobs + 1));
}
