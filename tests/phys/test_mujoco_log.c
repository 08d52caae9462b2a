// MuJoCo's messages: errors become values, warnings go where they were asked to go.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <mujoco/mujoco.h>

#include "fixture.h"
#include "phys/guard.h"

static void raise(void* arg) {
  mju_error("Error: bad %s\nin two lines", (const char*)arg);
}

static void raise_inside(void* arg) {
  char text[LB_PHYS_MESSAGE];
  assert_false(lb_phys_guard(raise, "inner", text));
  assert_string_equal(text, "bad inner, in two lines");
  raise(arg);
}

static void succeed(void* arg) {
  *(int*)arg += 1;
}

static void errors_become_values(void** state) {
  (void)state;
  char text[LB_PHYS_MESSAGE];
  int calls = 0;
  lb_phys_log_install();
  assert_false(lb_phys_guard(raise, "thing", text));
  assert_string_equal(text, "bad thing, in two lines");
  assert_true(lb_phys_guard(succeed, &calls, text));
  assert_int_equal(calls, 1);
  assert_false(lb_phys_guard(raise_inside, "outer", text));
  assert_string_equal(text, "bad outer, in two lines");
  assert_false(lb_phys_guard(raise, "thing", NULL));
}

static void warnings_reach_the_listener(void** state) {
  (void)state;
  mju_warning("one %d", 1);
  expect_warning("one 1");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(errors_become_values),
                                     simulated_test(warnings_reach_the_listener)};
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
