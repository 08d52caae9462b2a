// One run through its folder: interrupted after any iteration and taken up again, it leaves the same bytes as when
// nobody disturbs it, whatever the model and the planner; its accounts add up; a folder of another run is refused.
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

#include "algo/run.h"
#include "io/file.h"
#include "run_support.h"

enum { ITERATIONS = 4 };

static char base[] = "/tmp/lb_run_XXXXXX";

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(base));
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static lb_run_options options(const char* algo, const char* folder) {
  lb_run_options o = run_of("helicopter-hover-2023", algo, 7, folder);
  lb_protocol_put(&o.protocol, "iterations", ITERATIONS);
  lb_protocol_put(&o.protocol, "evaluation_rollouts", 12);
  return o;
}

static void resumes_to_the_same_bytes(const char* algo) {
  char whole[200], parts[200];
  snprintf(whole, sizeof whole, "%s/%s-whole", base, algo);
  snprintf(parts, sizeof parts, "%s/%s-parts", base, algo);
  same_in_parts(options(algo, whole), whole, parts, ITERATIONS, 1);
  same_bytes(whole, parts, "policy.safetensors");
  same_bytes(whole, parts, "config.json");
  char rollout[300];
  lb_path_join(rollout, sizeof rollout, whole, "rollout.npz");
  if (lb_file_exists(rollout)) same_bytes(whole, parts, "rollout.npz");
}

static void every_model_and_planner_resumes(void** state) {
  (void)state;
  static const char* const algos[] = {"lamps",           "sysid",        "sysid-warm",  "lamps-2023",   "sysid-2023",
                                      "lamps-linear",    "sysid-ltv",    "expert-only", "learner-only", "ilqr-one",
                                      "lamps-mm-linear", "lamps-mm-ltv", "lamps-mm"};
  for (size_t i = 0; i < sizeof algos / sizeof *algos; ++i) resumes_to_the_same_bytes(algos[i]);
}

static void the_accounts_add_up(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/accounts", base);
  lb_run_options o = options("lamps", folder);
  assert_int_equal(lb_run(&o).code, LB_OK);
  size_t n;
  char *text = slurp(folder, "metrics.jsonl", &n), *rest = text, *line;
  double learner = 0;
  for (int iteration = 0; (line = strsep(&rest, "\n")) && *line; ++iteration) {
    learner += iteration ? number_at(line, "learner_steps") : 0;
    assert_true(number_at(line, "iteration") == iteration);
    assert_true(number_at(line, "interactions") == 100 * iteration);
    assert_true(number_at(line, "steps_expert") == 1000);
    assert_true(number_at(line, "steps_learner") == learner);
    assert_true(number_at(line, "steps_evaluation") == 1200 * (iteration + 1));
    assert_true(number_at(line, "lqr_passes") == iteration + 1);
    // A pass queries the model for its derivatives (32 a knot) and for its defects (1 a knot), and nothing else.
    assert_true(number_at(line, "model_queries") == 3300 * (iteration + 1));
  }
  assert_true(learner > 0);
  free(text);
}

static void a_finished_run_is_left_alone_and_another_one_refused(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/done", base);
  lb_run_options o = options("expert", folder);
  assert_int_equal(lb_run(&o).code, LB_OK);
  size_t n, m;
  char* before = slurp(folder, "metrics.jsonl", &n);
  assert_int_equal(lb_run(&o).code, LB_OK);
  char* after = slurp(folder, "metrics.jsonl", &m);
  assert_int_equal(n, m);
  assert_memory_equal(before, after, n);
  o.seed = 8;
  lb_status status = lb_run(&o);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "seed"));
  o.fresh = true;
  assert_int_equal(lb_run(&o).code, LB_OK);
  free(before);
  free(after);
}

static void unknown_names_are_input_errors(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/none", base);
  lb_run_options o = options("lamps", folder);
  o.task = "helicopter-hover-2032";
  lb_status status = lb_run(&o);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "helicopter-hover-2023"));
  assert_false(lb_file_exists(folder));
  o = options("lamp", folder);
  assert_int_equal(lb_run(&o).code, LB_INPUT);
  assert_false(lb_file_exists(folder));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_model_and_planner_resumes),
      cmocka_unit_test(the_accounts_add_up),
      cmocka_unit_test(a_finished_run_is_left_alone_and_another_one_refused),
      cmocka_unit_test(unknown_names_are_input_errors),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
