// Demonstrations: what is recorded is what happened, a file reads back to the same numbers and replays to the bit, and
// a file that does not belong here is refused with a sentence.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "../support/toy.h"
#include "data/demos.h"
#include "data/replay.h"
#include "io/file.h"
#include "io/npz.h"

static double gain[2] = {1.5, 1.8};
static toy self;
static lb_system toy_world;
static char folder[] = "/tmp/lb_demos_XXXXXX";
static char path[64];

static int set_up(void** state) {
  (void)state;
  toy_world = toy_system(&self);
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/toy.npz", folder);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

static lb_demos* record(int n) {
  lb_policy policy = toy_policy(gain);
  lb_demos* demos;
  assert_int_equal(lb_demos_record(&demos, &toy_world, &policy, n, 3).code, LB_OK);
  return demos;
}

static void a_recording_is_what_happened(void** state) {
  (void)state;
  toy_world.ledger = (lb_ledger){0};
  lb_demos* demos = record(3);
  assert_int_equal(toy_world.ledger.steps[LB_STEP_EXPERT], 3 * TOY_H);
  assert_int_equal(lb_demos_transitions(demos), 3 * TOY_H);
  double total = 0;
  for (int e = 0; e < 3; ++e) {
    const double *x_next, *w;
    lb_trajectory path_e = lb_demos_episode(demos, e, &x_next, &w);
    assert_int_equal(path_e.length, TOY_H);
    for (int t = 0; t < TOY_H; ++t) {
      const double* x = path_e.x + 2 * t;
      double next[2];
      assert_true(path_e.u[t] == -gain[0] * x[0] - gain[1] * x[1]);
      toy_next(x, path_e.u[t], next);
      for (int i = 0; i < 2; ++i) assert_true(fabs(next[i] + toy_s[i] * w[2 * t + i] - x_next[2 * t + i]) < 1e-15);
      assert_memory_equal(path_e.x + 2 * (t + 1), x_next + 2 * t, 2 * sizeof(double));
      total += toy_stage(NULL, t, x, path_e.u + t);
    }
    total += toy_terminal(NULL, TOY_H, path_e.x + (size_t)2 * TOY_H);
  }
  double mean, se;
  lb_demos_cost(demos, &toy_world, &mean, &se);
  assert_true(fabs(mean - total / 3) < 1e-12 && se > 0);
  lb_demos_free(demos);
}

static void a_file_reads_back_and_replays_to_the_bit(void** state) {
  (void)state;
  lb_demos *demos = record(4), *loaded;
  assert_int_equal(lb_demos_save(demos, &toy_world, path, "{\"made\":\"in a test\"}").code, LB_OK);
  lb_status status = lb_demos_load(&loaded, &toy_world, path);
  assert_string_equal(status.text, "");
  assert_int_equal(lb_demos_episodes(loaded), 4);
  for (int e = 0; e < 4; ++e) {
    const double *na, *nb, *wa, *wb;
    lb_trajectory a = lb_demos_episode(demos, e, &na, &wa), b = lb_demos_episode(loaded, e, &nb, &wb);
    assert_memory_equal(a.x, b.x, 2 * (TOY_H + 1) * sizeof(double));
    assert_memory_equal(a.u, b.u, TOY_H * sizeof(double));
    assert_memory_equal(wa, wb, 2 * TOY_H * sizeof(double));
  }
  lb_replay_report report;
  lb_replay(&report, &toy_world, loaded);
  assert_true(report.is_exact && report.restart.is_bitwise && report.run.is_bitwise && report.parted == -1);
  assert_true(report.restart.state == 0 && report.run.state == 0 && report.run.reward == 0 && report.run.flags == 0);
  assert_int_equal(report.transitions, 4 * TOY_H);
  lb_demos_free(demos);
  lb_demos_free(loaded);
}

// Files of earlier versions had activations as the last columns of infos/qvel.
static void activations_among_the_velocities_read_back(void** state) {
  (void)state;
  lb_demos *demos, *loaded;
  char old[80];
  const double *now, *then;
  snprintf(old, sizeof old, "%s/old.npz", folder);
  demos = record(2);
  assert_int_equal(lb_demos_save(demos, &toy_world, old, "{}").code, LB_OK);
  toy_world.na = 1;
  assert_int_equal(lb_demos_load(&loaded, &toy_world, old).code, LB_OK);
  toy_world.na = 0;
  lb_trajectory a = lb_demos_episode(demos, 1, &then, NULL), b = lb_demos_episode(loaded, 1, &now, NULL);
  assert_memory_equal(a.x, b.x, (TOY_H + 1) * 2 * sizeof(double));
  assert_memory_equal(then, now, (size_t)TOY_H * 2 * sizeof(double));
  lb_demos_free(loaded);
  lb_demos_free(demos);
}

static void a_replay_notices_another_system(void** state) {
  (void)state;
  lb_demos* demos = record(2);
  const double* x_next;
  lb_demos_episode(demos, 0, &x_next, NULL);
  ((double*)(uintptr_t)x_next)[2 * 5] += 1e-6;  // step 5 of the record is now a lie
  lb_replay_report report;
  lb_replay(&report, &toy_world, demos);
  assert_false(report.restart.is_bitwise);
  assert_true(fabs(report.restart.state - 1e-6) < 1e-12);
  assert_int_equal(report.restart.episode, 0);
  assert_int_equal(report.restart.step, 5);
  lb_demos_free(demos);
}

static void expect_refusal(lb_system* system, const char* fragment) {
  lb_demos* loaded;
  lb_status status = lb_demos_load(&loaded, system, path);
  assert_int_equal(status.code, LB_INPUT);
  assert_null(loaded);
  if (!strstr(status.text, fragment) || !strstr(status.text, "toy.npz")) fail_msg("unhelpful message: %s", status.text);
}

static void a_file_that_does_not_belong_is_refused(void** state) {
  (void)state;
  lb_demos* demos = record(2);
  assert_int_equal(lb_demos_save(demos, &toy_world, path, "{}").code, LB_OK);
  lb_system other = toy_world;
  other.name = "other";
  expect_refusal(&other, "recorded on the task 'toy', not on 'other'");
  other = toy_world;
  other.hash = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
  expect_refusal(&other, "another version of toy");
  other = toy_world;
  other.nu = 2;
  expect_refusal(&other, "actions");
  other = toy_world;
  other.horizon = 5;
  expect_refusal(&other, "runs past the 5 steps");
  lb_demos_free(demos);
}

// Writes the archive again with one array changed, CRC and all, as an editor would.
static void rewrite(const char* victim, bool drop, double nudge) {
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, path).code, LB_OK);
  lb_npz_writer* w = lb_npz_writer_new(true);
  for (int i = 0; i < lb_npz_count(npz); ++i) {
    const lb_array* a = lb_npz_at(npz, i);
    bool is_victim = strcmp(a->name, victim) == 0;
    if (is_victim && drop) continue;
    if (a->dtype == LB_UTF8) {
      lb_npz_add_string(w, a->name, a->data);
      continue;
    }
    double* copy = NULL;
    if (is_victim) {
      copy = malloc((size_t)a->size * sizeof *copy);
      memcpy(copy, a->data, (size_t)a->size * sizeof *copy);
      copy[a->size / 2] += nudge;
    }
    lb_npz_add(w, a->name, a->dtype, a->rank, a->shape, copy ? copy : a->data);
    free(copy);
  }
  assert_int_equal(lb_npz_save(w, path).code, LB_OK);
  lb_npz_writer_free(w);
  lb_npz_free(npz);
}

static void an_altered_file_is_refused(void** state) {
  (void)state;
  static const char* const hashed[] = {"actions", "infos/qpos", "infos/next_qvel", "infos/noise", "rewards"};
  lb_demos* demos = record(2);
  for (size_t i = 0; i < sizeof hashed / sizeof *hashed; ++i) {
    assert_int_equal(lb_demos_save(demos, &toy_world, path, "{}").code, LB_OK);
    rewrite(hashed[i], false, 1e-9);
    expect_refusal(&toy_world, "altered after recording");
  }
  static const char* const needed[] = {"actions", "infos/qpos", "infos/next_qvel", "rewards", "terminals", "metadata"};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; ++i) {
    assert_int_equal(lb_demos_save(demos, &toy_world, path, "{}").code, LB_OK);
    rewrite(needed[i], true, 0);
    expect_refusal(&toy_world, needed[i]);
  }
  assert_int_equal(lb_demos_save(demos, &toy_world, path, "{}").code, LB_OK);
  rewrite("observations", false, NAN);
  expect_refusal(&toy_world, "observations");
  lb_demos_free(demos);
}

static void a_truncated_file_is_refused(void** state) {
  (void)state;
  lb_demos* demos = record(1);
  assert_int_equal(lb_demos_save(demos, &toy_world, path, "{}").code, LB_OK);
  char* bytes;
  size_t n;
  assert_int_equal(lb_file_read(path, &bytes, &n).code, LB_OK);
  assert_int_equal(lb_file_truncate(path, n - n / 3).code, LB_OK);
  expect_refusal(&toy_world, "");
  free(bytes);
  lb_demos_free(demos);
}

static void a_selection_holds_the_named_episodes(void** state) {
  (void)state;
  lb_demos *demos = record(5), *some;
  assert_int_equal(lb_demos_select(&some, demos, (const int[]){4, 1}, 2).code, LB_OK);
  assert_int_equal(lb_demos_episodes(some), 2);
  const double *na, *nb;
  lb_trajectory a = lb_demos_episode(demos, 4, &na, NULL), b = lb_demos_episode(some, 0, &nb, NULL);
  assert_memory_equal(a.x, b.x, 2 * (TOY_H + 1) * sizeof(double));
  assert_memory_equal(na, nb, 2 * TOY_H * sizeof(double));
  lb_demos_free(some);
  lb_demos_free(demos);
}

static void a_diverging_expert_is_reported(void** state) {
  (void)state;
  self.diverge_at = 0.5;
  lb_policy policy = toy_policy(gain);
  lb_demos* demos;
  lb_status status = lb_demos_record(&demos, &toy_world, &policy, 1, 3);
  assert_int_equal(status.code, LB_DIVERGED);
  assert_null(demos);
  self.diverge_at = 1e6;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_recording_is_what_happened),
      cmocka_unit_test(a_file_reads_back_and_replays_to_the_bit),
      cmocka_unit_test(activations_among_the_velocities_read_back),
      cmocka_unit_test(a_replay_notices_another_system),
      cmocka_unit_test(a_file_that_does_not_belong_is_refused),
      cmocka_unit_test(an_altered_file_is_refused),
      cmocka_unit_test(a_truncated_file_is_refused),
      cmocka_unit_test(a_selection_holds_the_named_episodes),
      cmocka_unit_test(a_diverging_expert_is_reported),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
