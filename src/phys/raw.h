// MuJoCo's own mj_step in a plain loop, without anything around it: what a benchmark compares a task's step with.
#ifndef LB_PHYS_RAW_H_
#define LB_PHYS_RAW_H_

#include "base/status.h"
#include "phys/phys_model.h"
#include "phys/sim.h"

typedef struct lb_phys_raw lb_phys_raw;

// The model is the caller's and must outlive it; `rate` is copied.
lb_status lb_phys_raw_new(lb_phys_raw** out, const lb_phys_model* model, const lb_phys_rate* rate);
void lb_phys_raw_free(lb_phys_raw* raw);

// n control steps of frame_skip calls of mj_step each, under the controls u (horizon, nu), from x (nx) again after
// every `horizon` of them.
void lb_phys_raw_run(lb_phys_raw* raw, const double* x, const double* u, int horizon, long n);

#endif  // LB_PHYS_RAW_H_
