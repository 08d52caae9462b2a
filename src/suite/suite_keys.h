// What keys of a suite's definition hold: names, lists of them, iterations. Mistakes are named by place.
#ifndef LB_SUITE_SUITE_KEYS_H_
#define LB_SUITE_SUITE_KEYS_H_

#include "base/arena.h"
#include "base/status.h"
#include "io/json.h"

// The index of a name, -1 when it is not there.
int lb_suite_keys_find(const char* const* names, int n, const char* name);

// Task and algorithm names become folders and file names.
lb_status lb_suite_keys_check_name(lb_node node, const char* name);

// An array of distinct names; *n = 0 when the key is missing.
lb_status lb_suite_keys_names(lb_arena* arena, lb_node object, const char* key, const char*** out, int* n);

// A required name that must be among `known`; and one that may be missing.
lb_status lb_suite_keys_known(lb_node object, const char* key, const char* const* known, int n, const char** out);
lb_status lb_suite_keys_known_or(lb_node object, const char* key, const char* const* known, int n, const char* missing,
                                 const char** out);

// An iteration: a whole number, or "last", which is LB_SUITE_LAST.
lb_status lb_suite_keys_iteration(lb_node object, const char* key, int missing, int* out);

#endif  // LB_SUITE_SUITE_KEYS_H_
