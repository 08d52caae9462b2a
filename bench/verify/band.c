// Bands of results: see band.h.
#include "verify/band.h"

#include <assert.h>
#include <math.h>

#include "base/rng.h"
#include "base/sort.h"

enum { MOST = 64, MOST_CHOICES = 150000 };

static const double slack = 0.5, rounding = 1e-9;

lb_band lb_band_of(const double* values, int n, double margin) {
  double low = values[0], high = values[0];
  assert(n >= 2);
  for (int i = 1; i < n; i++) {
    low = fmin(low, values[i]);
    high = fmax(high, values[i]);
  }
  double more = margin >= 0 ? margin : slack * (high - low);
  more = fmax(more, rounding * fmax(fabs(low), fabs(high)));
  return (lb_band){.low = low - more, .high = high + more};
}

bool lb_band_holds(const lb_band* band, double value) {
  return value >= band->low && value <= band->high;
}

double lb_band_median(double* x, int n) {
  for (int i = 0; i < n; i++) {
    if (isnan(x[i])) return NAN;
  }
  lb_sort(x, n);
  return lb_sort_median(x, n);
}

double lb_band_outside_range(int n, int m) {
  double chance = 2;
  assert(m % 2 == 1);
  for (int i = 0; i < (m + 1) / 2; i++) chance *= (double)(m - i) / (n + m - i);
  return chance;
}

// Whether the chosen ones' median lies outside the band of the others; chosen is in ascending order.
static bool is_false_alarm(const double* values, int n, const int* chosen, int m, double margin) {
  double out[MOST], rest[MOST];
  int k = 0, nrest = 0;
  for (int i = 0; i < n; i++) {
    if (k < m && chosen[k] == i) {
      out[k++] = values[i];
    } else {
      rest[nrest++] = values[i];
    }
  }
  assert(k == m && nrest == n - m && nrest >= 2);
  lb_band band = lb_band_of(rest, nrest, margin);
  return !lb_band_holds(&band, lb_band_median(out, m));
}

// The next choice of m of n in ascending order; false after the last.
static bool next_choice(int* chosen, int n, int m) {
  int at = m - 1;  // the last that can move up
  while (at >= 0 && chosen[at] == n - m + at) at--;
  if (at < 0) return false;
  chosen[at]++;
  for (int i = at + 1; i < m; i++) chosen[i] = chosen[i - 1] + 1;
  return true;
}

// A random choice: each of the n with the chance that fills the places left (Knuth, algorithm S).
static void draw_choice(int* chosen, int n, int m, lb_rng* rng) {
  for (int i = 0, k = 0; k < m; i++) {
    if ((n - i) * lb_rng_uniform(rng) < m - k) chosen[k++] = i;
  }
}

double lb_band_false_alarms(const double* values, int n, int m, double margin, long* tried) {
  int chosen[MOST];
  double ways = 1;
  long alarms = 0;
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
  assert(n <= MOST && n - m >= 2 && m >= 1);
  *tried = 0;
  for (int i = 0; i < m; i++) {
    chosen[i] = i;
    ways *= (double)(n - i) / (i + 1);
  }
  bool all = ways < MOST_CHOICES + 0.5, more = true;
  while (more) {
    if (!all) draw_choice(chosen, n, m, &rng);
    alarms += is_false_alarm(values, n, chosen, m, margin);
    *tried += 1;
    more = all ? next_choice(chosen, n, m) : *tried < MOST_CHOICES;
  }
  return (double)alarms / (double)*tried;
}
