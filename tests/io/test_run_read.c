// What is read of a run's folder: how it ended, whole lines of its logs, and numbers that are none.
// clang-format off
#include <math.h>
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
#include "io/run_read.h"

static char folder[] = "/tmp/lb_run_read_XXXXXX";

static int set_up(void** state) {
  (void)state;
  return mkdtemp(folder) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

static void put(const char* name, const char* text) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
}

static void ends_have_one_word(void** state) {
  (void)state;
  lb_run_end end;
  char message[10];
  assert_int_equal(lb_run_read_end(&end, message, sizeof message, folder).code, LB_OK);
  assert_int_equal(end, LB_END_NONE);
  assert_string_equal(lb_run_end_word(end), "running");
  put("done.json", "{\"status\": \"diverged\", \"message\": \"iteration 3\"}");
  assert_int_equal(lb_run_read_end(&end, message, sizeof message, folder).code, LB_OK);
  assert_int_equal(end, LB_END_DIVERGED);
  assert_string_equal(lb_run_end_word(end), "diverged");
  assert_string_equal(message, "iteration");  // cut
  put("done.json", "{\"status\": \"running\"}");
  lb_status status = lb_run_read_end(&end, NULL, 0, folder);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "done.json"));
}

static lb_status add(void* ctx, lb_node line) {
  *(double*)ctx += lb_run_read_number(line, "x");
  return lb_ok();
}

static void only_whole_lines_count(void** state) {
  (void)state;
  double sum = 0;
  lb_json* last;
  put("metrics.jsonl", "{\"x\": 1}\n{\"x\": 10}\n{\"x\": 10");
  assert_int_equal(lb_run_read_log(folder, "metrics.jsonl", false, add, &sum).code, LB_OK);
  assert_true(sum == 11);
  assert_int_equal(lb_run_read_last(&last, folder, "metrics.jsonl").code, LB_OK);
  assert_true(lb_run_read_number(lb_json_root(last), "x") == 10);
  lb_json_free(last);
  lb_status status = lb_run_read_log(folder, "metrics.jsonl", true, add, &sum);
  assert_non_null(strstr(status.text, "metrics.jsonl line 3: cut off"));
  put("metrics.jsonl", "{\"x\": 1}\n{\"x\"\n");
  status = lb_run_read_log(folder, "metrics.jsonl", false, add, &sum);
  assert_non_null(strstr(status.text, "metrics.jsonl line 2"));
  put("metrics.jsonl", "{\"x\"");
  assert_int_equal(lb_run_read_last(&last, folder, "metrics.jsonl").code, LB_OK);
  assert_null(last);
  assert_int_equal(lb_run_read_last(&last, folder, "timing.jsonl").code, LB_OK);
  assert_null(last);
}

static void what_is_no_number_is_nan(void** state) {
  (void)state;
  lb_json* doc;
  assert_int_equal(lb_json_parse(&doc, "{\"a\": null, \"b\": 1.7e308, \"c\": -2, \"d\": \"2\"}", "line").code, LB_OK);
  lb_node line = lb_json_root(doc);
  assert_true(isnan(lb_run_read_number(line, "a")) && isnan(lb_run_read_number(line, "b")));
  assert_true(isnan(lb_run_read_number(line, "d")) && isnan(lb_run_read_number(line, "e")));
  assert_true(lb_run_read_number(line, "c") == -2);
  lb_json_free(doc);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends_have_one_word),
      cmocka_unit_test(only_whole_lines_count),
      cmocka_unit_test(what_is_no_number_is_nan),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
