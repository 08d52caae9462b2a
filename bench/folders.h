// The folders of suites and of single runs that a DIR on the command line stands for: of a suite, of a run, or any that
// holds such folders, as OUT, results/runs or results.
#ifndef LB_BENCH_FOLDERS_H_
#define LB_BENCH_FOLDERS_H_

#include "base/arena.h"
#include "base/status.h"

// Folders of suites that lie beside each other: in `parent`.
typedef struct lb_folder_group {
  const char* parent;
  const char** suites;
  int n;
} lb_folder_group;

typedef struct lb_folders {
  lb_folder_group* groups;
  int n_groups;
  const char** runs;  // that belong to no suite
  int n_runs;
} lb_folders;

// DIR itself when it is the folder of a suite (it holds a suite.json; its group's parent is the folder itself) or of a
// run (a config.json), else those below it, down to DIR/runs/single/<task>/<algo>/seed-<n>/; in the arena, sorted.
// LB_INPUT when there are none. Hidden folders are passed over.
lb_status lb_folders_find(lb_folders* out, const char* folder, lb_arena* arena);

#endif  // LB_BENCH_FOLDERS_H_
