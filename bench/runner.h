// Many runs at once, each in a worker process of its own, as many as there are cores. A worker that crashes (by a
// signal, by an exit status that is none of ours, or silent for too long) is started once more; its folder lets it go
// on from its last checkpoint. Nothing here knows what a run is: a job is a command line.
//
// What a worker says on its standard output, a line each:
//   progress I N COST SE UNIT    iteration I of N is done, what was measured (COST and SE are for display), and what a
//                                iteration is called ("iteration", "step"; may be left out)
//   beat I N                     it is at iteration I of N, with nothing new measured
//   diverged TEXT                the run is over, and this is its record; exit status 1 follows
// Its standard error is kept (the last lines) to explain a failure. Exit statuses: 0, 1, 2 and 130 as in command.h.
#ifndef LB_BENCH_RUNNER_H_
#define LB_BENCH_RUNNER_H_

#include <stdbool.h>

#include "base/status.h"

typedef enum lb_job_state {
  LB_JOB_WAITING,
  LB_JOB_RUNNING,
  LB_JOB_FINISHED,
  LB_JOB_DIVERGED,  // over, with a record of why
  LB_JOB_FAILED,    // could not be run; `crashed` says whether its worker died
  LB_JOB_STOPPED,   // ended on request, resumable
} lb_job_state;

typedef struct lb_job {
  // The caller's.
  const char* const* words;  // the worker's command line, NULL-terminated; words[0] is the program's file
  const char* name;          // for people: "lamps on helicopter-hover, seed 3"
  int kind;                  // jobs of one kind take about the same time; 0, 1, ...
  double expected;           // seconds that it should take; 0: not known
  const double* curve;       // share of its time over against share of its iterations (algo/forecast.h); NULL: straight
  void* ctx;

  // The runner's.
  lb_job_state state;
  int attempts;
  bool crashed;
  double started;         // wall clock of the present or last attempt
  double seconds;         // that this attempt has worked: without the time in which it, or the runner, was suspended
  double reached;         // seconds when it came to its present iteration
  int started_iteration;  // that was done when the attempt reported for the first time
  int iteration, iterations;  // from its progress; iterations is 0 before the first line
  char unit[32];              // what an iteration is called; "" before the first line
  double cost, cost_se;       // from its progress
  char reason[400];           // why it diverged or failed: one line
} lb_job;

typedef struct lb_runner_options {
  int workers;
  const char* program;  // the file that is executed; NULL: words[0] of each job
  double patience;  // seconds of work without a line of progress after which a worker is taken for hung; 0: for ever.
                    // Time in which it, the runner or the machine was suspended (Ctrl-Z, SIGSTOP, sleep) is no work.
  double grace;     // seconds that workers have to save a checkpoint once they are told to stop
  void* ctx;
  void (*tick)(void* ctx);                  // some four times a second; may be NULL
  void (*ended)(void* ctx, lb_job* job);    // a job is over (any state but waiting); may be NULL
  void (*retried)(void* ctx, lb_job* job);  // a worker crashed, for `reason`, and the job waits again; may be NULL
} lb_runner_options;

// Runs the waiting jobs in their order. LB_INTERRUPT after a request to stop (SIGINT, SIGTERM, SIGHUP, SIGUSR1,
// SIGUSR2), once all workers have ended; LB_IO when no worker can be started. Failed jobs are no failure of the runner.
lb_status lb_runner_run(const lb_runner_options* options, lb_job* jobs, int n);

#endif  // LB_BENCH_RUNNER_H_
