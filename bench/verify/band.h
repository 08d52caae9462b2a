// Where the result of a correct build lies, from what many seeds of one gave; and whether another result lies there.
//
// What is judged is the median over the seeds of a check: a single seed that learns late, as one in ten may, says
// nothing of the build. The band is the range of the reference's seeds, wider at either end by a margin that the check
// names, else by half of itself. Nothing is assumed of how the seeds are distributed. Of n reference seeds and m others
// from one distribution, the median of the m (odd) lies outside the range of the n with the chance
//   2 prod_{i < (m + 1) / 2} (m - i) / (n + m - i)
// (so many of the m must come before, or after, all n); the margin makes that rare: see README.md beside this file.
#ifndef LB_BENCH_VERIFY_BAND_H_
#define LB_BENCH_VERIFY_BAND_H_

#include <stdbool.h>

typedef struct lb_band {
  double low, high;
} lb_band;

// Of the reference's values (n >= 2), all finite. margin < 0: none is named. Never narrower than rounding.
lb_band lb_band_of(const double* values, int n, double margin);

// A NaN lies nowhere.
bool lb_band_holds(const lb_band* band, double value);

// The median of x[0..n), n >= 1, which may be in any order; NaN if any of them is one. Sorts x.
double lb_band_median(double* x, int n);

// The chance above, of an odd m.
double lb_band_outside_range(int n, int m);

// The share of all ways to choose m of the n values whose median lies outside the band of the others: an estimate of
// the false alarms that is true to how these seeds are distributed. n - m >= 2; n at most 64. *tried: how many ways;
// where there are too many, some 100,000 drawn ones.
double lb_band_false_alarms(const double* values, int n, int m, double margin, long* tried);

#endif  // LB_BENCH_VERIFY_BAND_H_
