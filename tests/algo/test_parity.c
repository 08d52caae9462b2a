// What Gymnasium 1.4.0 recorded in its nine v5 MuJoCo tasks on MuJoCo 4.0.0 (tests/golden/parity/), stepped through our
// own models and terms: single steps from every recorded state, with the solver's warm start and without, and whole
// episodes. States, observations, rewards and ends must be Gymnasium's. On x86-64 seven tasks repeat to the bit; the
// bounds leave room for another processor's rounding.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "data/replay.h"
#include "task/task.h"

static const char* const names[] = {"Hopper-v5",
                                    "Walker2d-v5",
                                    "HalfCheetah-v5",
                                    "Ant-v5",
                                    "Humanoid-v5",
                                    "InvertedPendulum-v5",
                                    "InvertedDoublePendulum-v5",
                                    "Swimmer-v5",
                                    "Reacher-v5"};

static bool is_within(const lb_replay_gap* g, double tolerance) {
  bool holds = g->compared > 0 && g->state <= tolerance && g->observation <= tolerance && g->reward <= tolerance &&
               g->flags == 0;
  if (!holds) {
    print_error("state %g, observation %g, reward %g, flags %d\n", g->state, g->observation, g->reward, g->flags);
  }
  return holds;
}

static void gymnasium_is_repeated(void** state) {
  (void)state;
  int ends = 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    char path[1000];
    lb_system* system;
    lb_demos* demos;
    lb_replay_report report;
    snprintf(path, sizeof path, "%s/tests/golden/parity/%s.npz", LB_SOURCE_DIR, names[i]);
    lb_status status = lb_task_open(&system, LB_SOURCE_DIR "/models", names[i]);
    assert_string_equal(status.text, "");
    status = lb_demos_load_any(&demos, system, path);
    assert_string_equal(status.text, "");
    lb_replay(&report, system, demos);
    print_message("%s, %d steps\n", names[i], report.transitions);
    assert_true(report.is_exact && report.transitions >= 45 && report.episodes == 3);
    assert_true(is_within(&report.restart, 1e-9));
    assert_true(is_within(&report.cold, 1e-9));
    // Chaos tears some episodes apart where rounding differs, but none before this; what is compared until then agrees.
    assert_true(report.parted < 0 || report.parted >= 25);
    assert_true(report.run.observation <= 1e-4 && report.run.reward <= 1e-4 && report.run.flags == 0);
    for (int e = 0; e < 3; ++e)
      ends += lb_demos_step(demos, e, lb_demos_episode(demos, e, NULL, NULL).length - 1).terminal;
    lb_demos_free(demos);
    lb_system_free(system);
  }
  assert_true(ends >= 15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gymnasium_is_repeated)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
