// One run as this process's whole work: under `bench run`, and as a worker of the pool (runner.h).
#ifndef LB_BENCH_WORKER_H_
#define LB_BENCH_WORKER_H_

#include <stdbool.h>

#include "algo/run.h"
#include "base/arena.h"

// The command line that repeats a run, whoever started it: "tools/bench run TASK --algo NAME --seed N --set ...".
void lb_worker_command(char* out, int size, const lb_run_options* options);

// What starts a worker in the pool (lb_runner_options.program): the program that runs, also when its file was replaced
// or removed since it was started.
#define LB_WORKER_PROGRAM "/proc/self/exe"

// The file of this program, and the words with which it starts a worker of the pool on a run; in the arena. The run's
// folder must live as long.
lb_status lb_worker_program(const char** program, lb_arena* arena);
const char* const* lb_worker_words(const char* program, const lb_run_options* options, lb_arena* arena);

// Runs it; Ctrl-C, SIGTERM and what batch systems send before a time limit (SIGUSR1, SIGUSR2) stop it at the next
// iteration with a checkpoint, or after 15 seconds without. As the pool's worker it speaks the runner's protocol on
// stdout, else it shows progress. `last` receives the last progress.
lb_status lb_worker_run(const lb_run_options* options, bool for_pool, lb_run_progress* last);

// For the work after a run that is done in one piece: a request to stop ends this process at once with these words on
// stderr and exit status 130, also one that came during the run and too late for it.
void lb_worker_end_on_request(const char* words);

#endif  // LB_BENCH_WORKER_H_
