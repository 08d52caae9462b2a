// Which policies of its way a run keeps: the first measured one of each sixteenth, whatever was there before.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "io/run_policies.h"
#include "temporary.h"

static void touch(const char* folder, const char* name) {
  char path[1100];
  lb_path_join(path, sizeof path, folder, name);
  write_plainly(path, "x", 1);
}

static void names_and_iterations(void** state) {
  (void)state;
  char name[LB_RUN_POLICY_NAME];
  int iteration = -1;
  lb_run_policy_name(name, 1500);
  assert_string_equal(name, "policy-000001500.safetensors");
  assert_true(lb_run_policy_iteration(&iteration, name));
  assert_int_equal(iteration, 1500);
  const char* const others[] = {"policy.safetensors",           "policy-1500.safetensors",
                                "policy-00000150x.safetensors", "policy--00000001.safetensors",
                                "policy-000001500.safetensor",  "best.safetensors"};
  for (int i = 0; i < 6; ++i) assert_false(lb_run_policy_iteration(&iteration, others[i]));
}

// Measured every `every` of `iterations`: returns how many are kept.
static int keep_all(const char* folder, int every, int iterations) {
  char name[LB_RUN_POLICY_NAME];
  for (int iteration = 0; iteration <= iterations; iteration += every) {
    if (!lb_run_policy_is_wanted(folder, iteration, iterations)) continue;
    lb_run_policy_name(name, iteration);
    touch(folder, name);
  }
  int kept[2 * LB_RUN_POLICIES];
  return lb_run_policies_list(kept, 2 * LB_RUN_POLICIES, folder);
}

static void keeps_a_bounded_number(void** state) {
  (void)state;
  static const struct {
    int every, iterations, kept;
  } runs[] = {{1000, 1000000, 16}, {100, 1000, 10}, {1, 20, 16}, {1, 1, 1}, {7, 100, 15}, {500, 300, 1}};
  for (int i = 0; i < 6; ++i) {
    char name[20];
    snprintf(name, sizeof name, "run-%d", i);
    const char* folder = temporary(name);
    assert_ok(lb_folder_make(folder));
    assert_int_equal(keep_all(folder, runs[i].every, runs[i].iterations), runs[i].kept);
    // Taken up again from the beginning: the same.
    assert_int_equal(keep_all(folder, runs[i].every, runs[i].iterations), runs[i].kept);
  }
}

static void keeps_the_first_of_each_part(void** state) {
  (void)state;
  int kept[LB_RUN_POLICIES];
  const char* folder = temporary("parts");
  assert_ok(lb_folder_make(folder));
  keep_all(folder, 10, 320);  // two in each part
  assert_int_equal(lb_run_policies_list(kept, LB_RUN_POLICIES, folder), LB_RUN_POLICIES);
  for (int i = 0; i < LB_RUN_POLICIES; ++i) assert_int_equal(kept[i], 20 * i);
  assert_int_equal(lb_run_policies_list(kept, 3, folder), 3);
  assert_int_equal(lb_run_policies_list(kept, 3, "/nowhere/at/all"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_and_iterations),
      cmocka_unit_test(keeps_a_bounded_number),
      cmocka_unit_test(keeps_the_first_of_each_part),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
