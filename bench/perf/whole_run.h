// `bench perf --run`: its words, and the run that they ask for.
#ifndef LB_BENCH_PERF_WHOLE_RUN_H_
#define LB_BENCH_PERF_WHOLE_RUN_H_

#include <stdint.h>

#include "options.h"
#include "perf/run_parts.h"

typedef struct lb_whole_run_arguments {
  const char* algo;  // NULL: mbpo
  uint64_t seed;
  lb_texts set;
} lb_whole_run_arguments;

// Makes the run and takes it apart. The only operand is the task, default hopper. LB_INPUT as for `bench run`.
lb_status lb_whole_run_measure(lb_run_parts* out, const char* root, const lb_operands* operands,
                               const lb_whole_run_arguments* arguments);

// LB_INPUT if any of these was given: without --run they mean nothing.
lb_status lb_whole_run_refuse(const lb_whole_run_arguments* arguments);

#endif  // LB_BENCH_PERF_WHOLE_RUN_H_
