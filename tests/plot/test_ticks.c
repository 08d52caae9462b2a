// The ticks of axes.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "plot/ticks.h"

static void ticks_are_round_and_inside(void** state) {
  (void)state;
  static const double ranges[][2] = {{0, 20}, {51.9, 55.3}, {-0.08, 0.002}, {7e-4, 7.2e-4}, {0, 3.1e6}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; ++i) {
    lb_ticks t = lb_ticks_choose(ranges[i][0], ranges[i][1], false, 5);
    assert_in_range(t.n, 3, 11);
    double slack = 1e-9 * (ranges[i][1] - ranges[i][0]);
    for (int k = 0; k < t.n; ++k) {
      assert_true(t.at[k] >= ranges[i][0] - slack && t.at[k] <= ranges[i][1] + slack);
      // What is printed is where it stands.
      double size = fmax(fabs(ranges[i][0]), fabs(ranges[i][1]));
      assert_true(fabs(strtod(t.label[k], NULL) - t.at[k]) <= 1e-6 * size);
    }
  }
}

static void logarithmic_ticks_are_powers_or_their_parts(void** state) {
  (void)state;
  lb_ticks wide = lb_ticks_choose(1e-4, 1e13, true, 5);
  assert_in_range(wide.n, 3, 8);
  for (int k = 0; k < wide.n; ++k) assert_true(fabs(log10(wide.at[k]) - round(log10(wide.at[k]))) < 1e-9);
  lb_ticks narrow = lb_ticks_choose(3, 90, true, 5);
  assert_int_equal(narrow.n, 4);  // 5, 10, 20, 50
  assert_string_equal(narrow.label[0], "5");
  assert_string_equal(narrow.label[3], "50");
}

static void a_panel_that_counts_says_so(void** state) {
  (void)state;
  lb_panel p = {.x_low = 0, .x_high = 3000, .counts = true};
  lb_ticks t = lb_ticks_of_x(&p, 3);
  assert_int_equal(t.n, 4);
  assert_string_equal(t.label[0], "0");
  assert_string_equal(t.label[3], "3k");
  static const double own[] = {250, 1500, 2e6};
  p.x_ticks = own;
  p.n_x_ticks = 3;
  t = lb_ticks_of_x(&p, 3);
  assert_int_equal(t.n, 3);
  assert_string_equal(t.label[0], "250");
  assert_string_equal(t.label[1], "1.5k");
  assert_string_equal(t.label[2], "2M");
  p.counts = false;
  assert_string_equal(lb_ticks_of_x(&p, 3).label[1], "1500");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ticks_are_round_and_inside),
      cmocka_unit_test(a_panel_that_counts_says_so),
      cmocka_unit_test(logarithmic_ticks_are_powers_or_their_parts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
