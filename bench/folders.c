// Folders of suites and of runs: see folders.h.
#include "folders.h"

#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/file_set.h"
#include "root.h"

// Whether the folder has this file.
static bool holds(const char* folder, const char* file) {
  char path[LB_BENCH_PATH + 320];
  return snprintf(path, sizeof path, "%s/%s", folder, file) < (int)sizeof path && lb_file_exists(path);
}

// Whether the folder holds results of a suite.
static bool holds_suite(const char* folder) {
  lb_file_share before = lb_file_set_share(folder, "suite");  // finishes what was begun
  lb_file_set_release(&before);
  return holds(folder, "suite.json");
}

// A list of paths that grows by moving to a larger piece of the arena.
typedef struct path_list {
  const char** paths;
  int n, room;
} path_list;

// Appends a copy of the path.
static void add_path(path_list* list, const char* path, lb_arena* arena) {
  if (list->n == list->room) {
    list->room = list->room > 0 ? 2 * list->room : 16;
    const char** larger = LB_TAKE(arena, const char*, list->room);
    for (int i = 0; i < list->n; i++) larger[i] = list->paths[i];
    list->paths = larger;
  }
  list->paths[list->n++] = lb_arena_text(arena, path);
}

// All suites and runs below a folder, each suite as its own path.
static lb_status walk(path_list* suites, path_list* runs, const char* folder, int depth, lb_arena* arena) {
  if (holds_suite(folder)) {
    add_path(suites, folder, arena);
    return lb_ok();
  }
  if (holds(folder, "config.json")) {
    add_path(runs, folder, arena);
    return lb_ok();
  }
  if (depth == 0) return lb_ok();
  char** names;
  int count;
  LB_TRY(lb_folder_list(folder, &names, &count));
  lb_status status = lb_ok();
  for (int i = 0; i < count && status.code == LB_OK; i++) {
    char path[LB_BENCH_PATH + 300];
    bool fits = snprintf(path, sizeof path, "%s/%s", folder, names[i]) < LB_BENCH_PATH;
    if (!fits || names[i][0] == '.' || !lb_folder_exists(path)) continue;
    lb_status below = walk(suites, runs, path, depth - 1, arena);
    if (below.code != LB_IO) status = below;  // what may not be read holds nothing for this user
  }
  lb_names_free(names, count);
  return status;
}

// Bytes of the path before its last slash.
static int length_of_parent(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? (int)(slash - path) : 0;
}

// Where a suite lies; the one that was asked for by itself, in its own folder.
static const char* parent_of(const char* path, const char* asked, lb_arena* arena) {
  char parent[LB_BENCH_PATH + 300];
  int length = strcmp(path, asked) == 0 ? (int)strlen(path) : length_of_parent(path);
  snprintf(parent, sizeof parent, "%.*s", length, path);
  return lb_arena_text(arena, parent);
}

// Suites whose folders lie side by side become one group.
static void group_suites(lb_folders* out, const path_list* suites, const char* asked, lb_arena* arena) {
  const char** parents = LB_TAKE(arena, const char*, suites->n + 1);
  out->groups = LB_TAKE(arena, lb_folder_group, suites->n + 1);
  for (int i = 0; i < suites->n; i++) parents[i] = parent_of(suites->paths[i], asked, arena);
  for (int i = 0; i < suites->n; i++) {
    bool known = false;
    for (int k = 0; k < i; k++) known = known || strcmp(parents[k], parents[i]) == 0;
    if (known) continue;
    lb_folder_group* group = &out->groups[out->n_groups++];
    *group = (lb_folder_group){.parent = parents[i], .suites = LB_TAKE(arena, const char*, suites->n)};
    for (int k = i; k < suites->n; k++) {
      if (strcmp(parents[k], parents[i]) == 0) group->suites[group->n++] = suites->paths[k];
    }
  }
}

lb_status lb_folders_find(lb_folders* out, const char* folder, lb_arena* arena) {
  enum { DEPTH = 6 };
  path_list suites = {0}, runs = {0};
  *out = (lb_folders){0};
  LB_TRY(lb_root_check_path(folder, "DIR"));
  LB_TRY(walk(&suites, &runs, folder, DEPTH, arena));
  group_suites(out, &suites, folder, arena);
  out->runs = runs.paths;
  out->n_runs = runs.n;
  if (out->n_groups + out->n_runs > 0) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: holds no results, nor does any folder below it (no suite.json, no config.json of a run)", folder);
}
