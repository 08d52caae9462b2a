// Where the CPU time of one whole run goes: a run as `bench run` makes it, in a folder of its own that is removed
// afterwards, and what its own clocks say (algo/phases.h).
#ifndef LB_BENCH_PERF_RUN_PARTS_H_
#define LB_BENCH_PERF_RUN_PARTS_H_

#include <stdbool.h>

#include "algo/run.h"
#include "base/status.h"
#include "io/json_writer.h"

enum { LB_RUN_PARTS = 11 };

typedef struct lb_run_part {
  const char* name;  // for machines; static text
  const char* text;  // what it is; static text
  bool is_bound;     // by matrix products or by the simulator: an update of networks, a fit, real steps to learn from
  double seconds;
} lb_run_part;

typedef struct lb_run_parts {
  char command[2048];  // that repeats the run
  lb_run_part parts[LB_RUN_PARTS];
  int n;
  double total;        // CPU seconds that the process needed for the run: the parts' sum
  double bound;        // share of it in parts that are bound so
  double peak_memory;  // of the process so far, in bytes
} lb_run_parts;

// Runs it to its end; `folder` and `fresh` of the options are its own. LB_DIVERGED as any run.
lb_status lb_run_parts_measure(lb_run_parts* out, const lb_run_options* options);

void lb_run_parts_print(const lb_run_parts* parts);
void lb_run_parts_write(const lb_run_parts* parts, lb_json_writer* w, const char* key);

#endif  // LB_BENCH_PERF_RUN_PARTS_H_
