// Which transitions are new decides what a fit can reuse: the sums, or the kept rows (parametric_rows.c).
#include <assert.h>
#include <math.h>
#include <string.h>

#include "linalg/mat.h"
#include "model/bfgs.h"
#include "model/levmar.h"
#include "model/parametric_private.h"

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
                       .x_next = m->sums ? NULL : LB_TAKE(m->arena, double, (size_t)data->n*(size_t)f->space->nx)};
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
    double* J = LB_TAKE(m->arena, double, m->family->nresidual* n);
    G = LB_TAKE(m->arena, double, n* n);
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
    lb_parametric_forget(m);
    first_new = 0;
  }
  lb_parametric_job j = {
      .m = m, .residual = lb_parametric_residual_on(m, data), .z = LB_TAKE(m->arena, double, n), .loss = INFINITY};
  bool incremental = !m->sums && first_new > 0 && isfinite(m->loss) && m->config.method == LB_FIT_LEAST_SQUARES &&
                     m->config.warm_start;
  if (m->sums) absorb(m, data, first_new);
  if (!incremental || !lb_parametric_fit_new_rows(&j, data, first_new)) {
    j.stop = "no member with a finite loss was found";
    optimise_from_all_starts(&j, rng);
    if (!m->sums && isfinite(j.loss)) lb_parametric_relinearise(&j, j.z);
  }
  if (isfinite(j.loss)) {
    take_estimate(m, j.z);
    m->loss = j.loss;
    describe(&j);
    report->loss = j.loss;
    report->rank = n - m->report.unidentified;
  } else if (!m->sums) {
    lb_parametric_forget(m);
  }
  report->evaluations = j.losses + j.residual.evaluations;
  report->stop = j.stop;
  m->report.queries = j.residual.queries;
  lb_arena_release(m->arena, mark);
}
