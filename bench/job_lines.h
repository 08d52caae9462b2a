// A campaign's runs as command lines of a shell, for whatever starts them: GNU parallel, xargs, a batch system.
#ifndef LB_BENCH_JOB_LINES_H_
#define LB_BENCH_JOB_LINES_H_

#include "base/text.h"
#include "campaign.h"

// Opens the campaign of these suites ("all": those of bench/suites/all.json) and takes it as `bench suite` does: the
// definitions are in OUT, experts' longer recordings are made, stale runs are removed. Paths are absolute from then on,
// so that a line may be given in any folder. Nothing holds a suite's folder once the campaign is closed. LB_INPUT for
// paths that no line can hold. What `options` are changed to is in the arena. Close the campaign in any case.
lb_status lb_job_lines_open(lb_campaign* campaign, lb_campaign_options* options, lb_arena* arena);

// Appends the command line of a job that remains to be done. Given twice it goes on where the run was, and does nothing
// once that is over. `program` is what starts the program, as a shell reads it; NULL: this program's file.
void lb_job_line(lb_text* out, const lb_job* job, const char* program);
// Appends its beginning, for other commands than `run`.
lb_status lb_job_program(lb_text* out, const char* program, lb_arena* arena);

#endif  // LB_BENCH_JOB_LINES_H_
