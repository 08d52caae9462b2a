// The definitions of suites: see suite_files.h.
#include "suite_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "io/json.h"
#include "options.h"
#include "root.h"

enum { LONGEST_NAME = 100 };

// Whether the text has this ending.
static bool ends_with(const char* text, const char* ending) {
  size_t n = strlen(text), m = strlen(ending);
  return n >= m && strcmp(text + n - m, ending) == 0;
}

lb_status lb_suite_files_names(char*** names, int* n, const char* root) {
  char folder[LB_BENCH_PATH + 32];
  snprintf(folder, sizeof folder, "%s/bench/suites", root);
  LB_TRY(lb_folder_list(folder, names, n));
  int kept = 0;
  for (int i = 0; i < *n; i++) {
    char* name = (*names)[i];
    if (ends_with(name, ".json") && strcmp(name, "all.json") != 0) {
      name[strlen(name) - strlen(".json")] = '\0';
      (*names)[kept++] = name;
    } else {
      free(name);
    }
  }
  *n = kept;
  return lb_ok();
}

// "suites": names, at least one.
static lb_status read_names(const char*** names, int* n, lb_node object, lb_arena* arena) {
  lb_node array;
  LB_TRY(lb_json_array(object, "suites", &array, n));
  *names = LB_TAKE(arena, const char*, *n + 1);
  for (int i = 0; i < *n; i++) {
    LB_TRY(lb_json_as_string(lb_json_element(array, i), &(*names)[i]));
    (*names)[i] = lb_arena_text(arena, (*names)[i]);
  }
  return *n > 0 ? lb_ok() : lb_json_fail(array, "names no suite");
}

// The suites of `bench all` under a preset.
static lb_status read_all(const char*** names, int* n, lb_node object, const char* preset, lb_arena* arena) {
  static const char* const keys[] = {"suites", "presets"};
  static const char* const own_keys[] = {"suites"};
  lb_node presets, own;
  LB_TRY(lb_json_keys(object, keys, LB_COUNT_OF(keys)));
  LB_TRY(read_names(names, n, object, arena));
  if (!lb_json_has(object, "presets")) return lb_ok();
  LB_TRY(lb_json_object(object, "presets", &presets));
  if (!lb_json_has(presets, preset)) return lb_ok();
  LB_TRY(lb_json_object(presets, preset, &own));
  LB_TRY(lb_json_keys(own, own_keys, LB_COUNT_OF(own_keys)));
  return read_names(names, n, own, arena);
}

lb_status lb_suite_files_of_all(const char*** names, int* n, const char* root, const char* preset, lb_arena* arena) {
  char path[LB_BENCH_PATH + 32];
  snprintf(path, sizeof path, "%s/bench/suites/all.json", root);
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = read_all(names, n, lb_json_root(doc), preset, arena);
  lb_json_free(doc);
  return status;
}

// The failure of a name that no suite has, with the nearest.
static lb_status unknown_suite(const char* root, const char* name) {
  char** names;
  char hint[160];
  int n;
  LB_TRY(lb_suite_files_names(&names, &n, root));
  lb_did_you_mean(name, (const char* const*)names, n, hint, sizeof hint);
  lb_text known = {0};
  for (int i = 0; i < n; i++) lb_text_add(&known, "%s%s", i ? ", " : "", names[i]);
  lb_status status = lb_fail(LB_INPUT, "unknown suite '%s'%s; there are %s, and any definition by its path", name, hint,
                             known.data ? known.data : "none");
  lb_text_free(&known);
  lb_names_free(names, n);
  return status;
}

bool lb_suite_files_is_path(const char* name) {
  return strchr(name, '/') != NULL || ends_with(name, ".json");
}

// A definition anywhere else; its results are called as it calls itself.
static lb_status load_path(lb_suite** suite, const char* path, const char* preset) {
  LB_TRY(lb_root_check_path(path, "the suite's file"));
  LB_TRY(lb_suite_load_preset(suite, path, preset));
  if (strlen((*suite)->name) <= LONGEST_NAME && strcmp((*suite)->name, "all") != 0) return lb_ok();
  lb_suite_free(*suite);
  *suite = NULL;
  return lb_fail(LB_INPUT, "%s: $.name: a suite's results cannot lie in a folder of this name", path);
}

lb_status lb_suite_files_load(lb_suite** suite, const char* root, const char* name, const char* preset) {
  char path[LB_BENCH_PATH + 400];
  if (lb_suite_files_is_path(name)) return load_path(suite, name, preset);
  if (strlen(name) > LONGEST_NAME || strcmp(name, "all") == 0) return unknown_suite(root, name);
  snprintf(path, sizeof path, "%s/bench/suites/%s.json", root, name);
  if (!lb_file_exists(path)) return unknown_suite(root, name);
  LB_TRY(lb_suite_load_preset(suite, path, preset));
  if (strcmp((*suite)->name, name) == 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: $.name is '%s'; it should be '%s', as the file is called", path, (*suite)->name, name);
}

void lb_suite_files_overlay(char* out, size_t size, const lb_suite* suite, const char* file) {
  const char* slash = strrchr(suite->path, '/');
  int length = slash ? (int)(slash - suite->path + 1) : 0;
  snprintf(out, size, "%.*s%s", length, suite->path, file);
}
