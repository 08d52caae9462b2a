// A comparison on one task without a definition of a suite (bench suite --task), and the settings that the suites have
// for a task (bench run --preset).
//
// The settings are those of the first suite that has the task, in the order of bench/suites/all.json under the preset,
// then of all others. A task that no suite has, one of the user's own, takes those of `helicopter` where it has a cost,
// else of `control`.
#ifndef LB_BENCH_TASK_SUITE_H_
#define LB_BENCH_TASK_SUITE_H_

#include "algo/protocol.h"
#include "base/status.h"

// The settings of an algorithm on a task under a preset, and the suite that they are of ("": none, they are the
// program's defaults). LB_INPUT: an unknown preset, task or algorithm.
lb_status lb_task_suite_settings(lb_protocol* out, char suite[128], const char* root, const char* task,
                                 const char* algo, const char* preset);

// What is asked for.
typedef struct lb_task_suite {
  const char *task, *preset;
  const char* algos;  // names with commas between; NULL: those of the suite that has the task, else some that suit it
  bool has_data, has_policy;  // files in the place of the expert's are given
} lb_task_suite;

// Writes the definition of a suite "on-TASK" into a file. Beside what is asked for, the expert (where there is one) and
// random actions (of a cost: no control) are measured; of two or more algorithms the first is compared with each other.
lb_status lb_task_suite_write(const char* path, const lb_task_suite* wanted, const char* root);

#endif  // LB_BENCH_TASK_SUITE_H_
