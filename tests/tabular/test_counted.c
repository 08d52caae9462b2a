// Models by counting, and Hedge over a class of models, against sums by hand and the published expected losses.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "tabular/counted.h"
#include "tabular/families.h"
#include "tabular/hedge.h"

static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

static double p_of(const lb_mdp* m, int s, int a, int next) {
  double p = 0;
  for (int i = m->row[s * m->na + a]; i < m->row[s * m->na + a + 1]; ++i) p += m->next[i] == next ? m->p[i] : 0;
  return p;
}

static void test_frequencies(void** state) {
  (void)state;
  lb_family_random f = {.states = 5, .actions = 2, .successors = 3, .ends = 1, .horizon = 4, .discount = 1};
  lb_mdp* real = lb_families_random(&f, arena);
  real->arrival[3] = 2;
  lb_mdp_seal(real, 10);
  lb_counted* c = lb_counted_new(real, LB_UNSEEN_STAY, NULL);
  // Many kinds of transitions, in no order: the table grows.
  int64_t times[5][2][5] = {0};
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < 5000; ++i) {
    int s = (int)lb_rng_below(&rng, 3), a = (int)lb_rng_below(&rng, 2), next = (int)lb_rng_below(&rng, 5);
    lb_counted_add(c, s, a, next, 1 + i % 2);
    times[s][a][next] += 1 + i % 2;
  }
  const lb_mdp* m = lb_counted_fit(c);
  double surprise = 0, miss = 0;
  for (int s = 0; s < 3; ++s) {
    for (int a = 0; a < 2; ++a) {
      int64_t all = 0;
      for (int j = 0; j < 5; ++j) all += times[s][a][j];
      assert_int_equal(lb_counted_seen(c, s, a), all);
      double earned = real->step[s * 2 + a];
      for (int j = 0; j < 5; ++j) {
        double p = (double)times[s][a][j] / (double)all;
        assert_near(p_of(m, s, a, j), p, 1e-15);
        surprise -= (double)times[s][a][j] * log(p);
        miss += (double)times[s][a][j] * (1 - p);
        earned += p * real->arrival[j];
      }
      assert_near(m->reward[s * 2 + a], earned, 1e-12);
    }
  }
  assert_int_equal(lb_counted_total(c), 7500);
  assert_near(lb_counted_surprise(c, m), surprise / 7500, 1e-12);
  assert_near(lb_counted_miss(c, m), miss / 7500, 1e-12);
  assert_near(p_of(m, 3, 1, 3), 1, 0);          // never seen: stays
  assert_int_equal(m->row[10] - m->row[8], 0);  // the end
  lb_counted_clear(c);
  m = lb_counted_fit(c);
  assert_near(p_of(m, 0, 0, 0), 1, 0);
  lb_counted_free(c);
}

static void test_many_kinds(void** state) {
  (void)state;
  lb_family_random f = {.states = 60, .actions = 2, .successors = 3, .discount = 0.9};
  lb_mdp* real = lb_families_random(&f, arena);
  lb_counted* c = lb_counted_new(real, LB_UNSEEN_UNIFORM, NULL);
  for (int s = 0; s < 59; ++s) {
    for (int j = 0; j < 60; ++j) lb_counted_add(c, s, 0, j, j + 1);
  }
  const lb_mdp* m = lb_counted_fit(c);
  for (int j = 0; j < 60; ++j) {
    assert_near(p_of(m, 58, 0, j), (j + 1) / 1830.0, 1e-15);
    assert_near(p_of(m, 0, 0, j), (j + 1) / 1830.0, 1e-15);
    assert_near(p_of(m, 59, 0, j), 1 / 60.0, 1e-15);
    assert_near(p_of(m, 3, 1, j), 1 / 60.0, 1e-15);
  }
  lb_counted_free(c);
}

// An action that was seen to jump three on is taken to do so anywhere, and past the end of the line to reach it.
static void test_pooled(void** state) {
  (void)state;
  lb_family_shortcut f = {.length = 9, .horizon = 12};
  lb_mdp* real = lb_families_shortcut(&f, arena);
  lb_counted* c = lb_counted_new(real, LB_UNSEEN_POOLED, NULL);
  lb_counted_add(c, 0, 1, 3, 4);
  for (int s = 3; s < 9; ++s) lb_counted_add(c, s, 0, s + 1, 4);
  const lb_mdp* m = lb_counted_fit(c);
  assert_near(p_of(m, 3, 1, 6), 1, 0);
  assert_near(p_of(m, 8, 1, 9), 1, 0);
  assert_near(p_of(m, 0, 0, 1), 1, 0);
  assert_near(lb_counted_surprise(c, m), 0, 0);  // it explains all that was seen
  lb_counted_add(c, 3, 1, 10, 4);                // the ditch
  m = lb_counted_fit(c);
  assert_near(p_of(m, 3, 1, 10), 1, 0);
  assert_near(p_of(m, 4, 1, 7), 0.5, 0);
  assert_near(p_of(m, 4, 1, 10), 0.5, 0);
  lb_counted_free(c);
}

static void test_prior(void** state) {
  (void)state;
  lb_family_twins f = {.rooms = 3, .kind = LB_TWINS_REAL}, wrong = {.rooms = 3, .kind = LB_TWINS_B};
  lb_mdp *real = lb_families_twins(&f, arena), *prior = lb_families_twins(&wrong, arena);
  lb_counted* c = lb_counted_new(real, LB_UNSEEN_PRIOR, prior);
  assert_near(p_of(lb_counted_fit(c), 0, 0, 3), 1, 0);
  lb_counted_add(c, 0, 0, 2, 1);
  const lb_mdp* m = lb_counted_fit(c);
  assert_near(p_of(m, 0, 0, 2), 1, 0);
  assert_near(p_of(m, 0, 1, 3), 1, 0);
  lb_counted_free(c);
}

static void test_hedge(void** state) {
  (void)state;
  double weight[3] = {1 / 3., 1 / 3., 1 / 3.};
  const double loss[3] = {0, 1, 2};
  for (int i = 0; i < 10; ++i) lb_hedge_update(weight, loss, 3, 0.3);
  double sum = 1 + exp(-3) + exp(-6);
  assert_near(weight[0], 1 / sum, 1e-14);
  assert_near(weight[2], exp(-6) / sum, 1e-14);
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 1, 0);
  int drawn[3] = {0};
  const double even[3] = {0.2, 0.5, 0.3};
  for (int i = 0; i < 100000; ++i) drawn[lb_hedge_draw(even, 3, &rng)] += 1;
  for (int i = 0; i < 3; ++i) assert_near(drawn[i] / 1e5, even[i], 5 * sqrt(0.25 / 1e5));
}

// The published expectations for the wide tree under the policy that is right at the root and guesses elsewhere:
// prediction 0.804 (good), 0.513 (bad), value moments 0.14 and 0.1933.
static void test_wide_tree_losses(void** state) {
  (void)state;
  enum { EPISODES = 20000 };
  lb_family_wide_tree f = {.leaves = 100};
  lb_mdp* real = lb_families_wide_tree(&f, arena);
  f.kind = LB_WIDE_TREE_BAD;
  lb_mdp* bad = lb_families_wide_tree(&f, arena);
  f.kind = LB_WIDE_TREE_GOOD;
  f.seed = 3;
  lb_mdp* good = lb_families_wide_tree(&f, arena);
  lb_transition* data = LB_TAKE(arena, lb_transition, 3 * EPISODES);
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 2, 0);
  for (int i = 0, n = 0; i < EPISODES; ++i) {
    for (int t = 0, s = 0; t < 3; ++t) {
      int a = s == 0 ? 1 : (int)lb_rng_below(&rng, 2), next = lb_mdp_successor(real, s, a, lb_rng_uniform(&rng));
      data[n++] = (lb_transition){s, a, next};
      s = next;
    }
  }
  double W[105] = {0.3, 1};
  int n = 3 * EPISODES;
  assert_near(lb_hedge_expected_loss(LB_HEDGE_PREDICTION, good, W, data, n), 0.804, 0.004);
  assert_near(lb_hedge_expected_loss(LB_HEDGE_PREDICTION, bad, W, data, n), 0.5133, 0.004);
  assert_near(lb_hedge_expected_loss(LB_HEDGE_VALUE, good, W, data, n), 0.14, 0.003);
  assert_near(lb_hedge_expected_loss(LB_HEDGE_VALUE, bad, W, data, n), 0.58 / 3, 0.003);
  // Draws have that expectation.
  for (int kind = 0; kind < 2; ++kind) {
    double expected = lb_hedge_expected_loss((lb_hedge_loss)kind, good, W, data, n);
    double sampled = lb_hedge_sampled_loss((lb_hedge_loss)kind, good, W, data, n, &rng);
    assert_near(sampled, expected, 5 * sqrt(0.25 / n));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_frequencies), cmocka_unit_test(test_many_kinds),
                                     cmocka_unit_test(test_pooled),      cmocka_unit_test(test_prior),
                                     cmocka_unit_test(test_hedge),       cmocka_unit_test(test_wide_tree_losses)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
