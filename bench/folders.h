// The folders of suites, or of single runs, that a DIR on the command line stands for.
#ifndef LB_BENCH_FOLDERS_H_
#define LB_BENCH_FOLDERS_H_

#include "base/arena.h"
#include "base/status.h"

// DIR itself when it holds a suite.json, else those of its folders that do; in the arena. LB_INPUT when there are none.
lb_status lb_folders_of_suites(const char*** out, int* n, const char* folder, lb_arena* arena);

// DIR itself when it holds a config.json, else those below it, down to DIR/<task>/<algo>/seed-<n>/, that do.
lb_status lb_folders_of_runs(const char*** out, int* n, const char* folder, lb_arena* arena);

#endif  // LB_BENCH_FOLDERS_H_
