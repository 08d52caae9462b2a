// Trials in a child process: what comes back of a body that returns, complains, crashes, takes too much or waits for
// ever; and the models on which MuJoCo itself does so.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "phys/guard.h"
#include "phys/trial.h"

static const lb_phys_limits tight = {.bytes = 64 << 20, .cpu_seconds = 1, .stall_seconds = 1};

static void returns(void* arg, char* text) {
  (void)text;
  *(int*)arg = 1;
}

static void complains(void* arg, char* text) {
  snprintf(text, LB_PHYS_MESSAGE, "%s", (const char*)arg);
}

static void crashes(void* arg, char* text) {
  (void)arg;
  (void)text;
  raise(SIGSEGV);
}

static void leaves(void* arg, char* text) {
  (void)arg;
  (void)text;
  _exit(3);
}

static void grows(void* arg, char* text) {
  (void)arg;
  for (;;) {
    size_t n = (size_t)1 << 20;
    volatile char* more = malloc(n);
    if (!more) break;
    for (size_t i = 0; i < n; i += 512) more[i] = 1;
  }
  snprintf(text, LB_PHYS_MESSAGE, "no memory");
}

static void spins(void* arg, char* text) {
  (void)text;
  for (volatile int* turns = arg;; ++*turns) {
  }
}

static void waits(void* arg, char* text) {
  if (open(arg, O_RDONLY) < 0) snprintf(text, LB_PHYS_MESSAGE, "is not there");
}

static void what_a_child_does_stays_in_it(void** state) {
  (void)state;
  int done = 0;
  assert_ok(lb_phys_trial(returns, &done, "m.xml", tight));
  assert_int_equal(done, 0);
}

static void what_it_says_comes_back(void** state) {
  (void)state;
  check_failure(lb_phys_trial(complains, (char[]){"line 3: no"}, "m.xml", tight), LB_INPUT, "m.xml: line 3: no");
}

static void its_death_is_one_line(void** state) {
  (void)state;
  check_failure(lb_phys_trial(crashes, NULL, "m.xml", tight), LB_INPUT, "m.xml: MuJoCo crashes on this model (");
  check_failure(lb_phys_trial(leaves, NULL, "m.xml", tight), LB_INPUT, "crashes on this model (exit status 3)");
}

static void its_memory_is_limited(void** state) {
  (void)state;
  lb_status status = lb_phys_trial(grows, NULL, "m.xml", tight);
  assert_int_equal(status.code, LB_INPUT);
  // A sanitizer needs its address space, and is stopped from outside.
  assert_true(strstr(status.text, "no memory") || strstr(status.text, "more than 0.0625 GiB"));
}

static void its_time_is_limited(void** state) {
  (void)state;
  int turns = 0;
  check_failure(lb_phys_trial(spins, &turns, "m.xml", tight), LB_INPUT, "did not compile this model within 1 s");
}

static void it_does_not_wait_for_ever(void** state) {
  (void)state;
  char pipe[600];
  snprintf(pipe, sizeof pipe, "%s", temporary("pipe.xml"));
  assert_int_equal(mkfifo(pipe, 0600), 0);
  check_failure(lb_phys_trial(waits, pipe, "m.xml", tight), LB_INPUT, "waits for ever |does it name a pipe?");
}

#define BALL "<body name='b'><joint/><geom size='.1'/></body>"

static void models_that_break_the_compiler_are_refused(void** state) {
  (void)state;
  static const char* const texts[] = {
      // it attaches itself to itself
      "<mujoco model='m'><asset><model name='m' file='bad.xml'/></asset><worldbody>" BALL
      "<body><joint/><geom size='.1'/><attach model='m' body='b' prefix='x'/></body></worldbody></mujoco>",
      // 40 GB of terrain
      "<mujoco><asset><hfield name='h' nrow='100000' ncol='100000' size='1 1 1 1'/></asset>"
      "<worldbody><geom type='hfield' hfield='h'/>" BALL "</worldbody></mujoco>",
      "<mujoco><include file='bad.xml'/><worldbody>" BALL "</worldbody></mujoco>",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    lb_phys_model* model;
    check_failure(lb_phys_model_load(&model, write_text("bad.xml", texts[i]), false), LB_INPUT, "bad.xml: ");
    assert_null(model);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_child_does_stays_in_it),
      cmocka_unit_test(what_it_says_comes_back),
      cmocka_unit_test(its_death_is_one_line),
      cmocka_unit_test(its_memory_is_limited),
      cmocka_unit_test(its_time_is_limited),
      cmocka_unit_test(it_does_not_wait_for_ever),
      cmocka_unit_test(models_that_break_the_compiler_are_refused),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
