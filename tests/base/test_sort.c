// Sorting against qsort: all lengths, values that equal each other, orders that part badly.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/sort.h"

static int compare(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static void check(const double* x, int n) {
  size_t bytes = sizeof *x * (size_t)(n + 1);
  double *sorted = malloc(bytes), *expected = malloc(bytes);
  assert_non_null(sorted);
  assert_non_null(expected);
  memcpy(sorted, x, sizeof *x * (size_t)n);
  memcpy(expected, x, sizeof *x * (size_t)n);
  sorted[n] = 1234;  // stays
  lb_sort(sorted, n);
  qsort(expected, (size_t)n, sizeof *x, compare);
  assert_memory_equal(sorted, expected, sizeof *x * (size_t)n);
  assert_true(sorted[n] >= 1234 && sorted[n] <= 1234);
  free(sorted);
  free(expected);
}

static void every_length(void** state) {
  (void)state;
  double x[300];
  lb_rng rng = lb_rng_stream(1, LB_RNG_STATISTICS, 0, 0);
  for (int n = 0; n < 300; n++) {
    for (int i = 0; i < n; i++) x[i] = (double)lb_rng_below(&rng, 1000) - 500;
    check(x, n);
    for (int i = 0; i < n; i++) x[i] = lb_rng_below(&rng, 3);  // most equal each other
    check(x, n);
  }
}

static void orders_that_part_badly(void** state) {
  (void)state;
  enum { N = 20000 };
  double* x = malloc(sizeof *x * N);
  assert_non_null(x);
  for (int i = 0; i < N; i++) x[i] = i;
  check(x, N);
  for (int i = 0; i < N; i++) x[i] = N - i;
  check(x, N);
  for (int i = 0; i < N; i++) x[i] = i < N / 2 ? i : N - i;
  check(x, N);
  for (int i = 0; i < N; i++) x[i] = 7;
  check(x, N);
  // What makes the median of three the second least value again and again, after Musser.
  for (int i = 0; i < N / 2; i++) {
    x[i] = i % 2 == 0 ? i + 1 : N / 2 + i;
    x[N / 2 + i] = 2 * (i + 1);
  }
  check(x, N);
  for (int i = 0; i < N; i++) x[i] = i % 5 == 0 ? -(double)INFINITY : i % 5 == 1 ? (double)INFINITY : -(double)i;
  check(x, N);
  free(x);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_length), cmocka_unit_test(orders_that_part_badly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
