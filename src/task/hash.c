#include "task/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"

// Raise it when the same files come to mean another task.
static const char format_version[] = "lazybench task 1";

enum { DEPTH = 8, PATH = 1200 };

// The folder part of a path into `out`, "." when there is none.
static void folder_of(char out[PATH], const char* path) {
  const char* slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 1;
  if (n >= PATH) n = PATH - 1;
  memcpy(out, slash ? path : ".", n);
  out[n] = '\0';
}

// The value of the next attribute `name="value"` at or after *at; false when there is none. *at moves past it.
static bool next_value(const char* text, size_t* at, const char* name, char value[PATH]) {
  size_t n = strlen(name);
  for (const char* hit = strstr(text + *at, name); hit; hit = strstr(hit + n, name)) {
    const char* p = hit + n + strspn(hit + n, " \t\r\n");
    bool whole = hit > text && strchr(" \t\r\n", hit[-1]);
    if (!whole || *p != '=') continue;
    p += 1 + strspn(p + 1, " \t\r\n");
    const char* end = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;
    if (!end || end - p - 1 >= PATH) continue;
    memcpy(value, p + 1, (size_t)(end - p - 1));
    value[end - p - 1] = '\0';
    *at = (size_t)(end - text);
    return true;
  }
  return false;
}

static lb_status add_file(lb_text* all, const char* path, const char* root, int depth);

// Adds folder/value when it is a file.
static lb_status try_file(lb_text* all, const char* folder, const char* value, const char* root, int depth,
                          bool* found) {
  char path[PATH];
  if (*found || strlen(folder) + strlen(value) + 2 > PATH) return lb_ok();
  lb_path_join(path, sizeof path, folder, value);
  if (!lb_file_exists(path)) return lb_ok();
  *found = true;
  return add_file(all, path, root, depth);
}

// Adds the files that an MJCF text names, looked for as MuJoCo does: beside the main file, then in the asset folders.
static lb_status add_named(lb_text* all, const char* text, const char* root, int depth) {
  static const char* const folders[] = {"assetdir", "meshdir", "texturedir"};
  char value[PATH], dir[PATH], joined[PATH];
  for (size_t at = 0; next_value(text, &at, "file", value);) {
    bool found = false;
    LB_TRY(try_file(all, value[0] == '/' ? "" : root, value, root, depth, &found));
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; ++i) {
      size_t from = 0;
      if (!next_value(text, &from, folders[i], dir) || strlen(root) + strlen(dir) + 2 > PATH) continue;
      lb_path_join(joined, sizeof joined, root, dir);
      LB_TRY(try_file(all, joined, value, root, depth, &found));
    }
  }
  return lb_ok();
}

static bool is_xml(const char* path) {
  size_t n = strlen(path);
  return n >= 4 && strcmp(path + n - 4, ".xml") == 0;
}

static lb_status add_file(lb_text* all, const char* path, const char* root, int depth) {
  char* bytes;
  size_t n;
  if (depth > DEPTH) return lb_fail(LB_INPUT, "%s: files include each other more than %d deep", path, DEPTH);
  LB_TRY(lb_file_read(path, &bytes, &n));
  lb_text_add(all, "\nfile %zu\n", n);
  lb_text_add_bytes(all, bytes, n);
  lb_status status = is_xml(path) ? add_named(all, bytes, root, depth + 1) : lb_ok();
  free(bytes);
  return status;
}

lb_status lb_task_hash(char out[65], lb_node task, const char* model, const char* reference) {
  lb_text all = {0};
  char root[PATH];
  char* canonical = lb_json_canonical(task);
  lb_text_add(&all, "%s\n%s\n", format_version, canonical);
  free(canonical);
  folder_of(root, model);
  lb_status status = add_file(&all, model, root, 0);
  if (status.code == LB_OK && reference) status = add_file(&all, reference, root, 0);
  lb_sha256(all.data, all.length, out);
  lb_text_free(&all);
  return status;
}
