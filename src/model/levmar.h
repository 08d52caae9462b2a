// Nonlinear least squares by MINPACK's Levenberg-Marquardt method (lmder; More 1978) on a family's residual.
#ifndef LB_MODEL_LEVMAR_H_
#define LB_MODEL_LEVMAR_H_

#include <stdbool.h>

#include "base/arena.h"
#include "model/residual.h"

typedef struct lb_levmar_config {
  double tolerance;      // ftol and xtol: relative change of the sum of squares, and of z
  int max_evaluations;   // of r, those of differences not counted
  double ridge;          // ridge^2 |z - origin|^2 is added to |r|^2
  const double* origin;  // (nparam)
} lb_levmar_config;

typedef struct lb_levmar_result {
  bool ok;           // false: r is not finite at the start; z is as it was
  double squares;    // |r|^2 at z
  const char* stop;  // static text
} lb_levmar_result;

// Minimises |r(z)|^2 plus the ridge from z (nparam), which becomes the minimiser. Steps out of the family's domain are
// rejected.
lb_levmar_result lb_levmar_minimize(lb_residual* p, double* z, const lb_levmar_config* config, lb_arena* scratch);

#endif  // LB_MODEL_LEVMAR_H_
