// Tables as LaTeX: what would be markup is escaped, every line of a table has as many cells as its head, and where a
// LaTeX is installed the file compiles, alone and inside a paper.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "doc/latex.h"
#include "io/file.h"

static const char hostile[] = "50 % \\end{document} $x_1^2$ #&~ <a|b> \"q\" “ü” τ 漢 \x01";

static void expect_escaped(const char* text, const char* expected) {
  lb_text out = {0};
  lb_latex_escape(&out, text);
  assert_string_equal(out.data, expected);
  lb_text_free(&out);
}

static void markup_is_escaped(void** state) {
  (void)state;
  expect_escaped("a_b & 50 %", "a\\_b \\& 50 \\%");
  expect_escaped("\\{}", "\\textbackslash{}\\{\\}");
  expect_escaped("$x^2$ ~ #1", "\\$x\\textasciicircum{}2\\$ \\textasciitilde{} \\#1");
  expect_escaped("a < b > c | d", "a $<$ b $>$ c $|$ d");
  expect_escaped("“né” ± τ", "``né'' $\\pm$ $\\tau$");
  expect_escaped("漢x\x01y\nz", "?xy z");
}

// A document with a table that has everything, one without rows and one without a caption.
static lb_doc* make_doc(lb_arena* arena) {
  lb_doc* doc = lb_doc_new(arena);
  lb_doc_heading(doc, 1, NULL, hostile);
  lb_table* table = lb_doc_table(doc, hostile, "Name & co|#Cost_1|#n");
  const char* const cells[] = {hostile, "-1.5 [-2.0, -1.0]", "-", "b", "1e-7", "3"};
  for (int i = 0; i < 6; ++i) lb_table_cell(table, cells[i], "href/of/it");
  lb_doc_table(doc, "Empty", "A|B");
  lb_table* bare = lb_doc_table(doc, "", "A");
  lb_table_cell(bare, "x", NULL);
  return doc;
}

static int count(const char* text, const char* what) {
  int n = 0;
  for (const char* at = text; (at = strstr(at, what)); at += strlen(what)) ++n;
  return n;
}

static void tables_are_whole(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_text out = {0};
  lb_doc_latex(make_doc(arena), &out);
  assert_int_equal(count(out.data, "\\begin{tabular}"), 1);
  assert_int_equal(count(out.data, "\\end{tabular}"), 1);
  assert_non_null(strstr(out.data, "\\begin{tabular}{lrr}"));
  assert_non_null(strstr(out.data, "Name \\& co & Cost\\_1 & n \\\\\n"));
  assert_non_null(strstr(out.data, " & $-$1.5 [$-$2.0, $-$1.0] & -- \\\\\n"));
  assert_non_null(strstr(out.data, "b & 1e-7 & 3 \\\\\n"));
  assert_null(strstr(out.data, "href"));
  assert_null(strstr(out.data, "usepackage"));
  lb_text_free(&out);
  lb_arena_free(arena);
}

static void latex_takes_it(void** state) {
  (void)state;
  if (system("pdflatex --version >/dev/null 2>&1") != 0) skip();
  char folder[] = "/tmp/lb_latex_XXXXXX", path[100], command[200];
  assert_non_null(mkdtemp(folder));
  lb_arena* arena = lb_arena_new(0);
  lb_text out = {0};
  lb_doc_latex(make_doc(arena), &out);
  lb_path_join(path, sizeof path, folder, "tables.tex");
  assert_int_equal(lb_file_replace(path, out.data, out.length).code, LB_OK);
  static const char paper[] = "\\documentclass{article}\\begin{document}A\\input{tables}B\\end{document}\n";
  lb_path_join(path, sizeof path, folder, "paper.tex");
  assert_int_equal(lb_file_replace(path, paper, strlen(paper)).code, LB_OK);
  static const char* const files[] = {"tables", "paper"};
  for (int i = 0; i < 2; ++i) {
    snprintf(command, sizeof command,
             "cd %s && pdflatex -halt-on-error -interaction=batchmode %s >/dev/null 2>&1 && test -s %s.pdf", folder,
             files[i], files[i]);
    if (system(command) != 0) fail_msg("pdflatex does not take %s.tex", files[i]);
  }
  lb_text_free(&out);
  lb_arena_free(arena);
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(markup_is_escaped),
      cmocka_unit_test(tables_are_whole),
      cmocka_unit_test(latex_takes_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
