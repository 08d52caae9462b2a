// Suites' folders: see folders.h.
#include "folders.h"

#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "root.h"

static bool holds_suite(const char* folder) {
  char path[LB_BENCH_PATH + 320];
  return snprintf(path, sizeof path, "%s/suite.json", folder) < (int)sizeof path && lb_file_exists(path);
}

lb_status lb_folders_of_suites(const char*** out, int* n, const char* folder, lb_arena* arena) {
  char** names;
  int count;
  *n = 0;
  LB_TRY(lb_root_check_path(folder, "DIR"));
  if (holds_suite(folder)) {
    *out = LB_TAKE(arena, const char*, 1);
    (*out)[(*n)++] = lb_arena_text(arena, folder);
    return lb_ok();
  }
  LB_TRY(lb_folder_list(folder, &names, &count));
  *out = LB_TAKE(arena, const char*, count + 1);
  for (int i = 0; i < count; i++) {
    char path[LB_BENCH_PATH + 300];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    if (holds_suite(path)) (*out)[(*n)++] = lb_arena_text(arena, path);
  }
  lb_names_free(names, count);
  if (*n > 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: holds no results of a suite (no suite.json in it or in a folder of it)", folder);
}
