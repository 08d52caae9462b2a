// How far a run of its own has come (bench run).
#ifndef LB_BENCH_RUN_PROGRESS_H_
#define LB_BENCH_RUN_PROGRESS_H_

#include "algo/identity.h"
#include "base/status.h"

// A line: what run it is, whether it is finished, running, interrupted, diverged or failed, how far it is, how long the
// rest takes by its own pace, its last result; whether it is stale.
lb_status lb_run_progress_print(const char* folder, lb_identities* identities);

#endif  // LB_BENCH_RUN_PROGRESS_H_
