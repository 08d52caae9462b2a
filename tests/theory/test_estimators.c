// The Monte Carlo estimators of the lemmas that rows with networks use, on finite MDPs, against the exact terms: within
// their standard errors, and with the power to tell when a term has the wrong sign.
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
#include "eval/lemma.h"
#include "tabular/acting.h"
#include "tabular/families.h"
#include "tabular/lemma_terms.h"
#include "tabular/solve.h"

enum { MDPS = 40, EPISODES = 1500, S = 8, A = 3, T = 6, MOST = EPISODES * T };

static lb_arena* arena;

static double* random_policy(const lb_mdp* m, lb_rng* rng) {
  double* pi = LB_TAKE(arena, double, lb_mdp_policy_size(m));
  for (size_t i = 0; i < lb_mdp_policy_size(m) / A; ++i) {
    double sum = 0, *p = pi + i * A;
    for (int a = 0; a < A; ++a) sum += p[a] = -log(1 - lb_rng_uniform(rng));
    for (int a = 0; a < A; ++a) p[a] /= sum;
  }
  return pi;
}

// Episodes of a policy in the real MDP as rows of visits.
static lb_visits play(const lb_mdp* m, const double* pi, lb_rng* rng) {
  int *episode = LB_TAKE(arena, int, MOST), *t = LB_TAKE(arena, int, MOST), n = 0;
  double *x = LB_TAKE(arena, double, MOST), *u = LB_TAKE(arena, double, MOST), *next = LB_TAKE(arena, double, MOST),
         *reward = LB_TAKE(arena, double, MOST), *weight = LB_TAKE(arena, double, MOST),
         *gain = LB_TAKE(arena, double, EPISODES);
  bool* terminated = LB_TAKE(arena, bool, MOST);
  for (int e = 0; e < EPISODES; ++e) {
    int s[T], a[T], to[T], steps = lb_acting_episode(m, pi, T, rng, s, a, to, &gain[e]);
    for (int k = 0; k < steps; ++k, ++n) {
      episode[n] = e;
      t[n] = k;
      x[n] = s[k];
      u[n] = a[k];
      next[n] = to[k];
      reward[n] = m->step[s[k] * A + a[k]] + m->arrival[to[k]];
      weight[n] = pow(m->discount, k);
      terminated[n] = m->end[to[k]];
    }
  }
  return (lb_visits){.n = n,
                     .episodes = EPISODES,
                     .episode = episode,
                     .weight = weight,
                     .t = t,
                     .x = x,
                     .u = u,
                     .reward = reward,
                     .x_next = next,
                     .terminated = terminated,
                     .gain = gain};
}

// How many standard errors an estimate is from what it should be.
static double distance(const lb_estimate* e, double exact) {
  return (e->mean - exact) / e->se;
}

// 6 terms of 40 MDPs: under the null a normal draw each. Their spread must be 1 (a chi-square of 240: 0.84 to 1.17 with
// 99.9 %), none may be beyond 4.5; and with the sign of a term turned iteration, the test at 2.5 must find most of
// those that are 4 standard errors in size or more, all of them in expectation.
static void test_terms(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  double squares = 0, worst = 0;
  int n = 0, large = 0, found = 0;
  for (uint64_t seed = 0; seed < MDPS; ++seed) {
    lb_mark mark = lb_arena_mark(arena);
    lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 0, 0);
    lb_family_random f = {.states = S,
                          .actions = A,
                          .successors = 4,
                          .ends = seed % 2 ? 2 : 0,
                          .horizon = T,
                          .discount = seed % 3 ? 1 : 0.9,
                          .seed = 2 * seed};
    lb_mdp* real = lb_families_random(&f, arena);
    f.seed += 1;
    lb_mdp* model = lb_families_random(&f, arena);
    model->start = real->start;
    for (int s = 0; s < S; ++s) real->arrival[s] = model->arrival[s] = lb_rng_normal(&rng);
    lb_mdp_seal(real, S * A);
    lb_mdp_seal(model, S * A);
    const double *expert = random_policy(real, &rng), *learner = random_policy(real, &rng);
    lb_exact_terms exact = lb_exact_terms_of(real, model, expert, learner, arena);
    double* V = LB_TAKE(arena, double, lb_mdp_value_size(model));
    lb_solve_evaluate(V, model, learner, NULL, arena);
    lb_acting_table table = {model, V};
    lb_value value = lb_acting_value(&table);
    lb_sampler sampler = lb_acting_sampler(model);
    lb_visits e = play(real, expert, &rng), l = play(real, learner, &rng);
    lb_lemma_terms te = lb_lemma_visited(LB_LEMMA_EXPERT, &sampler, &value, real->discount, &e, &rng, arena);
    lb_lemma_terms tl = lb_lemma_visited(LB_LEMMA_LEARNER, &sampler, &value, real->discount, &l, &rng, arena);
    const lb_estimate* estimates[] = {&te.advantage, &te.value, &te.reward, &tl.advantage, &tl.value, &tl.reward};
    const double terms[] = {exact.advantage,     exact.expert_value_2, exact.expert_reward, 0,
                            exact.learner_value, exact.learner_reward};
    for (int k = 0; k < 6; ++k, ++n) {
      double z = distance(estimates[k], terms[k]);
      squares += z * z;
      worst = fmax(worst, fabs(z));
      if (fabs(terms[k]) / estimates[k]->se < 4) continue;
      large += 1;
      found += fabs(distance(estimates[k], -terms[k])) > 2.5;
    }
    lb_estimate left = lb_lemma_left(&te, &tl);
    assert_true(fabs(distance(&left, exact.gap)) < 4.5);
    lb_arena_release(arena, mark);
  }
  print_message("%d terms: mean square %.3f, worst %.2f; wrong signs found: %d of %d\n", n, squares / n, worst, found,
                large);
  assert_true(squares / n > 0.7 && squares / n < 1.35);
  assert_true(worst < 4.5);
  assert_true(large > 50 && found == large);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_terms)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
