// What the steps of the loop cost in CPU seconds, and the line of timing.jsonl that says so.
#ifndef LB_ALGO_PHASES_H_
#define LB_ALGO_PHASES_H_

#include "base/clock.h"
#include "base/text.h"
#include "io/json_writer.h"

typedef struct lb_phase_times {
  double collect, fit, plan, evaluate;  // the four steps
  // Of rows that learn online, parts of them: the real steps of collect, the rollouts in the model of fit, the terms of
  // the lemmas and the errors of the model of evaluate.
  double collect_steps, fit_rollouts, evaluate_terms;
  // Beside the four steps: the clone from which a learner begins; logs, policies and checkpoints.
  double clone, files;
} lb_phase_times;

// Adds the CPU seconds since `start` to *phase.
static inline void lb_phase_add(double* phase, double start) {
  *phase += lb_cpu_seconds() - start;
}

// "cpu" is the sum of the four steps and of the clone. Caller frees.
void lb_phase_line(lb_text* timing, int iteration, const lb_phase_times* times);

// "peak_memory", of every line of timing.jsonl: the most main memory that the process which writes it has held so far,
// in megabytes.
void lb_phase_memory(lb_json_writer* w);

#endif  // LB_ALGO_PHASES_H_
