// docs/metrics.md has the table of metrics, line by line. Where it does not, the test prints what the tables should be;
// LB_WRITE_DOCS=1 in the environment writes them into the page.
// clang-format off
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/text.h"
#include "core/metrics.h"

static const char page[] = LB_SOURCE_DIR "/docs/metrics.md";
static const char head[] = "| name | unit | meaning | better |\n|---|---|---|---|\n";

static bool has_se(int id) {
  char name[100];
  snprintf(name, sizeof name, "%s_se", lb_metric_name(id));
  return lb_metric_find(name) >= 0;
}

static bool is_se(int id) {
  const char* name = lb_metric_name(id);
  size_t n = strlen(name);
  return n > 3 && strcmp(name + n - 3, "_se") == 0;
}

// The lines of a section's table.
static void add_section(lb_text* out, lb_metric_section section) {
  static const char* const better[] = {"-", "lower", "higher", "0"};
  for (int i = 0; i < LB_METRICS; ++i) {
    const lb_metric* m = lb_metric_at(i);
    if (m->section != section || is_se(i)) continue;
    lb_text_add(out, "| `%s`", m->name);
    if (has_se(i)) lb_text_add(out, ", `%s_se`", m->name);
    lb_text_add(out, " |%s%s | %s | %s |\n", m->unit[0] ? " " : "", m->unit, m->meaning, better[m->better]);
  }
}

static char* read_page(void) {
  FILE* file = fopen(page, "rb");
  assert_non_null(file);
  char* text = calloc(1, 1 << 20);
  assert_non_null(text);
  assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
  fclose(file);
  return text;
}

// The page with its tables as they should be: the first is of CSV files and stays.
static void expected_page(lb_text* out, const char* text) {
  const char* at = strstr(text, head);
  assert_non_null(at);
  at += strlen(head);
  lb_text_add_bytes(out, text, (size_t)(at - text));
  for (int s = LB_METRIC_IN_QUALITY; s <= LB_METRIC_IN_LEARNER; ++s) {
    const char* next = strstr(at, head);
    if (!next) fail_msg("%s has fewer tables than the metrics have sections", page);
    next += strlen(head);
    lb_text_add_bytes(out, at, (size_t)(next - at));
    add_section(out, (lb_metric_section)s);
    at = next;
    while (*at == '|') at = strchr(at, '\n') + 1;
  }
  lb_text_add(out, "%s", at);
}

static void the_page_has_the_table(void** state) {
  (void)state;
  char* text = read_page();
  lb_text expected = {0};
  expected_page(&expected, text);
  if (strcmp(text, expected.data) != 0 && getenv("LB_WRITE_DOCS")) {
    FILE* file = fopen(page, "wb");
    assert_non_null(file);
    assert_true(fwrite(expected.data, 1, expected.length, file) == expected.length);
    fclose(file);
  } else if (strcmp(text, expected.data) != 0) {
    fail_msg("%s is not as the table has it (LB_WRITE_DOCS=1 writes it); wanted:\n%s", page, expected.data);
  }
  lb_text_free(&expected);
  free(text);
}

// Names are found, and no two are the same; a run that diverged is worst on the side that is not better.
static void names_are_unique(void** state) {
  (void)state;
  for (int i = 0; i < LB_METRICS; ++i) {
    const lb_metric* m = lb_metric_at(i);
    assert_int_equal(lb_metric_find(m->name), i);
    assert_true(m->title[0] && m->meaning[0] && !isupper(m->name[0]));
    double worst = lb_metric_worst(i);
    if (m->flags & LB_METRIC_WORST) assert_true(lb_metric_is_higher(i) ? worst < 0 : worst > 0);
    if (!(m->flags & LB_METRIC_WORST)) assert_true(worst != worst);
  }
  assert_int_equal(lb_metric_find("nothing"), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_has_the_table), cmocka_unit_test(names_are_unique)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
