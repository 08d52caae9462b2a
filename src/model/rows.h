// Kept rows of a growing least-squares problem: the residual r of every transition at the present estimate, and its
// Jacobian J at the estimate where it was last taken. A Gauss-Newton step with old Jacobians and true residuals (a
// chord step; Ortega & Rheinboldt 1970) converges to the same minimum as long as the Jacobians have changed little, at
// the price of one evaluation of all residuals, where new Jacobians cost one for each parameter.
//
// The objective is |r(z)|^2 + ridge^2 |z - origin|^2.
//
// Jacobians taken at different points disagree about which directions of z change nothing, and so seem to determine
// them. Such directions are therefore found on a factor whose rows were all taken at one point (lb_rows_directions),
// and steps stay within the others.
#ifndef LB_MODEL_ROWS_H_
#define LB_MODEL_ROWS_H_

#include <stdbool.h>

#include "base/arena.h"
#include "model/residual.h"

enum { LB_ROWS_BLOCKS = 64 };

typedef struct lb_rows {
  int n, ndx;    // parameters, rows of a transition
  int count;     // transitions
  int capacity;  // transitions that there is room for
  double* J;     // (count ndx, n)
  double* r;     // (count ndx)
  double* R;     // (n, n) upper triangular, R^T R = J^T J
  // Transitions from first[b] on were linearised at z = at + b n.
  int nblocks;
  int first[LB_ROWS_BLOCKS];
  double* at;  // (LB_ROWS_BLOCKS, n)
} lb_rows;

// No rows yet; false when memory is short. Freeing a zero-initialised object is allowed.
bool lb_rows_init(lb_rows* rows, int nparam, int ndx);
void lb_rows_free(lb_rows* rows);
void lb_rows_clear(lb_rows* rows);

// Appends p->data, linearised at z, as a block; also rotates them into the factor `also` (n, n) unless NULL. There must
// be a block left. False when r is not finite (the rows are then void) or memory is short. z is moved on the way and
// restored.
bool lb_rows_add(lb_rows* rows, double* also, lb_residual* p, double* z, lb_arena* scratch);

// Adds the Jacobian rows of p->data at z to a factor (n, n) only, and copies them to J (lb_residual_rows(p), n) unless
// NULL. For a family with sums these are its few rows.
bool lb_rows_factor(double* R, double* J, lb_residual* p, double* z, lb_arena* scratch);

// V (rank, n), room for (n, n): an orthonormal basis of the directions in which |R v| > floor; returns the rank.
// *strong (NULL: not wanted) is how many of them, the first ones, have |R v| > strong_floor. Directions below 1e-7 of
// the largest |R v| are never counted.
int lb_rows_directions(double* V, int* strong, const double* R, int n, double floor, double strong_floor,
                       lb_arena* scratch);

// The step within V (rank, n) that minimises the objective linearised at z; returns by how much it is expected to fall.
double lb_rows_step(double* step, const lb_rows* rows, const double* V, int rank, const double* z, const double* origin,
                    double ridge, lb_arena* scratch);

// How far old Jacobians are off, where `count` transitions were linearised again: mean square of the change of their
// rows over mean square of the rows, both seen in V and in units in which J^T J + ridge^2 is the identity. index
// (count) says which transitions they are, fresh (count ndx, n) holds their new rows.
double lb_rows_staleness(const lb_rows* rows, const int* index, const double* fresh, int count, const double* V,
                         int rank, double ridge, lb_arena* scratch);

// deviation (n): square roots of the diagonal of V^T (V (R^T R + ridge^2) V^T)^-1 V, plus what the ridge alone leaves
// open outside V (nothing if it is 0).
void lb_rows_deviation(double* deviation, const double* R, const double* V, int rank, int n, double ridge,
                       lb_arena* scratch);

#endif  // LB_MODEL_ROWS_H_
