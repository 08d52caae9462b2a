// The pool of workers, with a worker that crashes, hangs and diverges on request (fake_worker.c).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first.
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner.h"

enum { MOST = 16 };

typedef struct pool_test {
  char folder[200];
  char file[240];
  const char* words[MOST][6];
  lb_job jobs[MOST];
  int n;
  const char* program;
  int ended, retried, ticks;
  lb_job_state state_at_end[MOST];
  int signal_at_tick;  // raised at the first tick that sees `file`
} pool_test;

static void add(pool_test* t, const char* mode, const char* text) {
  const char** words = t->words[t->n];
  words[0] = LB_FAKE_WORKER;
  words[1] = mode;
  words[2] = t->file;
  words[3] = text;
  words[4] = NULL;
  t->jobs[t->n] = (lb_job){.words = words, .name = mode};
  t->n++;
}

static void on_tick(void* ctx) {
  pool_test* t = ctx;
  t->ticks++;
  if (t->signal_at_tick && access(t->file, F_OK) == 0) {
    raise(t->signal_at_tick);
    t->signal_at_tick = 0;
  }
}

static void on_ended(void* ctx, lb_job* job) {
  pool_test* t = ctx;
  t->state_at_end[job - t->jobs] = job->state;
  t->ended++;
}

static void on_retried(void* ctx, lb_job* job) {
  (void)job;
  ((pool_test*)ctx)->retried++;
}

static lb_status run(pool_test* t, int workers, double patience, double grace) {
  lb_runner_options options = {.workers = workers,
                               .program = t->program,
                               .patience = patience,
                               .grace = grace,
                               .ctx = t,
                               .tick = on_tick,
                               .ended = on_ended,
                               .retried = on_retried};
  return lb_runner_run(&options, t->jobs, t->n);
}

static int set_up(void** state) {
  pool_test* t = calloc(1, sizeof *t);
  if (!t) return -1;
  const char* base = getenv("TMPDIR");
  snprintf(t->folder, sizeof t->folder, "%s/lb_runner_XXXXXX", base && *base ? base : "/tmp");
  if (!mkdtemp(t->folder)) return -1;
  snprintf(t->file, sizeof t->file, "%s/file", t->folder);
  *state = t;
  return 0;
}

static int tear_down(void** state) {
  pool_test* t = *state;
  unlink(t->file);
  int failed = rmdir(t->folder);
  free(t);
  return failed;
}

// What the workers left in the file; "" when there is none.
static const char* content(const pool_test* t, char out[400]) {
  FILE* file = fopen(t->file, "re");
  size_t n = file ? fread(out, 1, 399, file) : 0;
  if (file) fclose(file);
  out[n] = '\0';
  return out;
}

static void test_all_finish(void** state) {
  pool_test* t = *state;
  for (int i = 0; i < 7; i++) add(t, "finish", NULL);
  assert_int_equal(run(t, 3, 0, 5).code, LB_OK);
  assert_int_equal(t->ended, 7);
  for (int i = 0; i < 7; i++) {
    assert_int_equal(t->jobs[i].state, LB_JOB_FINISHED);
    assert_int_equal(t->jobs[i].attempts, 1);
    assert_int_equal(t->jobs[i].iteration, 4);
    assert_int_equal(t->jobs[i].iterations, 4);
    assert_string_equal(t->jobs[i].unit, "size of the data");
    assert_true(t->jobs[i].cost == 54.5 && t->jobs[i].cost_se == 0.25);
  }
}

static void test_order_with_one_worker(void** state) {
  pool_test* t = *state;
  char out[400];
  add(t, "finish", "a");
  add(t, "finish", "b");
  add(t, "finish", "c");
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_string_equal(content(t, out), "abc");
}

static void test_no_jobs(void** state) {
  assert_int_equal(run(*state, 4, 0, 5).code, LB_OK);
}

static void test_crash_is_retried_once(void** state) {
  pool_test* t = *state;
  add(t, "crash-once", NULL);
  add(t, "finish", NULL);
  assert_int_equal(run(t, 2, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FINISHED);
  assert_int_equal(t->jobs[0].attempts, 2);
  assert_int_equal(t->retried, 1);
  assert_int_equal(t->jobs[1].state, LB_JOB_FINISHED);
}

static void test_second_crash_is_final(void** state) {
  pool_test* t = *state;
  add(t, "crash", NULL);
  add(t, "odd", NULL);
  add(t, "finish", NULL);
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(t->jobs[i].state, LB_JOB_FAILED);
    assert_int_equal(t->jobs[i].attempts, 2);
    assert_true(t->jobs[i].crashed);
  }
  assert_non_null(strstr(t->jobs[0].reason, "signal 9"));
  assert_non_null(strstr(t->jobs[0].reason, "last words"));
  assert_null(strstr(t->jobs[0].reason, "first words"));
  assert_non_null(strstr(t->jobs[1].reason, "exit status 77"));
  assert_int_equal(t->jobs[2].state, LB_JOB_FINISHED);
  assert_int_equal(t->ended, 3);
  assert_int_equal(t->retried, 2);
}

static void test_diverged_is_not_retried(void** state) {
  pool_test* t = *state;
  add(t, "diverge", NULL);
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_DIVERGED);
  assert_int_equal(t->jobs[0].attempts, 1);
  assert_string_equal(t->jobs[0].reason, "the state left the finite numbers in iteration 3");
}

static void test_failure_with_a_reason(void** state) {
  pool_test* t = *state;
  add(t, "disk", NULL);
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FAILED);
  assert_int_equal(t->jobs[0].attempts, 1);
  assert_false(t->jobs[0].crashed);
  assert_string_equal(t->jobs[0].reason, "metrics.jsonl: no space left");
}

static void test_program_that_is_not_there(void** state) {
  pool_test* t = *state;
  add(t, "finish", NULL);
  t->words[0][0] = "/nonexistent/bench";
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FAILED);
  assert_non_null(strstr(t->jobs[0].reason, "/nonexistent/bench"));
}

static void test_flood_does_not_block(void** state) {
  pool_test* t = *state;
  add(t, "flood", NULL);
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FAILED);
  assert_string_equal(t->jobs[0].reason, "the end");
  assert_int_equal(t->jobs[0].iteration, 4);
}

static void test_hang_is_killed(void** state) {
  pool_test* t = *state;
  char out[400];
  add(t, "hang", NULL);
  double start = lb_wall_seconds();
  assert_int_equal(run(t, 1, 0.5, 5).code, LB_OK);
  assert_true(lb_wall_seconds() - start < 20);
  assert_int_equal(t->jobs[0].state, LB_JOB_FAILED);
  assert_int_equal(t->jobs[0].attempts, 2);
  assert_true(t->jobs[0].crashed);
  assert_non_null(strstr(t->jobs[0].reason, "no progress"));
  long first = strtol(content(t, out), NULL, 10);
  assert_true(first > 1 && kill((pid_t)first, 0) != 0 && errno == ESRCH);
}

// A worker that is suspended for longer than the patience is not taken for hung: once it goes on it has all of it.
static void test_suspended_is_not_hung(void** state) {
  pool_test* t = *state;
  add(t, "suspend", NULL);
  assert_int_equal(run(t, 1, 2.5, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FINISHED);
  assert_int_equal(t->jobs[0].attempts, 1);
  assert_true(t->jobs[0].seconds < 3.5);
}

// The same when the runner is suspended with it, as by Ctrl-Z, twice.
static void test_suspended_runner(void** state) {
  pool_test* t = *state;
  char out[400];
  add(t, "slow", NULL);
  pid_t runner = fork();
  if (runner == 0) {
    bool good = run(t, 1, 2.5, 5).code == LB_OK && t->jobs[0].state == LB_JOB_FINISHED && t->jobs[0].attempts == 1;
    _exit(good ? 0 : 1);
  }
  assert_true(runner > 0);
  for (int i = 0; i < 2000 && !strchr(content(t, out), '\n'); i++) usleep(10000);
  pid_t worker = (pid_t)strtol(out, NULL, 10);
  assert_true(worker > 1);
  for (int i = 0; i < 2; i++) {
    kill(runner, SIGSTOP);
    kill(worker, SIGSTOP);
    usleep(3500000);
    kill(worker, SIGCONT);
    kill(runner, SIGCONT);
    usleep(200000);
  }
  int status = 0;
  assert_int_equal(waitpid(runner, &status, 0), runner);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// A suspended worker that is to stop is woken, so that it can save.
static void test_interrupt_wakes(void** state) {
  pool_test* t = *state;
  char out[400];
  add(t, "asleep", NULL);
  t->signal_at_tick = SIGINT;
  assert_int_equal(run(t, 1, 0, 20).code, LB_INTERRUPT);
  assert_int_equal(t->jobs[0].state, LB_JOB_STOPPED);
  assert_string_equal(content(t, out), "ssaved");
}

// The program that is executed is not the name that a worker has in its command line.
static void test_program_beside_its_name(void** state) {
  pool_test* t = *state;
  add(t, "finish", NULL);
  t->words[0][0] = "/nonexistent/bench";
  t->program = LB_FAKE_WORKER;
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FINISHED);
}

static void test_interrupt_saves(void** state) {
  pool_test* t = *state;
  char out[400];
  add(t, "polite", NULL);
  add(t, "finish", NULL);
  t->signal_at_tick = SIGINT;
  assert_int_equal(run(t, 1, 0, 20).code, LB_INTERRUPT);
  assert_int_equal(t->jobs[0].state, LB_JOB_STOPPED);
  assert_int_equal(t->jobs[1].state, LB_JOB_WAITING);
  assert_string_equal(content(t, out), "ssaved");
}

static void test_interrupt_ends_the_deaf(void** state) {
  pool_test* t = *state;
  add(t, "hang", NULL);
  t->signal_at_tick = SIGTERM;
  double start = lb_wall_seconds();
  assert_int_equal(run(t, 1, 0, 0.5).code, LB_INTERRUPT);
  assert_true(lb_wall_seconds() - start < 20);
  assert_int_equal(t->jobs[0].state, LB_JOB_STOPPED);
}

static void test_environment_of_a_worker(void** state) {
  pool_test* t = *state;
  add(t, "environment", NULL);
  assert_int_equal(run(t, 1, 0, 5).code, LB_OK);
  assert_int_equal(t->jobs[0].state, LB_JOB_FINISHED);
}

// A runner that is killed without a chance to say anything takes its workers with it.
static void test_killed_runner_leaves_nobody(void** state) {
  pool_test* t = *state;
  char out[400];
  add(t, "hang", NULL);
  pid_t runner = fork();
  if (runner == 0) {
    run(t, 1, 0, 5);
    _exit(0);
  }
  assert_true(runner > 0);
  for (int i = 0; i < 2000 && !strchr(content(t, out), '\n'); i++) usleep(10000);
  pid_t worker = (pid_t)strtol(out, NULL, 10);
  assert_true(worker > 1);
  assert_int_equal(kill(worker, 0), 0);
  kill(runner, SIGKILL);
  waitpid(runner, NULL, 0);
  // The worker now belongs to init; it may be a zombie there for a moment.
  char path[64], line[200] = "";
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)worker);
  bool gone = false;
  for (int i = 0; i < 2000 && !gone; i++) {
    FILE* file = fopen(path, "re");
    gone = !file || !fgets(line, sizeof line, file) || strstr(line, ") Z");
    if (file) fclose(file);
    if (!gone) usleep(10000);
  }
  assert_true(gone);
}

#define POOL_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      POOL_TEST(test_all_finish),
      POOL_TEST(test_order_with_one_worker),
      POOL_TEST(test_no_jobs),
      POOL_TEST(test_crash_is_retried_once),
      POOL_TEST(test_second_crash_is_final),
      POOL_TEST(test_diverged_is_not_retried),
      POOL_TEST(test_failure_with_a_reason),
      POOL_TEST(test_program_that_is_not_there),
      POOL_TEST(test_flood_does_not_block),
      POOL_TEST(test_hang_is_killed),
      POOL_TEST(test_suspended_is_not_hung),
      POOL_TEST(test_suspended_runner),
      POOL_TEST(test_interrupt_wakes),
      POOL_TEST(test_program_beside_its_name),
      POOL_TEST(test_interrupt_saves),
      POOL_TEST(test_interrupt_ends_the_deaf),
      POOL_TEST(test_environment_of_a_worker),
      POOL_TEST(test_killed_runner_leaves_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
