// Least squares on kept rows (model/rows.h): every fit linearises the new transitions, a few others as a probe, and of
// the rest only those whose Jacobians have become too old to find the minimum with.
#include <math.h>
#include <string.h>

#include "linalg/mat.h"
#include "model/parametric_private.h"

enum {
  MAX_STEPS = 20,  // chord steps, and
  MAX_ROUNDS = 8,  // rounds of them, before MINPACK takes over
  PROBE = 24       // old transitions that tell how old the rows are, and help to tell which directions are determined
};

#define TOO_OLD 10  // gain_tolerances: what old Jacobians may cost
#define SLOW 0.5    // a chord step should shrink the expected gain at least this much, else the rows are too old

bool lb_parametric_relinearise(lb_parametric_job* j, double* z) {
  lb_parametric* m = j->m;
  lb_parametric_forget(m);
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
    if (distance_of_block(rows, farthest_block(rows, z), z) == 0 || !lb_parametric_relinearise(j, z)) return false;
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
  double *x = LB_TAKE(m->arena, double, (size_t)count*nx), *u = LB_TAKE(m->arena, double, (size_t)count*nu);
  double* x_next = LB_TAKE(m->arena, double, (size_t)count* nx);
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
  double *G = LB_TAKE(m->arena, double, n*n), share = sqrt((double)(added + count) / m->rows.count);
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
  for (int round = 0; round < MAX_ROUNDS; ++round) {
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

bool lb_parametric_fit_new_rows(lb_parametric_job* j, const lb_batch* data, int first_new) {
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
    done = lb_parametric_relinearise(j, z);
  }
  done = done && settle(j, z, fresh, ridge);
  if (done) m->report.best_run = 0;
  lb_arena_release(m->arena, mark);
  return done;
}
