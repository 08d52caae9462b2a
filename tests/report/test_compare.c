// Two folders of results beside each other, from curves as they are published: numbers worked out by hand.
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
#include "report/compare.h"
#include "report/load.h"

static char base[] = "/tmp/lb_compare_XXXXXX";

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static const char definition[] =
    "{\"name\": \"s\", \"seeds\": 3, \"metric\": \"cost\", \"tasks\": [\"t\"], \"algos\": [\"near\", \"far\", "
    "\"same\", "
    "\"gone\"]}";

static lb_results* publish(const char* name, const char* curves) {
  char folder[100], path[200];
  lb_results* r;
  snprintf(folder, sizeof folder, "%s/%s", base, name);
  assert_int_equal(lb_folder_make(folder).code, LB_OK);
  snprintf(path, sizeof path, "%s/suite.json", folder);
  put(path, definition);
  snprintf(path, sizeof path, "%s/curves.csv", folder);
  put(path, curves);
  lb_status status = lb_load_published(&r, folder);
  assert_string_equal(status.text, "");
  return r;
}

#define HEAD "suite,task,algo,seed,iteration,cost,steps_learner\n"

static void rows_are_tested_one_by_one(void** state) {
  (void)state;
  lb_compared_row* rows;
  int n;
  lb_results* a = publish("a", HEAD
                          "s,t,near,0,0,9,0\ns,t,near,0,5,1,50\ns,t,near,1,5,2,50\ns,t,near,2,5,3,50\n"
                          "s,t,far,0,5,1,\ns,t,far,1,5,1.1,\ns,t,far,2,5,0.9,\n"
                          "s,t,same,0,5,7,1\ns,t,same,1,5,8,1\n\"s\",t,gone,0,5,7,1\n");
  lb_results* b = publish("b", HEAD
                          "s,t,near,0,5,2,50\ns,t,near,1,5,4,50\ns,t,near,2,5,6,50\n"
                          "s,t,far,0,5,9,\ns,t,far,1,5,9.1,\ns,t,far,2,5,8.9,\n"
                          "s,t,same,0,5,7,1\ns,t,same,1,5,8,1\n");
  assert_true(lb_results_run_value(a->tasks[0].rows[0].runs[0], LB_METRIC_COST, 0) == 9);
  assert_true(
      isnan(lb_results_run_value(lb_results_find_row(&a->tasks[0], "far")->runs[0], LB_METRIC_STEPS_LEARNER, 5)));
  lb_status status = lb_compare(&rows, &n, a, b);
  assert_string_equal(status.text, "");
  assert_int_equal(n, 4);
  lb_compare_judge(rows, n);
  // {2, 4, 6} against {1, 2, 3}: Welch's p is 0.2209 (see test_stats.c); of two rows tested the larger one stays.
  assert_string_equal(rows[0].algo, "near");
  near(rows[0].welch.difference, 2, 1e-12);
  near(rows[0].holm_p, 0.22088084, 1e-7);
  assert_string_equal(lb_compare_word(rows[0].verdict), "agree");
  // Both have a variance of 0.01: t = 8 / sqrt(0.02 / 3) with 4 degrees of freedom; its p is doubled.
  near(rows[1].welch.t, 8 / sqrt(0.02 / 3), 1e-9);
  near(rows[1].welch.df, 4, 1e-9);
  near(rows[1].holm_p, 2 * rows[1].welch.p, 1e-18);
  assert_string_equal(lb_compare_word(rows[1].verdict), "differ");
  assert_string_equal(lb_compare_word(rows[2].verdict), "identical");
  assert_string_equal(lb_compare_word(rows[3].verdict), "only in A");
  lb_results_free(a);
  lb_results_free(b);
}

static void one_seed_is_too_few(void** state) {
  (void)state;
  lb_compared_row* rows;
  int n;
  lb_results* a = publish("one", HEAD "s,t,near,0,5,1,50\n");
  lb_results* b = publish("other", HEAD "s,t,near,0,5,2,50\ns,t,near,1,5,4,50\n");
  assert_int_equal(lb_compare(&rows, &n, a, b).code, LB_OK);
  lb_compare_judge(rows, n);
  assert_string_equal(lb_compare_word(rows[0].verdict), "cannot be told");
  lb_results_free(b);
  b = publish("none", HEAD "s,t,far,0,5,2,50\n");
  lb_status status = lb_compare(&rows, &n, a, b);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "no row in common"));
  lb_results_free(a);
  lb_results_free(b);
}

static void what_is_no_curve_is_named(void** state) {
  (void)state;
  static const char* const wrong[] = {"a,b\n", HEAD "s,t,near,x,5,1,2\n", HEAD "s,t,near\n",
                                      HEAD "s,t,near,0,5,1,2\ns,t,near,0,5,1,2\n", HEAD "s,t,near,0,5,1,2,3,4\n"};
  static const char* const words[] = {"line 1: not the head", "line 2: not a line", "line 2: not a line",
                                      "line 3: iteration 5 follows iteration 5",
                                      "line 2: has 9 fields, and the head names 7"};
  char path[200], folder[100];
  for (int i = 0; i < 5; ++i) {
    lb_results* r;
    snprintf(folder, sizeof folder, "%s/a", base);
    snprintf(path, sizeof path, "%s/curves.csv", folder);
    put(path, wrong[i]);
    lb_status status = lb_load_published(&r, folder);
    assert_int_equal(status.code, LB_INPUT);
    if (!strstr(status.text, words[i])) fail_msg("%s", status.text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_tested_one_by_one),
      cmocka_unit_test(one_seed_is_too_few),
      cmocka_unit_test(what_is_no_curve_is_named),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
