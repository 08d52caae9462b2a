#include "base/sort.h"

#include <math.h>
#include <stdlib.h>

// Order of two doubles for qsort, ascending.
static int compare(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

// Insertion sort of x (n), ascending: the fastest for a few numbers.
static void insert_each(double* x, int n) {
  for (int i = 1; i < n; i++) {
    double own = x[i];
    int k = i;
    for (; k > 0 && x[k - 1] > own; k--) x[k] = x[k - 1];
    x[k] = own;
  }
}

// Parts x about the median of three of its values (Hoare): none of the first k is above, none of the others below.
static int part(double* x, int n) {
  double a = x[0], b = x[n / 2], c = x[n - 1];
  double pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
  for (int i = -1, k = n;;) {
    do i++;
    while (x[i] < pivot);
    do k--;
    while (x[k] > pivot);
    if (i >= k) return k + 1;
    double swapped = x[i];
    x[i] = x[k];
    x[k] = swapped;
  }
}

// Without a call a comparison, which bootstraps make by the billion. What parts badly too often is left to qsort.
static void sort(double* x, int n, int depth) {
  enum { FEW = 24 };
  while (n > FEW) {
    if (depth-- == 0) {
      qsort(x, (size_t)n, sizeof *x, compare);
      return;
    }
    int first = part(x, n);
    sort(x, first, depth);
    x += first;
    n -= first;
  }
  insert_each(x, n);
}

void lb_sort(double* x, int n) {
  int depth = 0, ordered = 1;
  while (ordered < n && x[ordered - 1] <= x[ordered]) ordered++;
  if (ordered >= n) return;
  for (int rest = n; rest > 0; rest /= 2) depth += 2;
  sort(x, n, depth);
}
