// Statistics over seeds: small samples, so Student's t, exact rank tests, and the bootstrap. The seed is the unit;
// nothing here knows what the numbers mean.
#ifndef LB_STATS_STATS_H_
#define LB_STATS_STATS_H_

#include <stdbool.h>
#include <stdint.h>

typedef struct lb_interval {
  double low, high;
} lb_interval;

// One sample described. Fields that n does not allow are NaN: sd, se, low, high need n >= 2, the rest n >= 1.
typedef struct lb_stats_summary {
  int n;
  double mean, sd, se;  // sd with n - 1; se = sd / sqrt(n)
  double low, high;     // two-sided Student t interval of the mean
  double median, min, max;
} lb_stats_summary;

// The regularised incomplete beta function I_x(a, b) by its continued fraction (Lentz's method; Abramowitz and Stegun
// 26.5.8), a, b > 0 and 0 <= x <= 1.
double lb_stats_incomplete_beta(double x, double a, double b);

// P(T > t) for Student's t with df > 0 degrees of freedom, accurate relative to its own size also far out, and its
// inverse: the t below which a share p of the distribution lies, 0 < p < 1.
double lb_stats_t_upper(double t, double df);
double lb_stats_t_quantile(double p, double df);

// P(Z > z) of the standard normal.
double lb_stats_normal_upper(double z);

// Describes x[0..n), with an interval of the given level (0.95). Every x must be a number; an infinity is allowed (a
// run that diverged: +infinity for costs, -infinity for returns): it makes mean, sd and interval NaN and takes part in
// median, min and max.
lb_stats_summary lb_stats_summarise(const double* x, int n, double level);

// The q-quantile, 0 <= q <= 1, of x sorted in ascending order, linear between order statistics (NumPy's default),
// -infinity between that and a number; NaN for n = 0.
double lb_stats_quantile(const double* sorted, int n, double q);

// The mean of the middle half: floor(n / 4) values are cut at either end (scipy.stats.trim_mean(x, 0.25), which is what
// rliable uses). x need not be sorted.
double lb_stats_iqm(const double* x, int n);

// A statistic of a sample, for the bootstrap.
typedef double (*lb_stats_function)(const double* x, int n);
double lb_stats_mean(const double* x, int n);

// The percentile bootstrap: an interval for `statistic` of the pooled sample. `x` holds `strata` blocks, one after
// another, of count[i] values each; every resample draws, within each block, as many values as it holds (strata = 1:
// the ordinary bootstrap; blocks = tasks, values = normalised scores and lb_stats_iqm: Agarwal et al. 2021). The same
// seed gives the same interval.
lb_interval lb_stats_bootstrap(lb_stats_function statistic, const double* x, const int* count, int strata, double level,
                               int resamples, uint64_t seed);

// Differences of matched pairs.
typedef struct lb_stats_paired {
  lb_stats_summary difference;  // of d = a - b, with the paired t interval
  int positive, negative, zero;
  double t_p;         // two-sided p of the paired t test; NaN for n < 2 or when all differences are equal
  double sign_p;      // two-sided exact sign test, zeros dropped; 1 when nothing is left
  double wilcoxon_p;  // two-sided signed-rank test, zeros dropped; see lb_stats_wilcoxon
} lb_stats_paired;
lb_stats_paired lb_stats_compare(const double* a, const double* b, int n, double level);

// Two samples of unequal variances: the difference of their means (x minus y) with Welch's t interval, and his
// two-sided t test with Satterthwaite's degrees of freedom. All NaN where either has fewer than two values, but the
// difference; without any spread p is 1 for equal means, else 0.
typedef struct lb_stats_welch {
  double difference, low, high;
  double t, df, p;
} lb_stats_welch;
lb_stats_welch lb_stats_compare_means(const double* x, int n, const double* y, int m, double level);

// Two-sided exact binomial p of `positive` against `negative` at even odds.
double lb_stats_sign_test(int positive, int negative);

// Wilcoxon's signed-rank test of d[0..n), zeros dropped, two-sided. Exact for up to 50 differences without ties, else
// the normal approximation with the correction for ties and without one for continuity. *statistic (may be NULL) is the
// smaller of the two rank sums. NaN when no difference is left.
double lb_stats_wilcoxon(double* statistic, const double* d, int n);

// The exact (Clopper-Pearson) interval for a share of which k of n were seen; NaN for n = 0.
lb_interval lb_stats_proportion(int k, int n, double level);

// Holm's step-down correction: the adjusted p of p[0..n), in the same order. A NaN is no test, and stays.
void lb_stats_holm(double* adjusted, const double* p, int n);

// The smallest true mean difference that a two-sided t test at level alpha finds with this power, from n differences of
// standard deviation sd (the power of the noncentral t). NaN for n < 2.
double lb_stats_smallest_difference(double sd, int n, double alpha, double power);

// The slope of y against x by least squares, sum (x - mean x)(y - mean y) / sum (x - mean x)^2; NaN for fewer than
// three points, or where all x are equal.
double lb_stats_slope(const double* x, const double* y, int n);

// The median time to an event by Kaplan and Meier: where `happened` is false, it had not until then (INFINITY: and
// never will). NaN where the estimate does not come down to one half.
double lb_stats_censored_median(const double* time, const bool* happened, int n);

#endif  // LB_STATS_STATS_H_
