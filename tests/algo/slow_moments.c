// Models fitted by value moments in the loop, on helicopter-hover, where the expert costs 0.106 and a seed's first
// policy 5 to 12.
//
// On each of nine seeds that were tried the time-varying linear model costs less, in the mean over iterations 5 to 20,
// than its least squares: by 7 % in the geometric mean. Five of them are run again, and four must show it; a loss that
// changes the cost at random would pass in 19 % of cases. The linear model ends at 0.110 +- 0.002 (standard deviation
// over ten seeds), so 0.125 is more than five of these away; where values weigh a hundred times as much against the
// likelihood it ends at 7e9.
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

enum { ITERATIONS = 20, SEEDS = 5 };

typedef struct curve {
  double cost[ITERATIONS + 1];
} curve;

static void hear(void* ctx, const lb_run_progress* progress) {
  ((curve*)ctx)->cost[progress->iteration] = progress->score;
}

static curve run(const char* algo, uint64_t seed) {
  char folder[] = "/tmp/lb_moments_XXXXXX";
  double start = lb_cpu_seconds();
  curve c = {{0}};
  assert_non_null(mkdtemp(folder));
  lb_run_options o = run_of("helicopter-hover", algo, seed, folder);
  o.progress = hear;
  o.progress_ctx = &c;
  lb_protocol_put(&o.protocol, "iterations", ITERATIONS);
  lb_protocol_put(&o.protocol, "demonstrations", LB_DEMONSTRATIONS_FILE);
  lb_status status = lb_run(&o);
  print_message("%s seed %d: cost %.4f, %.1f CPU seconds\n", algo, (int)seed, c.cost[ITERATIONS],
                lb_cpu_seconds() - start);
  assert_string_equal(status.text, "");
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
  return c;
}

static double late_mean(const curve* c) {
  double sum = 0;
  for (int i = 5; i <= ITERATIONS; ++i) sum += c->cost[i] / (ITERATIONS - 4);
  return sum;
}

static void values_help_the_time_varying_model(void** state) {
  (void)state;
  int better = 0;
  for (uint64_t seed = 0; seed < SEEDS; ++seed) {
    curve squares = run("lamps-ltv", seed), moments = run("lamps-mm-ltv", seed);
    better += late_mean(&moments) < late_mean(&squares);
    assert_true(moments.cost[ITERATIONS] < 0.2);
  }
  print_message("better on %d of %d seeds\n", better, SEEDS);
  assert_true(better >= SEEDS - 1);
}

static void the_linear_model_learns(void** state) {
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; ++seed) {
    curve c = run("lamps-mm-linear", seed);
    assert_true(c.cost[0] > 1);
    assert_true(c.cost[ITERATIONS] < 0.125);
  }
}

static void the_parametric_model_learns(void** state) {
  (void)state;
  curve c = run("lamps-mm", 0);
  assert_true(c.cost[ITERATIONS] < 0.125);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(values_help_the_time_varying_model),
                                     cmocka_unit_test(the_linear_model_learns),
                                     cmocka_unit_test(the_parametric_model_learns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
