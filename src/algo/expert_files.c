#include "algo/expert_files.h"

#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/json.h"
#include "task/task.h"

enum { PARTS = 3 };

static const char* const endings[PARTS] = {".npz", ".policy.safetensors", ".curve.jsonl"};
static const char* const keys[PARTS] = {"sha256_demonstrations", "sha256_policy", "sha256_curve"};

typedef char file_path[1300];

lb_status lb_expert_files_folder(char folder[LB_EXPERT_FILES_FOLDER], const char* root, const char* task) {
  const char* own = lb_task_folders_find(task);
  int n = snprintf(folder, LB_EXPERT_FILES_FOLDER, "%s/expert_data", own ? own : root);
  if (n < LB_EXPERT_FILES_FOLDER) return lb_ok();
  return lb_fail(LB_INPUT, "%.100s...: the path is too long for the expert of %.100s", folder, task);
}

void lb_expert_files_name(char name[LB_EXPERT_FILES_NAME], const char* task, int quality) {
  if (quality == 100) {
    snprintf(name, LB_EXPERT_FILES_NAME, "%.200s", task);
  } else {
    snprintf(name, LB_EXPERT_FILES_NAME, "%.200s-%d", task, quality);
  }
}

// <folder>/<task><ending>.
static const char* path_of(file_path out, const char* folder, const char* task, const char* ending) {
  snprintf(out, sizeof(file_path), "%.1000s/%.230s%s", folder, task, ending);
  return out;
}

// One file against its line of the card; sum receives the checksum, "" where the card has no such file.
static lb_status check_part(char sum[65], lb_node card, const char* folder, const char* task, int part) {
  file_path path;
  char found[65];
  const char* stated;
  path_of(path, folder, task, endings[part]);
  sum[0] = '\0';
  LB_TRY(lb_json_string_or(card, keys[part], "", &stated));
  if (!*stated && !lb_file_exists(path)) return lb_ok();
  if (!*stated) {
    return lb_fail(LB_INPUT,
                   "%s: %s.json, the card of this expert, does not name it: remove it, or make the expert anew "
                   "with 'bench expert %s'",
                   path, task, task);
  }
  if (!lb_file_exists(path)) {
    return lb_fail(LB_INPUT,
                   "%s: no such file, but %s.json, the card of this expert, names it: make the expert anew with 'bench "
                   "expert %s'",
                   path, task, task);
  }
  LB_TRY(lb_sha256_file(path, found));
  if (strcmp(found, stated) != 0) {
    return lb_fail(
        LB_INPUT,
        "%s: is not the file that %s.json, the card of this expert, names (SHA-256 %.12s, the card has %.12s): "
        "make the expert anew with 'bench expert %s'",
        path, task, found, stated, task);
  }
  snprintf(sum, 65, "%s", found);
  return lb_ok();
}

// Whether the card and the parts that it names are there and are those that it names.
static lb_status check_parts(lb_expert_files_sums* sums, const char* folder, const char* task) {
  file_path path;
  lb_json* doc;
  char* const into[PARTS] = {sums->demonstrations, sums->policy, sums->curve};
  if (!lb_file_exists(path_of(path, folder, task, ".json"))) {
    file_path data;
    if (!lb_file_exists(path_of(data, folder, task, endings[0]))) {
      return lb_fail(LB_INPUT,
                     "%s: no such file; 'bench expert %s' makes the expert of this task, --data FILE takes a recording "
                     "of your own "
                     "where demonstrations are wanted",
                     data, task);
    }
    return lb_fail(LB_INPUT,
                   "%s: no such file: nothing says which demonstrations and which policy belong together; 'bench "
                   "expert %s' makes an expert with its card, expert_data/README.md says what one of your own has",
                   path, task);
  }
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = lb_ok();
  for (int i = 0; i < PARTS && status.code == LB_OK; ++i) {
    status = check_part(into[i], lb_json_root(doc), folder, task, i);
  }
  lb_json_free(doc);
  return status;
}

lb_status lb_expert_files_open(lb_expert_files_sums* sums, lb_file_share* share, const char* folder, const char* task) {
  lb_expert_files_sums own;
  *share = lb_file_set_share(folder, task);
  return check_parts(sums ? sums : &own, folder, task);
}

lb_status lb_expert_files_write_sums(lb_json_writer* card, const char* folder, const char* task) {
  for (int i = 0; i < PARTS; ++i) {
    file_path path;
    char sum[65];
    if (!lb_file_exists(path_of(path, folder, task, endings[i]))) continue;
    LB_TRY(lb_sha256_file(path, sum));
    lb_json_write_string(card, keys[i], sum);
  }
  return lb_ok();
}

lb_status lb_expert_files_drop_others(lb_file_set* set, const char* task) {
  for (int i = 0; i < PARTS; ++i) {
    file_path path;
    char name[300];
    if (lb_file_exists(path_of(path, set->staging, task, endings[i]))) continue;
    snprintf(name, sizeof name, "%.230s%s", task, endings[i]);
    LB_TRY(lb_file_set_drop(set, name));
  }
  return lb_ok();
}
