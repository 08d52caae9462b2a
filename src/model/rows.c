#include "model/rows.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg/chol.h"
#include "linalg/eig.h"
#include "linalg/mat.h"

enum { PIECE = 128 };  // transitions linearised at once

#define NOTHING 1e-7  // of the largest singular value: a direction that only differences and rounding see

bool lb_rows_init(lb_rows* rows, int nparam, int ndx) {
  *rows = (lb_rows){.n = nparam, .ndx = ndx};
  rows->G = calloc((size_t)nparam * (size_t)nparam, sizeof *rows->G);
  rows->at = calloc((size_t)nparam * LB_ROWS_BLOCKS, sizeof *rows->at);
  if (rows->G && rows->at) return true;
  lb_rows_free(rows);
  return false;
}

void lb_rows_free(lb_rows* rows) {
  free(rows->J);
  free(rows->r);
  free(rows->G);
  free(rows->at);
  *rows = (lb_rows){0};
}

void lb_rows_clear(lb_rows* rows) {
  rows->count = 0;
  rows->nblocks = 0;
}

// Room for `count` rows. False where memory is short.
static bool reserve(lb_rows* rows, int count) {
  if (count <= rows->capacity) return true;
  int capacity = count > 2 * rows->capacity ? count : 2 * rows->capacity;
  size_t numbers = (size_t)capacity * (size_t)rows->ndx;
  double* J = realloc(rows->J, numbers * (size_t)rows->n * sizeof *J);
  if (J) rows->J = J;
  double* r = realloc(rows->r, numbers * sizeof *r);
  if (r) rows->r = r;
  if (!J || !r) return false;
  rows->capacity = capacity;
  return true;
}

// Rows [from, to) of a batch.
static lb_batch part_of(const lb_batch* b, int from, int to, const lb_family* f) {
  size_t nx = (size_t)f->space->nx, nu = (size_t)f->nu, skip = (size_t)from;
  return (lb_batch){to - from, b->t ? b->t + from : NULL, b->x + skip * nx, b->u + skip * nu, b->x_next + skip * nx};
}

// Jt (n, rows) as rows of J.
static void transpose(double* J, const double* Jt, int rows, int n) {
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < n; ++j) J[(size_t)i * (size_t)n + (size_t)j] = Jt[(size_t)j * (size_t)rows + (size_t)i];
  }
}

// Linearises p->data piece by piece: J (rows, n), and r unless NULL.
static bool linearise(double* J, double* r, lb_residual* p, double* z, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  lb_batch all = p->data;
  int n = p->family->nparam, most = p->sums ? p->family->nresidual : PIECE * p->family->space->ndx;
  double *Jt = LB_TAKE(scratch, double, (n * most)), *column = LB_TAKE(scratch, double, most);
  double* r_piece = LB_TAKE(scratch, double, most);
  bool finite = true;
  for (int from = 0; finite && from < (p->sums ? 1 : all.n); from += PIECE) {
    if (!p->sums) p->data = part_of(&all, from, from + PIECE < all.n ? from + PIECE : all.n, p->family);
    int rows = lb_residual_rows(p);
    finite = lb_residual_at(p, r_piece, z);
    if (!finite) break;
    lb_residual_jacobian(p, Jt, z, r_piece, column);
    size_t skip = (size_t)from * (size_t)p->family->space->ndx;
    transpose(J + skip * (size_t)n, Jt, rows, n);
    if (r) memcpy(r + skip, r_piece, sizeof(double) * (size_t)rows);
  }
  p->data = all;
  lb_arena_release(scratch, mark);
  return finite;
}

bool lb_rows_add(lb_rows* rows, lb_residual* p, double* z, lb_arena* scratch) {
  assert(!p->sums && rows->nblocks < LB_ROWS_BLOCKS);
  if (!reserve(rows, rows->count + p->data.n)) return false;
  size_t skip = (size_t)rows->count * (size_t)rows->ndx, n = (size_t)rows->n;
  memcpy(rows->at + (size_t)rows->nblocks * n, z, sizeof(double) * n);
  rows->first[rows->nblocks] = rows->count;
  rows->nblocks += 1;
  rows->count += p->data.n;
  rows->first[rows->nblocks] = rows->count;
  return linearise(rows->J + skip * n, rows->r + skip, p, z, scratch);
}

bool lb_rows_refresh(lb_rows* rows, int b, lb_residual* p, double* z, lb_arena* scratch) {
  lb_batch all = p->data;
  size_t n = (size_t)rows->n, skip = (size_t)rows->first[b] * (size_t)rows->ndx;
  p->data = part_of(&all, rows->first[b], rows->first[b + 1], p->family);
  memcpy(rows->at + (size_t)b * n, z, sizeof(double) * n);
  bool finite = linearise(rows->J + skip * n, NULL, p, z, scratch);
  p->data = all;
  return finite;
}

bool lb_rows_jacobian(double* J, lb_residual* p, double* z, lb_arena* scratch) {
  return linearise(J, NULL, p, z, scratch);
}

void lb_rows_sum(lb_rows* rows) {
  if (rows->count > 0) lb_mat_gram(rows->G, rows->J, rows->n, rows->count * rows->ndx, 1, 0);
}

int lb_rows_directions(double* V, int* strong, const double* G, int n, double floor, double strong_floor,
                       lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  double *values = LB_TAKE(scratch, double, n), *vectors = LB_TAKE(scratch, double, (n * n));
  int rank = 0;
  *strong = 0;
  if (lb_eig_symmetric(values, vectors, G, n, scratch)) {
    double least = NOTHING * NOTHING * values[n - 1];
    for (int k = n - 1; k >= 0 && values[k] > fmax(least, floor * floor); --k, ++rank) {
      memcpy(V + (size_t)rank * (size_t)n, vectors + (size_t)k * (size_t)n, sizeof(double) * (size_t)n);
      *strong += values[k] > strong_floor * strong_floor;
    }
  }
  lb_arena_release(scratch, mark);
  return rank;
}

// L (rank, rank): the Cholesky factor of V (G + ridge^2) V^T.
static bool factor_within(double* L, const double* G, const double* V, int rank, int n, double ridge,
                          lb_arena* scratch) {
  double* GV = LB_TAKE(scratch, double, (n * rank));
  lb_mat_mul_nt(GV, G, V, n, rank, n, 1, 0);
  lb_mat_mul(L, V, GV, rank, rank, n, 1, 0);
  for (int k = 0; k < rank; ++k) L[k * rank + k] += ridge * ridge;
  return lb_chol_factor(L, rank);
}

double lb_rows_step(double* step, const lb_rows* rows, const double* V, int rank, const double* z, const double* origin,
                    double ridge, lb_arena* scratch) {
  int n = rows->n;
  memset(step, 0, sizeof(double) * (size_t)n);
  if (rank == 0) return 0;
  lb_mark mark = lb_arena_mark(scratch);
  double *g = LB_TAKE(scratch, double, n), *b = LB_TAKE(scratch, double, rank), *c = LB_TAKE(scratch, double, rank);
  double *L = LB_TAKE(scratch, double, (rank * rank)), gain = 0;
  lb_mat_vec_t(g, rows->J, rows->r, rows->count * rows->ndx, n, 1, 0);
  for (int j = 0; j < n; ++j) g[j] += ridge * ridge * (z[j] - origin[j]);
  lb_mat_vec(b, V, g, rank, n, 1, 0);
  memcpy(c, b, sizeof(double) * (size_t)rank);
  if (factor_within(L, rows->G, V, rank, n, ridge, scratch)) {
    lb_chol_solve(c, L, rank, 1);
    gain = lb_mat_dot(b, c, rank);
    lb_mat_vec_t(step, V, c, rank, n, -1, 0);
  }
  lb_arena_release(scratch, mark);
  return gain;
}

void lb_rows_staleness(double* rise, const lb_rows* rows, const int* index, const double* fresh, int count,
                       const double* V, int rank, double ridge, lb_arena* scratch) {
  memset(rise, 0, sizeof(double) * (size_t)count);
  if (rank == 0) return;
  lb_mark mark = lb_arena_mark(scratch);
  size_t n = (size_t)rows->n, ndx = (size_t)rows->ndx;
  double *L = LB_TAKE(scratch, double, (rank * rank)), *change = LB_TAKE(scratch, double, n);
  double *v = LB_TAKE(scratch, double, rank), *w = LB_TAKE(scratch, double, rank);
  bool ok = factor_within(L, rows->G, V, rank, rows->n, ridge, scratch);
  for (size_t i = 0; ok && i < (size_t)count * ndx; ++i) {
    size_t row = (size_t)index[i / ndx] * ndx + i % ndx;
    for (size_t j = 0; j < n; ++j) change[j] = fresh[i * n + j] - rows->J[row * n + j];
    lb_mat_vec(v, V, change, rank, rows->n, 1, 0);
    memcpy(w, v, sizeof(double) * (size_t)rank);
    lb_chol_solve(w, L, rank, 1);
    rise[i / ndx] += rows->r[row] * rows->r[row] * lb_mat_dot(v, w, rank);
  }
  lb_arena_release(scratch, mark);
}

void lb_rows_deviation(double* deviation, const double* G, const double* V, int rank, int n, double ridge,
                       lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  double *L = LB_TAKE(scratch, double, (rank * rank + 1)), *W = LB_TAKE(scratch, double, (rank * n + 1));
  double open = ridge > 0 ? 1 / (ridge * ridge) : 0;
  memcpy(W, V, sizeof(double) * (size_t)rank * (size_t)n);
  bool ok = rank > 0 && factor_within(L, G, V, rank, n, ridge, scratch);
  if (ok) lb_chol_solve(W, L, rank, n);
  for (int j = 0; j < n; ++j) {
    double variance = open;
    for (int k = 0; ok && k < rank; ++k) variance += V[k * n + j] * (W[k * n + j] - open * V[k * n + j]);
    deviation[j] = sqrt(fmax(variance, 0));
  }
  lb_arena_release(scratch, mark);
}
