// Ridge regression on random Fourier features: see features.h.
#include "model/features.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "io/entries.h"
#include "linalg/chol.h"
#include "linalg/mat.h"
#include "model/features_private.h"
#include "model/map_file.h"
#include "model/model_kinds.h"

lb_features* lb_features_new(const lb_features_config* c, lb_rng* rng, lb_arena* arena) {
  assert(c->nobs >= 1 && c->nact >= 1 && c->features >= 1 && c->bandwidth > 0 && c->ridge > 0);
  lb_features* m = LB_TAKE(arena, lb_features, 1);
  *m = (lb_features){.config = *c, .d = c->nobs + c->nact, .T = c->nobs + 1};
  m->F = c->features + m->d + 1;
  size_t F = (size_t)m->F, T = (size_t)m->T, units = (size_t)(m->d + m->T);
  m->omega = LB_TAKE(arena, double, c->features * m->d);
  m->b = LB_TAKE(arena, double, c->features);
  m->mean = LB_TAKE(arena, double, units);
  m->scale = LB_TAKE(arena, double, units);
  m->next_mean = LB_TAKE(arena, double, units);
  m->next_scale = LB_TAKE(arena, double, units);
  for (int k = 0; k < 2; ++k) {
    m->sources[k].S = LB_TAKE(arena, double, (F * F));
    m->sources[k].M = LB_TAKE(arena, double, (F * T));
    m->sources[k].yy = LB_TAKE(arena, double, T);
  }
  m->W = LB_TAKE(arena, double, (F * T));
  m->L = LB_TAKE(arena, double, (F * F));
  m->sigma2 = LB_TAKE(arena, double, T);
  m->z = LB_TAKE(arena, double, m->d);
  m->phi = LB_TAKE(arena, double, F);
  m->half = LB_TAKE(arena, double, F);
  m->y = LB_TAKE(arena, double, T);
  m->wave = LB_TAKE(arena, double, c->features);
  double width = 1 / (c->bandwidth * sqrt(m->d));
  for (int i = 0; i < c->features * m->d; ++i) m->omega[i] = width * lb_rng_normal(rng);
  for (int k = 0; k < c->features; ++k) m->b[k] = 2 * acos(-1) * lb_rng_uniform(rng);
  for (size_t i = 0; i < units; ++i) m->scale[i] = 1;
  for (int i = 0; i < m->F; ++i) m->L[(ptrdiff_t)i * m->F + i] = 1;
  return m;
}

const lb_features_config* lb_features_config_of(const lb_features* m) {
  return &m->config;
}

// phi of one observation and action, and each cosine's argument in `wave`.
static void find_features(lb_features* m, const double* obs, const double* act) {
  int D = m->config.features, nobs = m->config.nobs;
  double height = sqrt(2.0 / D);
  for (int i = 0; i < m->d; ++i) m->z[i] = ((i < nobs ? obs[i] : act[i - nobs]) - m->mean[i]) / m->scale[i];
  for (int k = 0; k < D; ++k) {
    m->wave[k] = m->b[k] + lb_mat_dot(m->omega + (ptrdiff_t)k * m->d, m->z, m->d);
    m->phi[k] = height * cos(m->wave[k]);
  }
  memcpy(m->phi + D, m->z, (size_t)m->d * sizeof *m->z);
  m->phi[m->F - 1] = 1;
}

//
// Fitting
//

// FNV-1a of a row, from the hash of those before it.
static uint64_t hash_of(uint64_t hash, const float* row, int width) {
  const unsigned char* bytes = (const unsigned char*)row;
  for (size_t i = 0; i < (size_t)width * sizeof *row; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

static const uint64_t no_rows = 0xcbf29ce484222325u;

// The numbers of a row: observation and action, change of the observation, reward.
static double number_of(const lb_features* m, const float* row, int i) {
  int nobs = m->config.nobs, nact = m->config.nact;
  if (i < m->d) return (double)row[i];
  if (i == m->d + nobs) return (double)row[lb_transitions_reward(nobs, nact)];
  return (double)row[lb_transitions_next(nobs, nact) + i - m->d] - (double)row[i - m->d];
}

// Weight of a row of either source, so that each has its share of a mean.
static void weigh(double weight[2], const lb_fit_data* data) {
  int n[2] = {data->first, data->rows.n - data->first};
  double share = n[1] == 0 ? 1 : n[0] == 0 ? 0 : data->share;
  weight[0] = n[0] > 0 ? share / n[0] : 0;
  weight[1] = n[1] > 0 ? (1 - share) / n[1] : 0;
}

// Mean and deviation of every number over the data.
static void find_units(lb_features* m, const lb_fit_data* data, const double weight[2]) {
  int width = lb_transitions_width(m->config.nobs, m->config.nact), units = m->d + m->T;
  memset(m->next_mean, 0, (size_t)units * sizeof(double));
  memset(m->next_scale, 0, (size_t)units * sizeof(double));
  for (int pass = 0; pass < 2; ++pass) {
    for (ptrdiff_t r = 0; r < data->rows.n; ++r) {
      const float* row = data->rows.data + r * width;
      double w = weight[r >= data->first];
      for (int i = 0; i < units; ++i) {
        double x = number_of(m, row, i), off = x - m->next_mean[i];
        if (pass == 0) m->next_mean[i] += w * x;
        if (pass == 1) m->next_scale[i] += w * off * off;
      }
    }
  }
  for (int i = 0; i < units; ++i) {
    double deviation = sqrt(m->next_scale[i]);
    m->next_scale[i] = deviation > 1e-9 ? deviation : 1;
  }
}

// Whether the units of the data are other ones than the model's.
static bool have_moved(const lb_features* m) {
  for (int i = 0; i < m->d + m->T; ++i) {
    double ratio = m->next_scale[i] / m->scale[i], shift = fabs(m->next_mean[i] - m->mean[i]) / m->scale[i];
    if (!(ratio > 1 / 1.5 && ratio < 1.5 && shift < 0.5)) return true;
  }
  return false;
}

// Forgets the sums of a source.
static void clear(lb_features* m, lb_features_source* s) {
  size_t F = (size_t)m->F, T = (size_t)m->T;
  s->n = 0;
  s->hash = no_rows;
  memset(s->S, 0, F * F * sizeof(double));
  memset(s->M, 0, F * T * sizeof(double));
  memset(s->yy, 0, T * sizeof(double));
}

// S += phi phi^T (lower triangle), M += phi y^T, of one row.
static void add_row(lb_features* m, lb_features_source* s, const float* row) {
  int F = m->F, T = m->T, nobs = m->config.nobs;
  double obs_act[512];
  for (int i = 0; i < m->d; ++i) obs_act[i] = (double)row[i];
  find_features(m, obs_act, obs_act + nobs);
  for (int j = 0; j < T; ++j) m->y[j] = (number_of(m, row, m->d + j) - m->mean[m->d + j]) / m->scale[m->d + j];
  for (ptrdiff_t i = 0; i < F; ++i) {
    double p = m->phi[i], *S = s->S + i * F, *M = s->M + i * T;
    for (ptrdiff_t k = 0; k <= i; ++k) S[k] += p * m->phi[k];
    for (int j = 0; j < T; ++j) M[j] += p * m->y[j];
  }
  for (int j = 0; j < T; ++j) s->yy[j] += m->y[j] * m->y[j];
}

// The rows of a source that came since the last fit, or all where those seen are others. Returns how many were added.
static int take_rows(lb_features* m, lb_features_source* s, const float* data, int n, bool* is_anew) {
  int width = lb_transitions_width(m->config.nobs, m->config.nact), before;
  uint64_t hash = no_rows;
  for (int r = 0; r < s->n && r < n; ++r) hash = hash_of(hash, data + (ptrdiff_t)r * width, width);
  if (s->n > n || hash != s->hash) {
    clear(m, s);
    *is_anew = true;
  }
  before = s->n;
  for (; s->n < n; ++s->n) {
    const float* row = data + (ptrdiff_t)s->n * width;
    add_row(m, s, row);
    s->hash = hash_of(s->hash, row, width);
  }
  return n - before;
}

// W, L and sigma2 from the sums; false, and no change, where they are not finite.
static bool solve(lb_features* m, const double weight[2], double* loss) {
  ptrdiff_t F = m->F, T = m->T;
  double *S = m->L, *M = m->W, total = 0;
  for (ptrdiff_t i = 0; i < F * F; ++i) S[i] = weight[0] * m->sources[0].S[i] + weight[1] * m->sources[1].S[i];
  for (ptrdiff_t i = 0; i < F * T; ++i) M[i] = weight[0] * m->sources[0].M[i] + weight[1] * m->sources[1].M[i];
  for (ptrdiff_t i = 0; i < F; ++i) S[i * F + i] += m->config.ridge;
  for (ptrdiff_t j = 0; j < T; ++j) {
    m->sigma2[j] = weight[0] * m->sources[0].yy[j] + weight[1] * m->sources[1].yy[j];
  }
  if (!lb_chol_factor(S, m->F)) return false;
  // sigma_j^2 = mean y^2 - 2 W.M + W.S W, and (S + ridge I) W = M: mean y^2 - W.M - ridge |W|^2.
  for (ptrdiff_t j = 0; j < T; ++j) {
    for (ptrdiff_t i = 0; i < F; ++i) m->half[i] = M[i * T + j];
    lb_chol_solve(m->half, S, m->F, 1);
    for (ptrdiff_t i = 0; i < F; ++i) {
      m->sigma2[j] -= m->half[i] * (M[i * T + j] + m->config.ridge * m->half[i]);
      M[i * T + j] = m->half[i];
    }
    m->sigma2[j] = fmax(1e-12, m->sigma2[j]);
    total += m->sigma2[j] / (double)T;
  }
  *loss = total;
  return isfinite(total);
}

lb_features_report lb_features_fit(lb_features* m, const lb_fit_data* data) {
  double weight[2];
  lb_features_report report = {.ok = true};
  int width = lb_transitions_width(m->config.nobs, m->config.nact);
  assert(data->rows.n >= 1 && !data->rows.rows && m->d <= 512);
  weigh(weight, data);
  find_units(m, data, weight);
  if (!m->has_units || have_moved(m)) {
    size_t units = (size_t)(m->d + m->T);
    memcpy(m->mean, m->next_mean, units * sizeof(double));
    memcpy(m->scale, m->next_scale, units * sizeof(double));
    m->has_units = report.is_anew = true;
    clear(m, &m->sources[0]);
    clear(m, &m->sources[1]);
  }
  report.added = take_rows(m, &m->sources[0], data->rows.data, data->first, &report.is_anew);
  report.added += take_rows(m, &m->sources[1], data->rows.data + (ptrdiff_t)data->first * width,
                            data->rows.n - data->first, &report.is_anew);
  m->count = data->rows.n;
  report.ok = solve(m, weight, &report.loss);
  return report;
}

//
// Predicting
//

void lb_features_predict(lb_features* m, double* mean, double* deviation, const double* obs, const double* act, int n) {
  int nobs = m->config.nobs, nact = m->config.nact, T = m->T;
  for (ptrdiff_t r = 0; r < n; ++r) {
    const double* x = obs + r * nobs;
    find_features(m, x, act + r * nact);
    lb_mat_vec_t(m->y, m->W, m->phi, m->F, T, 1, 0);
    for (int j = 0; j < T; ++j) {
      double target = m->has_units ? m->mean[m->d + j] + m->scale[m->d + j] * m->y[j] : 0;
      mean[r * T + j] = target + (j < nobs ? x[j] : 0);
    }
    if (!deviation) continue;
    memcpy(m->half, m->phi, (size_t)m->F * sizeof(double));
    lb_chol_solve(m->half, m->L, m->F, 1);
    double doubt = lb_mat_dot(m->phi, m->half, m->F) / fmax(1, m->count);
    for (int j = 0; j < T; ++j) deviation[r * T + j] = m->scale[m->d + j] * sqrt(m->sigma2[j] * (1 + doubt));
  }
}

// dphi_k / dz_i = -sqrt(2 / D) sin(wave_k) omega_ki: the derivative of target j by input i, in the inputs' own units.
static double slope(const lb_features* m, int j, int i) {
  int D = m->config.features, T = m->T;
  double height = sqrt(2.0 / D), sum = m->W[(ptrdiff_t)(D + i) * T + j];
  for (ptrdiff_t k = 0; k < D; ++k) sum -= height * sin(m->wave[k]) * m->omega[k * m->d + i] * m->W[k * T + j];
  return sum * m->scale[m->d + j] / m->scale[i];
}

void lb_features_jacobian(lb_features* m, double* A, double* B, const double* obs, const double* act, int n) {
  int nobs = m->config.nobs, nact = m->config.nact;
  for (ptrdiff_t r = 0; r < n; ++r) {
    find_features(m, obs + r * nobs, act + r * nact);
    for (ptrdiff_t j = 0; j < nobs; ++j) {
      for (int i = 0; i < nobs; ++i) A[(r * nobs + j) * nobs + i] = (i == j) + slope(m, (int)j, i);
      for (int i = 0; i < nact; ++i) B[(r * nobs + j) * nact + i] = slope(m, (int)j, nobs + i);
    }
  }
}

void lb_features_reward(lb_features* m, double* gradient, double* hessian, const double* obs, const double* act,
                        int n) {
  int nobs = m->config.nobs, nact = m->config.nact, d = m->d, T = m->T, D = m->config.features, j = nobs;
  double height = sqrt(2.0 / D) * m->scale[d + j];
  for (ptrdiff_t r = 0; r < n; ++r) {
    find_features(m, obs + r * nobs, act + r * nact);
    for (int i = 0; i < d; ++i) gradient[r * d + i] = slope(m, j, i);
    if (!hessian) continue;
    double* H = hessian + r * d * d;
    memset(H, 0, (size_t)d * (size_t)d * sizeof *H);
    for (ptrdiff_t k = 0; k < D; ++k) {
      double curvature = -height * cos(m->wave[k]) * m->W[k * T + j];
      const double* o = m->omega + k * d;
      for (int a = 0; a < d; ++a) {
        for (int b = 0; b < d; ++b) H[a * d + b] += curvature * o[a] * o[b] / (m->scale[a] * m->scale[b]);
      }
    }
  }
}

//
// The state: units, sums, and the estimate
//

// Walks over all numbers of the state; `to` and `from` are the same array of the state, one of them NULL.
static ptrdiff_t visit(lb_features* m, double* to, const double* from) {
  struct {
    double* at;
    ptrdiff_t n;
  } parts[] = {{m->mean, m->d + m->T},
               {m->scale, m->d + m->T},
               {m->sources[0].S, (ptrdiff_t)m->F * m->F},
               {m->sources[0].M, (ptrdiff_t)m->F * m->T},
               {m->sources[0].yy, m->T},
               {m->sources[1].S, (ptrdiff_t)m->F * m->F},
               {m->sources[1].M, (ptrdiff_t)m->F * m->T},
               {m->sources[1].yy, m->T},
               {m->W, (ptrdiff_t)m->F * m->T},
               {m->L, (ptrdiff_t)m->F * m->F},
               {m->sigma2, m->T}};
  ptrdiff_t at = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    if (to) memcpy(to + at, parts[i].at, (size_t)parts[i].n * sizeof(double));
    if (from) memcpy(parts[i].at, from + at, (size_t)parts[i].n * sizeof(double));
    at += parts[i].n;
  }
  return at;
}

// Before the parts: whether there are units, rows of the last fit, and of each source its rows and the halves of its
// hash, which a double holds exactly.
enum { HEAD = 8 };

int lb_features_nstate(const lb_features* m) {
  return HEAD + (int)visit((lb_features*)m, NULL, NULL);
}

void lb_features_get_state(const lb_features* m, double* state) {
  state[0] = m->has_units;
  state[1] = m->count;
  for (int k = 0; k < 2; ++k) {
    const lb_features_source* s = &m->sources[k];
    state[2 + 3 * k] = s->n;
    state[3 + 3 * k] = (double)(s->hash >> 32);
    state[4 + 3 * k] = (double)(s->hash & 0xffffffffu);
  }
  visit((lb_features*)m, state + HEAD, NULL);
}

static bool is_whole(double x, double most) {
  return x >= 0 && x <= most && !(x > floor(x));
}

bool lb_features_set_state(lb_features* m, const double* state) {
  if (!is_whole(state[0], 1) || !is_whole(state[1], 1e9)) return false;
  for (int k = 0; k < 2; ++k) {
    const double* s = state + 2 + 3 * k;
    if (!is_whole(s[0], 1e9) || !is_whole(s[1], UINT32_MAX) || !is_whole(s[2], UINT32_MAX)) return false;
  }
  for (int i = 0; i < m->d + m->T; ++i) {
    if (!(state[HEAD + m->d + m->T + i] > 0)) return false;
  }
  m->has_units = state[0] > 0;
  m->count = state[1];
  for (int k = 0; k < 2; ++k) {
    const double* s = state + 2 + 3 * k;
    m->sources[k].n = (int)s[0];
    m->sources[k].hash = (uint64_t)s[1] << 32 | (uint64_t)s[2];
  }
  visit(m, NULL, state + HEAD);
  return true;
}

// The mean: whether there are units, the units, and the estimate.
int lb_features_nmap(const lb_features* m) {
  return 1 + 2 * (m->d + m->T) + m->F * m->T;
}

void lb_features_get_map(const lb_features* m, double* map) {
  size_t units = (size_t)(m->d + m->T);
  *map++ = m->has_units;
  memcpy(map, m->mean, units * sizeof *map);
  memcpy(map + units, m->scale, units * sizeof *map);
  memcpy(map + 2 * units, m->W, (size_t)m->F * (size_t)m->T * sizeof *map);
}

bool lb_features_set_map(lb_features* m, const double* map) {
  size_t units = (size_t)(m->d + m->T);
  double has_units = *map++;
  if (!is_whole(has_units, 1)) return false;
  for (size_t i = 0; i < units; ++i) {
    if (!(map[units + i] > 0)) return false;
  }
  m->has_units = has_units > 0;
  memcpy(m->mean, map, units * sizeof *map);
  memcpy(m->scale, map + units, units * sizeof *map);
  memcpy(m->W, map + 2 * units, (size_t)m->F * (size_t)m->T * sizeof *map);
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// The kind of model (core/kind.h)

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
  double* mean = LB_TAKE(m->arena, double, (n * (nobs + 1)));
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
  double* mean = LB_TAKE(m->arena, double, (n * (nobs + 1)));
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
  double* mean = LB_TAKE(m->arena, double, (n * T));
  double* deviation = LB_TAKE(m->arena, double, (n * T));
  double* noise = LB_TAKE(m->arena, double, (n * T));
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

// Writes the mean's map as a file of its own.
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

// Reads such a file.
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
