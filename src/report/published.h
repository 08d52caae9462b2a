// Published curves that a suite draws over its own: means and standard errors from an npz file.
#ifndef LB_REPORT_PUBLISHED_H_
#define LB_REPORT_PUBLISHED_H_

#include "base/status.h"
#include "plot/panel.h"
#include "suite/suite.h"

// Reads an overlay as markers with 95 % intervals (Student t when the number of seeds is known, else 1.96 standard
// errors). The file lies below `folder`. The arrays are the arena's.
lb_status lb_published_load(lb_series* out, lb_arena* arena, const lb_suite_overlay* overlay, const char* folder);

#endif  // LB_REPORT_PUBLISHED_H_
