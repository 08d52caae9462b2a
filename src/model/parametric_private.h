// The inside of the parametric model, for parametric.c, parametric_moments.c (what matches values) and
// parametric_model.c alone.
#ifndef LB_MODEL_PARAMETRIC_PRIVATE_H_
#define LB_MODEL_PARAMETRIC_PRIVATE_H_

#include "base/arena.h"
#include "model/parametric.h"
#include "model/residual.h"
#include "model/rows.h"

// Of the ridge: steps leave directions alone that the data determine worse than this.
#define LB_PARAMETRIC_WEAK 0.1

struct lb_parametric {
  lb_arena* arena;
  const lb_family* family;
  lb_parametric_config config;
  lb_dynamics dynamics;
  void* member;            // at the estimate
  void* trial;             // at whatever a fit tries
  double *theta, *z;       // (nparam) the estimate of the fit, and in units of scale
  double* acting;          // (nparam) that of the dynamics: theta, or what matches values
  double *start, *origin;  // (nparam) the initial one, likewise
  double* scale;           // (nparam) the prior's width
  int seen;                // transitions in the sums or the rows
  double loss;             // of the last fit; NAN: none
  double* sums;            // (nsums) NULL: a family without
  lb_rows rows;            // a family without sums
  double* basis;           // (rank, nparam) the directions that the data determine, to the ridge's strength
  int rank;
  lb_parametric_report report;
  double* deviation;
};

// One fit at work.
typedef struct lb_parametric_job {
  lb_parametric* m;
  lb_residual residual;  // of all data
  double* z;             // (nparam) the best so far
  double loss;           // its mean squared error; INFINITY: none yet
  const char* stop;
  int losses;  // evaluations of the loss outside of `residual`
  int strong;  // directions that the data determine better than the prior
} lb_parametric_job;

// The transitions from `from` on.
lb_batch lb_parametric_part_of(const lb_parametric* m, const lb_batch* b, int from);

// The residual on data; its scratch is the arena's.
lb_residual lb_parametric_residual_on(lb_parametric* m, const lb_batch* data);

// The ridge in z: by the noise that a mean squared error of `loss` stands for.
double lb_parametric_ridge(const lb_parametric* m, double loss);

// The dynamics' parameters become z, a member of the family, in units of scale.
void lb_parametric_act_as(lb_parametric* m, const double* z);

#endif  // LB_MODEL_PARAMETRIC_PRIVATE_H_
