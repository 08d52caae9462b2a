// Names, lists of names and iterations in a suite's definition: see suite_keys.h.
#include "suite/suite_keys.h"

#include <string.h>

#include "suite/suite.h"

enum { ITERATIONS_MAX = 100000000 };

int lb_suite_keys_find(const char* const* names, int n, const char* name) {
  for (int i = 0; i < n; i++) {
    if (strcmp(names[i], name) == 0) return i;
  }
  return -1;
}

// Task and algorithm names become folders and file names.
lb_status lb_suite_keys_check_name(lb_node node, const char* name) {
  if (!name[0] || name[0] == '.' || strlen(name) > 100) {
    return lb_json_fail(node, "'%.100s' is not a name (1 to 100 characters, not starting with a dot)", name);
  }
  for (const char* c = name; *c; c++) {
    bool fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' ||
                *c == '_' || *c == '.' || (*c == '@' && c != name);
    if (!fine) return lb_json_fail(node, "'%.100s' holds '%c'; names use letters, digits, '-', '_', '.'", name, *c);
  }
  return lb_ok();
}

// An array of distinct names; *n = 0 when the key is missing.
lb_status lb_suite_keys_names(lb_arena* arena, lb_node object, const char* key, const char*** out, int* n) {
  *n = 0;
  if (!lb_json_has(object, key)) return lb_ok();
  lb_node array;
  LB_TRY(lb_json_array(object, key, &array, n));
  const char** names = LB_TAKE(arena, const char*, *n + 1);
  for (int i = 0; i < *n; i++) {
    lb_node node = lb_json_element(array, i);
    LB_TRY(lb_json_as_string(node, &names[i]));
    LB_TRY(lb_suite_keys_check_name(node, names[i]));
    if (lb_suite_keys_find(names, i, names[i]) >= 0) return lb_json_fail(node, "'%s' is named twice", names[i]);
  }
  *out = names;
  return lb_ok();
}

// A required name that must be among `known`.
lb_status lb_suite_keys_known(lb_node object, const char* key, const char* const* known, int n, const char** out) {
  int i = 0;
  LB_TRY(lb_json_choice(object, key, known, n, &i));
  *out = known[i];
  return lb_ok();
}

lb_status lb_suite_keys_known_or(lb_node object, const char* key, const char* const* known, int n, const char* missing,
                                 const char** out) {
  *out = missing;
  return lb_json_has(object, key) ? lb_suite_keys_known(object, key, known, n, out) : lb_ok();
}

// An iteration: a whole number or "last".
lb_status lb_suite_keys_iteration(lb_node object, const char* key, int missing, int* out) {
  *out = missing;
  if (!lb_json_has(object, key)) return lb_ok();
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  if (!lb_json_is_string(node)) return lb_json_int(object, key, 0, ITERATIONS_MAX, out);
  const char* text;
  LB_TRY(lb_json_as_string(node, &text));
  if (strcmp(text, "last") != 0) return lb_json_fail(node, "'%s' is no iteration; give a number or \"last\"", text);
  *out = LB_SUITE_LAST;
  return lb_ok();
}
