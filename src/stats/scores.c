// Statistics of scores over several tasks: see scores.h.
#include "stats/scores.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/sort.h"

// n zeros.
static double* room_for(size_t n) {
  double* room = calloc(n > 0 ? n : 1, sizeof *room);
  if (!room) abort();
  return room;
}

// The middle share `level` of n values, which are sorted.
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

// The share of x that is above tau; NaN for n = 0.
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

// How many of sorted y (n) are below v; with `also`, or equal to it.
static int count_below(const double* y, int n, double v, bool also) {
  int low = 0, high = n;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (y[middle] < v || (also && y[middle] == v)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Two samples of a task in their order, so that P(x > y) of resamples is counted in O(nx + ny): a value stands at the
// place of the first that equals it.
typedef struct ranked {
  int nx, ny;
  int *x_place, *y_place;  // (nx), (ny) of every value in its own sorted sample
  int *below, *not_above;  // (nx) of every sorted x: how many y are below it, or below or equal
  int *x_drawn, *y_drawn;  // (nx), (ny + 1) how often each place was drawn; of y then up to each place
} ranked;

// n whole zeros.
static int* ints_for(int n) {
  int* room = calloc(n > 0 ? (size_t)n : 1, sizeof *room);
  if (!room) abort();
  return room;
}

// Fills the places of both samples.
static void rank(ranked* r, const double* x, int nx, const double* y, int ny) {
  double *xs = room_for((size_t)nx), *ys = room_for((size_t)ny);
  for (int i = 0; i < nx; i++) xs[i] = x[i];
  for (int i = 0; i < ny; i++) ys[i] = y[i];
  lb_sort(xs, nx);
  lb_sort(ys, ny);
  *r = (ranked){nx, ny, ints_for(nx), ints_for(ny), ints_for(nx), ints_for(nx), ints_for(nx), ints_for(ny + 1)};
  for (int i = 0; i < nx; i++) {
    r->x_place[i] = count_below(xs, nx, x[i], false);
    r->below[i] = count_below(ys, ny, xs[i], false);
    r->not_above[i] = count_below(ys, ny, xs[i], true);
  }
  for (int i = 0; i < ny; i++) r->y_place[i] = count_below(ys, ny, y[i], false);
  free(xs);
  free(ys);
}

// Frees its pieces.
static void free_ranked(ranked* r) {
  int* const pieces[] = {r->x_place, r->y_place, r->below, r->not_above, r->x_drawn, r->y_drawn};
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) free(pieces[i]);
}

// Draws n of n, as resample() does, and counts the places.
static void draw(int* drawn, const int* place, int n, lb_rng* rng) {
  for (int i = 0; i < n; i++) drawn[i] = 0;
  for (int i = 0; i < n; i++) drawn[place[lb_rng_below(rng, (uint32_t)n)]]++;
}

// P(x > y) of what was drawn: whole and half wins, which are exact. Leaves y_drawn summed up.
static double improvement_of_drawn(ranked* r) {
  double wins = 0;
  for (int i = 0, sum = 0; i <= r->ny; i++) {
    int own = i < r->ny ? r->y_drawn[i] : 0;
    r->y_drawn[i] = sum;
    sum += own;
  }
  for (int i = 0; i < r->nx; i++) {
    int below = r->y_drawn[r->below[i]], equal = r->y_drawn[r->not_above[i]] - below;
    wins += r->x_drawn[i] * (below + 0.5 * equal);
  }
  return wins / ((double)r->nx * r->ny);
}

lb_interval lb_scores_improvement_interval(const lb_scores* x, const lb_scores* y, double level, int resamples,
                                           uint64_t seed) {
  assert(resamples >= 1 && level > 0 && level < 1);
  if (isnan(lb_scores_improvement(x, y))) return (lb_interval){NAN, NAN};
  double* values = room_for((size_t)resamples);
  ranked* tasks = calloc((size_t)x->tasks, sizeof *tasks);
  if (!tasks) abort();
  for (int t = 0, i = 0, k = 0; t < x->tasks; i += x->count[t], k += y->count[t], t++) {
    rank(&tasks[t], x->x + i, x->count[t], y->x + k, y->count[t]);
  }
  lb_rng x_rng = lb_rng_stream(seed, LB_RNG_STATISTICS, 2, 0), y_rng = lb_rng_stream(seed, LB_RNG_STATISTICS, 3, 0);
  for (int r = 0; r < resamples; r++) {
    double sum = 0;
    int n = 0;
    for (int t = 0; t < x->tasks; t++) {
      draw(tasks[t].x_drawn, tasks[t].x_place, tasks[t].nx, &x_rng);
      draw(tasks[t].y_drawn, tasks[t].y_place, tasks[t].ny, &y_rng);
      if (tasks[t].nx == 0 || tasks[t].ny == 0) continue;
      sum += improvement_of_drawn(&tasks[t]);
      n++;
    }
    values[r] = sum / n;
  }
  for (int t = 0; t < x->tasks; t++) free_ranked(&tasks[t]);
  free(tasks);
  lb_interval interval = interval_of(values, resamples, level);
  free(values);
  return interval;
}
