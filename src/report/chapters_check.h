// Whether the chapters of a suite's definition (chapters.h) are well-formed, for who runs the suite.
#ifndef LB_REPORT_CHAPTERS_CHECK_H_
#define LB_REPORT_CHAPTERS_CHECK_H_

#include "base/status.h"
#include "io/json.h"

// LB_INPUT with the place of what is wrong; fine where there are none.
lb_status lb_chapters_check(lb_node root);

#endif  // LB_REPORT_CHAPTERS_CHECK_H_
