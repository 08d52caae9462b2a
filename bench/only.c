// The part of a suite that --only asks for: see only.h.
#include "only.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 400 };

// What a pattern of this form is held against: "TASK/ALGO", or "TASK" where it has no '/'.
static void name_row(char name[NAME], const char* pattern, const lb_suite_row* row) {
  snprintf(name, NAME, strchr(pattern, '/') ? "%s/%s" : "%s", row->task, row->algo);
}

static bool matches(const char* pattern, const lb_suite_row* row) {
  char name[NAME];
  name_row(name, pattern, row);
  return fnmatch(pattern, name, 0) == 0;
}

bool lb_only_wants(const char* const* only, int n, const lb_suite_row* row) {
  for (int i = 0; i < n; i++) {
    if (matches(only[i], row)) return true;
  }
  return n == 0;
}

static bool is_found(const char* pattern, const lb_suite* const* suites, int n) {
  for (int i = 0; i < n; i++) {
    for (int r = 0; r < suites[i]->n_rows; r++) {
      if (matches(pattern, &suites[i]->rows[r])) return true;
    }
  }
  return false;
}

// What would have been a pattern of one row, or of one task.
static lb_status fail_unknown(const char* pattern, const lb_suite* const* suites, int n) {
  char(*names)[NAME] = NULL;
  const char** list = NULL;
  char hint[500];
  int total = 0, k = 0;
  for (int i = 0; i < n; i++) total += suites[i]->n_rows;
  names = calloc((size_t)total + 1, sizeof *names);
  list = calloc((size_t)total + 1, sizeof *list);
  if (!names || !list) {
    free(names);
    free(list);
    return lb_fail(LB_MEMORY, "no memory for the names of rows");
  }
  for (int i = 0; i < n; i++) {
    for (int r = 0; r < suites[i]->n_rows; r++, k++) {
      name_row(names[k], pattern, &suites[i]->rows[r]);
      list[k] = names[k];
    }
  }
  lb_did_you_mean(pattern, list, total, hint, sizeof hint);
  free(names);
  free(list);
  return lb_fail(LB_INPUT,
                 "--only %s: no task or row of these suites is called so%s; write TASK or TASK/ALGO, * for any "
                 "(--dry-run --list shows them)",
                 pattern, hint);
}

lb_status lb_only_check(const lb_texts* only, const lb_suite* const* suites, int n) {
  for (int i = 0; i < only->n; i++) {
    if (!is_found(only->values[i], suites, n)) return fail_unknown(only->values[i], suites, n);
  }
  return lb_ok();
}
