// The content of a report as a document: headline, claims, findings, a section across tasks, one a task, failures,
// environment.
#ifndef LB_REPORT_COMPOSE_H_
#define LB_REPORT_COMPOSE_H_

#include "base/text.h"
#include "doc/doc.h"
#include "report/results.h"

// `script` receives the commands that draw the figures; NULL: no figures. The document lives in the results' arena.
lb_doc* lb_compose(lb_results* results, lb_text* script);

#endif  // LB_REPORT_COMPOSE_H_
