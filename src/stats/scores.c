// Statistics of scores over several tasks: see scores.h.
#include "stats/scores.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/sort.h"

static double* room_for(size_t n) {
  double* room = calloc(n > 0 ? n : 1, sizeof *room);
  if (!room) abort();
  return room;
}

static lb_interval interval_of(double* values, int n, double level) {
  lb_sort(values, n);
  return (lb_interval){lb_stats_quantile(values, n, 0.5 - 0.5 * level),
                       lb_stats_quantile(values, n, 0.5 + 0.5 * level)};
}

int lb_scores_total(const lb_scores* s) {
  int n = 0;
  for (int t = 0; t < s->tasks; t++) n += s->count[t];
  return n;
}

bool lb_scores_have_enough(const lb_scores* s) {
  for (int t = 0; t < s->tasks; t++) {
    if (s->count[t] > 0 && s->count[t] < LB_SCORES_LEAST) return false;
  }
  return true;
}

// Draws, within each task, as many runs as it has.
static void resample(double* drawn, const lb_scores* s, lb_rng* rng) {
  for (int t = 0, start = 0; t < s->tasks; start += s->count[t], t++) {
    for (int i = 0; i < s->count[t]; i++) {
      drawn[start + i] = s->x[start + (int)lb_rng_below(rng, (uint32_t)s->count[t])];
    }
  }
}

static double share_above(const double* x, int n, double tau) {
  int above = 0;
  for (int i = 0; i < n; i++) above += x[i] > tau;
  return n > 0 ? (double)above / n : NAN;
}

void lb_scores_profile(double* share, double* low, double* high, const lb_scores* s, const double* tau, int n,
                       double level, int resamples, uint64_t seed) {
  assert(resamples >= 1 && level > 0 && level < 1);
  int total = lb_scores_total(s);
  for (int i = 0; i < n; i++) {
    share[i] = share_above(s->x, total, tau[i]);
    low[i] = high[i] = NAN;
  }
  if (total == 0) return;
  double* drawn = room_for((size_t)total);
  double* shares = room_for((size_t)n * (size_t)resamples);  // (n, resamples)
  lb_rng rng = lb_rng_stream(seed, LB_RNG_STATISTICS, 1, 0);
  for (int r = 0; r < resamples; r++) {
    resample(drawn, s, &rng);
    for (int i = 0; i < n; i++) shares[(size_t)i * (size_t)resamples + (size_t)r] = share_above(drawn, total, tau[i]);
  }
  for (int i = 0; i < n; i++) {
    lb_interval interval = interval_of(shares + (size_t)i * (size_t)resamples, resamples, level);
    low[i] = interval.low;
    high[i] = interval.high;
  }
  free(shares);
  free(drawn);
}

// P(x > y) on one task.
static double improvement_on(const double* x, int nx, const double* y, int ny) {
  double wins = 0;
  for (int i = 0; i < nx; i++) {
    for (int j = 0; j < ny; j++) wins += x[i] > y[j] ? 1 : x[i] == y[j] ? 0.5 : 0;
  }
  return wins / ((double)nx * ny);
}

double lb_scores_improvement(const lb_scores* x, const lb_scores* y) {
  assert(x->tasks == y->tasks);
  double sum = 0;
  int tasks = 0;
  for (int t = 0, i = 0, j = 0; t < x->tasks; i += x->count[t], j += y->count[t], t++) {
    if (x->count[t] == 0 || y->count[t] == 0) continue;
    sum += improvement_on(x->x + i, x->count[t], y->x + j, y->count[t]);
    tasks++;
  }
  return tasks > 0 ? sum / tasks : NAN;
}

lb_interval lb_scores_improvement_interval(const lb_scores* x, const lb_scores* y, double level, int resamples,
                                           uint64_t seed) {
  assert(resamples >= 1 && level > 0 && level < 1);
  if (isnan(lb_scores_improvement(x, y))) return (lb_interval){NAN, NAN};
  double *x_drawn = room_for((size_t)lb_scores_total(x)), *y_drawn = room_for((size_t)lb_scores_total(y));
  double* values = room_for((size_t)resamples);
  const lb_scores x_again = {x_drawn, x->count, x->tasks}, y_again = {y_drawn, y->count, y->tasks};
  lb_rng x_rng = lb_rng_stream(seed, LB_RNG_STATISTICS, 2, 0), y_rng = lb_rng_stream(seed, LB_RNG_STATISTICS, 3, 0);
  for (int r = 0; r < resamples; r++) {
    resample(x_drawn, x, &x_rng);
    resample(y_drawn, y, &y_rng);
    values[r] = lb_scores_improvement(&x_again, &y_again);
  }
  lb_interval interval = interval_of(values, resamples, level);
  free(values);
  free(y_drawn);
  free(x_drawn);
  return interval;
}
