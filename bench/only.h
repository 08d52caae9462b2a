// The part of a suite that --only asks for.
#ifndef LB_BENCH_ONLY_H_
#define LB_BENCH_ONLY_H_

#include "base/status.h"
#include "options.h"
#include "suite/suite.h"

// LB_INPUT, with the nearest name, for a pattern that asks for no row of any of suites[0..n).
lb_status lb_only_check(const lb_texts* only, const lb_suite* const* suites, int n);

#endif  // LB_BENCH_ONLY_H_
