// Statuses: texts that are cut, prefixed and kept to one line, and exit codes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <string.h>

#include "base/status.h"

static void success_is_empty(void** state) {
  (void)state;
  lb_status status = lb_ok();
  assert_int_equal(status.code, LB_OK);
  assert_string_equal(status.text, "");
  assert_string_equal(lb_within(status, "%s", "file").text, "");
}

static void failure_is_formatted(void** state) {
  (void)state;
  lb_status status = lb_fail(LB_INPUT, "%s has %d", "file", 3);
  assert_int_equal(status.code, LB_INPUT);
  assert_string_equal(status.text, "file has 3");
  status = lb_within(status, "task '%s'", "hopper");
  assert_int_equal(status.code, LB_INPUT);
  assert_string_equal(status.text, "task 'hopper': file has 3");
}

static void text_is_one_line(void** state) {
  (void)state;
  assert_string_equal(lb_fail(LB_INPUT, "%s", "first\n\tsecond \x1b[31m\n").text, "first\\x0A\\x09second \\x1B[31m");
  assert_string_equal(lb_fail(LB_INPUT, "%s", "\n").text, "");
}

// Every length around the limit: a cut text is a prefix that ends between two characters.
static void long_text_is_cut_between_characters(void** state) {
  (void)state;
  enum { ROOM = sizeof((lb_status*)0)->text };
  for (size_t start = ROOM - 8; start < ROOM + 8; start++) {
    char text[ROOM + 64];
    memset(text, 'a', start);
    memcpy(text + start, "\xE2\x82\xAC\xF0\x9F\x98\x80zz", 10);
    lb_status status = lb_fail(LB_IO, "%s", text);
    size_t n = strlen(status.text);
    assert_memory_equal(status.text, text, n);
    assert_true(n < ROOM);
    assert_true(n == strlen(text) || n >= ROOM - 4);
    assert_true(((unsigned char)text[n] & 0xC0u) != 0x80u);
  }
  char wide[2000];
  memset(wide, 'x', sizeof wide - 1);
  wide[sizeof wide - 1] = '\0';
  assert_int_equal(strlen(lb_within(lb_fail(LB_IO, "%s", wide), "%s", wide).text), ROOM - 1);
}

static lb_status fail_if(int fails) {
  return fails ? lb_fail(LB_DIVERGED, "failed") : lb_ok();
}

static lb_status try_both(int first, int second, int* reached) {
  LB_TRY(fail_if(first));
  *reached = 1;
  LB_TRY(fail_if(second));
  *reached = 2;
  return lb_ok();
}

static lb_status try_or(int fails, int* released) {
  lb_status status;
  LB_TRY_OR(release, status, fail_if(fails));
  status = lb_fail(LB_IO, "after");
release:
  *released = 1;
  return status;
}

static void macros_leave_at_the_first_failure(void** state) {
  (void)state;
  int reached = 0;
  assert_int_equal(try_both(1, 0, &reached).code, LB_DIVERGED);
  assert_int_equal(reached, 0);
  assert_int_equal(try_both(0, 1, &reached).code, LB_DIVERGED);
  assert_int_equal(reached, 1);
  assert_int_equal(try_both(0, 0, &reached).code, LB_OK);
  assert_int_equal(reached, 2);
  int released = 0;
  assert_int_equal(try_or(1, &released).code, LB_DIVERGED);
  assert_int_equal(released, 1);
  assert_int_equal(try_or(0, &released).code, LB_IO);
}

static void exit_codes(void** state) {
  (void)state;
  assert_int_equal(lb_exit_code(lb_ok()), 0);
  assert_int_equal(lb_exit_code(lb_fail(LB_INPUT, "x")), 2);
  assert_int_equal(lb_exit_code(lb_fail(LB_IO, "x")), 1);
  assert_int_equal(lb_exit_code(lb_fail(LB_MEMORY, "x")), 1);
  assert_int_equal(lb_exit_code(lb_fail(LB_DIVERGED, "x")), 1);
  assert_int_equal(lb_exit_code(lb_fail(LB_INTERRUPT, "x")), 130);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(success_is_empty),
      cmocka_unit_test(failure_is_formatted),
      cmocka_unit_test(text_is_one_line),
      cmocka_unit_test(long_text_is_cut_between_characters),
      cmocka_unit_test(macros_leave_at_the_first_failure),
      cmocka_unit_test(exit_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
