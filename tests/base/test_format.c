// Numbers and names as people read them.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "base/format.h"

static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return arena ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

static void numbers_end_where_their_interval_does(void** state) {
  (void)state;
  assert_string_equal(lb_format_number(arena, 52.34567, 0.15), "52.35");
  assert_string_equal(lb_format_number(arena, 52.34567, 15), "52");
  assert_string_equal(lb_format_number(arena, 52.34567, 0), "52.35");
  assert_string_equal(lb_format_number(arena, 20, 0), "20");
  assert_string_equal(lb_format_number(arena, -1e-18, 0.05), "0.000");
  assert_string_equal(lb_format_number(arena, 61595295.4, 6e6), "6.16e7");
  assert_string_equal(lb_format_number(arena, 0.00091234, 2e-5), "9.12e-4");
  assert_string_equal(lb_format_number(arena, -0.001, 3), "0.0");
  assert_string_equal(lb_format_number(arena, NAN, 1), "-");
  assert_string_equal(lb_format_number(arena, INFINITY, 1), "diverged");
}

static void intervals_have_one_notation(void** state) {
  (void)state;
  assert_string_equal(lb_format_interval(arena, 52.346, 52.196, 52.496), "52.35 [52.20, 52.50]");
  assert_string_equal(lb_format_interval(arena, 0.0065, 0.0007, 0.0122), "0.0065 [0.0007, 0.0122]");
  assert_string_equal(lb_format_interval(arena, 3.6e-4, -9e-6, 7.3e-4), "3.6e-4 [-9e-6, 7.3e-4]");
  assert_string_equal(lb_format_interval(arena, 20, 20, 20), "20 [20, 20]");
  double same = 1.9444444444444444;  // the rounding of a mean is no width
  assert_string_equal(lb_format_interval(arena, same, same - 2e-16, same + 4e-16), "1.944 [1.944, 1.944]");
  assert_string_equal(lb_format_interval(arena, 7.5, NAN, NAN), "7.500");
  assert_string_equal(lb_format_interval(arena, 2.5e300, -INFINITY, INFINITY), "2.500e300");
}

static void names_with_commas_are_quoted_and_p_values_short(void** state) {
  (void)state;
  assert_string_equal(lb_format_name(arena, "LAMPS"), "LAMPS");
  assert_string_equal(lb_format_name(arena, "SysID, exact fit"), "“SysID, exact fit”");
  assert_string_equal(lb_format_p(arena, 0.00195), "p = 0.002");
  assert_string_equal(lb_format_p(arena, 1e-9), "p < 0.001");
  assert_string_equal(lb_format_p(arena, NAN), "p not defined");
  assert_string_equal(lb_format_count(arena, 1, "seed", "seeds"), "1 seed");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_end_where_their_interval_does),
      cmocka_unit_test(intervals_have_one_notation),
      cmocka_unit_test(names_with_commas_are_quoted_and_p_values_short),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
