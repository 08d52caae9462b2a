// The object: its making, its estimate, its state in a checkpoint.
#include "model/parametric.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/parametric_private.h"

lb_parametric_config lb_parametric_default_config(void) {
  return (lb_parametric_config){.method = LB_FIT_LEAST_SQUARES,
                                .warm_start = true,
                                .restart_spread = 0.1,
                                .tolerance = 1e-7,
                                .max_evaluations = 200,
                                .gain_tolerance = 1e-5,
                                .ridge = 1,
                                .difference = 1e-6,
                                .spread = true,
                                .moments_tolerance = 1e-5};
}

lb_parametric_config lb_parametric_2023_config(void) {
  lb_parametric_config config = lb_parametric_default_config();
  config.method = LB_FIT_BFGS_2023;
  config.warm_start = false;
  config.restarts = 4;
  config.ridge = 0;
  return config;
}

// lb_dynamics.step: the family's, at the parameters.
static void member_step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  lb_parametric* m = ctx;
  m->family->step(m->member, n, t, x, u, x_next);
}

// lb_dynamics.linearize: the family's, at the parameters.
static long member_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  lb_parametric* m = ctx;
  return m->family->linearize(m->member, n, t, x, u, A, B);
}

lb_parametric* lb_parametric_new(const lb_family* family, const double* theta, const lb_parametric_config* config,
                                 lb_counts* counts) {
  lb_parametric* m = calloc(1, sizeof *m);
  if (!m) return NULL;
  int n = family->nparam;
  *m = (lb_parametric){.family = family, .config = *config, .loss = NAN, .report = {.best_run = -1, .unidentified = n}};
  m->arena = lb_arena_new(0);
  m->member = family->member_new(family->ctx);
  m->trial = family->member_new(family->ctx);
  if (!m->arena || !m->member || !m->trial || !lb_rows_init(&m->rows, n, family->space->ndx)) {
    lb_parametric_free(m);
    return NULL;
  }
  m->theta = LB_TAKE(m->arena, double, n);
  m->z = LB_TAKE(m->arena, double, n);
  m->acting = LB_TAKE(m->arena, double, n);
  m->start = LB_TAKE(m->arena, double, n);
  m->scale = LB_TAKE(m->arena, double, n);
  m->origin = LB_TAKE(m->arena, double, n);
  m->deviation = LB_TAKE(m->arena, double, n);
  m->basis = LB_TAKE(m->arena, double, n* n);
  m->report.deviation = m->deviation;
  if (family->absorb) m->sums = LB_TAKE(m->arena, double, family->nsums);
  for (int i = 0; i < n; ++i) {
    double width = family->prior_high[i] - family->prior_low[i];
    m->scale[i] = width > 0 ? width : fmax(fabs(theta[i]), 1);
    m->start[i] = theta[i];
    m->origin[i] = theta[i] / m->scale[i];
  }
  bool member = lb_parametric_set_theta(m, theta);
  assert(member);
  (void)member;
  m->dynamics = (lb_dynamics){.space = family->space,
                              .nu = family->nu,
                              .ctx = m,
                              .counts = counts,
                              .step = member_step,
                              .linearize = member_linearize};
  return m;
}

void lb_parametric_free(lb_parametric* m) {
  if (!m) return;
  if (m->member) m->family->member_free(m->member);
  if (m->trial) m->family->member_free(m->trial);
  lb_rows_free(&m->rows);
  lb_arena_free(m->arena);
  free(m);
}

const lb_parametric_report* lb_parametric_last_fit(const lb_parametric* m) {
  return &m->report;
}

const lb_dynamics* lb_parametric_dynamics(const lb_parametric* m) {
  return &m->dynamics;
}

const double* lb_parametric_theta(const lb_parametric* m) {
  return m->acting;
}

void lb_parametric_act_as(lb_parametric* m, const double* z) {
  for (int i = 0; i < m->family->nparam; ++i) m->acting[i] = z[i] * m->scale[i];
  bool member = m->family->member_set(m->member, m->acting);
  assert(member);
  (void)member;
}

void lb_parametric_forget(lb_parametric* m) {
  m->seen = 0;
  if (m->sums) memset(m->sums, 0, sizeof(double) * (size_t)m->family->nsums);
  lb_rows_clear(&m->rows);
}

// Makes theta the model's parameters, scaled and not. False where the family has no such member.
static bool take_theta(lb_parametric* m, const double* theta) {
  if (!m->family->member_set(m->member, theta)) return false;
  memcpy(m->theta, theta, sizeof(double) * (size_t)m->family->nparam);
  memcpy(m->acting, theta, sizeof(double) * (size_t)m->family->nparam);
  for (int i = 0; i < m->family->nparam; ++i) m->z[i] = theta[i] / m->scale[i];
  return true;
}

bool lb_parametric_set_theta(lb_parametric* m, const double* theta) {
  if (!take_theta(m, theta)) return false;
  if (!m->sums) lb_parametric_forget(m);  // the rows' residuals are those of the former estimate
  return true;
}

double lb_parametric_loss(lb_parametric* m, const lb_batch* data) {
  const lb_space* space = m->family->space;
  lb_mark mark = lb_arena_mark(m->arena);
  double *y = LB_TAKE(m->arena, double, (size_t)data->n*(size_t)space->nx), *e = LB_TAKE(m->arena, double, space->ndx);
  m->family->step(m->member, data->n, data->t, data->x, data->u, y);
  double sum = 0;
  for (size_t i = 0; i < (size_t)data->n; ++i) {
    lb_space_difference(space, e, data->x_next + i * (size_t)space->nx, y + i * (size_t)space->nx);
    for (int k = 0; k < space->ndx; ++k) sum += e[k] * e[k];
  }
  lb_arena_release(m->arena, mark);
  return sum / data->n;
}

// A stored state: the estimate as theta and z, and with an anchor the one that acts; how much was seen, the last loss;
// then the sums, or where and when the rows were linearised, which is enough to take them again.
int lb_parametric_nstate(const lb_parametric* m) {
  int n = m->family->nparam;
  return (m->config.anchor > 0 ? 3 : 2) * n + 2 + (m->sums ? m->family->nsums : 1 + LB_ROWS_BLOCKS * (1 + n));
}

void lb_parametric_get_state(const lb_parametric* m, double* state) {
  int n = m->family->nparam;
  memcpy(state, m->theta, sizeof(double) * (size_t)n);
  memcpy(state + n, m->z, sizeof(double) * (size_t)n);
  state += 2 * n;
  if (m->config.anchor > 0) {
    memcpy(state, m->acting, sizeof(double) * (size_t)n);
    state += n;
  }
  *state++ = m->seen;
  *state++ = isnan(m->loss) ? -1 : m->loss;  // a checkpoint holds finite numbers only
  if (m->sums) {
    memcpy(state, m->sums, sizeof(double) * (size_t)m->family->nsums);
    return;
  }
  *state++ = m->rows.nblocks;
  for (int b = 0; b < LB_ROWS_BLOCKS; ++b) *state++ = b < m->rows.nblocks ? m->rows.first[b] : 0;
  memcpy(state, m->rows.at, sizeof(double) * (size_t)(LB_ROWS_BLOCKS * n));
}

// Whether a stored number is one of 0..most.
static bool is_count(double value, int most) {
  return value >= 0 && value <= most && value == floor(value);
}

// Whether the stored blocks lie one behind the other among the transitions that were seen.
static bool are_blocks(const lb_parametric* m, const double* state) {
  if (!is_count(state[0], LB_ROWS_BLOCKS)) return false;
  for (int b = 0; b < (int)state[0]; ++b) {
    if (!is_count(state[1 + b], m->seen) || (b > 0 ? state[1 + b] < state[b] : state[1] > 0)) return false;
  }
  return true;
}

// Linearises each block where it once was, and evaluates all residuals at the estimate. `state` passed are_blocks.
static void take_rows_again(lb_parametric* m, const double* state, const lb_batch* data) {
  int n = m->family->nparam, nblocks = (int)state[0];
  const double *first = state + 1, *at = first + LB_ROWS_BLOCKS;
  lb_mark mark = lb_arena_mark(m->arena);
  double* z = LB_TAKE(m->arena, double, n);
  lb_batch seen = *data;
  seen.n = m->seen;
  lb_residual p = lb_parametric_residual_on(m, &seen);
  for (int b = 0; b < nblocks; ++b) {
    lb_batch upto = seen;
    if (b + 1 < nblocks) upto.n = (int)first[b + 1];
    p.data = lb_parametric_part_of(m, &upto, (int)first[b]);
    memcpy(z, at + b * n, sizeof(double) * (size_t)n);
    lb_rows_add(&m->rows, &p, z, m->arena);
  }
  p.data = seen;
  if (nblocks > 0) lb_residual_at(&p, m->rows.r, m->z);
  lb_rows_sum(&m->rows);
  lb_arena_release(m->arena, mark);
}

const char* lb_parametric_set_state(lb_parametric* m, const double* state, const lb_batch* data) {
  int n = m->family->nparam;
  lb_parametric_forget(m);
  take_theta(m, state);
  memcpy(m->z, state + n, sizeof(double) * (size_t)n);
  state += 2 * n;
  if (m->config.anchor > 0) {
    memcpy(m->acting, state, sizeof(double) * (size_t)n);
    m->family->member_set(m->member, m->acting);
    state += n;
  }
  if (!is_count(state[0], data->n)) return "the number of transitions that the fit has seen";
  m->seen = (int)state[0];
  m->loss = state[1] < 0 ? NAN : state[1];
  if (m->sums) {
    memcpy(m->sums, state + 2, sizeof(double) * (size_t)m->family->nsums);
    return NULL;
  }
  if (!are_blocks(m, state + 2)) return "where the blocks of rows begin";
  take_rows_again(m, state + 2, data);
  return NULL;
}

bool lb_parametric_matches_values(const lb_parametric* m) {
  return m->config.anchor > 0;
}
