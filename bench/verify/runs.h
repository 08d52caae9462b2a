// The runs of checks: every check with every seed that is asked for, in worker processes, as many at once as there are
// cores; and what they measured.
#ifndef LB_BENCH_VERIFY_RUNS_H_
#define LB_BENCH_VERIFY_RUNS_H_

#include "base/arena.h"
#include "base/status.h"
#include "options.h"
#include "root.h"
#include "runner.h"
#include "stale.h"
#include "verify/checks.h"

typedef struct lb_verify_run {
  const lb_verify_check* check;
  int seed;
  char folder[LB_BENCH_PATH];
  double values[LB_VERIFY_CHECK_POINTS];  // NAN where the run has none
  const char* trouble;                    // NULL, or why it did not finish
} lb_verify_run;

typedef struct lb_verify_runs {
  const char* root;
  const char* out;  // the folder that gets the runs; those that are done there are not run again, unless they are stale
  lb_texts set;     // "key=value", over every check's protocol
  int jobs;         // 0: one a core
  lb_verify_run* runs;
  int n;
  lb_identities* identities;  // while the jobs are named
  lb_stale stale;
} lb_verify_runs;

// Makes room for the runs of some seeds of a check: [first, first + count).
void lb_verify_runs_add(lb_verify_runs* runs, const lb_verify_check* check, int first, int count, lb_arena* arena);

// Runs them all and reads what they measured. Failed and diverged runs are no failure of it; LB_INPUT for a setting
// that is wrong, LB_INTERRUPT when stopped.
lb_status lb_verify_runs_make(lb_verify_runs* runs, lb_arena* arena);

#endif  // LB_BENCH_VERIFY_RUNS_H_
