// Figures are dealt out to several processes of gnuplot: a program in its place keeps what it was given.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "plot/gnuplot.h"

enum { FIGURES = 7 };

static char base[] = "/tmp/lb_gnuplot_XXXXXX";

static int make_base(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int remove_base(void** state) {
  (void)state;
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", base);
  return system(command) == 0 ? 0 : 1;
}

// A program of this name whose shell script is `body`.
static void make_program(char path[64], const char* name, const char* body) {
  snprintf(path, 64, "%s/%s", base, name);
  FILE* file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "#!/bin/sh\n%s\n", body);
  fclose(file);
  assert_int_equal(chmod(path, 0755), 0);
}

// Seven figures; the data of each name it.
static lb_text seven_figures(void) {
  lb_text script = {0};
  for (int i = 0; i < FIGURES; ++i) {
    lb_text_add(&script,
                "$d << EOD\n%d\nEOD\nset output 'figure-%d'\nplot $d\nset label 'unset output'\nunset output\n", i, i);
  }
  return script;
}

static void every_figure_is_drawn_once_and_whole(void** state) {
  (void)state;
  char program[64], path[96];
  make_program(program, "keep", "cat \"$2\" >kept.$$");
  lb_text script = seven_figures();
  bool found = false;
  assert_int_equal(lb_gnuplot_run(&found, program, base, &script).code, LB_OK);
  assert_true(found);
  char* kept = NULL;
  size_t n = 0;
  char command[96];
  snprintf(command, sizeof command, "cat %s/kept.* >%s/all", base, base);
  assert_int_equal(system(command), 0);
  snprintf(path, sizeof path, "%s/all", base);
  assert_int_equal(lb_file_read(path, &kept, &n).code, LB_OK);
  assert_int_equal(n, script.length);
  size_t length = script.length / FIGURES;
  for (int i = 0; i < FIGURES; ++i) {
    char figure[128];
    snprintf(figure, sizeof figure, "%.*s", (int)length, script.data + (size_t)i * length);
    const char* first = strstr(kept, figure);
    assert_non_null(first);
    assert_null(strstr(first + 1, figure));
  }
  free(kept);
  // The whole script stays, its parts do not.
  snprintf(path, sizeof path, "%s/plots.gp", base);
  assert_int_equal(lb_file_read(path, &kept, &n).code, LB_OK);
  assert_int_equal(n, script.length);
  assert_memory_equal(kept, script.data, n);
  free(kept);
  snprintf(command, sizeof command, "ls %s | grep -q -e part -e log", base);
  assert_int_not_equal(system(command), 0);
  lb_text_free(&script);
}

static void one_part_that_fails_is_a_failure_with_its_words(void** state) {
  (void)state;
  char program[64];
  make_program(program, "fail", "if grep -q figure-6 \"$2\"; then echo line 3: what is this >&2; exit 1; fi");
  lb_text script = seven_figures();
  bool found = false;
  lb_status status = lb_gnuplot_run(&found, program, base, &script);
  assert_true(found);
  assert_int_equal(status.code, LB_IO);
  assert_non_null(strstr(status.text, "line 3: what is this"));
  assert_non_null(strstr(status.text, "plots.gp"));
  lb_text_free(&script);
}

static void a_missing_program_is_no_failure(void** state) {
  (void)state;
  lb_text script = seven_figures();
  bool found = true;
  assert_int_equal(lb_gnuplot_run(&found, "/nonexistent/gnuplot", base, &script).code, LB_OK);
  assert_false(found);
  lb_text_free(&script);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_figure_is_drawn_once_and_whole),
      cmocka_unit_test(one_part_that_fails_is_a_failure_with_its_words),
      cmocka_unit_test(a_missing_program_is_no_failure),
  };
  return cmocka_run_group_tests(tests, make_base, remove_base);
}
