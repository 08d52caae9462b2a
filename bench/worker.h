// One run as this process's whole work: under `bench run`, and as a worker of the pool (runner.h).
#ifndef LB_BENCH_WORKER_H_
#define LB_BENCH_WORKER_H_

#include <stdbool.h>

#include "algo/run.h"
#include "base/arena.h"

// The command line that repeats a run, whoever started it: "tools/bench run TASK --algo NAME --seed N --set ...".
void lb_worker_command(char* out, int size, const lb_run_options* options);

// The file of this program, and the words with which it starts a worker of the pool on a run; in the arena. The run's
// folder must live as long.
lb_status lb_worker_program(const char** program, lb_arena* arena);
const char* const* lb_worker_words(const char* program, const lb_run_options* options, lb_arena* arena);

// Runs it; Ctrl-C and SIGTERM stop it at the next round with a checkpoint. As the pool's worker it speaks the
// runner's protocol on stdout, else it shows progress. `last` receives the last progress.
lb_status lb_worker_run(const lb_run_options* options, bool for_pool, lb_run_progress* last);

#endif  // LB_BENCH_WORKER_H_
