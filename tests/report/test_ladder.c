// A suite whose tasks are one problem of growing difficulty, over made-up runs: what rows take to come near the
// reference, against the number that says how difficult a task is, and the power by which it grows.
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
#include "report/ladder.h"
#include "report/report.h"

static char base[] = "/tmp/lb_ladder_XXXXXX";
static char suite[100];

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

// A finished run that returns 0 until real step `there` (0: for good), then 90; evaluated every 100 steps of 2,000.
// Each step takes `updates` gradient updates.
static void put_run(const char* task, const char* algo, int seed, int there, int updates) {
  char folder[300], path[400];
  lb_text text = {0};
  snprintf(folder, sizeof folder, "%s/%s/%s/seed-%d", suite, task, algo, seed);
  assert_int_equal(lb_folder_make(folder).code, LB_OK);
  lb_text_add(&text,
              "{\"task\":\"%s\",\"task_hash\":\"aa\",\"algo\":\"%s\",\"title\":\"Row %s\",\"seed\":%d,"
              "\"recipe\":{\"planner\":{\"type\":\"sac\"}},\"protocol\":{\"steps\":2000}}",
              task, algo, algo, seed);
  lb_path_join(path, sizeof path, folder, "config.json");
  put(path, text.data);
  lb_text_free(&text);
  bool learns = updates > 0;
  for (int step = 0; step <= (learns ? 2000 : 0); step += 100) {
    double value = !learns ? (strcmp(algo, "expert") == 0 ? 100 : 0) : there > 0 && step >= there ? 90 : 0;
    lb_text_add(&text, "{\"iteration\":%d,\"return\":%g,\"steps_learner\":%d,\"gradient_updates\":%d}\n", step, value,
                step, updates * step);
  }
  lb_path_join(path, sizeof path, folder, "metrics.jsonl");
  put(path, text.data);
  lb_text_free(&text);
  lb_path_join(path, sizeof path, folder, "done.json");
  put(path, finished);
}

// The square law 100 N^2 in steps, seven updates a step; and a row that comes to the first task alone, on two of three
// seeds also to the second.
static void write_world(void) {
  static const char* const tasks[] = {"t-1", "t-2", "t-4"};
  static const int numbers[] = {1, 2, 4};
  char path[300];
  snprintf(suite, sizeof suite, "%s/made", base);
  assert_int_equal(lb_folder_make(suite).code, LB_OK);
  lb_path_join(path, sizeof path, suite, "suite.json");
  put(path,
      "{\"name\":\"made\",\"seeds\":3,\"metric\":\"return\",\"tasks\":[\"t-4\",\"t-1\",\"t-2\"],\"algos\":[\"expert\","
      "\"random\",\"square\",\"stuck\"],\"ladder\":{\"label\":\"cells\",\"tasks\":{\"t-4\":4,\"t-1\":1,\"t-2\":2}}}");
  for (int t = 0; t < 3; ++t) {
    for (int seed = 0; seed < 3; ++seed) {
      put_run(tasks[t], "expert", seed, 0, 0);
      put_run(tasks[t], "random", seed, 0, 0);
      put_run(tasks[t], "square", seed, 100 * numbers[t] * numbers[t], 7);
      put_run(tasks[t], "stuck", seed, t == 0 || (t == 1 && seed < 2) ? 300 : 0, 1);
    }
  }
}

static void a_power_law_is_found(void** state) {
  (void)state;
  const double x[] = {1, 2, 4, 8, 16};
  double y[5];
  int used;
  for (int i = 0; i < 5; ++i) y[i] = 30 * pow(x[i], 1.7);
  near(lb_ladder_exponent(x, y, 5, &used), 1.7, 1e-12);
  assert_int_equal(used, 5);
  y[3] = INFINITY;
  y[0] = 0;
  near(lb_ladder_exponent(x, y, 5, &used), 1.7, 1e-12);
  assert_int_equal(used, 3);
  y[4] = NAN;  // two points tell no law
  assert_true(isnan(lb_ladder_exponent(x, y, 5, &used)));
  assert_int_equal(used, 2);
  // Least squares by hand in log2: (0, 0), (1, 1), (2, 1): slope 1/2.
  const double few[] = {1, 2, 2};
  near(lb_ladder_exponent(x, few, 3, &used), 0.5, 1e-12);
}

// Whether a line of the file has all fragments, in this order.
static bool has_line(const char* text, const char* const* fragments, int n) {
  for (const char* line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    const char *end = strchr(line, '\n') ? strchr(line, '\n') : line + strlen(line), *at = line;
    int k = 0;
    for (; k < n && at && (at = strstr(at, fragments[k])) && at < end; ++k) at += strlen(fragments[k]);
    if (k == n) return true;
  }
  return false;
}

static void the_report_says_what_it_takes(void** state) {
  (void)state;
  write_world();
  char* path = strdup(getenv("PATH"));
  assert_int_equal(setenv("PATH", base, 1), 0);  // no figures
  lb_status status = lb_report_write(suite, NULL);
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
  assert_string_equal(status.text, "");
  char* text = slurp(suite, "report.md");
  static const char* const steps[] = {"| Row square |", " 100.0 |", " 400 |", " 1600 |", "power 2.0"};
  static const char* const updates[] = {"| Row square |", " 700", " 2800 |", " 11200", "power 2.0"};
  static const char* const stuck[] = {"| Row stuck", " 300 |", " 300 (2 of 3) |", " never (of 3) |", " - |"};
  if (!has_line(text, steps, 5) || !has_line(text, updates, 5) || !has_line(text, stuck, 5)) fail_msg("%s", text);
  assert_non_null(strstr(text, "against cells"));
  free(text);
}

static lb_status load_text(const char* ladder) {
  char path[200];
  lb_text text = {0};
  lb_suite* s = NULL;
  lb_text_add(&text,
              "{\"name\":\"x\",\"tasks\":[\"t\",\"u\"],\"algos\":[\"a\"],\"ladder\":%s,"
              "\"presets\":{\"quick\":{\"tasks\":[\"u\"],\"algos\":[\"a\"]}}}",
              ladder);
  snprintf(path, sizeof path, "%s/x.json", base);
  put(path, text.data);
  lb_text_free(&text);
  lb_status status = lb_suite_load_preset(&s, path, "quick");
  if (status.code == LB_OK) {
    assert_int_equal(s->ladder.n, 1);  // the preset left the other task out
    assert_string_equal(s->ladder.tasks[0], "u");
    assert_string_equal(s->ladder.label, "far");
  }
  lb_suite_free(s);
  return status;
}

static void mistakes_are_named(void** state) {
  (void)state;
  lb_status status = load_text("{\"label\":\"far\",\"tasks\":{\"t\":1,\"u\":3}}");
  assert_string_equal(status.text, "");
  static const char* const cases[][2] = {{"{\"tasks\":{\"u\":3}}", "label"},
                                         {"{\"label\":\"far\"}", "tasks"},
                                         {"{\"label\":\"far\",\"tasks\":{\"u\":0}}", "$.ladder.tasks.u"},
                                         {"{\"label\":\"far\",\"tasks\":[\"u\"]}", "$.ladder.tasks"},
                                         {"{\"label\":\"far\",\"task\":{\"u\":3}}", "did you mean 'tasks'"},
                                         {"3", "$.ladder"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    status = load_text(cases[i][0]);
    assert_int_equal(status.code, LB_INPUT);
    if (!strstr(status.text, cases[i][1])) fail_msg("'%s' does not name '%s'", status.text, cases[i][1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_power_law_is_found),
      cmocka_unit_test(the_report_says_what_it_takes),
      cmocka_unit_test(mistakes_are_named),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
