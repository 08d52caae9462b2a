// Kept rows of a growing least-squares problem: the residual r of every transition at the present estimate, and its
// Jacobian J at the estimate where it was last taken. A Gauss-Newton step with old Jacobians and true residuals (a
// chord step; Ortega & Rheinboldt 1970) converges to about the same minimum as long as the Jacobians have changed
// little, at the price of one evaluation of all residuals, where new Jacobians cost one for each parameter.
//
// The objective is |r(z)|^2 + ridge^2 |z - origin|^2.
//
// Jacobians taken at different points disagree about which directions of z change nothing, and so seem to determine
// them. Such directions are therefore found on rows that were all taken at one point (lb_rows_directions), and steps
// stay within the others.
#ifndef LB_MODEL_ROWS_H_
#define LB_MODEL_ROWS_H_

#include <stdbool.h>

#include "base/arena.h"
#include "model/residual.h"

enum { LB_ROWS_BLOCKS = 64 };

// The fields are open: fits look into them, checkpoints store where the blocks were linearised.
typedef struct lb_rows {
  int n, ndx;    // parameters, rows of a transition
  int count;     // transitions
  int capacity;  // transitions that there is room for
  double* J;     // (count ndx, n)
  double* r;     // (count ndx)
  double* G;     // (n, n) J^T J, by lb_rows_sum
  // Block b holds the transitions from first[b] to first[b + 1]; they were linearised at z = at + b n.
  int nblocks;
  int first[LB_ROWS_BLOCKS + 1];
  double* at;  // (LB_ROWS_BLOCKS, n)
} lb_rows;

// No rows yet; false when memory is short. Freeing a zero-initialised object is allowed.
bool lb_rows_init(lb_rows* rows, int nparam, int ndx);
void lb_rows_free(lb_rows* rows);
void lb_rows_clear(lb_rows* rows);

// Appends p->data, linearised at z, as a block; there must be one left. False when r is not finite (the rows are then
// void) or memory is short. z is moved on the way and restored, as in the next two.
bool lb_rows_add(lb_rows* rows, lb_residual* p, double* z, lb_arena* scratch);

// Linearises block b at z, where r must already be true. p->data: the transitions of all rows.
bool lb_rows_refresh(lb_rows* rows, int b, lb_residual* p, double* z, lb_arena* scratch);

// The Jacobian J (lb_residual_rows(p), n) of p->data at z, row by row of r, kept nowhere else. Serves sums, too.
bool lb_rows_jacobian(double* J, lb_residual* p, double* z, lb_arena* scratch);

// Brings G up to date with J; after rows were added or refreshed.
void lb_rows_sum(lb_rows* rows);

// V (rank, n), room for (n, n): an orthonormal basis of the directions in which |J v| > floor, from G = J^T J; returns
// the rank. *strong is how many of them, the first ones, have |J v| > strong_floor. Directions below 1e-7 of the
// largest |J v| are never counted.
int lb_rows_directions(double* V, int* strong, const double* G, int n, double floor, double strong_floor,
                       lb_arena* scratch);

// The step within V (rank, n) that minimises the objective linearised at z; returns by how much it is expected to fall.
double lb_rows_step(double* step, const lb_rows* rows, const double* V, int rank, const double* z, const double* origin,
                    double ridge, lb_arena* scratch);

// By how much old Jacobians raise the objective's least value, a share for each of `count` transitions: they miss the
// minimum by (J^T J + ridge^2)^-1 dJ^T r, and where the model holds, r is noise that is independent of the change dJ.
// index (count) says which transitions they are, fresh (count ndx, n) holds their present Jacobians.
void lb_rows_staleness(double* rise, const lb_rows* rows, const int* index, const double* fresh, int count,
                       const double* V, int rank, double ridge, lb_arena* scratch);

// deviation (n): square roots of the diagonal of V^T (V (G + ridge^2) V^T)^-1 V, plus what the ridge alone leaves open
// outside V (nothing if it is 0).
void lb_rows_deviation(double* deviation, const double* G, const double* V, int rank, int n, double ridge,
                       lb_arena* scratch);

#endif  // LB_MODEL_ROWS_H_
