// What the report knows of metrics is what docs/metrics.md says of them: each is there, and the same way is better.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "report/metric.h"

// The line of the table that has a name in its first cell, its end cut off; caller frees.
static char* line_of(const char* text, const char* name) {
  char wanted[100];
  snprintf(wanted, sizeof wanted, "`%s`", name);
  for (const char* at = text; (at = strstr(at, "\n| `")); ++at) {
    const char *end = strchr(at + 1, '\n'), *cell = strchr(at + 3, '|'), *found = strstr(at, wanted);
    if (found && found < cell) return strndup(at + 1, (size_t)(end - at - 1));
  }
  return NULL;
}

static void the_page_says_the_same(void** state) {
  (void)state;
  char* text;
  size_t n;
  assert_int_equal(lb_file_read(LB_SOURCE_DIR "/docs/metrics.md", &text, &n).code, LB_OK);
  int seen = 0;
  for (int i = 0; i < LB_METRIC_KNOWN; ++i) {
    const lb_metric* m = lb_metric_at(i);
    size_t length = strlen(m->name);
    if (i == LB_METRIC_IMAGINED_STEPS) continue;  // of older versions, and no column where none of them is there
    if (length > 3 && strcmp(m->name + length - 3, "_se") == 0) continue;
    char* line = line_of(text, m->name);
    if (!line) fail_msg("docs/metrics.md has no %s", m->name);
    bool higher = strstr(line, "| higher |") != NULL;
    if (higher != m->higher) fail_msg("docs/metrics.md says of %s: %s", m->name, line);
    free(line);
    seen += 1;
  }
  assert_true(seen > 50);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_says_the_same)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
