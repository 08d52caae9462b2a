// Bands that part: on curves whose intervals are given, on linear and logarithmic axes, and the line below a figure.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "report/curves.h"

static const double x[3] = {0, 1, 2};
static const int at[3] = {0, 100, 200}, elsewhere[3] = {50, 150, 250}, later[3] = {100, 200, 300};

// A curve of three points, y[i] -+ reach[i] (times and through a factor of reach[i] where `log`).
static lb_series curve(double* room, const double* y, const double* reach, const int* iteration, bool log) {
  for (int i = 0; i < 3; ++i) {
    room[i] = y[i];
    room[3 + i] = log ? y[i] / reach[i] : y[i] - reach[i];
    room[6 + i] = log ? y[i] * reach[i] : y[i] + reach[i];
  }
  return (lb_series){
      .kind = LB_SERIES_LINE, .n = 3, .x = x, .y = room, .low = room + 3, .high = room + 6, .iteration = iteration};
}

static lb_parting of(lb_series* s, int n, bool log) {
  lb_panel p = {.series = s, .n = n, .log_y = log};
  return lb_curves_parting(&p);
}

static void bands_part_where_intervals_do_not_overlap(void** state) {
  (void)state;
  double rooms[3][9];
  lb_series s[3] = {curve(rooms[0], (double[]){10, 20, 30}, (double[]){1, 2, 5}, at, false),
                    curve(rooms[1], (double[]){11, 22, 37}, (double[]){1, 1, 1}, at, false)};
  // Distances 1, 2 and 7, needed 2, 3 and 6: they part at the last.
  assert_true(of(s, 2, false).parts);
  s[1] = curve(rooms[1], (double[]){11, 22, 35}, (double[]){1, 1, 1}, at, false);
  lb_parting p = of(s, 2, false);
  assert_false(p.parts);
  assert_int_equal(p.pairs, 3);
  assert_near(p.least, 2, 1e-12);
  assert_int_equal(p.iteration, 0);
  assert_near(p.largest, 5, 1e-12);
  // What is no curve, or has no interval, shows nothing.
  s[2] = curve(rooms[2], (double[]){100, 100, 100}, (double[]){NAN, NAN, NAN}, at, false);
  assert_false(of(s, 3, false).parts);
  s[2] = curve(rooms[2], (double[]){100, 100, 100}, (double[]){1, 1, 1}, at, false);
  assert_true(of(s, 3, false).parts);
  s[2].kind = LB_SERIES_FLAT;
  assert_false(of(s, 3, false).parts);
}

static void curves_are_compared_where_both_were_evaluated(void** state) {
  (void)state;
  double rooms[2][9];
  lb_series s[2] = {curve(rooms[0], (double[]){10, 20, 30}, (double[]){1, 1, 1}, at, false),
                    curve(rooms[1], (double[]){10, 20, 30}, (double[]){1, 1, 1}, elsewhere, false)};
  assert_int_equal(of(s, 2, false).pairs, 0);
  assert_true(isnan(of(s, 2, false).least));
  s[1].iteration = later;  // 20 against 10, 30 against 20
  lb_parting p = of(s, 2, false);
  assert_true(p.parts && p.pairs == 2);
  assert_near(p.largest, 10, 1e-12);
}

static void a_logarithmic_axis_goes_by_factors(void** state) {
  (void)state;
  double rooms[2][9];
  lb_series s[2] = {curve(rooms[0], (double[]){1, 10, 100}, (double[]){2, 2, 2}, at, true),
                    curve(rooms[1], (double[]){3, 30, 300}, (double[]){2, 2, 2}, at, true)};
  lb_parting p = of(s, 2, true);
  assert_false(p.parts);
  assert_near(p.least, 4, 1e-12);
  assert_near(p.largest, 3, 1e-12);
  s[1] = curve(rooms[1], (double[]){3, 30, 500}, (double[]){2, 2, 2}, at, true);
  assert_true(of(s, 2, true).parts);
}

static void the_line_below_says_how_far_apart_they_would_have_to_be(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  double rooms[2][9];
  lb_series s[2] = {curve(rooms[0], (double[]){10, 20, 30}, (double[]){4, 2, 5}, at, false),
                    curve(rooms[1], (double[]){11, 22, 35}, (double[]){4, 1, 1}, at, false)};
  lb_panel p = {.series = s, .n = 2};
  assert_string_equal(lb_curves_parting_in_words(&p, arena),
                      "No two bands part: the narrowest two would at a distance of 3.00 (at 100), and no two means are "
                      "more than 5.00 apart");
  s[1] = curve(rooms[1], (double[]){11, 22, 60}, (double[]){4, 1, 1}, at, false);
  assert_string_equal(lb_curves_parting_in_words(&p, arena), "");
  p.n = 1;
  assert_string_equal(lb_curves_parting_in_words(&p, arena), "");
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bands_part_where_intervals_do_not_overlap),
      cmocka_unit_test(curves_are_compared_where_both_were_evaluated),
      cmocka_unit_test(a_logarithmic_axis_goes_by_factors),
      cmocka_unit_test(the_line_below_says_how_far_apart_they_would_have_to_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
