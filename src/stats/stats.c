// Statistics over seeds: see stats.h.
#include "stats/stats.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/sort.h"

// A copy of x[0..n) that the caller frees; ends the program when memory is short, as the arena does.
static double* copy_of(const double* x, int n) {
  double* copy = calloc((size_t)(n > 0 ? n : 1), sizeof *copy);
  if (!copy) abort();
  if (n > 0) memcpy(copy, x, sizeof(double) * (size_t)n);
  return copy;
}

// The same values, ascending; the caller frees them.
static double* sorted_copy(const double* x, int n) {
  double* sorted = copy_of(x, n);
  lb_sort(sorted, n);
  return sorted;
}

// The continued fraction of I_x(a, b), which converges quickly for x < (a + 1) / (a + b + 2).
static double beta_fraction(double x, double a, double b) {
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  if (fabs(d) < tiny) d = tiny;
  d = 1 / d;
  double fraction = d;
  for (int m = 1; m <= 10000; m++) {
    double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (int half = 0; half < 2; half++) {
      double term = half ? odd : even;
      d = 1 + term * d;
      c = 1 + term / c;
      if (fabs(d) < tiny) d = tiny;
      if (fabs(c) < tiny) c = tiny;
      d = 1 / d;
      change = c * d;
      fraction *= change;
    }
    if (fabs(change - 1) < 1e-16) break;
  }
  return fraction;
}

double lb_stats_incomplete_beta(double x, double a, double b) {
  assert(a > 0 && b > 0 && x >= 0 && x <= 1);
  if (x == 0 || x == 1) return x;
  double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double lb_stats_t_upper(double t, double df) {
  assert(df > 0);
  if (t < 0) return 1 - lb_stats_t_upper(-t, df);
  return 0.5 * lb_stats_incomplete_beta(df / (df + t * t), 0.5 * df, 0.5);
}

double lb_stats_t_quantile(double p, double df) {
  assert(p > 0 && p < 1 && df > 0);
  if (p < 0.5) return -lb_stats_t_quantile(1 - p, df);
  double low = 0, high = 1;
  while (lb_stats_t_upper(high, df) > 1 - p && high < 1e300) high *= 2;
  for (int i = 0; i < 200; i++) {
    double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    if (lb_stats_t_upper(middle, df) > 1 - p) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return 0.5 * (low + high);
}

double lb_stats_normal_upper(double z) {
  return 0.5 * erfc(z / sqrt(2));
}

double lb_stats_mean(const double* x, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += x[i];
  return sum / n;
}

lb_stats_summary lb_stats_summarise(const double* x, int n, double level) {
  assert(n >= 0 && level > 0 && level < 1);
  lb_stats_summary s = {n, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  if (n == 0) return s;
  double* sorted = sorted_copy(x, n);
  s.median = lb_stats_quantile(sorted, n, 0.5);
  s.min = sorted[0];
  s.max = sorted[n - 1];
  free(sorted);
  if (!isfinite(s.max) || !isfinite(s.min)) return s;
  s.mean = lb_stats_mean(x, n);
  if (n < 2) return s;
  double squares = 0;
  for (int i = 0; i < n; i++) squares += (x[i] - s.mean) * (x[i] - s.mean);
  s.sd = sqrt(squares / (n - 1));
  s.se = s.sd / sqrt(n);
  double reach = lb_stats_t_quantile(0.5 + 0.5 * level, n - 1) * s.se;
  s.low = s.mean - reach;
  s.high = s.mean + reach;
  return s;
}

double lb_stats_quantile(const double* sorted, int n, double q) {
  assert(q >= 0 && q <= 1);
  if (n == 0) return NAN;
  double place = q * (n - 1);
  int below = (int)floor(place);
  double share = place - below;
  if (share == 0 || sorted[below] == sorted[below + 1] || sorted[below] == -INFINITY) return sorted[below];
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

double lb_stats_iqm(const double* x, int n) {
  if (n == 0) return NAN;
  double* sorted = sorted_copy(x, n);
  int cut = n / 4;
  double mean = lb_stats_mean(sorted + cut, n - 2 * cut);
  free(sorted);
  return mean;
}

// The place of every value in sorted x (n): of the first that equals it.
static int* places_of(const double* sorted, const double* x, int n) {
  int* place = calloc((size_t)n, sizeof *place);
  if (!place) abort();
  for (int i = 0; i < n; i++) {
    int low = 0, high = n;
    while (low < high) {
      int middle = low + (high - low) / 2;
      if (sorted[middle] < x[i]) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    place[i] = low;
  }
  return place;
}

// Puts what was drawn, so many of each place, in its order.
static void lay_out(double* drawn, const double* sorted, int* counts, int n) {
  for (int i = 0, at = 0; i < n; i++) {
    for (; counts[i] > 0; counts[i]--) drawn[at++] = sorted[i];
  }
}

lb_interval lb_stats_bootstrap(lb_stats_function statistic, const double* x, const int* count, int strata, double level,
                               int resamples, uint64_t seed) {
  assert(strata >= 1 && resamples >= 1 && level > 0 && level < 1);
  int n = 0;
  for (int s = 0; s < strata; s++) n += count[s];
  if (n <= 0) return (lb_interval){NAN, NAN};
  // The interquartile mean sorts what it is given: what is drawn from a sorted sample comes to it in order, which is
  // quick. Others may depend on the order to the last bit.
  bool in_order = statistic == lb_stats_iqm;
  double *drawn = copy_of(x, n), *sorted = in_order ? sorted_copy(x, n) : NULL;
  int* place = in_order ? places_of(sorted, x, n) : NULL;
  int* counts = calloc((size_t)n, sizeof *counts);
  double* values = malloc(sizeof(double) * (size_t)resamples);
  if (!values || !counts) abort();
  lb_rng rng = lb_rng_stream(seed, LB_RNG_STATISTICS, 0, 0);
  for (int r = 0; r < resamples; r++) {
    for (int s = 0, start = 0; s < strata; start += count[s], s++) {
      for (int i = 0; i < count[s]; i++) {
        int k = start + (int)lb_rng_below(&rng, (uint32_t)count[s]);
        if (in_order) {
          counts[place[k]]++;
        } else {
          drawn[start + i] = x[k];
        }
      }
    }
    if (in_order) lay_out(drawn, sorted, counts, n);
    values[r] = statistic(drawn, n);
  }
  free(counts);
  free(place);
  free(sorted);
  lb_sort(values, resamples);
  lb_interval interval = {lb_stats_quantile(values, resamples, 0.5 - 0.5 * level),
                          lb_stats_quantile(values, resamples, 0.5 + 0.5 * level)};
  free(values);
  free(drawn);
  return interval;
}

lb_stats_paired lb_stats_compare(const double* a, const double* b, int n, double level) {
  lb_stats_paired result = {0};
  double* d = copy_of(a, n);
  for (int i = 0; i < n; i++) {
    d[i] -= b[i];
    result.positive += d[i] > 0;
    result.negative += d[i] < 0;
    result.zero += d[i] == 0;
  }
  result.difference = lb_stats_summarise(d, n, level);
  result.t_p = NAN;
  if (n >= 2 && result.difference.se > 0) {
    result.t_p = 2 * lb_stats_t_upper(fabs(result.difference.mean) / result.difference.se, n - 1);
  }
  result.sign_p = lb_stats_sign_test(result.positive, result.negative);
  result.wilcoxon_p = lb_stats_wilcoxon(NULL, d, n);
  free(d);
  return result;
}

lb_stats_welch lb_stats_compare_means(const double* x, int n, const double* y, int m, double level) {
  lb_stats_welch w = {NAN, NAN, NAN, NAN, NAN, NAN};
  lb_stats_summary a = lb_stats_summarise(x, n, level), b = lb_stats_summarise(y, m, level);
  if (n > 0 && m > 0) w.difference = a.mean - b.mean;
  if (n < 2 || m < 2) return w;
  double va = a.se * a.se, vb = b.se * b.se, se = sqrt(va + vb);
  bool equal = !(w.difference < 0) && !(w.difference > 0);
  if (!(se > 0)) {
    w.low = w.high = w.difference;
    w.p = equal ? 1 : 0;
    return w;
  }
  w.df = (va + vb) * (va + vb) / (va * va / (n - 1) + vb * vb / (m - 1));
  w.t = w.difference / se;
  w.p = 2 * lb_stats_t_upper(fabs(w.t), w.df);
  double reach = se * lb_stats_t_quantile(0.5 + 0.5 * level, w.df);
  w.low = w.difference - reach;
  w.high = w.difference + reach;
  return w;
}

double lb_stats_sign_test(int positive, int negative) {
  int n = positive + negative, fewer = positive < negative ? positive : negative;
  double tail = 0;
  for (int k = 0; k <= fewer; k++) {
    tail += exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) - n * log(2));
  }
  return fmin(1, 2 * tail);
}

typedef struct ranked {
  double size;
  int sign;
} ranked;

// For qsort.
static int by_size(const void* a, const void* b) {
  double x = ((const ranked*)a)->size, y = ((const ranked*)b)->size;
  return (x > y) - (x < y);
}

// P(W <= w) of the smaller rank sum of n untied differences: counts the subsets of 1..n by their sum.
static double exact_rank_tail(int n, double w) {
  int top = n * (n + 1) / 2;
  double* ways = calloc((size_t)top + 1, sizeof(double));
  if (!ways) abort();
  ways[0] = 1;
  for (int rank = 1; rank <= n; rank++) {
    for (int sum = top; sum >= rank; sum--) ways[sum] += ways[sum - rank];
  }
  double tail = 0;
  for (int sum = 0; sum <= (int)w; sum++) tail += ways[sum];
  free(ways);
  return ldexp(tail, -n);
}

double lb_stats_wilcoxon(double* statistic, const double* d, int n) {
  ranked* ranks = malloc(sizeof(ranked) * (size_t)(n > 0 ? n : 1));
  if (!ranks) abort();
  int kept = 0;
  for (int i = 0; i < n; i++) {
    if (d[i] != 0) ranks[kept++] = (ranked){fabs(d[i]), d[i] > 0 ? 1 : -1};
  }
  qsort(ranks, (size_t)kept, sizeof(ranked), by_size);
  double plus = 0, minus = 0, ties = 0;
  for (int i = 0, end; i < kept; i = end) {
    for (end = i + 1; end < kept && ranks[end].size == ranks[i].size;) end++;
    double rank = 0.5 * (i + 1 + end), group = end - i;
    ties += group * (group * group - 1);
    for (int j = i; j < end; j++) *(ranks[j].sign > 0 ? &plus : &minus) += rank;
  }
  free(ranks);
  double smaller = fmin(plus, minus);
  if (statistic) *statistic = smaller;
  if (kept == 0) return NAN;
  if (ties == 0 && kept <= 50) return fmin(1, 2 * exact_rank_tail(kept, smaller));
  double m = kept, variance = m * (m + 1) * (2 * m + 1) / 24 - ties / 48;
  return 2 * lb_stats_normal_upper((0.25 * m * (m + 1) - smaller) / sqrt(variance));
}

// The x below which a share p of the beta distribution lies, by bisection.
static double beta_quantile(double p, double a, double b) {
  double low = 0, high = 1;
  for (int i = 0; i < 200; i++) {
    double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    if (lb_stats_incomplete_beta(middle, a, b) < p) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return 0.5 * (low + high);
}

lb_interval lb_stats_proportion(int k, int n, double level) {
  assert(k >= 0 && k <= n && level > 0 && level < 1);
  if (n == 0) return (lb_interval){NAN, NAN};
  double tail = 0.5 - 0.5 * level;
  return (lb_interval){k == 0 ? 0 : beta_quantile(tail, k, n - k + 1),
                       k == n ? 1 : beta_quantile(1 - tail, k + 1, n - k)};
}

void lb_stats_holm(double* adjusted, const double* p, int n) {
  double below = 0;  // the largest adjusted p so far
  int done = 0;
  for (int i = 0; i < n; i++) adjusted[i] = NAN;
  int m = 0;
  for (int i = 0; i < n; i++) m += !isnan(p[i]);
  for (; done < m; done++) {
    int least = -1;
    for (int i = 0; i < n; i++) {
      if (!isnan(p[i]) && isnan(adjusted[i]) && (least < 0 || p[i] < p[least])) least = i;
    }
    below = fmin(1, fmax(below, (m - done) * p[least]));
    adjusted[least] = below;
  }
}

// The density of s = sqrt(chi^2 / df) with df degrees of freedom.
static double scale_density(double s, double df) {
  s = fmax(s, 1e-300);  // of one degree of freedom the density at 0 is not 0
  return exp(log(2) + 0.5 * df * log(0.5 * df) - lgamma(0.5 * df) + (df - 1) * log(s) - 0.5 * df * s * s);
}

// The power of a two-sided t test at an effect of `shift` standard errors: P(|T| > t) of the noncentral t with df
// degrees of freedom, as an integral over the estimated scale (Simpson's rule).
static double t_power(double shift, double t, double df) {
  enum { STEPS = 4000 };
  double end = 1 + 12 / sqrt(2 * df), h = end / STEPS, sum = 0;
  for (int i = 0; i <= STEPS; i++) {
    double s = h * i, weight = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;
    double beyond = lb_stats_normal_upper(t * s - shift) + lb_stats_normal_upper(t * s + shift);
    sum += weight * scale_density(s, df) * beyond;
  }
  return sum * h / 3;
}

double lb_stats_smallest_difference(double sd, int n, double alpha, double power) {
  if (n < 2 || !(sd >= 0)) return NAN;
  double t = lb_stats_t_quantile(1 - 0.5 * alpha, n - 1), low = 0, high = 1;
  while (t_power(high, t, n - 1) < power && high < 1e6) high *= 2;
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    if (t_power(middle, t, n - 1) < power) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return 0.5 * (low + high) * sd / sqrt(n);
}

double lb_stats_censored_median(const double* time, const bool* happened, int n) {
  double survival = 1, now = -INFINITY, half = NAN;
  for (;;) {
    double next = INFINITY;
    int at_risk = 0, events = 0;
    for (int i = 0; i < n; i++) {
      if (happened[i] && time[i] > now && time[i] < next) next = time[i];
    }
    if (isinf(next)) return half;
    for (int i = 0; i < n; i++) {
      at_risk += time[i] >= next;
      events += happened[i] && time[i] <= next && time[i] >= next;
    }
    survival *= 1 - (double)events / at_risk;
    if (!isnan(half)) return 0.5 * (half + next);  // flat at one half in between
    if (survival < 0.5 - 1e-12) return next;
    if (survival <= 0.5 + 1e-12) half = next;
    now = next;
  }
}

double lb_stats_slope(const double* x, const double* y, int n) {
  if (n < 3) return NAN;
  double x_mean = lb_stats_mean(x, n), y_mean = lb_stats_mean(y, n), sxx = 0, sxy = 0;
  for (int i = 0; i < n; i++) {
    sxx += (x[i] - x_mean) * (x[i] - x_mean);
    sxy += (x[i] - x_mean) * (y[i] - y_mean);
  }
  return sxx > 0 ? sxy / sxx : NAN;
}
