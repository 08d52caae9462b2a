// Where the data live: the folder that holds models/, expert_data/ and bench/suites/. It is $LAZYBENCH_ROOT where that
// is set; for a program of `cmake --install`, P/bin/bench, it is P/share/lazybench; else the source folder that this
// program was built from.
#ifndef LB_BENCH_ROOT_H_
#define LB_BENCH_ROOT_H_

#include "base/status.h"

enum { LB_BENCH_PATH = 1024 };

// The absolute path of that folder; LB_INPUT when there is no models/ in it. From then on tasks are looked for in the
// folders of $LAZYBENCH_MODELS too (lb_task_folders_use).
lb_status lb_root_find(char* root, int size);

// The folder below which results/ lies unless the user says where: the data folder, for an installed program the
// current one.
lb_status lb_root_results(char* folder, int size, const char* root);

// LB_INPUT unless `path`, of an `option` such as "--out", fits with room for the names that a suite puts below it; and
// the same for the folder of one run, which such names may have been put to already.
lb_status lb_root_check_path(const char* path, const char* option);
lb_status lb_root_check_run(const char* path, const char* option);
// Of a file that --out names: also LB_INPUT where it is the one that is read.
lb_status lb_root_check_new(const char* out, const char* source);

#endif  // LB_BENCH_ROOT_H_
