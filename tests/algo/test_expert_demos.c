// Longer recordings of a filed expert: they begin with what is filed, and are made when they are asked for.
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

#include "algo/expert_demos.h"
#include "algo/expert_store.h"
#include "io/file.h"
#include "task/task.h"

static char root[] = "/tmp/lb_expert_demos_XXXXXX";
static const char task[] = "pendulum-swingup";

static void link_to(const char* what) {
  char from[300], to[300];
  snprintf(from, sizeof from, "%s/%s", LB_SOURCE_DIR, what);
  snprintf(to, sizeof to, "%s/%s", root, what);
  assert_int_equal(symlink(from, to), 0);
}

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(root));
  char bench[300];
  snprintf(bench, sizeof bench, "%s/bench", root);
  assert_int_equal(lb_folder_make(bench).code, LB_OK);
  link_to("models");
  link_to("expert_data");
  link_to("bench/experts");
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  static const char* const links[] = {"models", "expert_data", "bench/experts"};
  for (int i = 0; i < 3; ++i) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", root, links[i]);
    unlink(path);
  }
  return lb_folder_remove(root).code;
}

static lb_system* open_task(void) {
  lb_system* system;
  lb_status status = lb_task_open(&system, LB_SOURCE_DIR "/models", task);
  assert_string_equal(status.text, "");
  return system;
}

// The first n transitions of both, by states and controls as far as two recorders agree that round their own way.
static void begins_alike(const lb_demos* a, const lb_demos* b, int n, const lb_system* s, double tolerance) {
  for (int e = 0, done = 0; done < n; ++e) {
    int length = lb_demos_episode(a, e, NULL, NULL).length;
    for (int t = 0; t < length && done < n; ++t, ++done) {
      lb_demo_step x = lb_demos_step(a, e, t), y = lb_demos_step(b, e, t);
      for (int i = 0; i < s->nu; ++i) assert_float_equal(x.u[i], y.u[i], tolerance);
      for (int i = 0; i < s->nobs; ++i) assert_float_equal(x.obs[i], y.obs[i], tolerance);
      assert_float_equal(x.reward, y.reward, tolerance);
    }
  }
}

static void a_longer_recording_begins_with_a_shorter_one(void** state) {
  (void)state;
  lb_system* system = open_task();
  lb_arena* arena = lb_arena_new(0);
  lb_expert_plan plan;
  lb_actor* actor;
  lb_demos *shorter, *longer;
  assert_int_equal(lb_expert_plan_load(&plan, root, task).code, LB_OK);
  assert_int_equal(lb_expert_store_policy(&actor, NULL, root, system, arena).code, LB_OK);
  assert_int_equal(lb_expert_demos_record(&shorter, system, actor, &plan, 350).code, LB_OK);
  assert_int_equal(lb_expert_demos_record(&longer, system, actor, &plan, 900).code, LB_OK);
  begins_alike(shorter, longer, 350, system, 0);
  lb_demos_free(shorter);
  lb_demos_free(longer);
  lb_arena_free(arena);
  lb_system_free(system);
}

// Another processor rounds the network otherwise, so that episodes drift apart: the first steps must do.
static void more_than_is_filed_is_recorded_when_asked_for(void** state) {
  (void)state;
  lb_system* system = open_task();
  lb_demos *filed, *longer;
  assert_int_equal(lb_expert_store_data(&filed, NULL, root, system, 0, 100).code, LB_OK);
  int recorded = lb_demos_transitions(filed);
  lb_status status = lb_expert_store_data(&longer, NULL, root, system, recorded + 400, 100);
  assert_string_equal(status.text, "");
  assert_int_equal(lb_demos_transitions(longer), recorded + 400);
  assert_int_equal(system->ledger.steps[LB_STEP_EXPERT], 0);  // whoever uses them counts them
  begins_alike(filed, longer, 20, system, 1e-3);
  lb_demos_free(longer);
  lb_demos_free(filed);
  // It is filed under the number of its transitions and the policy's checksum, with its card.
  char folder[300], **names;
  int n;
  snprintf(folder, sizeof folder, "%s/results/runs/demonstrations", root);
  assert_int_equal(lb_folder_list(folder, &names, &n).code, LB_OK);
  assert_int_equal(n, 2);
  assert_non_null(strstr(names[0], "pendulum-swingup-10400-"));
  assert_non_null(strstr(names[0], ".json"));
  assert_non_null(strstr(names[1], ".npz"));
  lb_names_free(names, n);
  lb_system_free(system);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_longer_recording_begins_with_a_shorter_one),
      cmocka_unit_test(more_than_is_filed_is_recorded_when_asked_for),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
