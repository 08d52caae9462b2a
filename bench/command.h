// The commands of the `bench` program, one file each, and what they share. A command gets its own words (argv[0] is
// its name) and returns the program's exit status: results on stdout, everything else on stderr.
#ifndef LB_BENCH_COMMAND_H_
#define LB_BENCH_COMMAND_H_

#include "base/status.h"

enum { LB_EXIT_OK = 0, LB_EXIT_FAILED = 1, LB_EXIT_INPUT = 2, LB_EXIT_INTERRUPT = 130 };

// Each does what its words say, --help included, and returns the exit status.
int lb_command_all(int argc, char** argv);
int lb_command_suite(int argc, char** argv);
int lb_command_run(int argc, char** argv);
int lb_command_jobs(int argc, char** argv);
int lb_command_slurm(int argc, char** argv);
int lb_command_eval(int argc, char** argv);
int lb_command_demo(int argc, char** argv);
int lb_command_expert(int argc, char** argv);
int lb_command_replay(int argc, char** argv);
int lb_command_report(int argc, char** argv);
int lb_command_compare(int argc, char** argv);
int lb_command_status(int argc, char** argv);
int lb_command_task(int argc, char** argv);
int lb_command_tasks(int argc, char** argv);
int lb_command_algos(int argc, char** argv);
int lb_command_verify(int argc, char** argv);
int lb_command_render(int argc, char** argv);
int lb_command_view(int argc, char** argv);
int lb_command_perf(int argc, char** argv);

// Flushes stdout: results that did not reach their reader (a full disk behind a redirection) must not pass for success.
// A reader that has read enough (`| head`) is none of our business.
int lb_command_flushed(int exit_status);

// The exit status for how a command ended; a failure is printed first, as "bench COMMAND: what is wrong".
int lb_command_end(const char* command, lb_status status);

#endif  // LB_BENCH_COMMAND_H_
