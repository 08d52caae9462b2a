// rollout.npz: what is written is read again; a folder without one has none; what is none is refused by name.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "io/npz.h"
#include "io/run_rollout.h"
#include "temporary.h"

static void comes_back(void** state) {
  (void)state;
  const double real[] = {1, 2, 3, 4, 5, 6}, model[] = {1, 2, 3.5, 4.5, 5.5, 7}, error[] = {0, 0.5, 1};
  lb_run_rollout out, in = {.steps = 2, .n = 2, .of_states = true, .dt = 0.25, .names = {"qpos[0]", "sqrt(qvel)[3]"}};
  in.real = real;
  in.model = model;
  in.error = error;
  lb_arena* arena = lb_arena_new(0);
  assert_int_equal(lb_run_rollout_read(&out, temporary_folder, arena).code, LB_OK);
  assert_int_equal(out.steps, 0);
  assert_string_equal(lb_run_rollout_write(&in, temporary_folder).text, "");
  assert_string_equal(lb_run_rollout_read(&out, temporary_folder, arena).text, "");
  assert_int_equal(out.steps, 2);
  assert_int_equal(out.n, 2);
  assert_true(out.of_states && out.dt == 0.25);
  assert_string_equal(out.names[0], "qpos[0]");
  assert_string_equal(out.names[1], "sqrt(qvel)[3]");
  assert_memory_equal(out.real, real, sizeof real);
  assert_memory_equal(out.model, model, sizeof model);
  assert_memory_equal(out.error, error, sizeof error);
  lb_arena_free(arena);
}

// An archive with these arrays is refused, and the message has `words`.
static void refused(const char* names, int rows, int numbers, int errors, const char* words) {
  static const double zeros[4096];
  const int64_t shape[2] = {rows, numbers}, length = errors;
  const bool flag = true;
  const double dt = 1;
  lb_run_rollout out;
  lb_arena* arena = lb_arena_new(0);
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_npz_add_string(w, "names", names);
  lb_npz_add(w, "of_states", LB_BOOL, 0, NULL, &flag);
  lb_npz_add_doubles(w, "dt", 0, NULL, &dt);
  lb_npz_add_doubles(w, "real", 2, shape, zeros);
  lb_npz_add_doubles(w, "model", 2, shape, zeros);
  lb_npz_add_doubles(w, "error", 1, &length, zeros);
  assert_int_equal(lb_npz_save(w, temporary(LB_RUN_ROLLOUT)).code, LB_OK);
  lb_npz_writer_free(w);
  lb_status status = lb_run_rollout_read(&out, temporary_folder, arena);
  if (status.code != LB_INPUT || !strstr(status.text, words) || !strstr(status.text, LB_RUN_ROLLOUT)) {
    fail_msg("not refused as it should be: %s", status.text);
  }
  assert_int_equal(out.steps, 0);
  lb_arena_free(arena);
}

static void others_are_refused(void** state) {
  (void)state;
  refused("a", 3, 2, 3, "'names' a line for each");
  refused("a\nb\nc", 3, 2, 3, "'names' a line for each");
  refused("a\nb", 3, 2, 4, "error");
  refused("a", 400, 1, 400, "up to 201 rows");
  refused("a\nb\nc\nd\ne", 3, 5, 3, "up to 4 numbers");
  write_plainly(temporary(LB_RUN_ROLLOUT), "no archive", 10);
  lb_run_rollout out;
  lb_arena* arena = lb_arena_new(0);
  assert_int_equal(lb_run_rollout_read(&out, temporary_folder, arena).code, LB_INPUT);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comes_back),
      cmocka_unit_test(others_are_refused),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
