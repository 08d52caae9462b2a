// Two searches for a step a > 0 along a line phi(a) that satisfies the strong Wolfe conditions
//   phi(a) <= phi(0) + decrease * a * phi'(0),   |phi'(a)| <= curvature * |phi'(0)|.
#ifndef LB_MODEL_LINE_SEARCH_H_
#define LB_MODEL_LINE_SEARCH_H_

#include <stdbool.h>

typedef struct lb_line_point {
  double step, value, slope;
} lb_line_point;

// slope is asked for only directly after value, at the same step.
typedef struct lb_line {
  void* ctx;
  double (*value)(void* ctx, double step);
  double (*slope)(void* ctx, double step);
} lb_line;

typedef struct lb_line_config {
  double decrease, curvature;  // 0 < decrease < curvature < 1
  double bracket_tolerance;    // relative width at which a bracket counts as a point
  double min_step, max_step;
} lb_line_config;

// decrease 1e-4, curvature 0.9, bracket_tolerance 1e-14, steps within [1e-100, 1e100].
lb_line_config lb_line_default_config(void);

// Both start at `start` (its step is 0, its slope must be negative) with the trial step `first`, and return false when
// they find none: too many trials, a bracket that closed, values that are not finite. The line was last evaluated,
// value and slope, at the point that a successful search returns.
//
// More & Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994), with the constants
// of MINPACK-2.
bool lb_line_more_thuente(lb_line_point* found, const lb_line* line, const lb_line_point* start, double first,
                          const lb_line_config* config);

// Nocedal & Wright, "Numerical Optimization" (2006), algorithms 3.5 (bracketing by doubling) and 3.6 (zoom).
bool lb_line_bracket_and_zoom(lb_line_point* found, const lb_line* line, const lb_line_point* start, double first,
                              const lb_line_config* config);

#endif  // LB_MODEL_LINE_SEARCH_H_
