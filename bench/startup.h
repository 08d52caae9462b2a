// What the program needs of its process before a command begins.
#ifndef LB_BENCH_STARTUP_H_
#define LB_BENCH_STARTUP_H_

#include <stdbool.h>

#include "base/status.h"

// Files 0, 1 and 2 are open (on /dev/null where they were closed), so that no run's file is taken for them; to a stdout
// that was closed nothing can be written. A reader of stdout that goes away ends nothing.
void lb_startup(void);

// OpenBLAS has its memory and one thread. LB_MEMORY where there is no room for it: it would wait for ever.
lb_status lb_startup_blas(void);

// Whether stdout is a pipe that nobody reads any more.
bool lb_stdout_is_left(void);

#endif  // LB_BENCH_STARTUP_H_
