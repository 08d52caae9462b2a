// Every row of the loop learns: on each of a row's seeds the last evaluation reaches a mark that the row without its
// learning does not come near. (Published fits and planners have bands of their own: e2e/suite.sh and `bench verify`;
// planning at every step: slow_planning.c; fits to values on the helicopter: slow_moments.c.)
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "algo/run.h"
#include "base/clock.h"
#include "io/file.h"
#include "run_support.h"

typedef struct scores {
  int heard;
  double first, last;  // evaluations
} scores;

static void hear(void* ctx, const lb_run_progress* progress) {
  scores* s = ctx;
  if (s->heard++ == 0) s->first = progress->score;
  s->last = progress->score;
}

static scores run(lb_run_options* o) {
  char folder[] = "/tmp/lb_rows_XXXXXX";
  scores s = {0};
  double start = lb_cpu_seconds();
  assert_non_null(mkdtemp(folder));
  o->folder = folder;
  o->progress = hear;
  o->progress_ctx = &s;
  lb_status status = lb_run(o);
  print_message("%s on %s, seed %d: %.4g after %.4g, %.1f CPU seconds\n", o->algo, o->task, (int)o->seed, s.last,
                s.first, lb_cpu_seconds() - start);
  assert_string_equal(status.text, "");
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
  return s;
}

// By iterations, 20 of them: the cost of hovering, which the expert's 0.1 or so bounds and the first model exceeds by
// far. `most` is about 1.1 to 1.4 times the worst of ten seeds.
static const struct flight {
  const char* algo;
  double most;
} flights[] = {
    {"sysid", 0.125},        {"lamps", 0.125},      {"learner-only", 0.125}, {"sysid-warm", 0.125},
    {"ilqr-expert", 0.125},  {"ilqr-one", 0.125},   {"lamps-target", 0.125}, {"sysid-linear", 0.125},
    {"lamps-linear", 0.125}, {"expert-only", 0.25}, {"sysid-ltv", 0.2},      {"lamps-ltv", 0.2},
};

static void helicopter(void** state) {
  (void)state;
  for (size_t i = 0; i < sizeof flights / sizeof *flights; ++i) {
    for (uint64_t seed = 0; seed < 3; ++seed) {
      lb_run_options o = run_of("helicopter-hover", flights[i].algo, seed, NULL);
      lb_protocol_put(&o.protocol, "iterations", 20);
      lb_protocol_put(&o.protocol, "demonstrations", LB_DEMONSTRATIONS_FILE);
      scores s = run(&o);
      assert_true(s.first > 1);
      assert_true(s.last < flights[i].most);
    }
  }
}

// In a learned model: the steps after which three seeds of the row all end within 5 of the best return known, 155
// (slow_swingups.c). With half of 8,000 one seed of three of mbpo still sticks below 90.
// Power: of ten seeds each of rlpd and sac-ln none ended below 152; three seeds catch a row that fails on half of its
// seeds with 7 of 8, on one in ten with 1 of 4.
static const struct swing {
  const char* algo;
  int steps;
} swings[] = {
    {"sysid-sac", 4000}, {"lamps", 4000}, {"lamps-mm", 4000},     {"lamps-released", 4000}, {"sysid-released", 4000},
    {"bc-sac", 8000},    {"mbpo", 8000},  {"learner-only", 8000}, {"sac-ln", 8000},         {"rlpd", 2000},
};

static void pendulum(void** state) {
  (void)state;
  for (size_t i = 0; i < sizeof swings / sizeof *swings; ++i) {
    for (uint64_t seed = 0; seed < 3; ++seed) {
      lb_run_options o = run_of("pendulum-swingup", swings[i].algo, seed, NULL);
      o.suite = "a suite";  // whose settings a row without a model passes over
      lb_protocol* p = &o.protocol;
      lb_protocol_put(p, "steps", swings[i].steps);
      lb_protocol_put(p, "evaluate_every", swings[i].steps);
      lb_protocol_put(p, "evaluation_episodes", 5);
      lb_protocol_put(p, "warmup_steps", 500);
      lb_protocol_put(p, "updates_per_step", 4);
      lb_protocol_put(p, "critic_updates", strcmp(swings[i].algo, "rlpd") == 0 ? 10 : 0);
      lb_protocol_put(p, "width", 64);
      lb_protocol_put(p, "batch", 128);
      lb_protocol_put(p, "learning_rate", 1e-3);
      lb_protocol_put(p, "fit_every", 250);
      lb_protocol_put(p, "model_layers", 3);
      lb_protocol_put(p, "model_width", 64);
      lb_protocol_put(p, "imagined_per_step", 50);
      assert_true(run(&o).last >= 140);
    }
  }
}

// From demonstrations alone, 10,000 transitions of an expert that earns 3,300: of 26 runs on two machines four ended
// below that, the least at 3,091; random actions earn 18. A few transitions are worth little.
static void hopper(void** state) {
  (void)state;
  static const char* const algos[] = {"bc", "bc-likelihood"};
  for (size_t i = 0; i < sizeof algos / sizeof *algos; ++i) {
    for (uint64_t seed = 0; seed < 3; ++seed) {
      lb_run_options o = run_of("hopper", algos[i], seed, NULL);
      lb_protocol* p = &o.protocol;
      lb_protocol_put(p, "width", 64);
      lb_protocol_put(p, "batch", 128);
      lb_protocol_put(p, "expert_transitions", 10000);
      assert_true(run(&o).last >= 2800);
      lb_protocol_put(p, "expert_transitions", 100);
      assert_true(run(&o).last < 1500);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(hopper), cmocka_unit_test(helicopter),
                                     cmocka_unit_test(pendulum)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
