// Time: see clock.h.
#include "base/clock.h"

#include <time.h>

#include "base/sort.h"

// Seconds of one of the kernel's clocks; 0 where it has none.
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

double lb_clock_of_call(void (*call)(void* ctx), void* ctx) {
  enum { BLOCKS = 5 };
  const double a_block = 0.004;
  double took[BLOCKS];
  call(ctx);
  for (int i = 0; i < BLOCKS; ++i) {
    double start = lb_cpu_seconds(), spent = 0;
    int calls = 0;
    while (calls == 0 || spent < a_block) {
      call(ctx);
      calls += 1;
      spent = lb_cpu_seconds() - start;
    }
    took[i] = spent / calls;
    if (spent > 20 * a_block) return took[i];  // what takes long varies little
  }
  lb_sort(took, BLOCKS);
  return took[BLOCKS / 2];
}
