// Clocks: the wall goes on while we sleep, the CPU does not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <time.h>

#include "base/clock.h"

static void sleep_takes_wall_time_only(void** state) {
  (void)state;
  double wall = lb_wall_seconds(), cpu = lb_cpu_seconds();
  nanosleep(&(struct timespec){.tv_nsec = 60000000}, NULL);
  wall = lb_wall_seconds() - wall;
  cpu = lb_cpu_seconds() - cpu;
  assert_true(wall >= 0.06);
  assert_true(cpu >= 0 && cpu < 0.05);
}

static void work_takes_cpu_time(void** state) {
  (void)state;
  double start = lb_cpu_seconds(), wall = lb_wall_seconds();
  volatile unsigned sink = 0;
  while (lb_cpu_seconds() - start < 0.02) sink = sink + 1;
  // One thread uses no more CPU than the wall lets it; 5 ms for the two clocks' different ticks.
  assert_true(lb_wall_seconds() - wall >= 0.015);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sleep_takes_wall_time_only),
      cmocka_unit_test(work_takes_cpu_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
