// Planning in a learned model, at every step or once a fit, swings both pendulums up within 2,500 real steps, 500 of
// them random: on each of five seeds the last evaluation reaches a mark, in less than two minutes of one core. The best
// returns known are 155 and 217 (slow_swingups.c, in 20,000 and 60,000 steps); random actions earn 2 and 30 at most,
// the same planner in a linear model 50 to 51 and 27 to 54.
//
// For the task's own reward five seeds of two builds ended at 154 to 156 and at 203 to 221; for the learned one, on the
// pendulum, at 153 to 156. By passes about demonstrations three seeds ended at 155 and at 215 to 216. The marks leave
// room for what evaluations before the last have fallen to.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "algo/run.h"
#include "base/clock.h"
#include "io/file.h"
#include "run_support.h"

static void hear(void* ctx, const lb_run_progress* progress) {
  *(double*)ctx = progress->score;
}

// The last return of five seeds, and none below `least`.
static void plans(const char* task, const char* algo, double least) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    char folder[] = "/tmp/lb_planning_XXXXXX";
    double last = 0, start = lb_cpu_seconds();
    assert_non_null(mkdtemp(folder));
    lb_run_options o = run_of(task, algo, seed, folder);
    o.suite = "a suite";  // whose settings a linear model passes over
    o.progress = hear;
    o.progress_ctx = &last;
    lb_protocol* p = &o.protocol;
    lb_protocol_put(p, "steps", 2500);
    lb_protocol_put(p, "warmup_steps", 500);
    lb_protocol_put(p, "evaluate_every", 2500);
    lb_protocol_put(p, "model_layers", 3);
    lb_protocol_put(p, "model_width", 64);
    lb_status status = lb_run(&o);
    double seconds = lb_cpu_seconds() - start;
    print_message("%s, %s, seed %d: return %.1f, %.1f CPU seconds\n", task, algo, (int)seed, last, seconds);
    assert_string_equal(status.text, "");
    assert_true(last >= least);
    assert_true(seconds < 120);
    assert_int_equal(lb_folder_remove(folder).code, LB_OK);
  }
}

static void pendulum(void** state) {
  (void)state;
  plans("pendulum-swingup", "sysid-ilqr", 140);
}

static void cartpole(void** state) {
  (void)state;
  plans("cartpole-swingup", "sysid-ilqr", 180);
}

static void pendulum_by_learned_reward(void** state) {
  (void)state;
  plans("pendulum-swingup", "sysid-ilqr-learned-reward", 120);
}

static void pendulum_lazily(void** state) {
  (void)state;
  plans("pendulum-swingup", "lamps-ilqr", 140);
}

static void cartpole_lazily(void** state) {
  (void)state;
  plans("cartpole-swingup", "lamps-ilqr", 180);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pendulum), cmocka_unit_test(cartpole),
                                     cmocka_unit_test(pendulum_by_learned_reward), cmocka_unit_test(pendulum_lazily),
                                     cmocka_unit_test(cartpole_lazily)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
