// The parts of TD3 that its name is made of: actor and targets move every `delay` updates alone; a bandit whose best
// action is known is found; exploration has the deviation that it says; what is stored goes on to the bit; its actor
// acts from a file's actor as it does itself.
#include "plan/td3.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "plan/td3_private.h"

enum { NOBS = 1, NACT = 1, WIDTH = 5, N = 64 };

static float rows[N * WIDTH];

static lb_td3* make(lb_arena* arena, double average) {
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_td3_config c = lb_td3_default_config(NOBS, NACT);
  c.width = 32;
  c.batch = N;
  c.rate = 3e-3;
  c.average = average;
  return lb_td3_new(&c, &rng, arena);
}

// Episodes of one step: the reward is -(a - 0.3 s)^2.
static lb_transitions bandit(lb_rng* rng) {
  for (int i = 0; i < N; i++) {
    double s = 2 * lb_rng_uniform(rng) - 1, a = 2 * lb_rng_uniform(rng) - 1;
    float row[WIDTH] = {(float)s, (float)a, (float)-((a - 0.3 * s) * (a - 0.3 * s)), 1, (float)s};
    memcpy(rows + i * WIDTH, row, sizeof row);
  }
  return (lb_transitions){.n = N, .nobs = NOBS, .nact = NACT, .data = rows};
}

static void actor_and_targets_are_delayed(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_td3* td3 = make(arena, 0);
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  size_t actor = (size_t)td3->actor->count * sizeof(lb_real), critics = (size_t)td3->critics->count * sizeof(lb_real);
  lb_real *kept = malloc(actor), *target = malloc(actor), *theirs = malloc(critics);
  for (int k = 1; k <= 6; k++) {
    memcpy(kept, td3->actor->theta, actor);
    memcpy(target, td3->actor_target->theta, actor);
    memcpy(theirs, td3->critic_targets->theta, critics);
    lb_transitions batch = bandit(&rng);
    lb_td3_report r;
    lb_td3_update(td3, &r, &batch, NULL, &rng);
    bool moved = k % 2 == 0;
    assert_true(!r.broken && r.actor_learned == moved);
    assert_true((memcmp(kept, td3->actor->theta, actor) != 0) == moved);
    assert_true((memcmp(target, td3->actor_target->theta, actor) != 0) == moved);
    assert_true((memcmp(theirs, td3->critic_targets->theta, critics) != 0) == moved);
    // target += tau (actor - target)
    for (long i = 0; moved && i < td3->actor->count; i++) {
      lb_real want = target[i] + (lb_real)0.005 * (td3->actor->theta[i] - target[i]);
      assert_true(fabs((double)(want - td3->actor_target->theta[i])) < 1e-6);
    }
  }
  free(kept);
  free(target);
  free(theirs);
  lb_arena_free(arena);
}

static void the_best_action_is_found(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_td3* td3 = make(arena, 0.01);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  for (int k = 0; k < 3000; k++) {
    lb_transitions batch = bandit(&rng);
    lb_td3_report r;
    lb_td3_update(td3, &r, &batch, NULL, &rng);
    assert_null(r.broken);
  }
  lb_value value = lb_td3_value(td3);
  for (double s = -0.9; s < 1; s += 0.3) {
    double a, v;
    lb_td3_act(td3, &a, &s, 1, NULL);
    value.at(value.ctx, 1, 0, &s, &v);
    assert_true(fabs(a - 0.3 * s) < 0.1 && fabs(v) < 0.05);
  }
  lb_arena_free(arena);
}

static void exploration_has_its_deviation(void** state) {
  (void)state;
  enum { DRAWS = 20000 };
  lb_arena* arena = lb_arena_new(0);
  lb_td3* td3 = make(arena, 0);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  double *s = calloc(DRAWS, sizeof *s), *a = calloc(DRAWS, sizeof *a), mean, squares = 0;
  lb_td3_act(td3, &mean, s, 1, NULL);
  assert_true(fabs(mean) < 0.5);
  lb_td3_act(td3, a, s, DRAWS, &rng);
  for (int i = 0; i < DRAWS; i++) squares += (a[i] - mean) * (a[i] - mean) / DRAWS;
  assert_true(fabs(sqrt(squares) - 0.1) < 0.002);
  free(s);
  free(a);
  lb_arena_free(arena);
}

static void what_is_stored_goes_on_to_the_bit(void** state) {
  (void)state;
  char path[] = "/tmp/lb_td3_XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  lb_arena* arena = lb_arena_new(0);
  lb_td3 *a = make(arena, 0.01), *b = make(arena, 0.01);
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
  lb_td3_report r;
  for (int k = 0; k < 5; k++) {
    lb_transitions batch = bandit(&rng);
    lb_td3_update(a, &r, &batch, NULL, &rng);
  }
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_npz* npz;
  lb_td3_save(a, w, "td3/");
  assert_int_equal(lb_npz_save(w, path).code, LB_OK);
  lb_npz_writer_free(w);
  assert_int_equal(lb_npz_load(&npz, path).code, LB_OK);
  assert_string_equal(lb_td3_restore(b, npz, "td3/").text, "");
  lb_npz_free(npz);
  unlink(path);
  for (int k = 0; k < 3; k++) {
    lb_transitions batch = bandit(&rng);
    lb_rng same = rng;
    lb_td3_update(a, &r, &batch, NULL, &rng);
    lb_td3_update(b, &r, &batch, NULL, &same);
  }
  size_t bytes = (size_t)a->actor->count * sizeof(lb_real);
  assert_memory_equal(a->actor->theta, b->actor->theta, bytes);
  assert_memory_equal(a->average, b->average, bytes);
  assert_memory_equal(a->critic_targets->theta, b->critic_targets->theta, (size_t)a->critics->count * sizeof(lb_real));
  lb_arena_free(arena);
}

static void its_actor_acts_as_it_does(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_td3 *a = make(arena, 0), *b = make(arena, 0);
  for (long i = 0; i < b->actor->count; i++) b->actor->theta[i] = 0;
  lb_actor* actor = lb_td3_actor_copy(a, NULL, NULL, arena);
  assert_int_equal(lb_td3_actor_take(b, actor).code, LB_OK);
  for (double s = -2; s < 2; s += 0.5) {
    double first, second, third;
    lb_td3_act(a, &first, &s, 1, NULL);
    lb_actor_act(actor, &second, &s, 1, NULL);
    lb_td3_act(b, &third, &s, 1, NULL);
    assert_true(fabs(first - second) < 1e-6 && fabs(first - third) < 1e-6);
  }
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(actor_and_targets_are_delayed), cmocka_unit_test(the_best_action_is_found),
      cmocka_unit_test(exploration_has_its_deviation), cmocka_unit_test(what_is_stored_goes_on_to_the_bit),
      cmocka_unit_test(its_actor_acts_as_it_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
