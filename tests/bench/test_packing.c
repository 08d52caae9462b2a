// Runs packed into tasks: every run once, within the limits, and the work spread evenly.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "packing.h"

enum { MOST = 4000 };

// Every run is in one task, and what a task says of itself is so. Returns the longest task's seconds.
static double check(const lb_packing* p, const lb_packed_run* runs, int n, const lb_packing_limits* limits) {
  static int count[MOST];
  double longest = 0;
  memset(count, 0, sizeof count);
  for (int t = 0; t < p->n; t++) {
    const lb_packed_task* task = &p->tasks[t];
    double sum = 0, most = 0;
    assert_true(task->n > 0);
    assert_in_range(task->at_once, 1, limits->cores);
    for (int i = 0; i < task->n; i++) {
      count[task->runs[i]]++;
      sum += runs[task->runs[i]].seconds;
      most = fmax(most, runs[task->runs[i]].bytes);
    }
    assert_true(task->seconds >= sum / task->at_once - 1e-9 && task->seconds <= sum + 1e-9);
    assert_true(task->bytes >= most && (limits->bytes <= 0 || task->bytes <= limits->bytes));
    longest = fmax(longest, task->seconds);
  }
  for (int i = 0; i < n; i++) assert_int_equal(count[i], 1);
  return longest;
}

static void forty_equal_runs(void** state) {
  (void)state;
  lb_packed_run runs[40];
  lb_packing p;
  lb_arena* arena = lb_arena_new(0);
  for (int i = 0; i < 40; i++) runs[i] = (lb_packed_run){60, 1e8};
  lb_packing_limits limits = {.cores = 1, .tasks = 40};
  assert_int_equal(lb_pack(&p, runs, 40, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 40);
  assert_float_equal(check(&p, runs, 40, &limits), 60, 1e-9);
  // By themselves: tasks of ten minutes; 40 min of one core are four of them, of four cores one.
  limits = (lb_packing_limits){.cores = 1};
  assert_int_equal(lb_pack(&p, runs, 40, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 4);
  assert_float_equal(check(&p, runs, 40, &limits), 600, 1e-9);
  limits.cores = 4;
  assert_int_equal(lb_pack(&p, runs, 40, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 1);
  assert_int_equal(p.tasks[0].at_once, 4);
  assert_float_equal(check(&p, runs, 40, &limits), 600, 1e-9);
  assert_float_equal(p.tasks[0].bytes, 4e8, 1);
  // No task would have nothing to do.
  limits = (lb_packing_limits){.cores = 64, .tasks = 100};
  assert_int_equal(lb_pack(&p, runs, 40, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 40);
  check(&p, runs, 40, &limits);
  assert_int_equal(lb_pack(&p, runs, 0, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 0);
  lb_arena_free(arena);
}

static void memory_limits_what_runs_at_once(void** state) {
  (void)state;
  lb_packed_run runs[12];
  lb_packing p;
  lb_arena* arena = lb_arena_new(0);
  for (int i = 0; i < 12; i++) runs[i] = (lb_packed_run){10, i < 4 ? 3e9 : 1e9};
  lb_packing_limits limits = {.cores = 4, .bytes = 6.5e9, .tasks = 1};
  assert_int_equal(lb_pack(&p, runs, 12, &limits, arena).code, LB_OK);
  assert_int_equal(p.tasks[0].at_once, 2);  // 3 + 3 + 1 GB would be too much
  assert_float_equal(p.tasks[0].bytes, 6e9, 1);
  assert_float_equal(check(&p, runs, 12, &limits), 60, 1e-9);
  limits.bytes = 2.5e9;
  lb_status status = lb_pack(&p, runs, 12, &limits, arena);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "a run needs 3.0 GB of memory, and a task has 2.5"));
  lb_arena_free(arena);
}

// Long and short ones: no worse than the longest-first rule can be, 4/3 of the best, which is at least the mean.
static void unequal_runs_are_spread(void** state) {
  (void)state;
  static lb_packed_run runs[MOST];
  lb_packing p;
  lb_arena* arena = lb_arena_new(0);
  double sum = 0, longest = 0;
  for (int i = 0; i < MOST; i++) {
    runs[i] = (lb_packed_run){1 + (i * 7919) % 1000, 1e8};
    sum += runs[i].seconds;
    longest = fmax(longest, runs[i].seconds);
  }
  lb_packing_limits limits = {.cores = 1, .tasks = 300};
  assert_int_equal(lb_pack(&p, runs, MOST, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 300);
  assert_true(check(&p, runs, MOST, &limits) <= 4.0 / 3 * fmax(sum / 300, longest));
  // So much work that tasks of ten minutes would be more than an array may have.
  for (int i = 0; i < MOST; i++) runs[i].seconds = 3600;
  limits = (lb_packing_limits){.cores = 1};
  assert_int_equal(lb_pack(&p, runs, MOST, &limits, arena).code, LB_OK);
  assert_int_equal(p.n, 1000);
  assert_float_equal(check(&p, runs, MOST, &limits), 4 * 3600, 1e-6);
  lb_arena_free(arena);
}

// A run of which nobody knows how long it takes counts as the others do.
static void unknown_times_are_the_mean(void** state) {
  (void)state;
  lb_packed_run runs[8];
  lb_packing p;
  lb_arena* arena = lb_arena_new(0);
  for (int i = 0; i < 8; i++) runs[i] = (lb_packed_run){i < 4 ? 100 : 0, 1e8};
  lb_packing_limits limits = {.cores = 1, .tasks = 4};
  assert_int_equal(lb_pack(&p, runs, 8, &limits, arena).code, LB_OK);
  for (int t = 0; t < 4; t++) {
    assert_int_equal(p.tasks[t].n, 2);
    assert_float_equal(p.tasks[t].seconds, 200, 1e-9);
  }
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forty_equal_runs),
      cmocka_unit_test(memory_limits_what_runs_at_once),
      cmocka_unit_test(unequal_runs_are_spread),
      cmocka_unit_test(unknown_times_are_the_mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
