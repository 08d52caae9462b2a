// How far a run of its own has come (bench run), and whether anybody works on a run at all.
#ifndef LB_BENCH_STANDING_RUN_H_
#define LB_BENCH_STANDING_RUN_H_

#include <stdbool.h>

#include "algo/identity.h"
#include "base/status.h"
#include "io/run_folder.h"

// Whether a process works on the run: one of this machine by its lock, one of another that shares the folder by its
// word, `at` (NULL: none).
bool lb_standing_is_worked_on(const char* folder, const lb_run_standing* at);

// A line: what run it is, whether it is finished, running, interrupted, diverged or failed, how far it is, how long the
// rest takes by its own pace, its last result; whether it is stale.
lb_status lb_standing_print_run(const char* folder, lb_identities* identities);

#endif  // LB_BENCH_STANDING_RUN_H_
