// The one-step map x' = f(x, u) of a model at the control rate, for many states at once, and its derivatives by central
// finite differences in the tangent space (phys/phys_model.h). Each step starts cold, so it is a function of (x, u),
// the same bits on any number of threads. One thread runs a plain loop over mj_step; more run through MuJoCo's
// mjbatch.h.
#ifndef LB_PHYS_MAP_H_
#define LB_PHYS_MAP_H_

#include "base/status.h"
#include "phys/phys_model.h"
#include "phys/sim.h"

typedef struct lb_phys_map lb_phys_map;

typedef struct lb_phys_map_config {
  int threads;   // including the caller's, >= 1
  double eps_x;  // half the width of a difference in the state (its own units: m, rad, m/s, rad/s)
  double eps_u;  // and in a control
} lb_phys_map_config;

// One thread; 1e-5 for both differences (truncation grows with its square, rounding with its inverse; about 1e-10
// each).
lb_phys_map_config lb_phys_map_default_config(void);

// The model is the caller's and must outlive the map; its fields may change between calls (phys/field.h). `rate` is
// copied, `config` may be NULL.
lb_status lb_phys_map_new(lb_phys_map** out, const lb_phys_model* model, const lb_phys_rate* rate,
                          const lb_phys_map_config* config);
void lb_phys_map_free(lb_phys_map* map);

// x_next (n, nx) from x (n, nx), u (n, nu). A step that diverges gives a row of NaN.
void lb_phys_map_step(lb_phys_map* map, int n, const double* x, const double* u, double* x_next);

// A (n, ndx, ndx), B (n, ndx, nu): d(x' of the displaced (x, u) minus f(x, u)) by d(displacement of x, change of u). A
// control within its limits is not moved beyond them: at a limit the difference is one-sided. Returns the number of
// one-step evaluations. A knot from which a step diverges gives NaN.
long lb_phys_map_linearize(lb_phys_map* map, int n, const double* x, const double* u, double* A, double* B);

#endif  // LB_PHYS_MAP_H_
