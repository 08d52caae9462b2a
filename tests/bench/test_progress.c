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
  return (lb_job){
      .name = "", .kind = kind, .state = LB_JOB_FINISHED, .seconds = seconds, .iteration = 4, .iterations = 4};
}

static lb_job waiting(int kind) {
  return (lb_job){.name = "", .kind = kind, .state = LB_JOB_WAITING};
}

static lb_job running(int kind, double seconds, int iteration, int iterations) {
  return (lb_job){.name = "",
                  .kind = kind,
                  .state = LB_JOB_RUNNING,
                  .seconds = seconds,
                  .reached = seconds,
                  .iteration = iteration,
                  .iterations = iterations};
}

static double left(const lb_job* jobs, int n, int workers) {
  lb_progress p = {.jobs = jobs, .n = n, .workers = workers};
  return lb_progress_left(&p);
}

static void test_nothing_known(void** state) {
  (void)state;
  lb_job jobs[] = {waiting(0), running(0, 0, 0, 0)};
  assert_true(isnan(left(jobs, 2, 1)));
  // Nor do the first moments of a worker say anything.
  jobs[1] = running(0, 5, 1, 100);
  assert_true(isnan(left(jobs, 2, 1)));
}

static void test_like_its_kind(void** state) {
  (void)state;
  lb_job jobs[] = {finished(0, 10), finished(0, 20), finished(1, 100), waiting(0), waiting(1)};
  assert_float_equal(left(jobs, 5, 1), 15 + 100, 1e-12);
}

static void test_unknown_kind_is_average(void** state) {
  (void)state;
  lb_job jobs[] = {finished(0, 10), finished(1, 30), waiting(2)};
  assert_float_equal(left(jobs, 3, 1), 20, 1e-12);
}

static void test_pace_of_running(void** state) {
  (void)state;
  // A quarter in 5 s: 15 s are left of it, and its like takes 20 s.
  lb_job jobs[] = {running(0, 5, 5, 20), waiting(0)};
  assert_float_equal(left(jobs, 2, 1), 15 + 20, 1e-12);
}

static void test_pace_after_resuming(void** state) {
  (void)state;
  // Began at half: a quarter of the whole took 5 s, another quarter is left.
  lb_job jobs[] = {running(0, 5, 15, 20)};
  jobs[0].started_iteration = 10;
  assert_float_equal(left(jobs, 1, 1), 5, 1e-12);
}

static void test_workers_share(void** state) {
  (void)state;
  lb_job jobs[] = {finished(0, 10), waiting(0), waiting(0), waiting(0), waiting(0)};
  assert_float_equal(left(jobs, 5, 2), 20, 1e-12);
  // But one job does not get shorter.
  assert_float_equal(left(jobs, 2, 8), 10, 1e-12);
}

static void test_what_was_expected(void** state) {
  (void)state;
  // Before anything has run, what was expected; then what was expected, times how wrong it has been. A job of 30 s that
  // took 45 says so of 30 s, and a twentieth of the 70 that were expected of all stands for no error.
  lb_job jobs[] = {waiting(0), waiting(1), waiting(1)};
  jobs[0].expected = 30;
  jobs[1].expected = jobs[2].expected = 20;
  assert_float_equal(left(jobs, 3, 1), 70, 1e-12);
  jobs[0] = finished(0, 45);
  jobs[0].expected = 30;
  assert_true(fabs(left(jobs, 3, 1) - (3.5 + 45) / (3.5 + 30) * 40) < 1e-9);
}

static void test_order_on_the_next_free_worker(void** state) {
  (void)state;
  // 10 and 30 begin, 20 follows the 10, and 10 comes last: on whichever worker, that ends at 40.
  lb_job jobs[] = {waiting(0), waiting(1), waiting(2), waiting(0)};
  jobs[0].expected = jobs[3].expected = 10;
  jobs[1].expected = 30;
  jobs[2].expected = 20;
  assert_float_equal(left(jobs, 4, 2), 40, 1e-12);
}

// A suite of ten kinds, two seeds each, on two workers, in the runner's ticks: jobs take up to twice as long as is
// expected of them or half as long, start slowly (a job's first second brings no iteration), and come on unevenly.
enum { KINDS = 10, JOBS = 2 * KINDS, ITERATIONS = 40 };

static double truth_of(int i) {
  static const double wrong[KINDS] = {2.0, 0.5, 1.5, 1.0, 1.7, 0.6, 1.2, 1.9, 0.8, 1.4};
  return (4 + 3 * (i % KINDS)) * wrong[i % KINDS];
}

static void advance(lb_job* job, int i, double seconds) {
  double truth = truth_of(i);
  job->seconds += seconds;
  double share = fmax(job->seconds - 1, 0) / (truth - 1), uneven = share + 0.05 * sin(12 * share) * (1 - share);
  int iteration = (int)(fmin(uneven, 1) * ITERATIONS);
  if (job->seconds > 1 && iteration > job->iteration) {
    job->iteration = iteration;
    job->reached = job->seconds;
    job->iterations = ITERATIONS;
  }
  if (job->seconds >= truth) job->state = LB_JOB_FINISHED;
}

static void test_it_does_not_jump(void** state) {
  (void)state;
  lb_job jobs[JOBS];
  lb_progress p = {.jobs = jobs, .n = JOBS, .workers = 2};
  for (int i = 0; i < JOBS; ++i) {
    jobs[i] = waiting(i % KINDS);
    jobs[i].expected = 4 + 3 * (i % KINDS);
  }
  double now = 1000, before = NAN, total = NAN, tick = 0.25, worst = 0, rises = 0;
  for (;; now += tick) {
    int busy = 0;
    for (int i = 0; i < JOBS; ++i) busy += jobs[i].state == LB_JOB_RUNNING;
    for (int i = 0; i < JOBS && busy < 2; ++i) {
      if (jobs[i].state != LB_JOB_WAITING) continue;
      jobs[i].state = LB_JOB_RUNNING;
      busy += 1;
    }
    if (busy == 0) break;
    double left = lb_progress_steady(&p, now);
    assert_true(isfinite(left));
    if (isnan(total)) total = left;
    if (!isnan(before)) {
      assert_true(left - before <= 1.01 * fmax(1, 0.02 * before));
      rises += fmax(left - before, 0);
      worst = fmax(worst, fabs(left - (before - tick)));
    }
    before = left;
    for (int i = 0; i < JOBS; ++i) {
      if (jobs[i].state == LB_JOB_RUNNING) advance(&jobs[i], i, tick);
    }
  }
  // 175 s are expected and 230 pass. From one second to the next it moves by no more than 2 s beside the clock, and all
  // that it rises by is less than the error of what was expected; when the last job ends it is at zero.
  assert_true(fabs(total - 175) < 10);
  assert_in_range((int)(now - 1000), 200, 260);
  assert_true(worst < 2);
  assert_true(rises < 55);
  assert_true(before < 3);
}

static void test_iterations_that_grow(void** state) {
  (void)state;
  // Half of the iterations take a quarter of the time: 5 s of them are followed by 15.
  double curve[LB_FORECAST_CURVE];
  for (int i = 0; i < LB_FORECAST_CURVE; ++i) {
    double share = (double)i / (LB_FORECAST_CURVE - 1);
    curve[i] = share * share;
  }
  lb_job jobs[] = {running(0, 5, 10, 20)};
  jobs[0].curve = curve;
  assert_float_equal(left(jobs, 1, 1), 15, 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_it_does_not_jump),        cmocka_unit_test(test_order_on_the_next_free_worker),
      cmocka_unit_test(test_what_was_expected),       cmocka_unit_test(test_iterations_that_grow),
      cmocka_unit_test(test_nothing_known),           cmocka_unit_test(test_like_its_kind),
      cmocka_unit_test(test_unknown_kind_is_average), cmocka_unit_test(test_pace_of_running),
      cmocka_unit_test(test_pace_after_resuming),     cmocka_unit_test(test_workers_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
