// How far a model's open-loop prediction is from what the real system did: from a recorded state, the recorded actions,
// k steps, no correction on the way. One step is what a fit sees; the growth with k is what a planner meets.
#ifndef LB_EVAL_MODEL_ERROR_H_
#define LB_EVAL_MODEL_ERROR_H_

#include "base/arena.h"
#include "core/dynamics.h"
#include "core/transitions.h"
#include "eval/estimate.h"

// n pieces of recorded episodes, k steps each, none across an episode's end.
typedef struct lb_segments {
  int n, k;
  const double* x;    // (n, nx) where they begin
  const double* u;    // (k, n, nu) the recorded actions, a step after the other
  const double* end;  // (n, nx) where the real system was after k steps
} lb_segments;

// sqrt( mean over segments of |(f^k(x, u) (-) end) / scale|^2 / ndx ): the root mean square of the difference, with
// each of the ndx directions in units of its scale (ndx); f is the model's noise-free map (an ensemble's mean
// prediction). The standard error is over segments, by the delta method: that of the mean square over twice the root.
// NAN where there is no segment; infinite or NAN where a prediction left the finite numbers. Counts no model queries.
lb_estimate lb_model_error_open_loop(const lb_dynamics* model, const lb_segments* segments, const double* scale,
                                     lb_arena* scratch);

// scale (nobs): the standard deviation of each number of the observation over all rows; 1 where it does not vary (below
// 1e-12) or there are no rows.
// Of a mixture: the first `first` rows weigh `share` in all and the others the rest (one of the two alone: all).
void lb_model_error_scale(double* scale, const lb_transitions* data, int first, double share, lb_arena* scratch);

#endif  // LB_EVAL_MODEL_ERROR_H_
