// Runs packed into tasks of a batch system: each task has some cores and some memory, and works its runs off one after
// the other, so many at once.
#ifndef LB_BENCH_PACKING_H_
#define LB_BENCH_PACKING_H_

#include "base/arena.h"
#include "base/status.h"

typedef struct lb_packed_run {
  double seconds;  // CPU time that it should take; 0: not known, taken to be as long as the mean of the others
  double bytes;    // memory
} lb_packed_run;

typedef struct lb_packing_limits {
  int cores;     // of a task
  double bytes;  // of a task; 0: as much as its runs need
  int tasks;     // how many there may be; 0: so many that each takes about ten minutes, a thousand at most
} lb_packing_limits;

typedef struct lb_packed_task {
  int* runs;  // (n) the longest first
  int n;
  int at_once;     // runs at a time: as many as there are cores, fewer where memory is short
  double seconds;  // that the task should take
  double bytes;    // that so many of its runs need at once, at most
} lb_packed_task;

typedef struct lb_packing {
  lb_packed_task* tasks;  // (n), in the arena
  int n;
} lb_packing;

// Longest runs first, each to the task that has the least to do. LB_INPUT where one run alone needs more memory than a
// task has.
lb_status lb_pack(lb_packing* out, const lb_packed_run* runs, int n, const lb_packing_limits* limits, lb_arena* arena);

#endif  // LB_BENCH_PACKING_H_
