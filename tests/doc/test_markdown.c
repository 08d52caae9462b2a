// Tables in Markdown: what stands in a cell, and nothing in one that is empty.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "doc/doc.h"

// By hand: columns as wide as their widest cell, at least three; numbers to the right; the drawn column left out.
static void a_table_has_its_cells_and_no_others(void** state) {
  (void)state;
  static const char expected[] =
      "Caption\n\n"
      "| Row | Value | Note |\n"
      "|-----|------:|------|\n"
      "| a   |   1.5 | best |\n"
      "| b   |    22 |      |\n"
      "|     |       | x    |\n\n";
  lb_arena* arena = lb_arena_new(0);
  lb_doc* doc = lb_doc_new(arena);
  lb_table* table = lb_doc_table(doc, "Caption", "Row|drawn|#Value|Note");
  static const char* const cells[3][3] = {{"a", "1.5", "best"}, {"b", "22", ""}, {"", "", "x"}};
  for (int i = 0; i < 3; ++i) {
    lb_table_cell(table, cells[i][0], NULL);
    lb_table_span(table, (lb_span){1, 0, 2, 0});
    lb_table_cell(table, cells[i][1], NULL);
    lb_table_cell(table, cells[i][2], NULL);
  }
  lb_text text = {0};
  lb_doc_markdown(doc, &text);
  assert_string_equal(text.data, expected);
  lb_text_free(&text);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_table_has_its_cells_and_no_others)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
