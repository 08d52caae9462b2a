// Runs sorted into tasks and rows: which of a row's runs count where they differ, and that many runs take neither the
// time nor the memory of their pairs.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
// clang-format on

#include "base/format.h"
#include "report/pool.h"

// Results without a file, of a suite of one task and row.
static lb_results* make_results(void) {
  lb_arena* arena = lb_arena_new(0);
  lb_results* r = LB_TAKE(arena, lb_results, 1);
  r->arena = arena;
  r->folder = "memory";
  lb_status status =
      lb_suite_parse(&r->suite, "{\"name\":\"s\",\"seeds\":1,\"tasks\":[\"task-0\"],\"algos\":[\"row-0\"]}", "memory");
  assert_string_equal(status.text, "");
  r->measure = lb_results_measure_of("cost");
  r->metric = r->measure->metric;
  return r;
}

static lb_results_run* put_run(lb_results* r, const char* task, const char* algo, int seed) {
  lb_results_run* run = lb_results_add_run(r);
  run->task = task;
  run->algo = algo;
  run->seed = seed;
  run->outcome = LB_OUTCOME_FINISHED;
  run->task_hash = "aa";
  run->protocol = "{}";
  run->program = "{}";
  run->arithmetic = "{}";
  return run;
}

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Of seven runs, three of one program and two each of two others, the three count; of two programs with as many runs
// the one of the lowest seed. Two arithmetics among those that count.
static void most_of_a_row_count(void** state) {
  (void)state;
  static const char* const programs[] = {"b", "a", "c", "c", "a", "c", "b"};
  lb_results* r = make_results();
  for (int i = 0; i < 7; ++i) {
    lb_results_run* run = put_run(r, "task-0", "row-0", 6 - i);
    run->program = programs[i];
    run->arithmetic = i == 3 ? NULL : "{}";
  }
  for (int i = 0; i < 4; ++i) put_run(r, "task-0", "even", i)->program = i == 1 || i == 2 ? "z" : "a";
  lb_results_sort_runs(r);
  lb_pool_runs(r);
  assert_int_equal(r->n_tasks, 1);
  assert_int_equal(r->tasks[0].n_rows, 2);
  const lb_results_row* row = lb_results_find_row(&r->tasks[0], "row-0");
  assert_int_equal(row->n_runs, 3);
  assert_int_equal(row->count[LB_OUTCOME_APART], 4);
  assert_int_equal(row->elsewhere, 1);
  for (int i = 0; i < 3; ++i) assert_string_equal(row->runs[i]->program, "c");
  const int seeds[] = {1, 3, 4};
  for (int i = 0; i < 3; ++i) assert_int_equal(lb_results_run_of_seed(row, seeds[i])->seed, seeds[i]);
  assert_null(lb_results_run_of_seed(row, 2));
  row = lb_results_find_row(&r->tasks[0], "even");
  assert_int_equal(row->n_runs, 2);
  assert_int_equal(row->runs[0]->seed, 0);
  assert_int_equal(row->runs[1]->seed, 3);
  lb_results_free(r);
}

// A hundred thousand seeds of a row, each of its own arithmetic and every third of another program: pairs of them
// would take minutes.
static void seeds_do_not_pair(void** state) {
  (void)state;
  enum { RUNS = 100000 };
  lb_results* r = make_results();
  for (int i = 0; i < RUNS; ++i) {
    lb_results_run* run = put_run(r, "task-0", "row-0", i);
    run->arithmetic = lb_format_text(r->arena, "{\"isa\":\"%d\"}", i);
    if (i % 3 == 0) run->program = lb_format_text(r->arena, "{\"of\":%d}", i);
  }
  double begin = cpu_seconds();
  lb_results_sort_runs(r);
  lb_pool_runs(r);
  double taken = cpu_seconds() - begin;
  const lb_results_row* row = &r->tasks[0].rows[0];
  assert_int_equal(row->count[LB_OUTCOME_APART], (RUNS + 2) / 3);
  assert_int_equal(row->elsewhere, row->n_runs - 1);
  if (taken > 10) fail_msg("%d runs take %.1f s of CPU time", RUNS, taken);
  lb_results_free(r);
}

// Ten thousand runs, of 1,000 tasks with two rows of five seeds: rows take memory for their own runs alone.
static void tasks_take_their_own_memory(void** state) {
  (void)state;
  enum { TASKS = 1000, SEEDS = 5 };
  lb_results* r = make_results();
  for (int t = 0; t < TASKS; ++t) {
    const char* task = lb_format_text(r->arena, "task-%d", t);
    for (int i = 0; i < 2 * SEEDS; ++i) put_run(r, task, i < SEEDS ? "row-0" : "row-1", i % SEEDS);
  }
  lb_results_sort_runs(r);
  size_t before = lb_arena_peak(r->arena);
  lb_pool_runs(r);
  size_t bytes = lb_arena_peak(r->arena) - before;
  assert_int_equal(r->n_tasks, TASKS);
  for (int t = 0; t < TASKS; ++t) {
    assert_int_equal(r->tasks[t].n_rows, 2);
    for (int k = 0; k < 2; ++k) assert_int_equal(r->tasks[t].rows[k].n_runs, SEEDS);
  }
  if (bytes > 20u << 20) fail_msg("10000 runs take %zu bytes", bytes);
  lb_results_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(most_of_a_row_count),
      cmocka_unit_test(seeds_do_not_pair),
      cmocka_unit_test(tasks_take_their_own_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
