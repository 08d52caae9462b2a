// The data folder: see root.h.
#include "root.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

enum { LONGEST_BELOW = 400 };  // what a run adds to the folder that the user named

lb_status lb_root_find(char* root, int size) {
  const char* given = getenv("LAZYBENCH_ROOT");
  const char* chosen = given && *given ? given : LB_SOURCE_DIR;
  const char* hint = given && *given ? "LAZYBENCH_ROOT should name a LazyBench folder"
                                     : "the sources have moved since this program was built; set LAZYBENCH_ROOT";
  char resolved[PATH_MAX], models[PATH_MAX + 8];
  if (!realpath(chosen, resolved)) return lb_fail(LB_INPUT, "%s: no such folder (%s)", chosen, hint);
  snprintf(models, sizeof models, "%s/models", resolved);
  if (!lb_folder_exists(models)) {
    return lb_fail(LB_INPUT, "%s: there is no folder models/ in it (%s)", resolved, hint);
  }
  LB_TRY(lb_root_check_path(resolved, "LAZYBENCH_ROOT"));
  snprintf(root, (size_t)size, "%s", resolved);
  return lb_ok();
}

lb_status lb_root_check_path(const char* path, const char* option) {
  if (strlen(path) + LONGEST_BELOW < LB_BENCH_PATH) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the path is %zu bytes long; at most %d are possible", option, strlen(path),
                 LB_BENCH_PATH - LONGEST_BELOW - 1);
}
