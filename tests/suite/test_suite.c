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
#include "suite/suite.h"

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

// A claim about a contrast.
#define CLAIM(rest)                                                                                             \
  "{" ROWS                                                                                                      \
  ", \"contrasts\": [{\"name\": \"pace\", \"baseline\": \"a\", \"variant\": \"b\"}], \"claims\": [{\"claim\": " \
  "\"It is.\", " rest "}]}"
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
  assert_string_equal(lb_suite_find_row(s, "u", "c")->task, "u");
  assert_null(lb_suite_find_row(s, "t", "c"));
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
      {CLAIM("\"contrast\": \"pcae\", \"expect\": \"better\""), "did you mean 'pace'"},
      {CLAIM("\"contrast\": \"pace\", \"expect\": \"beter\""), "did you mean 'better'"},
      {CLAIM("\"contrast\": \"pace\", \"expect\": \"no worse\""), "margin"},
      {CLAIM("\"contrast\": \"pace\", \"expect\": \"better\", \"margin\": -1"), "$.claims[0].margin"},
      {CLAIM("\"contrast\": \"pace\", \"expect\": \"better\", \"metric\": \"wall\""), "$.claims[0].metric"},
      {CLAIM("\"contrast\": \"pace\", \"expect\": \"better\", \"tasks\": [\"v\"]"), "'v'"},
      {"{" ROWS ", \"claims\": [{\"claim\": \"It is.\", \"contrast\": \"x\", \"expect\": \"better\"}]}", "has none"},
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
  const char* const only[] = {"t/a*"};
  const lb_suite_as_run run = {.seeds = seeds,
                               .n_seeds = 2,
                               .protocol = "{\"iterations\":4}",
                               .set = "{\"samples\":7}",
                               .only = only,
                               .n_only = 1};
  assert_int_equal(lb_suite_save(s, saved, &run).code, LB_OK);
  lb_status status = lb_suite_load(&copy, saved);
  assert_string_equal(status.text, "");
  assert_int_equal(copy->n_seeds, 2);
  assert_int_equal(copy->seeds[1], 5);
  assert_false(copy->has_presets);
  int iterations;
  assert_int_equal(lb_json_int(copy->protocol, "iterations", 0, 100, &iterations).code, LB_OK);
  assert_int_equal(iterations, 4);
  assert_int_equal(copy->n_overrides, 1);  // what the command line set comes over everything
  assert_true(lb_suite_override_covers(&copy->overrides[0], &copy->rows[0]));
  assert_int_equal(lb_json_int(copy->overrides[0].protocol, "samples", 0, 100, &iterations).code, LB_OK);
  assert_int_equal(iterations, 7);
  assert_int_equal(copy->n_rows, s->n_rows);
  assert_int_equal(copy->n_only, 1);
  assert_string_equal(copy->only[0], "t/a*");
  lb_suite_free(copy);
  lb_suite_free(s);
}

static lb_status load_preset(lb_suite** suite, const char* text, const char* preset) {
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
  return lb_suite_load_preset(suite, path, preset);
}

// A setting of a row: the suite's, then that of every override that covers it.
static int setting_of(const lb_suite* s, const char* task, const char* algo, const char* key) {
  int value = -1;
  if (s->has_protocol) assert_int_equal(lb_json_int_or(s->protocol, key, 0, 1000000, -1, &value).code, LB_OK);
  for (int r = 0; r < s->n_rows; ++r) {
    if (strcmp(s->rows[r].task, task) != 0 || strcmp(s->rows[r].algo, algo) != 0) continue;
    for (int i = 0; i < s->n_overrides; ++i) {
      if (!lb_suite_override_covers(&s->overrides[i], &s->rows[r])) continue;
      assert_int_equal(lb_json_int_or(s->overrides[i].protocol, key, 0, 1000000, value, &value).code, LB_OK);
    }
    return value;
  }
  fail_msg("no row %s, %s", task, algo);
  return -1;
}

static const char with_presets[] =
    "{" ROWS
    ", \"seeds\": 4, \"references\": [\"b\"], \"cost_floor\": {\"t\": 1, \"u\": 2}, \"baseline\": \"b\","
    "\"protocol\": {\"steps\": 10, \"width\": 8}, \"overrides\": [{\"tasks\": [\"u\"], \"protocol\": {\"steps\": 20}},"
    "{\"tasks\": [\"u\", \"t\"], \"algos\": [\"b\"], \"protocol\": {\"width\": 9}}],"
    "\"figures\": [{\"name\": \"f\", \"algos\": [\"a\", \"b\"]}, {\"name\": \"g\", \"algos\": [\"b\"]}],"
    "\"contrasts\": [{\"name\": \"x\", \"baseline\": \"a\", \"variant\": \"b\"},"
    "{\"name\": \"y\", \"baseline\": \"a\", \"variant\": \"expert\", \"tasks\": [\"t\", \"u\"]}],"
    "\"claims\": [{\"claim\": \"X.\", \"contrast\": \"x\", \"expect\": \"better\"},"
    "{\"claim\": \"Y.\", \"contrast\": \"y\", \"expect\": \"equal\", \"margin\": 0.5, \"tasks\": [\"t\", \"u\"]},"
    "{\"claim\": \"Z.\", \"contrast\": \"y\", \"expect\": \"worse\", \"tasks\": [\"t\"]}],"
    "\"presets\": {\"quick\": {\"seeds\": [7]},"
    "\"paper\": {\"tasks\": [\"u\"], \"algos\": [\"expert\", \"a\"], \"protocol\": {\"steps\": 30, \"width\": 64},"
    "\"overrides\": [{\"algos\": [\"a\"], \"protocol\": {\"width\": 65}}], \"show\": [3]}}}";

static void overrides_go_by_task_and_algorithm(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status = load(&s, with_presets);
  assert_string_equal(status.text, "");
  assert_int_equal(setting_of(s, "t", "a", "steps"), 10);
  assert_int_equal(setting_of(s, "u", "a", "steps"), 20);
  assert_int_equal(setting_of(s, "t", "a", "width"), 8);
  assert_int_equal(setting_of(s, "t", "b", "width"), 9);
  assert_string_equal(s->preset, "");
  lb_suite_free(s);
}

static void a_preset_changes_what_it_names(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status = load_preset(&s, with_presets, "quick");
  assert_string_equal(status.text, "");
  assert_string_equal(s->preset, "quick");
  assert_int_equal(s->n_seeds, 1);
  assert_int_equal(s->seeds[0], 7);
  assert_int_equal(s->n_rows, 6);
  assert_int_equal(setting_of(s, "u", "a", "steps"), 20);
  lb_suite_free(s);
  status = load_preset(&s, with_presets, "standard");  // it says nothing of this one
  assert_string_equal(status.text, "");
  assert_int_equal(s->n_seeds, 4);
  assert_int_equal(s->n_contrasts, 2);
  assert_int_equal(s->n_claims, 3);
  assert_string_equal(s->claims[0].contrast->name, "x");
  assert_true(s->claims[0].expect == LB_CLAIM_BETTER && s->claims[0].margin == 0 && !s->claims[0].metric);
  assert_true(s->claims[1].expect == LB_CLAIM_EQUAL && s->claims[1].margin == 0.5);
  lb_suite_free(s);
}

// What the suite says of rows that the preset leaves out goes with them, and the preset's settings come over the
// suite's own overrides.
static void a_preset_may_leave_rows_out(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status = load_preset(&s, with_presets, "paper");
  assert_string_equal(status.text, "");
  assert_int_equal(s->n_rows, 2);
  assert_int_equal(s->n_tasks, 1);
  assert_string_equal(s->tasks[0], "u");
  assert_int_equal(s->n_figures, 1);
  assert_int_equal(s->figures[0].n_algos, 1);
  assert_int_equal(s->n_contrasts, 1);
  assert_string_equal(s->contrasts[0].name, "y");
  assert_int_equal(s->contrasts[0].n_tasks, 1);
  assert_int_equal(s->n_claims, 1);
  assert_string_equal(s->claims[0].text, "Y.");
  assert_int_equal(s->claims[0].n_tasks, 1);
  assert_int_equal(s->n_references, 0);
  assert_null(s->baseline);
  assert_int_equal(s->n_floors, 1);
  assert_int_equal(s->n_show, 1);
  assert_int_equal(setting_of(s, "u", "a", "steps"), 30);
  assert_int_equal(setting_of(s, "u", "a", "width"), 65);
  assert_int_equal(setting_of(s, "u", "expert", "width"), 64);
  assert_false(s->has_presets && lb_json_has(lb_json_root(s->doc), "presets"));
  lb_suite_free(s);
}

static void mistakes_in_presets_are_named(void** state) {
  (void)state;
  static const char* const cases[][2] = {
      {"{" ROWS ", \"presets\": {\"fast\": {}}}", "$.presets"},
      {"{" ROWS ", \"presets\": {\"paper\": 3}}", "$.presets.paper"},
      {"{" ROWS ", \"presets\": {\"quick\": {\"sedes\": 3}}}", "did you mean 'seeds'"},
      {"{" ROWS ", \"presets\": {\"quick\": {\"name\": \"x\"}}}", "$.presets.quick"},
      {"{" ROWS ", \"presets\": {\"quick\": {\"seeds\": 0}}}", "preset quick: $.seeds"},
      {"{" ROWS ", \"presets\": {\"quick\": {\"tasks\": []}}}", "go together"},
      {"{" ROWS ", \"presets\": {\"quick\": {\"overrides\": [{\"tasks\": [\"v\"], \"protocol\": {}}]}}}", "'v'"},
      {"{" ROWS ", \"presets\": {\"quick\": {\"figures\": [{\"name\": \"f\", \"algos\": [\"d\"]}]}}}", "'d'"},
      {"{" ROWS ", \"overrides\": [{\"tasks\": [\"t\"]}]}", "$.overrides[0]"},
      {"{" ROWS ", \"overrides\": [{\"task\": [\"t\"], \"protocol\": {}}]}", "did you mean 'tasks'"},
      {"{" ROWS ", \"overrides\": [{\"algos\": [\"expret\"], \"protocol\": {}}]}", "did you mean 'expert'"},
      {"{" ROWS ", \"overrides\": {\"protocol\": {}}}", "$.overrides"},
      {"{" ROWS ", \"sweep\": {\"setting\": \"n\", \"values\": [1]}}", "give \"algos\""},
      {"{" ROWS ", \"sweep\": {\"setting\": \"n\", \"values\": [], \"algos\": [\"a\"]}}", "no values"},
      {"{" ROWS ", \"sweep\": {\"setting\": \"n\", \"values\": [2, 1], \"algos\": [\"a\"]}}", "ascend"},
      {"{" ROWS ", \"sweep\": {\"setting\": \"n\", \"values\": [1], \"algos\": [\"d\"]}}", "'d'"},
      {"{" ROWS ", \"sweep\": {\"setting\": \"n\", \"valeus\": [1], \"algos\": [\"a\"]}}", "'values'"},
      {"{" ROWS ", \"sweep\": {\"setting\": \"n\", \"values\": [1, 2], \"algos\": [\"a\"]},"
       "\"figures\": [{\"name\": \"f\", \"algos\": [\"a\"]}]}",
       "did you mean 'a@1'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    lb_suite* s;
    lb_status status = load_preset(&s, cases[i][0], "quick");
    assert_int_equal(status.code, LB_INPUT);
    assert_null(s);
    if (!strstr(status.text, path) || !strstr(status.text, cases[i][1])) {
      fail_msg("'%s' does not name the file and '%s'", status.text, cases[i][1]);
    }
  }
}

// Each value has rows, names, a figure and a dash of its own; an algorithm keeps its colour.
static void a_sweep_makes_a_row_a_value(void** state) {
  (void)state;
  lb_suite* s;
  lb_status status =
      load_preset(&s,
                  "{" ROWS
                  ", \"sweep\": {\"setting\": \"n\", \"values\": [1, 10, 50000], \"algos\": [\"a\", \"b\"]},"
                  "\"contrasts\": [{\"name\": \"x\", \"baseline\": \"a@10\", \"variant\": \"b@10\"},"
                  "{\"name\": \"y\", \"baseline\": \"a@1\", \"variant\": \"b@1\"}],"
                  "\"presets\": {\"quick\": {\"sweep\": {\"setting\": \"n\", \"values\": [10, 50000], \"algos\": "
                  "[\"a\", \"b\"]}}}}",
                  "quick");
  assert_string_equal(status.text, "");
  assert_int_equal(s->n_rows, 2 * 5);
  assert_int_equal(s->n_algos, 5);
  assert_string_equal(s->algos[1], "a@10");
  assert_string_equal(s->algos[4], "b@50000");
  assert_string_equal(s->rows[4].recipe, "b");
  assert_int_equal(s->rows[4].value, 1);
  assert_int_equal(s->rows[0].value, -1);
  assert_int_equal(s->n_contrasts, 1);  // of the value that is left
  assert_int_equal(s->n_figures, 2);
  assert_string_equal(s->figures[1].name, "50000");
  assert_int_equal(s->figures[1].n_algos, 3);
  lb_suite_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(defaults_fill_what_is_not_said),
      cmocka_unit_test(ranges_of_contrasts_and_bands_are_read),
      cmocka_unit_test(what_is_compared_may_be_found_out_later),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(a_saved_suite_holds_the_seeds_that_were_run),
      cmocka_unit_test(overrides_go_by_task_and_algorithm),
      cmocka_unit_test(a_preset_changes_what_it_names),
      cmocka_unit_test(a_preset_may_leave_rows_out),
      cmocka_unit_test(mistakes_in_presets_are_named),
      cmocka_unit_test(a_sweep_makes_a_row_a_value),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
