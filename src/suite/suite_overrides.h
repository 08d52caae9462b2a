// The settings in a suite's definition: overrides of the protocol by task and algorithm, and the sweep of one setting.
// What the settings are called and what they may be is the runner's affair.
#ifndef LB_SUITE_SUITE_OVERRIDES_H_
#define LB_SUITE_SUITE_OVERRIDES_H_

#include "suite/suite.h"

// Before the rows are known, which it makes more of.
lb_status lb_suite_overrides_sweep(lb_suite* suite, lb_node root);
// Afterwards: the algorithms swept must be among them, and so must those that overrides name.
lb_status lb_suite_overrides_check_sweep(const lb_suite* suite, lb_node root);
lb_status lb_suite_overrides_overrides(lb_suite* suite, lb_node root);

// "algo@text", the name of a row of a sweep, in the arena.
const char* lb_suite_overrides_label(lb_arena* arena, const char* algo, const char* text);

#endif  // LB_SUITE_SUITE_OVERRIDES_H_
