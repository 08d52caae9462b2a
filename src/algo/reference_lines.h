// The lines of a row that is measured once: for metrics.jsonl and for timing.jsonl.
#ifndef LB_ALGO_REFERENCE_LINES_H_
#define LB_ALGO_REFERENCE_LINES_H_

#include "algo/loop.h"
#include "eval/evaluate.h"
#include "io/json_writer.h"

// measure is "cost", or "return", which is minus the evaluation's cost; seconds of CPU that the evaluation took.
void lb_reference_lines(lb_lines* lines, const char* measure, const lb_system* system, const lb_evaluation* real,
                        double seconds);

// "survival_steps" and its standard error: how long the measured episodes lasted, of a task that may end them.
void lb_reference_lines_survival(lb_json_writer* w, const lb_system* system, const lb_evaluation* real);

#endif  // LB_ALGO_REFERENCE_LINES_H_
