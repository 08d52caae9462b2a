// The lines of a row that is measured once: for metrics.jsonl and for timing.jsonl.
#ifndef LB_ALGO_REFERENCE_LINES_H_
#define LB_ALGO_REFERENCE_LINES_H_

#include "algo/loop.h"
#include "eval/evaluate.h"

// measure is "cost", or "return", which is minus the evaluation's cost; seconds of CPU that the evaluation took.
void lb_reference_lines(lb_lines* lines, const char* measure, const lb_system* system, const lb_evaluation* real,
                        double seconds);

#endif  // LB_ALGO_REFERENCE_LINES_H_
