// A ring of transitions: what is added is there, the oldest makes room, draws are uniform and repeatable.
#include "data/ring.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { NOBS = 3, NACT = 2, CAPACITY = 5 };

// Transition number i: every entry tells where it belongs.
static void add(lb_ring* ring, int i) {
  float f = (float)i, obs[] = {f, f + 0.1f, f + 0.2f}, act[] = {f + 0.3f, f + 0.4f}, next[] = {f + 1, f + 2, f + 3};
  lb_ring_add(ring, obs, act, -f, i % 2 == 1, next);
}

static void check(const lb_transitions* view, int row, int i) {
  const float *r = view->data + row * lb_transitions_width(NOBS, NACT), f = (float)i;
  assert_true(r[0] == f && r[1] == f + 0.1f && r[2] == f + 0.2f && r[NOBS] == f + 0.3f && r[NOBS + 1] == f + 0.4f);
  assert_true(r[lb_transitions_reward(NOBS, NACT)] == -f);
  assert_true(r[lb_transitions_terminated(NOBS, NACT)] == (float)(i % 2));
  const float* next = r + lb_transitions_next(NOBS, NACT);
  assert_true(next[0] == f + 1 && next[1] == f + 2 && next[2] == f + 3);
}

static void test_oldest_makes_room(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  lb_ring_init(&ring, NOBS, NACT, CAPACITY, arena);
  for (int i = 0; i < 4; i++) add(&ring, i);
  assert_int_equal(ring.n, 4);
  lb_transitions view = lb_ring_view(&ring, NULL, 4);
  assert_true(view.n == 4 && view.nobs == NOBS && view.nact == NACT && !view.rows);
  for (int i = 0; i < 4; i++) check(&view, i, i);
  for (int i = 4; i < 12; i++) add(&ring, i);
  assert_int_equal(ring.n, CAPACITY);
  for (int i = 7; i < 12; i++) check(&view, i % CAPACITY, i);
  lb_arena_free(arena);
}

// 10,000 draws of 4 rows: each count is within six deviations of 2,500.
static void test_draws(void** state) {
  (void)state;
  enum { DRAWS = 10000 };
  lb_arena* arena = lb_arena_new(0);
  static int rows[DRAWS], again[DRAWS];
  int count[4] = {0};
  lb_ring ring;
  lb_ring_init(&ring, NOBS, NACT, CAPACITY, arena);
  for (int i = 0; i < 4; i++) add(&ring, i);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0), same = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_ring_draw(&ring, rows, DRAWS, &rng);
  lb_ring_draw(&ring, again, DRAWS, &same);
  assert_memory_equal(rows, again, sizeof rows);
  for (int i = 0; i < DRAWS; i++) {
    assert_in_range(rows[i], 0, 3);
    count[rows[i]] += 1;
  }
  for (int i = 0; i < 4; i++) assert_in_range(count[i], 2500 - 260, 2500 + 260);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_oldest_makes_room),
      cmocka_unit_test(test_draws),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
