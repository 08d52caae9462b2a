// The part of a suite that --only asks for.
#ifndef LB_BENCH_ONLY_H_
#define LB_BENCH_ONLY_H_

#include <stdbool.h>

#include "base/status.h"
#include "options.h"
#include "report/suite.h"

// only[0..n): patterns of a shell (fnmatch), TASK (all its rows) or TASK/ALGO. None: every row is wanted.
bool lb_only_wants(const char* const* only, int n, const lb_suite_row* row);

// LB_INPUT, with the nearest name, for a pattern that asks for no row of any of suites[0..n).
lb_status lb_only_check(const lb_texts* only, const lb_suite* const* suites, int n);

#endif  // LB_BENCH_ONLY_H_
