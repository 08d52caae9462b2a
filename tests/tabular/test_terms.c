// Both lemmas, exactly: the published tabular MDP, and 1,000 random MDPs of 2 to 50 states with random policies and
// models, with and without a clock, with ends and rewards on arrival. The terms add up to the true difference, and no
// bound is ever exceeded.
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
#include "io/npz.h"
#include "tabular/families.h"
#include "tabular/lemma_terms.h"
#include "tabular/solve.h"

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

static const double* numbers(lb_npz* npz, const char* name) {
  const lb_array* a = lb_npz_find(npz, name);
  assert_non_null(a);
  return a->data;
}

static lb_mdp* golden(lb_npz* npz, const char* rows, int horizon, double discount) {
  const double *P = numbers(npz, rows), *r = numbers(npz, "reward");
  lb_mdp* m = lb_mdp_new(6, 3, 6 * 3 * 6, arena);
  m->horizon = horizon;
  m->discount = discount;
  memcpy(m->start, numbers(npz, "mu"), 6 * sizeof(double));
  int filled = 0;
  for (int sa = 0; sa < 18; ++sa) {
    for (int j = 0; j < 6; ++j) lb_mdp_put(m, &filled, j, P[sa * 6 + j]);
    lb_mdp_close(m, &filled, r[sa]);
  }
  lb_mdp_seal(m, filled);
  return m;
}

static void test_published(void** state) {
  (void)state;
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, LB_SOURCE_DIR "/tests/golden/lemma_tabular.npz").code, LB_OK);
  const double *expert = numbers(npz, "pi_expert"), *learner = numbers(npz, "pi_learner");
  lb_exact_terms t =
      lb_exact_terms_of(golden(npz, "M_true", 8, 1), golden(npz, "M_model", 8, 1), expert, learner, arena);
  assert_near(t.expert, *numbers(npz, "J_expert"), 1e-13);
  assert_near(t.learner, *numbers(npz, "J_learner"), 1e-13);
  assert_near(t.planning, *numbers(npz, "pdpm_planning"), 1e-13);
  assert_near(t.expert_value_1, *numbers(npz, "pdpm_expert_term"), 1e-13);
  assert_near(t.learner_value, *numbers(npz, "pdpm_learner_term"), 1e-13);
  assert_near(t.advantage, *numbers(npz, "pdam_advantage"), 1e-13);
  assert_near(t.expert_value_2, *numbers(npz, "pdam_expert_value_term"), 1e-13);
  assert_near(t.learner_value, *numbers(npz, "pdam_learner_value_term"), 1e-13);
  assert_near(t.expert_l1, *numbers(npz, "expert_L1"), 1e-12);
  assert_near(t.learner_l1, *numbers(npz, "learner_L1"), 1e-12);
  assert_near(t.expert_reward, 0, 1e-15);
  // Without a clock: the first rows of both policies, discount 0.9; published over the normalised occupancy.
  t = lb_exact_terms_of(golden(npz, "M_true", 0, 0.9), golden(npz, "M_model", 0, 0.9), expert, learner, arena);
  assert_near(t.gap * 0.1, *numbers(npz, "disc_lhs"), 1e-12);
  assert_near(t.advantage * 0.1, *numbers(npz, "disc_adv"), 1e-12);
  assert_near(t.expert_value_2 * 0.1, *numbers(npz, "disc_expert"), 1e-12);
  assert_near(t.learner_value * 0.1, *numbers(npz, "disc_learner"), 1e-12);
  lb_npz_free(npz);
}

static double* random_policy(const lb_mdp* m, lb_rng* rng, bool deterministic) {
  double* pi = LB_TAKE(arena, double, lb_mdp_policy_size(m));
  size_t rows = lb_mdp_policy_size(m) / (size_t)m->na;
  for (size_t i = 0; i < rows; ++i) {
    double sum = 0, *p = pi + i * (size_t)m->na;
    if (deterministic) {
      p[lb_rng_below(rng, (uint32_t)m->na)] = 1;
      continue;
    }
    for (int a = 0; a < m->na; ++a) sum += p[a] = -log(1 - lb_rng_uniform(rng));
    for (int a = 0; a < m->na; ++a) p[a] /= sum;
  }
  return pi;
}

static void test_random(void** state) {
  (void)state;
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
  double worst = 0, largest = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    lb_mark mark = lb_arena_mark(arena);
    int states = 2 + (int)lb_rng_below(&rng, 49), actions = 2 + (int)lb_rng_below(&rng, 3);
    lb_family_random f = {.states = states,
                          .actions = actions,
                          .successors = 1 + (int)lb_rng_below(&rng, (uint32_t)(states < 6 ? states : 6)),
                          .ends = seed % 3 == 0 ? (int)lb_rng_below(&rng, (uint32_t)(states / 2 + 1)) : 0,
                          .horizon = seed % 2 ? 1 + (int)lb_rng_below(&rng, 20) : 0,
                          .discount = seed % 2 ? 1 : 0.5 + 0.49 * lb_rng_uniform(&rng),
                          .seed = 2 * seed};
    lb_mdp* real = lb_families_random(&f, arena);
    f.seed = 2 * seed + 1;
    lb_mdp* model = lb_families_random(&f, arena);
    model->start = real->start;
    model->step = real->step;  // known
    if (seed % 5 == 0) {
      for (int s = 0; s < states; ++s) real->arrival[s] = model->arrival[s] = lb_rng_normal(&rng);
    }
    lb_mdp_seal(real, states * actions);
    lb_mdp_seal(model, states * actions);
    lb_exact_terms t = lb_exact_terms_of(real, model, random_policy(real, &rng, seed % 4 == 0),
                                         random_policy(real, &rng, seed % 4 == 1), arena);
    worst = fmax(worst, fmax(fabs(lb_exact_terms_residual(&t, 1)), fabs(lb_exact_terms_residual(&t, 2))));
    largest = fmax(largest, fabs(t.gap));
    assert_true(t.planning <= t.planning_error + 1e-9);
    assert_true(t.gap <= t.bound_1 + 1e-9 && t.gap <= t.bound_2 + 1e-9);
    lb_arena_release(arena, mark);
  }
  print_message("worst residual %g, largest difference %g\n", worst, largest);
  assert_true(worst <= 1e-9);
  assert_true(largest > 1);  // there was something to add up
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_published), cmocka_unit_test(test_random)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
