// The trial steps of both searches minimise cubics or parabolas through what is known of the line, kept within bounds.
#include "model/line_search.h"

#include <math.h>
#include <stddef.h>

enum { MAX_TRIALS = 100, MAX_BRACKETS = 10, MAX_ZOOMS = 10 };

lb_line_config lb_line_default_config(void) {
  return (lb_line_config){
      .decrease = 1e-4, .curvature = 0.9, .bracket_tolerance = 1e-14, .min_step = 1e-100, .max_step = 1e100};
}

static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

// phi and phi' at a step.
static lb_line_point evaluate(const lb_line* line, double step) {
  lb_line_point p = {.step = step, .value = line->value(line->ctx, step)};
  p.slope = line->slope(line->ctx, step);
  return p;
}

// The strong Wolfe conditions: phi <= phi_0 + decrease step phi_0', |phi'| <= curvature |phi_0'|.
static bool is_wolfe(const lb_line_point* p, const lb_line_point* start, const lb_line_config* c) {
  return p->value <= start->value + c->decrease * p->step * start->slope &&
         fabs(p->slope) <= c->curvature * -start->slope;
}

// The minimiser of the cubic through values and slopes at a and b is a.step + r (b.step - a.step); returns r. *flat:
// the cubic has no minimiser in the direction from b over a (More & Thuente, case 3).
static double cubic_ratio(const lb_line_point* a, const lb_line_point* b, bool* flat) {
  double theta = 3 * (a->value - b->value) / (b->step - a->step) + a->slope + b->slope;
  double scale = fmax(fabs(theta), fmax(fabs(a->slope), fabs(b->slope)));
  double discriminant = (theta / scale) * (theta / scale) - (a->slope / scale) * (b->slope / scale);
  double gamma = copysign(scale * sqrt(fmax(0, discriminant)), b->step - a->step);
  double r = (gamma - a->slope + theta) / (gamma - a->slope + gamma + b->slope);
  if (flat) *flat = !(r < 0 && gamma != 0);
  return r;
}

static double cubic_step(const lb_line_point* a, const lb_line_point* b) {
  return a->step + cubic_ratio(a, b, NULL) * (b->step - a->step);
}

// The zero of the line through both slopes.
static double secant_step(const lb_line_point* a, const lb_line_point* b) {
  return a->step + a->slope / (a->slope - b->slope) * (b->step - a->step);
}

// More & Thuente's interval of uncertainty: best has the least value so far, other is its other end (once bracketed).
typedef struct interval {
  lb_line_point best, other;
  bool bracketed;
} interval;

// Case 3: the slope shrinks along the way; the cubic may lead too far or nowhere.
static double step_where_slope_shrinks(const interval* v, const lb_line_point* trial, double low, double high) {
  bool flat, forward = trial->step > v->best.step;
  double r = cubic_ratio(trial, &v->best, &flat);
  double cubic = flat ? (forward ? high : low) : trial->step + r * (v->best.step - trial->step);
  double secant = secant_step(trial, &v->best);
  bool cubic_nearer = fabs(cubic - trial->step) < fabs(secant - trial->step);
  if (!v->bracketed) return clamp(fabs(cubic - trial->step) > fabs(secant - trial->step) ? cubic : secant, low, high);
  double step = cubic_nearer ? cubic : secant, bound = trial->step + 0.66 * (v->other.step - trial->step);
  return forward ? fmin(bound, step) : fmax(bound, step);
}

// The next trial step from the last one, by the four cases of section 4; narrows the interval.
static double next_step(interval* v, const lb_line_point* trial, double low, double high) {
  double step, turn = trial->slope * copysign(1, v->best.slope);
  if (trial->value > v->best.value) {  // case 1: a higher value, so a minimum lies between
    double cubic = cubic_step(&v->best, trial), width = trial->step - v->best.step;
    double quadratic =
        v->best.step + v->best.slope / ((v->best.value - trial->value) / width + v->best.slope) / 2 * width;
    bool cubic_nearer = fabs(cubic - v->best.step) < fabs(quadratic - v->best.step);
    step = cubic_nearer ? cubic : cubic + (quadratic - cubic) / 2;
    v->bracketed = true;
  } else if (turn < 0) {  // case 2: the slope changed its sign, so a minimum lies between
    double cubic = cubic_step(trial, &v->best), secant = secant_step(trial, &v->best);
    step = fabs(cubic - trial->step) > fabs(secant - trial->step) ? cubic : secant;
    v->bracketed = true;
  } else if (fabs(trial->slope) < fabs(v->best.slope)) {
    step = step_where_slope_shrinks(v, trial, low, high);
  } else if (v->bracketed) {  // case 4: downhill all the way to the other end
    step = cubic_step(trial, &v->other);
  } else {
    step = trial->step > v->best.step ? high : low;
  }
  if (trial->value > v->best.value) {
    v->other = *trial;
  } else {
    if (turn < 0) v->other = v->best;
    v->best = *trial;
  }
  return step;
}

// p seen from the auxiliary function psi(a) = phi(a) - a * decrease * phi'(0) (equation 2.1 of the paper).
static lb_line_point tilted(lb_line_point p, double tilt) {
  return (lb_line_point){p.step, p.value - p.step * tilt, p.slope - tilt};
}

bool lb_line_more_thuente(lb_line_point* found, const lb_line* line, const lb_line_point* start, double first,
                          const lb_line_config* c) {
  if (!(start->slope < 0) || !(first >= c->min_step && first <= c->max_step)) return false;
  double tilt = c->decrease * start->slope, width = c->max_step - c->min_step, last_width = 2 * width;
  double low = 0, high = first + 4 * first, step = first;
  interval v = {.best = *start, .other = *start};
  bool auxiliary = true;  // until a step has sufficient decrease and a slope that is not negative
  for (int i = 0; i < MAX_TRIALS; ++i) {
    lb_line_point trial = evaluate(line, step);
    if (!isfinite(trial.value) || !isfinite(trial.slope)) return false;
    double target = start->value + step * tilt;
    if (auxiliary && trial.value <= target && trial.slope >= 0) auxiliary = false;
    *found = trial;
    if (is_wolfe(&trial, start, c)) return true;
    if (v.bracketed && (step <= low || step >= high || high - low <= c->bracket_tolerance * high)) return false;
    if (step == c->max_step && trial.value <= target && trial.slope <= tilt) return false;
    if (step == c->min_step && (trial.value > target || trial.slope >= tilt)) return false;

    if (auxiliary && trial.value <= v.best.value && trial.value > target) {
      interval psi = {tilted(v.best, tilt), tilted(v.other, tilt), v.bracketed};
      lb_line_point psi_trial = tilted(trial, tilt);
      step = next_step(&psi, &psi_trial, low, high);
      v = (interval){tilted(psi.best, -tilt), tilted(psi.other, -tilt), psi.bracketed};
    } else {
      step = next_step(&v, &trial, low, high);
    }
    if (v.bracketed) {  // the interval must shrink by a third in two trials
      if (fabs(v.other.step - v.best.step) >= 0.66 * last_width) step = v.best.step + (v.other.step - v.best.step) / 2;
      last_width = width;
      width = fabs(v.other.step - v.best.step);
      low = fmin(v.best.step, v.other.step);
      high = fmax(v.best.step, v.other.step);
    } else {
      low = step + 1.1 * (step - v.best.step);
      high = step + 4 * (step - v.best.step);
    }
    step = clamp(step, c->min_step, c->max_step);
    if (v.bracketed && (step <= low || step >= high || high - low <= c->bracket_tolerance * high)) step = v.best.step;
  }
  return false;
}

// Interpolates inside (low, high) by a cubic through both ends and a third point, by a parabola, or halves; `margin`s
// of the width at both ends are taken for failures of the former two.
static double zoom_step(const lb_line_point* low, const lb_line_point* high, const lb_line_point* third) {
  double width = high->step - low->step, left = fmin(low->step, high->step), right = fmax(low->step, high->step);
  if (third) {
    double d1 = width, d2 = third->step - low->step;
    double e1 = high->value - low->value - low->slope * d1, e2 = third->value - low->value - low->slope * d2;
    double scale = d1 * d1 * d2 * d2 * (d1 - d2);
    double a = (d2 * d2 * e1 - d1 * d1 * e2) / scale, b = (d1 * d1 * d1 * e2 - d2 * d2 * d2 * e1) / scale;
    double step = low->step + (-b + sqrt(b * b - 3 * a * low->slope)) / (3 * a);
    double margin = 0.2 * fabs(width);
    if (isfinite(step) && step >= left + margin && step <= right - margin) return step;
  }
  double curvature = (high->value - low->value - low->slope * width) / (width * width);
  double step = low->step - low->slope / (2 * curvature), margin = 0.1 * fabs(width);
  if (isfinite(step) && step >= left + margin && step <= right - margin) return step;
  return low->step + 0.5 * width;
}

// Algorithm 3.6: low satisfies sufficient decrease and has the least value of those that do; the line goes down from
// low towards high.
static bool zoom(lb_line_point* found, const lb_line* line, const lb_line_point* start, lb_line_point low,
                 lb_line_point high, const lb_line_config* c) {
  lb_line_point third = {0};
  for (int i = 0; i < MAX_ZOOMS; ++i) {
    lb_line_point trial = {.step = zoom_step(&low, &high, i ? &third : NULL)};
    trial.value = line->value(line->ctx, trial.step);
    if (!isfinite(trial.value)) return false;
    if (trial.value > start->value + c->decrease * trial.step * start->slope || trial.value >= low.value) {
      third = high;
      high = trial;
      continue;
    }
    trial.slope = line->slope(line->ctx, trial.step);
    if (is_wolfe(&trial, start, c)) {
      *found = trial;
      return true;
    }
    third = trial.slope * (high.step - low.step) >= 0 ? high : low;
    if (trial.slope * (high.step - low.step) >= 0) high = low;
    low = trial;
  }
  return false;
}

bool lb_line_bracket_and_zoom(lb_line_point* found, const lb_line* line, const lb_line_point* start, double first,
                              const lb_line_config* c) {
  lb_line_point before = *start, trial = {.step = fmin(first, c->max_step)};
  if (!(start->slope < 0) || !(trial.step > 0)) return false;
  for (int i = 0; i < MAX_BRACKETS; ++i) {
    trial.value = line->value(line->ctx, trial.step);
    if (!isfinite(trial.value)) return false;
    bool too_high = trial.value > start->value + c->decrease * trial.step * start->slope;
    if (too_high || (i > 0 && trial.value >= before.value)) return zoom(found, line, start, before, trial, c);
    trial.slope = line->slope(line->ctx, trial.step);
    if (is_wolfe(&trial, start, c)) {
      *found = trial;
      return true;
    }
    if (trial.slope >= 0) return zoom(found, line, start, trial, before, c);
    before = trial;
    if (trial.step >= c->max_step) return false;
    trial.step = fmin(2 * trial.step, c->max_step);
  }
  return false;
}
