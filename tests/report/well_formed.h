// Included after cmocka.h.
#ifndef LB_TESTS_REPORT_WELL_FORMED_H_
#define LB_TESTS_REPORT_WELL_FORMED_H_

#include <stdbool.h>
#include <string.h>

// Whether every tag is closed in its turn: enough of XML to see that nothing was left open or unescaped.
static inline void expect_well_formed(const char* html) {
  char open[100][20];
  int depth = 0;
  for (size_t at = strcspn(html, "<"); html[at]; at += 1 + strcspn(html + at + 1, "<")) {
    const char* tag = html + at;
    if (tag[1] == '!') continue;             // the document type
    if (strncmp(tag, "<script>", 8) == 0) {  // one section of characters
      size_t script = 8;
      assert_true(strncmp(tag + 8, "\n//<![CDATA[", 12) == 0);
      while (tag[script] && strncmp(tag + script, "//]]>\n</script>", 15) != 0) script++;
      assert_true(tag[script] == '/');
      at += script + 14;
      continue;
    }
    size_t end = strcspn(tag, ">");
    assert_true(tag[end] == '>');
    bool closing = tag[1] == '/', alone = tag[end - 1] == '/';
    char name[20];
    size_t length = strcspn(tag + 1 + closing, " \t\n/>");
    assert_true(length > 0 && length < sizeof name);
    memcpy(name, tag + 1 + closing, length);
    name[length] = '\0';
    if (closing) {
      assert_true(depth > 0);
      assert_string_equal(open[--depth], name);
    } else if (!alone) {
      assert_true(depth < 100);
      memcpy(open[depth++], name, sizeof name);
    }
    at += end;
  }
  assert_int_equal(depth, 0);
}

#endif  // LB_TESTS_REPORT_WELL_FORMED_H_
