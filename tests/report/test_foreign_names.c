// Names from files of others in what the report writes: as fields of a table for other programs, and as links.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <string.h>

#include "doc/doc.h"
#include "report/csv.h"

// RFC 4180, section 2, rules 5 to 7; and no spreadsheet computes a name.
static void fields_are_quoted_and_never_formulas(void** state) {
  (void)state;
  static const char* const cases[][2] = {
      {"hopper", "hopper"},
      {"", ""},
      {"a,b", "\"a,b\""},
      {"say \"hi\"", "\"say \"\"hi\"\"\""},
      {"two\nlines", "\"two\nlines\""},
      {"=1+1", "'=1+1"},
      {"+x", "'+x"},
      {"-x", "'-x"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"=cmd|'/C calc',\"A\"", "\"'=cmd|'/C calc',\"\"A\"\"\""},
      {"a=b", "a=b"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lb_text out = {0};
    lb_text_add(&out, "%s", "");
    lb_csv_field(&out, cases[i][0]);
    assert_string_equal(out.data ? out.data : "", cases[i][1]);
    lb_text_free(&out);
  }
}

static void links_lead_to_files_and_to_the_web(void** state) {
  (void)state;
  static const char* const links[] = {"hopper/sac/seed-0", "#part", "a/b:c", "https://example.org/",
                                      "http://example.org/"};
  static const char* const others[] = {"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc",
                                       "https:evil"};
  lb_arena* arena = lb_arena_new(0);
  lb_doc* doc = lb_doc_new(arena);
  lb_table* table = lb_doc_table(doc, "", "name");
  for (size_t i = 0; i < 5; i++) lb_table_cell(table, links[i], links[i]);
  for (size_t i = 0; i < 5; i++) lb_table_cell(table, "none", others[i]);
  lb_text html = {0}, markdown = {0};
  lb_doc_html(doc, &html, ".");
  lb_doc_markdown(doc, &markdown);
  for (size_t i = 0; i < 5; i++) {
    assert_non_null(strstr(html.data, links[i]));
    assert_null(strstr(html.data, others[i]));
    assert_null(strstr(markdown.data, others[i]));
  }
  assert_non_null(strstr(html.data, "<a href=\"hopper/sac/seed-0\">"));
  assert_non_null(strstr(markdown.data, "](https://example.org/)"));
  lb_text_free(&html);
  lb_text_free(&markdown);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_are_quoted_and_never_formulas),
      cmocka_unit_test(links_lead_to_files_and_to_the_web),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
