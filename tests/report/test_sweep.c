// A suite that sweeps a setting, over made-up runs: a row a value, a table against the setting, and no run in the
// column of a value that it did not have.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "fabricate.h"
#include "report/report.h"

static char base[] = "/tmp/lb_sweep_XXXXXX";
static char suite[100];

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

// A finished run of `algo` in the folder of `label`, with one evaluation at step 500.
static void put_run(const char* task, const char* label, const char* algo, int width, int seed, double value) {
  char folder[300], path[400];
  lb_text text = {0};
  snprintf(folder, sizeof folder, "%s/%s/%s/seed-%d", suite, task, label, seed);
  assert_int_equal(lb_folder_make(folder).code, LB_OK);
  lb_text_add(&text,
              "{\"task\":\"%s\",\"task_hash\":\"aa\",\"algo\":\"%s\",\"title\":\"Row %s\",\"seed\":%d,"
              "\"recipe\":{\"planner\":{\"type\":\"sac\"}},\"protocol\":{\"steps\":500,\"width\":%d}}",
              task, algo, algo, seed, width);
  lb_path_join(path, sizeof path, folder, "config.json");
  put(path, text.data);
  lb_text_free(&text);
  bool once = strcmp(algo, "slow") != 0;
  lb_text_add(&text, "{\"iteration\":%d,\"return\":%.17g}\n", once ? 0 : 500, value);
  lb_path_join(path, sizeof path, folder, "metrics.jsonl");
  put(path, text.data);
  lb_text_free(&text);
  lb_path_join(path, sizeof path, folder, "done.json");
  put(path, finished);
}

static void write_world(const char* name, const char* tasks) {
  char path[300];
  lb_text text = {0};
  snprintf(suite, sizeof suite, "%s/%s", base, name);
  assert_int_equal(lb_folder_make(suite).code, LB_OK);
  lb_text_add(&text,
              "{\"name\":\"made\",\"seeds\":3,\"metric\":\"return\",\"tasks\":%s,\"algos\":[\"expert\",\"random\","
              "\"slow\"],\"sweep\":{\"setting\":\"width\",\"values\":[8,16],\"algos\":[\"slow\"]}}",
              tasks);
  lb_path_join(path, sizeof path, suite, "suite.json");
  put(path, text.data);
  lb_text_free(&text);
  static const char* const worlds[] = {"alpha", "beta"};
  for (int t = 0; t < 2; ++t) {
    if (!strstr(tasks, worlds[t])) continue;
    for (int seed = 0; seed < 3; ++seed) {
      put_run(worlds[t], "expert", "expert", 8, seed, 100);
      put_run(worlds[t], "random", "random", 8, seed, 0);
      put_run(worlds[t], "slow@8", "slow", 8, seed, 10 + 10 * seed);
      put_run(worlds[t], "slow@16", "slow", 16, seed, 40 + 10 * seed);
    }
  }
}

// Figures take seconds; the end-to-end tests have them.
static void report_without_figures(void) {
  char* path = strdup(getenv("PATH"));
  assert_int_equal(setenv("PATH", base, 1), 0);
  lb_status status = lb_report_write(suite, NULL);
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
  assert_string_equal(status.text, "");
}

static void each_value_is_a_row(void** state) {
  (void)state;
  write_world("rows", "[\"alpha\"]");
  lb_results* r = load(suite);
  assert_int_equal(r->n_runs, 12);
  assert_int_equal(r->count[LB_OUTCOME_FINISHED], 12);
  const lb_results_row* row = lb_results_find_row(&r->tasks[0], "slow@16");
  assert_non_null(row);
  assert_string_equal(row->title, "Row slow @ 16");
  near(lb_results_row_final(row, LB_METRIC_RETURN).mean, 50, 1e-12);
  lb_results_free(r);
}

// 10, 20, 30: mean 20, and with t = 4.3027 on two degrees of freedom an interval of 20 +- 24.84.
static void the_table_goes_along_the_setting(void** state) {
  (void)state;
  write_world("table", "[\"alpha\", \"beta\"]");
  report_without_figures();
  expect_in(suite, "report.md", "Width 8");
  expect_in(suite, "report.md", "20 [-5, 45]");
  expect_in(suite, "report.md", "50 [25, 75]");
  // All tasks together: the interquartile mean of 0.1, 0.1, 0.2, 0.2, 0.3, 0.3.
  expect_in(suite, "report.md", "interquartile means of the normalised returns");
  expect_in(suite, "report.md", "| Row slow  | 0.200 [");
}

static void a_run_of_another_value_stays_out(void** state) {
  (void)state;
  write_world("wrong", "[\"alpha\"]");
  put_run("alpha", "slow@16", "slow", 8, 1, 1000);
  lb_results* r = load(suite);
  assert_int_equal(r->count[LB_OUTCOME_STALE], 1);
  const lb_results_row* row = lb_results_find_row(&r->tasks[0], "slow@16");
  near(lb_results_row_final(row, LB_METRIC_RETURN).mean, 50, 1e-12);  // of 40 and 60
  assert_int_equal(lb_results_row_final(row, LB_METRIC_RETURN).n, 2);
  lb_results_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_value_is_a_row),
      cmocka_unit_test(the_table_goes_along_the_setting),
      cmocka_unit_test(a_run_of_another_value_stays_out),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
