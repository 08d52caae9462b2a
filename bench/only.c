// The part of a suite that --only asks for: see only.h.
#include "only.h"

#include <stdbool.h>
#include <stdlib.h>

// Whether a row of a suite fits the pattern.
static bool is_found(const char* pattern, const lb_suite* const* suites, int n) {
  for (int i = 0; i < n; i++) {
    for (int r = 0; r < suites[i]->n_rows; r++) {
      if (lb_suite_row_is_wanted(&suites[i]->rows[r], &pattern, 1)) return true;
    }
  }
  return false;
}

// What would have been a pattern of one row, or of one task.
static lb_status fail_unknown(const char* pattern, const lb_suite* const* suites, int n) {
  char(*names)[LB_SUITE_ROW_NAME] = NULL;
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
      lb_suite_row_name(names[k], pattern, &suites[i]->rows[r]);
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
