// The expert/learner mix: shares within a stated confidence, fall-backs, and that every row is a row of a pool.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "data/dataset.h"

enum { POOL = 50, DRAWS = 20000 };

// A pool whose rows carry a mark and their own index.
static void fill(lb_dataset* pool, double mark) {
  for (int i = 0; i < POOL; ++i) {
    lb_dataset_add(pool, i, (const double[]){mark, i}, (const double[]){mark + i}, (const double[]){mark, i + 0.5});
  }
}

typedef struct fixture {
  lb_arena* arena;
  lb_dataset expert, learner, none, data;
} fixture;

static int set_up(void** state) {
  static fixture f;
  f.arena = lb_arena_new(0);
  lb_dataset_init(&f.expert, 2, 1, POOL, f.arena);
  lb_dataset_init(&f.learner, 2, 1, POOL, f.arena);
  lb_dataset_init(&f.none, 2, 1, 1, f.arena);
  lb_dataset_init(&f.data, 2, 1, DRAWS, f.arena);
  fill(&f.expert, 1000);
  fill(&f.learner, 2000);
  *state = &f;
  return 0;
}

static int tear_down(void** state) {
  lb_arena_free(((fixture*)*state)->arena);
  return 0;
}

static void mix(fixture* f, const lb_dataset* learner, double share) {
  lb_rng rng = lb_rng_stream(5, LB_RNG_MIX, 0, 0);
  lb_batch e = lb_dataset_batch(&f->expert), l = lb_dataset_batch(learner);
  lb_dataset_mix(&f->data, &e, &l, share, DRAWS, &rng);
}

static void share_and_rows_are_right(void** state) {
  fixture* f = *state;
  mix(f, &f->learner, 0.3);
  int expert = 0, seen[POOL] = {0};
  for (int i = 0; i < DRAWS; ++i) {
    double mark = f->data.x[2 * i], index = f->data.x[2 * i + 1];
    assert_true(mark == 1000 || mark == 2000);
    assert_true(f->data.t[i] == (int)index && f->data.u[i] == mark + index && f->data.x_next[2 * i + 1] == index + 0.5);
    expert += mark == 1000;
    seen[(int)index] += 1;
  }
  assert_int_equal(expert, f->data.from_expert);
  // Five standard deviations of a binomial: a right mix fails once in two million.
  assert_true(fabs(expert - 0.3 * DRAWS) < 5 * sqrt(DRAWS * 0.3 * 0.7));
  for (int i = 0; i < POOL; ++i) assert_true(fabs(seen[i] - (double)DRAWS / POOL) < 6 * sqrt((double)DRAWS / POOL));
}

static void a_share_of_one_or_zero_is_pure(void** state) {
  fixture* f = *state;
  mix(f, &f->learner, 1);
  assert_int_equal(f->data.from_expert, DRAWS);
  f->data.n = f->data.from_expert = 0;
  mix(f, &f->learner, 0);
  assert_int_equal(f->data.n, DRAWS);
  assert_int_equal(f->data.from_expert, 0);
}

static void an_empty_learner_falls_back_to_the_expert_only_where_the_expert_is_asked(void** state) {
  fixture* f = *state;
  mix(f, &f->none, 0.5);
  assert_int_equal(f->data.from_expert, DRAWS);
  f->data.n = f->data.from_expert = 0;
  mix(f, &f->none, 0);
  assert_int_equal(f->data.n, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(share_and_rows_are_right, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_share_of_one_or_zero_is_pure, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_empty_learner_falls_back_to_the_expert_only_where_the_expert_is_asked, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
