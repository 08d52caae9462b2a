// The cores that a process may use.
// clang-format off
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "base/cores.h"

static void cores_are_at_least_one_and_at_most_the_machines(void** state) {
  (void)state;
  assert_in_range(lb_cores(), 1, sysconf(_SC_NPROCESSORS_CONF));
}

static void a_process_bound_to_one_core_has_one(void** state) {
  (void)state;
  cpu_set_t all, one;
  assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
  size_t first = 0;
  while (!CPU_ISSET(first, &all)) ++first;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  assert_int_equal(lb_cores(), 1);
  assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cores_are_at_least_one_and_at_most_the_machines),
      cmocka_unit_test(a_process_bound_to_one_core_has_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
