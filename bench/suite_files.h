// The definitions of suites: bench/suites/<name>.json below the root, and files anywhere by their paths.
#ifndef LB_BENCH_SUITE_FILES_H_
#define LB_BENCH_SUITE_FILES_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "suite/suite.h"

// Sorted names of all suites; free with lb_names_free (io/file.h).
lb_status lb_suite_files_names(char*** names, int* n, const char* root);

// The suites that `bench all` runs, in the arena, from bench/suites/all.json:
//   {"suites": ["helicopter", ...], "presets": {"quick": {"suites": [...]}}}
// A preset that it names has its own list.
lb_status lb_suite_files_of_all(const char*** names, int* n, const char* root, const char* preset, lb_arena* arena);

// Whether this is the path of a definition (it has a '/', or ends in ".json"), and no name.
bool lb_suite_files_is_path(const char* name);

// The definition of a suite, by name or path, under a preset; an unknown name is LB_INPUT and suggests the nearest.
// Free with lb_suite_free.
lb_status lb_suite_files_load(lb_suite** suite, const char* root, const char* name, const char* preset);

// The path of a published curve that an overlay names: it lies beside the definition.
void lb_suite_files_overlay(char* out, size_t size, const lb_suite* suite, const char* file);

#endif  // LB_BENCH_SUITE_FILES_H_
