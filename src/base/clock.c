// Time: see clock.h.
#include "base/clock.h"

#include <time.h>

static double read_seconds(clockid_t which) {
  struct timespec now = {0};
  clock_gettime(which, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double lb_wall_seconds(void) {
  return read_seconds(CLOCK_MONOTONIC);
}

double lb_cpu_seconds(void) {
  return read_seconds(CLOCK_PROCESS_CPUTIME_ID);
}
