// Folders of suites and of runs: see folders.h.
#include "folders.h"

#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/file_set.h"
#include "root.h"

static bool holds(const char* folder, const char* file) {
  char path[LB_BENCH_PATH + 320];
  return snprintf(path, sizeof path, "%s/%s", folder, file) < (int)sizeof path && lb_file_exists(path);
}

static bool holds_suite(const char* folder) {
  lb_file_share before = lb_file_set_share(folder, "suite");  // finishes what was begun
  lb_file_set_release(&before);
  return holds(folder, "suite.json");
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

typedef struct run_list {
  const char** folders;
  int n, room;
  lb_arena* arena;
} run_list;

static void add_run(run_list* runs, const char* folder) {
  if (runs->n == runs->room) {
    int room = runs->room > 0 ? 2 * runs->room : 16;
    const char** larger = LB_TAKE(runs->arena, const char*, room);
    for (int i = 0; i < runs->n; i++) larger[i] = runs->folders[i];
    runs->folders = larger;
    runs->room = room;
  }
  runs->folders[runs->n++] = lb_arena_text(runs->arena, folder);
}

static lb_status find_runs(run_list* runs, const char* folder, int depth) {
  bool is_run = holds(folder, "config.json");
  if (is_run) add_run(runs, folder);
  if (is_run || depth == 0) return lb_ok();
  char** names;
  int count;
  LB_TRY(lb_folder_list(folder, &names, &count));
  lb_status status = lb_ok();
  for (int i = 0; i < count && status.code == LB_OK; i++) {
    char path[LB_BENCH_PATH + 300];
    bool fits = snprintf(path, sizeof path, "%s/%s", folder, names[i]) < (int)sizeof path;
    if (fits && lb_folder_exists(path)) status = find_runs(runs, path, depth - 1);
  }
  lb_names_free(names, count);
  return status;
}

lb_status lb_folders_of_runs(const char*** out, int* n, const char* folder, lb_arena* arena) {
  enum { DEPTH = 3 };
  run_list runs = {.arena = arena};
  LB_TRY(lb_root_check_path(folder, "DIR"));
  LB_TRY(find_runs(&runs, folder, DEPTH));
  *out = runs.folders;
  *n = runs.n;
  if (*n > 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: holds no results (no suite.json in it or in a folder of it, no config.json of a run)",
                 folder);
}
