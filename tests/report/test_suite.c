// The reader of suites: what a definition means, and that every mistake is named by place and nearest name.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "report/looks.h"
#include "report/suite.h"

static char base[] = "/tmp/lb_suite_XXXXXX";
static char path[100];

static int set_up(void** state) {
  (void)state;
  if (!mkdtemp(base)) return 1;
  snprintf(path, sizeof path, "%s/suite.json", base);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static lb_status load(lb_suite** suite, const char* text) {
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
  return lb_suite_load(suite, path);
}

#define ROWS "\"name\": \"s\", \"tasks\": [\"t\", \"u\"], \"algos\": [\"expert\", \"a\", \"b\"]"

static void defaults_fill_what_is_not_said(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status =
      load(&s, "{" ROWS ", \"rows\": [{\"task\": \"u\", \"algo\": \"c\"}], \"cost_floor\": {\"t\": 50.5}}");
  assert_string_equal(status.text, "");
  assert_string_equal(s->title, "s");
  assert_int_equal(s->n_seeds, 10);
  assert_int_equal(s->seeds[9], 9);
  assert_int_equal(s->n_rows, 7);
  assert_int_equal(s->n_algos, 4);
  assert_string_equal(s->reference, "expert");
  assert_null(s->start);
  assert_true(lb_suite_has_row(s, "u", "c"));
  assert_false(lb_suite_has_row(s, "t", "c"));
  assert_true(lb_suite_cost_floor(s, "t") == 50.5 && lb_suite_cost_floor(s, "u") == 0);
  lb_suite_free(s);
}

static void ranges_of_contrasts_and_bands_are_read(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status =
      load(&s, "{" ROWS
               ", \"contrasts\": [{\"name\": \"x\", \"baseline\": \"a\", \"variant\": \"b\", \"from\": 2},"
               "{\"name\": \"y\", \"baseline\": \"b\", \"variant\": \"a\", \"at\": \"last\"},"
               "{\"name\": \"z\", \"baseline\": \"b\", \"variant\": \"a\", \"at\": 7}],"
               "\"bands\": [{\"task\": \"t\", \"algo\": \"a\", \"low\": 1, \"high\": 1, \"since\": 0}]}");
  assert_string_equal(status.text, "");
  assert_int_equal(s->contrasts[0].from, 2);
  assert_int_equal(s->contrasts[0].to, LB_SUITE_LAST);
  assert_int_equal(s->contrasts[1].from, LB_SUITE_LAST);
  assert_int_equal(s->contrasts[2].from, 7);
  assert_int_equal(s->contrasts[2].to, 7);
  assert_string_equal(s->contrasts[0].metrics[0], "cost");
  assert_int_equal(s->bands[0].iteration, LB_SUITE_LAST);
  assert_int_equal(s->bands[0].since, 0);
  lb_suite_free(s);
}

static void what_is_compared_may_be_found_out_later(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status =
      load(&s,
           "{\"name\": \"s\", \"tasks\": [\"t\"], \"algos\": [\"expert\", \"random\", \"a\", \"b\", \"bc\"], "
           "\"references\": [\"bc\"], \"baseline\": \"b\", "
           "\"contrasts\": [{\"name\": \"x\", \"baseline\": \"a\", \"variant\": \"b\"}], "
           "\"bands\": [{\"algo\": \"a\", \"low\": 1, \"high\": 1},"
           "{\"algo\": \"a\", \"metric\": \"cost\", \"low\": 1, \"high\": 1}],"
           "\"overlays\": [{\"file\": \"x.npz\", \"algo\": \"a\", \"mean\": \"m\"}]}");
  assert_string_equal(status.text, "");
  assert_false(s->has_metric);
  assert_string_equal(s->start, "random");
  assert_string_equal(s->baseline, "b");
  assert_int_equal(s->n_references, 1);
  assert_string_equal(s->references[0], "bc");
  lb_suite_use_metric(s, "return");
  assert_string_equal(s->metric, "return");
  assert_string_equal(s->contrasts[0].metrics[0], "return");
  assert_string_equal(s->bands[0].metric, "return");
  assert_string_equal(s->bands[1].metric, "cost");  // as stated
  assert_string_equal(s->overlays[0].metric, "return");
  lb_suite_free(s);
}

static void mistakes_are_named(void** state) {
  (void)state;
  static const char* const cases[][2] = {
      {"{\"name\": \"s\"}", "no rows"},
      {"{\"name\": \"s\", \"tasks\": [\"t\"]}", "go together"},
      {"{" ROWS ", \"seedz\": 3}", "seeds"},
      {"{" ROWS ", \"seeds\": 0}", "$.seeds"},
      {"{" ROWS ", \"seeds\": [1, 1]}", "named twice"},
      {"{" ROWS ", \"seeds\": [0.5]}", "whole number"},
      {"{\"name\": \"../s\", \"tasks\": [\"t\"], \"algos\": [\"a\"]}", "not"},
      {"{\"name\": \"s\", \"tasks\": [\"t/u\"], \"algos\": [\"a\"]}", "'/'"},
      {"{" ROWS ", \"rows\": [{\"task\": \"t\", \"algo\": \"a\"}]}", "named twice"},
      {"{" ROWS ", \"reference\": \"expret\"}", "expert"},
      {"{" ROWS ", \"baseline\": \"expret\"}", "expert"},
      {"{" ROWS ", \"references\": [\"expret\"]}", "expert"},
      {"{" ROWS ", \"references\": []}", "references"},
      {"{" ROWS ", \"cost_floor\": {\"v\": 1}}", "$.cost_floor"},
      {"{" ROWS ", \"figures\": [{\"name\": \"f\", \"algos\": [\"d\"]}]}", "'d'"},
      {"{" ROWS ", \"contrasts\": [{\"name\": \"x\", \"baseline\": \"a\", \"variant\": \"a\"}]}", "same row"},
      {"{" ROWS
       ", \"contrasts\": [{\"name\": \"x\", \"baseline\": \"a\", \"variant\": \"b\", \"from\": 5, \"to\": 2}]}",
       "before"},
      {"{" ROWS ", \"contrasts\": [{\"name\": \"x\", \"baseline\": \"a\", \"variant\": \"b\", \"at\": \"end\"}]}",
       "last"},
      {"{" ROWS ", \"bands\": [{\"algo\": \"a\", \"low\": 1, \"high\": 2}]}", "which task"},
      {"{" ROWS ", \"bands\": [{\"task\": \"t\", \"algo\": \"a\", \"low\": 2, \"high\": 1}]}", "$.bands[0].high"},
      {"{" ROWS ", \"overlays\": [{\"file\": \"../x.npz\", \"algo\": \"a\", \"mean\": \"m\"}]}", "relative"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    lb_suite* s;
    lb_status status = load(&s, cases[i][0]);
    assert_int_equal(status.code, LB_INPUT);
    assert_null(s);
    if (!strstr(status.text, path) || !strstr(status.text, cases[i][1])) {
      fail_msg("'%s' does not name the file and '%s'", status.text, cases[i][1]);
    }
  }
}

static void a_saved_suite_holds_the_seeds_that_were_run(void** state) {
  (void)state;
  lb_suite *s, *copy;
  char saved[120];
  snprintf(saved, sizeof saved, "%s/copy.json", base);
  assert_int_equal(
      load(&s, "{" ROWS ", \"presets\": {\"quick\": {\"seeds\": 1}}, \"protocol\": {\"iterations\": 9}}").code, LB_OK);
  const int seeds[] = {3, 5};
  assert_int_equal(lb_suite_save(s, saved, seeds, 2, "{\"iterations\":4}").code, LB_OK);
  lb_status status = lb_suite_load(&copy, saved);
  assert_string_equal(status.text, "");
  assert_int_equal(copy->n_seeds, 2);
  assert_int_equal(copy->seeds[1], 5);
  assert_false(copy->has_presets);
  int iterations;
  assert_int_equal(lb_json_int(copy->protocol, "iterations", 0, 100, &iterations).code, LB_OK);
  assert_int_equal(iterations, 4);
  assert_int_equal(copy->n_rows, s->n_rows);
  lb_suite_free(copy);
  lb_suite_free(s);
}

// Up to six algorithms of one figure have six colours; nobody looks like anybody else as long as that is possible.
static void algorithms_of_a_figure_are_told_apart(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status =
      load(&s,
           "{\"name\": \"s\", \"tasks\": [\"t\"], \"algos\": [\"expert\", \"zero\", \"a\", \"b\", \"c\", "
           "\"d\", \"e\", \"f\", \"g\", \"h\", \"i\"], \"figures\": [{\"name\": \"one\", \"algos\": "
           "[\"a\", \"b\", \"c\", \"d\", \"e\"]}, {\"name\": \"two\", \"algos\": [\"a\", \"b\", \"f\", "
           "\"g\", \"h\", \"i\"]}]}");
  assert_string_equal(status.text, "");
  for (int f = 0; f < s->n_figures; ++f) {
    for (int i = 0; i < s->figures[f].n_algos; ++i) {
      for (int j = 0; j < i; ++j) {
        int one = lb_looks_of(s, s->figures[f].algos[i]).color, other = lb_looks_of(s, s->figures[f].algos[j]).color;
        assert_int_not_equal(one, other);
      }
    }
  }
  for (int i = 2; i < s->n_algos; ++i) {
    for (int j = 2; j < i; ++j) {
      lb_looks one = lb_looks_of(s, s->algos[i]), other = lb_looks_of(s, s->algos[j]);
      assert_true(one.color != other.color || one.dash != other.dash);
    }
  }
  assert_true(lb_looks_of(s, "expert").color < 0 && lb_looks_of(s, "zero").color < 0);
  lb_suite_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(defaults_fill_what_is_not_said),
      cmocka_unit_test(ranges_of_contrasts_and_bands_are_read),
      cmocka_unit_test(what_is_compared_may_be_found_out_later),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(a_saved_suite_holds_the_seeds_that_were_run),
      cmocka_unit_test(algorithms_of_a_figure_are_told_apart),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
