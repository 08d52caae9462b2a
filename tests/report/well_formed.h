// Included after cmocka.h.
#ifndef LB_TESTS_REPORT_WELL_FORMED_H_
#define LB_TESTS_REPORT_WELL_FORMED_H_

#include <stdbool.h>
#include <string.h>

// Whether every tag is closed in its turn: enough of XML to see that nothing was left open or unescaped.
static inline void expect_well_formed(const char* html) {
  char open[100][20];
  int depth = 0;
  for (const char* at = strchr(html, '<'); at; at = strchr(at + 1, '<')) {
    if (at[1] == '!') continue;  // the document type
    const char* end = strchr(at, '>');
    assert_non_null(end);
    bool closing = at[1] == '/', alone = end[-1] == '/';
    char name[20];
    size_t length = strcspn(at + 1 + closing, " \t\n/>");
    assert_true(length > 0 && length < sizeof name);
    memcpy(name, at + 1 + closing, length);
    name[length] = '\0';
    if (closing) {
      assert_true(depth > 0);
      assert_string_equal(open[--depth], name);
    } else if (!alone) {
      assert_true(depth < 100);
      memcpy(open[depth++], name, sizeof name);
    }
    at = end;
  }
  assert_int_equal(depth, 0);
}

#endif  // LB_TESTS_REPORT_WELL_FORMED_H_
