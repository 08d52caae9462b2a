// The time that is left, on schedules whose answer is plain arithmetic.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first.
#include <cmocka.h>
#include <math.h>

#include "algo/forecast.h"
#include "progress.h"

static lb_job finished(int kind, double seconds) {
  return (lb_job){.name = "", .kind = kind, .state = LB_JOB_FINISHED, .seconds = seconds, .round = 4, .rounds = 4};
}

static lb_job waiting(int kind) {
  return (lb_job){.name = "", .kind = kind, .state = LB_JOB_WAITING};
}

static lb_job running(int kind, double started, int round, int rounds) {
  return (lb_job){
      .name = "", .kind = kind, .state = LB_JOB_RUNNING, .started = started, .round = round, .rounds = rounds};
}

static double left(const lb_job* jobs, int n, int workers, double now) {
  lb_progress p = {.jobs = jobs, .n = n, .workers = workers};
  return lb_progress_left(&p, now);
}

static void test_nothing_known(void** state) {
  (void)state;
  lb_job jobs[] = {waiting(0), running(0, 0, 0, 0)};
  assert_true(isnan(left(jobs, 2, 1, 5)));
}

static void test_like_its_kind(void** state) {
  (void)state;
  lb_job jobs[] = {finished(0, 10), finished(0, 20), finished(1, 100), waiting(0), waiting(1)};
  assert_float_equal(left(jobs, 5, 1, 0), 15 + 100, 1e-12);
}

static void test_unknown_kind_is_average(void** state) {
  (void)state;
  lb_job jobs[] = {finished(0, 10), finished(1, 30), waiting(2)};
  assert_float_equal(left(jobs, 3, 1, 0), 20, 1e-12);
}

static void test_pace_of_running(void** state) {
  (void)state;
  // A quarter in 5 s: 15 s are left of it, and its like takes 20 s.
  lb_job jobs[] = {running(0, 100, 5, 20), waiting(0)};
  assert_float_equal(left(jobs, 2, 1, 105), 15 + 20, 1e-12);
}

static void test_pace_after_resuming(void** state) {
  (void)state;
  // Began at half: a quarter of the whole took 5 s, another quarter is left.
  lb_job jobs[] = {running(0, 100, 15, 20)};
  jobs[0].started_round = 10;
  assert_float_equal(left(jobs, 1, 1, 105), 5, 1e-12);
}

static void test_workers_share(void** state) {
  (void)state;
  lb_job jobs[] = {finished(0, 10), waiting(0), waiting(0), waiting(0), waiting(0)};
  assert_float_equal(left(jobs, 5, 2, 0), 20, 1e-12);
  // But one job does not get shorter.
  assert_float_equal(left(jobs, 2, 8, 0), 10, 1e-12);
}

static void test_what_was_expected(void** state) {
  (void)state;
  // Before anything has run, what was expected; then what was expected, times how wrong it has been.
  lb_job jobs[] = {waiting(0), waiting(1), waiting(1)};
  jobs[0].expected = 30;
  jobs[1].expected = jobs[2].expected = 20;
  assert_float_equal(left(jobs, 3, 1, 0), 70, 1e-12);
  jobs[0] = finished(0, 45);
  jobs[0].expected = 30;
  assert_float_equal(left(jobs, 3, 1, 0), 1.5 * 40, 1e-12);
}

static void test_rounds_that_grow(void** state) {
  (void)state;
  // Half of the rounds take a quarter of the time: 5 s of them are followed by 15.
  double curve[LB_FORECAST_CURVE];
  for (int i = 0; i < LB_FORECAST_CURVE; ++i) {
    double share = (double)i / (LB_FORECAST_CURVE - 1);
    curve[i] = share * share;
  }
  lb_job jobs[] = {running(0, 100, 10, 20)};
  jobs[0].curve = curve;
  assert_float_equal(left(jobs, 1, 1, 105), 15, 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_was_expected),       cmocka_unit_test(test_rounds_that_grow),
      cmocka_unit_test(test_nothing_known),           cmocka_unit_test(test_like_its_kind),
      cmocka_unit_test(test_unknown_kind_is_average), cmocka_unit_test(test_pace_of_running),
      cmocka_unit_test(test_pace_after_resuming),     cmocka_unit_test(test_workers_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
