// A family's parameters as a model: see parametric.h.
#include "model/parametric.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg/mat.h"
#include "model/bfgs.h"
#include "model/levmar.h"
#include "model/parametric_private.h"

// ---------------------------------------------------------------------------------------------------------------------
// Least squares on kept rows (model/rows.h): every fit linearises the new transitions, a few others as a probe, and of
// the rest only those whose Jacobians have become too old to find the minimum with.

enum {
  MAX_STEPS = 20,  // chord steps, and
  MAX_TURNS = 8,   // turns of them, before MINPACK takes over
  PROBE = 24       // old transitions that tell how old the rows are, and help to tell which directions are determined
};

#define TOO_OLD 10  // gain_tolerances: what old Jacobians may cost
#define SLOW 0.5    // a chord step should shrink the expected gain at least this much, else the rows are too old

// Drops the sums or the rows.
static void forget_rows(lb_parametric* m) {
  m->seen = 0;
  if (m->sums) memset(m->sums, 0, sizeof(double) * (size_t)m->family->nsums);
  lb_rows_clear(&m->rows);
}

// Linearises all rows anew at z, and finds the directions that they determine. False: not finite.
static bool relinearise(lb_parametric_job* j, double* z) {
  lb_parametric* m = j->m;
  forget_rows(m);
  m->seen = j->residual.data.n;
  if (!lb_rows_add(&m->rows, &j->residual, z, m->arena)) return false;
  lb_rows_sum(&m->rows);
  double ridge = lb_parametric_ridge(m, lb_mat_dot(m->rows.r, m->rows.r, lb_residual_rows(&j->residual)) / m->seen);
  m->rank = lb_rows_directions(m->basis, &j->strong, m->rows.G, m->rows.n, LB_PARAMETRIC_WEAK * ridge, ridge, m->arena);
  return true;
}

// |r|^2 + ridge^2 |z - origin|^2.
static double objective(const lb_parametric* m, const double* r, const double* z, double ridge) {
  double sum = lb_mat_dot(r, r, m->rows.count * m->rows.ndx);
  for (int i = 0; i < m->rows.n; ++i) sum += ridge * ridge * (z[i] - m->origin[i]) * (z[i] - m->origin[i]);
  return sum;
}

// How far from z, squared, block b was linearised; and which block is the farthest.
static double distance_of_block(const lb_rows* rows, int b, const double* z) {
  double sum = 0;
  for (int i = 0; i < rows->n; ++i) sum += (rows->at[b * rows->n + i] - z[i]) * (rows->at[b * rows->n + i] - z[i]);
  return sum;
}

// The block of rows whose slopes were taken farthest from z.
static int farthest_block(const lb_rows* rows, const double* z) {
  int farthest = 0;
  for (int b = 1; b < rows->nblocks; ++b) {
    if (distance_of_block(rows, b, z) > distance_of_block(rows, farthest, z)) farthest = b;
  }
  return farthest;
}

// Chord steps from z, where the rows' residuals are true, until no gain is expected. False: the whole fit must be done.
static bool step_on_rows(lb_parametric_job* j, double* z, double ridge) {
  lb_parametric* m = j->m;
  lb_rows* rows = &m->rows;
  int n = rows->n, count = lb_residual_rows(&j->residual);
  double *step = LB_TAKE(m->arena, double, n), *trial = LB_TAKE(m->arena, double, n);
  double *r = LB_TAKE(m->arena, double, count), last_gain = INFINITY;
  for (int i = 0; i < MAX_STEPS; ++i) {
    double now = objective(m, rows->r, z, ridge);
    double gain = lb_rows_step(step, rows, m->basis, m->rank, z, m->origin, ridge, m->arena);
    if (gain <= m->config.gain_tolerance * now) {
      memcpy(j->z, z, sizeof(double) * (size_t)n);
      j->loss = lb_mat_dot(rows->r, rows->r, count) / j->residual.data.n;
      return true;
    }
    for (int k = 0; k < n; ++k) trial[k] = z[k] + step[k];
    bool better =
        gain <= SLOW * last_gain && lb_residual_at(&j->residual, r, trial) && objective(m, r, trial, ridge) < now;
    last_gain = gain;
    if (better) {
      memcpy(z, trial, sizeof(double) * (size_t)n);
      memcpy(rows->r, r, sizeof(double) * (size_t)count);
      continue;
    }
    if (distance_of_block(rows, farthest_block(rows, z), z) == 0 || !relinearise(j, z)) return false;
    j->stop = "no gain is expected, after linearising anew";
    last_gain = INFINITY;
  }
  return false;
}

// A few of the first n transitions, spread over all of them; index (PROBE) says which.
static lb_batch sample_of(const lb_parametric* m, const lb_batch* b, int n, int* index) {
  size_t nx = (size_t)m->family->space->nx, nu = (size_t)m->family->nu;
  int count = n < PROBE ? n : PROBE;
  int* t = LB_TAKE(m->arena, int, count);
  double *x = LB_TAKE(m->arena, double, ((size_t)count * nx)), *u = LB_TAKE(m->arena, double, ((size_t)count * nu));
  double* x_next = LB_TAKE(m->arena, double, ((size_t)count * nx));
  for (size_t i = 0; i < (size_t)count; ++i) {
    size_t from = i * (size_t)n / (size_t)count;
    index[i] = (int)from;
    if (b->t) t[i] = b->t[from];
    memcpy(x + i * nx, b->x + from * nx, nx * sizeof *x);
    memcpy(u + i * nu, b->u + from * nu, nu * sizeof *u);
    memcpy(x_next + i * nx, b->x_next + from * nx, nx * sizeof *x_next);
  }
  return (lb_batch){count, b->t ? t : NULL, x, u, x_next};
}

// Linearises a few of the first n transitions at z: fresh (count ndx, nparam), index (count). Returns the count; 0 when
// one is not finite.
static int probe(lb_parametric_job* j, double* fresh, int* index, double* z, int n) {
  lb_parametric* m = j->m;
  lb_batch all = j->residual.data;
  j->residual.data = sample_of(m, &all, n, index);
  int count = j->residual.data.n;
  bool finite = lb_rows_jacobian(fresh, &j->residual, z, m->arena);
  j->residual.data = all;
  return finite ? count : 0;
}

// The directions that the data determine, from the new rows, which are the last block, and `count` probed old ones.
static void find_directions(lb_parametric_job* j, const double* fresh, int count, double ridge) {
  lb_parametric* m = j->m;
  int n = m->rows.n, ndx = m->rows.ndx, first_new = m->rows.first[m->rows.nblocks - 1];
  int added = m->rows.count - first_new;
  double *G = LB_TAKE(m->arena, double, (n * n)), share = sqrt((double)(added + count) / m->rows.count);
  lb_mat_gram(G, m->rows.J + (size_t)first_new * (size_t)(ndx * n), n, added * ndx, 1, 0);
  lb_mat_gram(G, fresh, n, count * ndx, 1, 1);
  m->rank = lb_rows_directions(m->basis, &j->strong, G, n, LB_PARAMETRIC_WEAK * ridge * share, ridge * share, m->arena);
}

// Takes rows anew, those first that were linearised the farthest from z, until the rest costs little. *enough: there
// was nothing to do. False: not finite.
static bool refresh(lb_parametric_job* j, bool* enough, double* z, const double* rise, const int* index, int count,
                    double ridge) {
  lb_parametric* m = j->m;
  lb_rows* rows = &m->rows;
  double most = TOO_OLD * m->config.gain_tolerance * objective(m, rows->r, z, ridge) * count / rows->count;
  for (*enough = true;; *enough = false) {
    double rest = 0;
    for (int i = 0, b = 0; i < count; ++i) {
      while (index[i] >= rows->first[b + 1]) ++b;
      if (distance_of_block(rows, b, z) > 0) rest += rise[i];
    }
    if (rest <= (*enough ? most : most / 4)) break;
    if (!lb_rows_refresh(rows, farthest_block(rows, z), &j->residual, z, m->arena)) return false;
  }
  lb_rows_sum(rows);
  return true;
}

// Steps and refreshes in turn, until the rows are young enough where the steps end.
static bool settle(lb_parametric_job* j, double* z, double* fresh, double ridge) {
  lb_parametric* m = j->m;
  int index[PROBE];
  double rise[PROBE];
  for (int turn = 0; turn < MAX_TURNS; ++turn) {
    bool enough;
    if (!step_on_rows(j, z, ridge)) return false;
    int count = probe(j, fresh, index, z, j->residual.data.n);
    lb_rows_staleness(rise, &m->rows, index, fresh, count, m->basis, m->rank, ridge, m->arena);
    if (!refresh(j, &enough, z, rise, index, count, ridge)) return false;
    if (enough) return true;
    j->stop = "no gain is expected, after linearising some anew";
  }
  return false;
}

// A fit that begins at the estimate and reuses the rows before first_new. False: the whole fit must be done.
static bool fit_new_rows(lb_parametric_job* j, const lb_batch* data, int first_new) {
  lb_parametric* m = j->m;
  int n = m->family->nparam, index[PROBE];
  lb_mark mark = lb_arena_mark(m->arena);
  double *z = LB_TAKE(m->arena, double, n), *fresh = LB_TAKE(m->arena, double, PROBE * m->rows.ndx * n);
  double ridge = lb_parametric_ridge(m, m->loss);
  memcpy(z, m->z, sizeof(double) * (size_t)n);
  m->report.runs = 1;
  j->stop = "no gain is expected";
  j->residual.data = lb_parametric_part_of(m, data, first_new);
  bool done = m->rows.nblocks < LB_ROWS_BLOCKS && lb_rows_add(&m->rows, &j->residual, z, m->arena);
  j->residual.data = *data;
  m->seen = data->n;
  int count = done ? probe(j, fresh, index, z, first_new) : 0;
  if (count > 0) {
    find_directions(j, fresh, count, ridge);
    lb_rows_sum(&m->rows);
  } else {
    done = relinearise(j, z);
  }
  done = done && settle(j, z, fresh, ridge);
  if (done) m->report.best_run = 0;
  lb_arena_release(m->arena, mark);
  return done;
}

// ---------------------------------------------------------------------------------------------------------------------
// The object: its making, its estimate, its state in a checkpoint

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
  m->basis = LB_TAKE(m->arena, double, (n * n));
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
  if (!m->sums) forget_rows(m);  // the rows' residuals are those of the former estimate
  return true;
}

double lb_parametric_loss(lb_parametric* m, const lb_batch* data) {
  const lb_space* space = m->family->space;
  lb_mark mark = lb_arena_mark(m->arena);
  double *y = LB_TAKE(m->arena, double, ((size_t)data->n * (size_t)space->nx)),
         *e = LB_TAKE(m->arena, double, space->ndx);
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
  forget_rows(m);
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

// ---------------------------------------------------------------------------------------------------------------------
// The fit. Which transitions are new decides what it can reuse: the sums, or the kept rows.

enum { MAX_PASSES = 4 };  // rough ones of MINPACK, until the ridge fits the noise

#define ROUGH 1e-2  // their tolerance

lb_batch lb_parametric_part_of(const lb_parametric* m, const lb_batch* b, int from) {
  size_t nx = (size_t)m->family->space->nx, nu = (size_t)m->family->nu, skip = (size_t)from;
  return (lb_batch){b->n - from, b->t ? b->t + from : NULL, b->x + skip * nx, b->u + skip * nu, b->x_next + skip * nx};
}

lb_residual lb_parametric_residual_on(lb_parametric* m, const lb_batch* data) {
  const lb_family* f = m->family;
  return (lb_residual){.family = f,
                       .member = m->trial,
                       .scale = m->scale,
                       .difference = m->config.difference,
                       .sums = m->sums,
                       .data = *data,
                       .theta = LB_TAKE(m->arena, double, f->nparam),
                       .x_next = m->sums ? NULL : LB_TAKE(m->arena, double, ((size_t)data->n * (size_t)f->space->nx))};
}

// |r(z)|^2 / n; INFINITY where the family has no such member.
static double mean_squares(lb_residual* p, double* r, const double* z) {
  if (!lb_residual_at(p, r, z)) return INFINITY;
  double sum = 0;
  int rows = lb_residual_rows(p);
  for (int i = 0; i < rows; ++i) sum += r[i] * r[i];
  return sum / p->data.n;
}

// The mean squared error at theta; INFINITY where there is no member.
static double loss_at(lb_parametric_job* j, const double* theta) {
  lb_parametric* m = j->m;
  if (m->sums) {
    double loss = m->family->loss(m->family->ctx, m->sums, j->residual.data.n, theta);
    return isfinite(loss) ? loss : INFINITY;
  }
  lb_mark mark = lb_arena_mark(m->arena);
  double *z = LB_TAKE(m->arena, double, m->family->nparam),
         *r = LB_TAKE(m->arena, double, lb_residual_rows(&j->residual));
  for (int i = 0; i < m->family->nparam; ++i) z[i] = theta[i] / m->scale[i];
  double loss = mean_squares(&j->residual, r, z);
  lb_arena_release(m->arena, mark);
  return loss;
}

// The loss as BFGS asks for it, counted.
static double bfgs_loss(void* ctx, const double* theta) {
  lb_parametric_job* j = ctx;
  j->losses += j->m->sums != NULL;
  return loss_at(j, theta);
}

// Keeps theta if it is the best member so far.
static void offer(lb_parametric_job* j, const double* theta, const char* stop, int run) {
  double loss = loss_at(j, theta);
  if (!(loss < j->loss) || !j->m->family->member_set(j->m->trial, theta)) return;
  j->loss = loss;
  j->stop = stop;
  j->m->report.best_run = run;
  for (int i = 0; i < j->m->family->nparam; ++i) j->z[i] = theta[i] / j->m->scale[i];
}

double lb_parametric_ridge(const lb_parametric* m, double loss) {
  return m->config.ridge * sqrt(loss / m->family->space->ndx);
}

// The ridge follows the noise, which the loss tells at the end only: so MINPACK runs roughly until the loss settles,
// and then to the tolerance.
static void optimise_least_squares(lb_parametric_job* j, double* theta, int run) {
  lb_parametric* m = j->m;
  int n = m->family->nparam;
  double loss = loss_at(j, theta), last = INFINITY;
  bool last_pass = m->config.ridge == 0;
  for (int pass = 0; isfinite(loss); ++pass) {
    last_pass = last_pass || loss > 0.95 * last || pass == MAX_PASSES;
    double tolerance = last_pass ? m->config.tolerance : fmax(ROUGH, m->config.tolerance);
    lb_levmar_config config = {tolerance, m->config.max_evaluations, lb_parametric_ridge(m, loss), m->origin};
    for (int i = 0; i < n; ++i) theta[i] /= m->scale[i];
    lb_levmar_result r = lb_levmar_minimize(&j->residual, theta, &config, m->arena);
    for (int i = 0; i < n; ++i) theta[i] *= m->scale[i];
    if (!r.ok) return;
    if (last_pass) {
      offer(j, theta, r.stop, run);
      return;
    }
    last = loss;
    loss = loss_at(j, theta);
  }
}

// One run of the optimiser from theta, which it moves.
static void optimise(lb_parametric_job* j, double* theta, int run) {
  lb_parametric* m = j->m;
  int n = m->family->nparam;
  m->report.runs += 1;
  if (m->config.method == LB_FIT_BFGS_2023) {
    lb_bfgs_config config = lb_bfgs_default_config();
    config.gradient_tolerance = 1e-3;
    lb_bfgs_result r = lb_bfgs_minimize(theta, n, bfgs_loss, j, &config, m->arena);
    offer(j, theta, lb_bfgs_stop_text(r.stop), run);
    return;
  }
  optimise_least_squares(j, theta, run);
}

// Optimises from the former parameters (warm_start) or the initial ones, then from config.restarts draws about these;
// the best is kept.
static void optimise_from_all_starts(lb_parametric_job* j, lb_rng* rng) {
  lb_parametric* m = j->m;
  int n = m->family->nparam;
  lb_mark mark = lb_arena_mark(m->arena);
  double *theta = LB_TAKE(m->arena, double, n), *draws = LB_TAKE(m->arena, double, n);
  bool warm = m->config.warm_start && m->config.method != LB_FIT_BFGS_2023;
  memcpy(theta, warm ? m->theta : m->start, sizeof(double) * (size_t)n);
  optimise(j, theta, 0);
  for (int run = 1; run <= m->config.restarts; ++run) {
    lb_rng_normals(rng, draws, n);
    for (int i = 0; i < n; ++i) theta[i] = m->start[i] + m->config.restart_spread * draws[i];
    optimise(j, theta, run);
  }
  lb_arena_release(m->arena, mark);
}

// Rank and deviations, from the rows at hand, or from the sums' few.
static void describe(lb_parametric_job* j) {
  lb_parametric* m = j->m;
  int n = m->family->nparam, ndx = m->family->space->ndx;
  lb_mark mark = lb_arena_mark(m->arena);
  double ridge = lb_parametric_ridge(m, j->loss), *G = m->rows.G;
  if (m->sums) {
    double* J = LB_TAKE(m->arena, double, (m->family->nresidual * n));
    G = LB_TAKE(m->arena, double, (n * n));
    lb_rows_jacobian(J, &j->residual, j->z, m->arena);
    lb_mat_gram(G, J, n, m->family->nresidual, 1, 0);
    m->rank = lb_rows_directions(m->basis, &j->strong, G, n, LB_PARAMETRIC_WEAK * ridge, ridge, m->arena);
  }
  lb_rows_deviation(m->deviation, G, m->basis, m->rank, n, ridge, m->arena);
  double freedom = (double)j->residual.data.n * ndx - j->strong;
  double noise = freedom > 0 ? sqrt(j->loss * j->residual.data.n / freedom) : INFINITY;
  for (int i = 0; i < n; ++i) m->deviation[i] *= noise * m->scale[i];
  m->report.unidentified = n - j->strong;
  lb_arena_release(m->arena, mark);
}

// Adds the rows since the last fit to the family's sums.
static void absorb(lb_parametric* m, const lb_batch* data, int first_new) {
  lb_batch fresh = lb_parametric_part_of(m, data, first_new);
  m->family->absorb(m->family->ctx, m->sums, fresh.n, fresh.x, fresh.u, fresh.x_next);
  m->seen = data->n;
}

// theta = z * scale becomes the model.
static void take_estimate(lb_parametric* m, const double* z) {
  for (int i = 0; i < m->family->nparam; ++i) {
    m->z[i] = z[i];
    m->theta[i] = z[i] * m->scale[i];
  }
  memcpy(m->acting, m->theta, sizeof(double) * (size_t)m->family->nparam);
  bool member = m->family->member_set(m->member, m->theta);
  assert(member);  // the residual was finite there
  (void)member;
}

void lb_parametric_fit(lb_parametric* m, lb_fit_report* report, const lb_batch* data, int first_new, lb_rng* rng) {
  int n = m->family->nparam;
  *report = (lb_fit_report){.loss = NAN, .nparam = n, .stop = "no data"};
  m->report = (lb_parametric_report){.best_run = -1, .unidentified = n, .deviation = m->deviation};
  memset(m->deviation, 0, sizeof(double) * (size_t)n);
  if (data->n == 0) return;
  lb_mark mark = lb_arena_mark(m->arena);
  if (first_new != m->seen || first_new > data->n) {
    forget_rows(m);
    first_new = 0;
  }
  lb_parametric_job j = {
      .m = m, .residual = lb_parametric_residual_on(m, data), .z = LB_TAKE(m->arena, double, n), .loss = INFINITY};
  bool incremental = !m->sums && first_new > 0 && isfinite(m->loss) && m->config.method == LB_FIT_LEAST_SQUARES &&
                     m->config.warm_start;
  if (m->sums) absorb(m, data, first_new);
  if (!incremental || !fit_new_rows(&j, data, first_new)) {
    j.stop = "no member with a finite loss was found";
    optimise_from_all_starts(&j, rng);
    if (!m->sums && isfinite(j.loss)) relinearise(&j, j.z);
  }
  if (isfinite(j.loss)) {
    take_estimate(m, j.z);
    m->loss = j.loss;
    describe(&j);
    report->loss = j.loss;
    report->rank = n - m->report.unidentified;
  } else if (!m->sums) {
    forget_rows(m);
  }
  report->evaluations = j.losses + j.residual.evaluations;
  report->stop = j.stop;
  m->report.queries = j.residual.queries;
  lb_arena_release(m->arena, mark);
}
