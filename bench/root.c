// The data folder: see root.h.
#include "root.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "algo/expert_demos.h"
#include "base/log.h"
#include "io/file.h"
#include "task/task.h"

enum {
  LONGEST_BELOW = 400,  // what a suite adds to the folder that the user named: suite, task, algorithm, seed, file
  LONGEST_FILE = 64     // what a run adds to its own
};

// The data of an installed program, ../share/lazybench beside its own folder; false where there are none.
static bool find_installed(char path[PATH_MAX]) {
  char program[PATH_MAX], models[PATH_MAX + 64];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n <= 0) return false;
  program[n] = '\0';
  *strrchr(program, '/') = '\0';
  snprintf(models, sizeof models, "%s/../share/lazybench", program);
  if (!realpath(models, path)) return false;
  snprintf(models, sizeof models, "%s/models", path);
  return lb_folder_exists(models);
}

// LAZYBENCH_ROOT; NULL: not set.
static const char* given_root(void) {
  const char* given = getenv("LAZYBENCH_ROOT");
  return given && *given ? given : NULL;
}

lb_status lb_root_results(char* folder, int size, const char* root) {
  char installed[PATH_MAX];
  if (given_root() || !find_installed(installed)) {
    snprintf(folder, (size_t)size, "%s", root);
    return lb_ok();
  }
  if (!getcwd(installed, sizeof installed)) return lb_fail(LB_IO, "the current folder has no name; give --out");
  LB_TRY(lb_root_check_path(installed, "the current folder"));
  snprintf(folder, (size_t)size, "%s", installed);
  return lb_ok();
}

// Longer recordings of the experts go where results go.
static void keep_demonstrations(const char* root) {
  char results[LB_BENCH_PATH], folder[LB_BENCH_PATH + 32];
  if (lb_root_results(results, sizeof results, root).code != LB_OK) return;
  snprintf(folder, sizeof folder, "%s/results/runs/demonstrations", results);
  lb_expert_demos_keep_in(folder);
}

// The user's own folders of tasks. One that is not there is said, and hides no other.
static lb_status use_models(void) {
  const char* list = getenv("LAZYBENCH_MODELS");
  for (const char* p = list; p && *p;) {
    int n = (int)strcspn(p, ":");
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", n, p);
    if (n > 0 && !lb_folder_exists(folder)) lb_log_warning("LAZYBENCH_MODELS: %s: no such folder", folder);
    p += n + (p[n] == ':');
  }
  lb_status status = lb_task_folders_use(list);
  return status.code == LB_OK ? status : lb_within(status, "LAZYBENCH_MODELS");
}

lb_status lb_root_find(char* root, int size) {
  char installed[PATH_MAX];
  const char *given = given_root(), *chosen = given ? given : find_installed(installed) ? installed : LB_SOURCE_DIR;
  const char* hint = given ? "LAZYBENCH_ROOT should name a LazyBench folder"
                           : "the sources have moved since this program was built; set LAZYBENCH_ROOT";
  char resolved[PATH_MAX], models[PATH_MAX + 8];
  if (!realpath(chosen, resolved)) return lb_fail(LB_INPUT, "%s: no such folder (%s)", chosen, hint);
  snprintf(models, sizeof models, "%s/models", resolved);
  if (!lb_folder_exists(models)) {
    return lb_fail(LB_INPUT, "%s: there is no folder models/ in it (%s)", resolved, hint);
  }
  LB_TRY(lb_root_check_path(resolved, "LAZYBENCH_ROOT"));
  snprintf(root, (size_t)size, "%s", resolved);
  keep_demonstrations(root);
  return use_models();
}

// Fails where the path leaves no room for what lies below it.
static lb_status check_length(const char* path, const char* option, int below) {
  if (strlen(path) + (size_t)below < LB_BENCH_PATH) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the path is %zu bytes long; at most %d are possible", option, strlen(path),
                 LB_BENCH_PATH - below - 1);
}

lb_status lb_root_check_path(const char* path, const char* option) {
  return check_length(path, option, LONGEST_BELOW);
}

lb_status lb_root_check_new(const char* out, const char* source) {
  LB_TRY(lb_root_check_path(out, "--out"));
  struct stat a, b;
  if (stat(out, &a) != 0 || stat(source, &b) != 0 || a.st_dev != b.st_dev || a.st_ino != b.st_ino) return lb_ok();
  return lb_fail(LB_INPUT, "--out %s: is the file that is read; give another name, so that it stays", out);
}

lb_status lb_root_check_run(const char* path, const char* option) {
  return check_length(path, option, LONGEST_FILE);
}
