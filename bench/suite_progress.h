// How far the runs of a suite have come, for `bench status`: what is done, what is running and where, what went wrong,
// and how long the rest takes.
#ifndef LB_BENCH_SUITE_PROGRESS_H_
#define LB_BENCH_SUITE_PROGRESS_H_

#include "algo/forecast.h"
#include "algo/identity.h"
#include "base/status.h"

// Prints it for the suite's results in `folder`; the rest on `workers` cores. The forecaster knows of rows of which
// nothing has run yet; it is asked of no others. A line says which runs the present tasks, experts, recipes and program
// make stale.
lb_status lb_suite_progress_print(const char* folder, int workers, lb_forecaster* forecaster,
                                  lb_identities* identities);

#endif  // LB_BENCH_SUITE_PROGRESS_H_
