// The residual of lemma 2, its left side less its terms, on a tabular MDP and a wrong model of it: 0 within a standard
// error that is right, in the discounted and in the undiscounted form, where every step is visited and where steps are
// drawn; and away from 0 as soon as a sign is wrong, a term, the ends, a discount or a weight is missing.
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
#include "eval/tracks.h"
#include "tabular.h"

enum { LONGEST = 120, WIDTH = 5, EPISODES = 10 };

static lb_arena* arena;
static tabular hard;
static table W;  // no policy's value, of no time

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  lb_npz* npz = golden_file();
  tabular_load(&hard, npz);
  tabular_hard(&hard);
  lb_npz_free(npz);
  lb_rng rng = lb_rng_stream(7, LB_RNG_TEST, 2, 0);
  lb_rng_normals(&rng, W[0], S);
  for (int i = 0; i < S; ++i) W[0][i] += i == 5 ? 3 : 1;
  for (int t = 1; t <= T; ++t) memcpy(W[t], W[0], sizeof W[0]);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

// Episodes under the choices of time 0 in the real system, up to so many steps, as rows. Ends are rare: one in eight of
// the arrivals at state 5 is one, else it is as if nothing were there.
static lb_tracks simulate(double (*pi)[SA], int episodes, int longest, lb_rng* rng) {
  float* rows = LB_TAKE(arena, float, ((size_t)episodes * (size_t)longest * WIDTH));
  int* start = LB_TAKE(arena, int, episodes + 1);
  int n = 0;
  for (int e = 0; e < episodes; ++e) {
    int s = draw_from(hard.mu, S, lb_rng_uniform(rng));
    bool over = false;
    start[e] = n;
    for (int t = 0; t < longest && !over; ++t, ++n) {
      int a = draw_from(pi[0] + s * A, A, lb_rng_uniform(rng));
      int next = draw_from(hard.real.P + (s * A + a) * S, S, lb_rng_uniform(rng));
      over = next == 5 && lb_rng_uniform(rng) < 0.125;
      const float row[WIDTH] = {(float)s, (float)a, (float)hard.real.r[s * A + a], over ? 1 : 0, (float)next};
      memcpy(rows + (ptrdiff_t)n * WIDTH, row, sizeof row);
      s = next;
    }
  }
  start[episodes] = n;
  return (lb_tracks){.nobs = 1, .nact = 1, .data = rows, .episodes = episodes, .start = start};
}

// What is done wrong, on the learner's side alone: on both, much of it would cancel.
typedef enum fault { NOTHING, NO_ENDS, NO_DISCOUNT, OTHER_DISCOUNT, EQUAL_WEIGHTS, SAME_TIME } fault;

static lb_lemma_terms side_of(lb_lemma_side side, const lb_tracks_form* form, int most, int episodes, fault wrong,
                              uint32_t seed) {
  uint32_t which = side == LB_LEMMA_EXPERT ? 0 : 1;
  lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 3, which), draws = lb_rng_stream(seed, LB_RNG_TEST, 4, which);
  lb_tracks tracks = simulate(side == LB_LEMMA_EXPERT ? hard.expert : hard.learner, episodes, LONGEST, &rng);
  lb_sampler model = sampler_of(&hard.model);
  lb_value value = value_view(W);
  lb_visits v = lb_tracks_visits_in(&tracks, most, form, &value, &rng, arena);
  double discount = lb_tracks_discount(form);
  bool* alive = LB_TAKE(arena, bool, v.n);
  double* ones = LB_TAKE(arena, double, v.n);
  for (int i = 0; i < v.n; ++i) ones[i] = 1;
  if (wrong == NO_ENDS) v.terminated = alive;
  if (wrong == NO_DISCOUNT) discount = 1;
  if (wrong == OTHER_DISCOUNT) discount = 0.9 * discount;
  if (wrong == EQUAL_WEIGHTS) v.weight = ones;
  if (wrong == SAME_TIME) v.then = v.now;
  return lb_lemma_visited(side, &model, &value, discount, &v, &draws, arena);
}

static lb_estimate residual_of(const lb_tracks_form* form, int most, int episodes, fault wrong, uint32_t seed) {
  lb_mark mark = lb_arena_mark(arena);
  lb_lemma_terms e = side_of(LB_LEMMA_EXPERT, form, most, episodes, NOTHING, seed);
  lb_lemma_terms l = side_of(LB_LEMMA_LEARNER, form, most, episodes, wrong, seed);
  lb_arena_release(arena, mark);
  return lb_lemma_residual(&e, &l);
}

static const lb_tracks_form discounted = {.discount = 0.95}, whole = {.discount = 0.95, .horizon = LONGEST};

// Ten episodes a side, as in a run. Of 1000 residuals the mean is 0 within four of its standard errors, which sees a
// bias of an eighth of one residual's own error nine times in ten; and their own errors are right: the squares of z
// have the mean 1.13 of Student's t at 18 degrees of freedom, a little more as the sides' spreads differ, and some 6 in
// 100 are beyond 2.
static void it_is_zero_within_its_error(void** state) {
  (void)state;
  enum { REPEATS = 1000, ALL = EPISODES * LONGEST, FEW = EPISODES * 20 };
  static const struct {
    const lb_tracks_form* form;
    int most;
  } cases[] = {{&discounted, ALL}, {&discounted, FEW}, {&whole, ALL}, {&whole, FEW}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    lb_moments residuals = {0};
    double squares = 0;
    int beyond = 0;
    for (uint32_t i = 0; i < REPEATS; ++i) {
      lb_estimate r = residual_of(cases[k].form, cases[k].most, EPISODES, NOTHING, i);
      double z = r.mean / r.se;
      assert_int_equal(r.n, 2 * EPISODES);
      lb_moments_add(&residuals, r.mean);
      squares += z * z / REPEATS;
      beyond += fabs(z) > 2;
    }
    assert_true(fabs(residuals.mean) < 4 * lb_moments_se(&residuals));
    assert_true(squares > 0.9 && squares < 1.5);
    assert_true(beyond > 35 && beyond < 110);
  }
}

// Of the six terms each that is left out, or has the other sign, leaves a residual that is not 0. With 2000 episodes a
// side every term is more than six standard errors: what it leaves is beyond two of them in all but one of 30,000
// cases.
static void a_term_that_is_missing_or_turned_is_seen(void** state) {
  (void)state;
  static const lb_tracks_form* forms[] = {&discounted, &whole};
  for (int k = 0; k < 2; ++k) {
    lb_lemma_terms e = side_of(LB_LEMMA_EXPERT, forms[k], 2000 * LONGEST, 2000, NOTHING, 3);
    lb_lemma_terms l = side_of(LB_LEMMA_LEARNER, forms[k], 2000 * LONGEST, 2000, NOTHING, 3);
    lb_estimate r = lb_lemma_residual(&e, &l), left = lb_lemma_left(&e, &l);
    const lb_estimate* terms[] = {&e.advantage, &e.value, &e.reward, &l.advantage, &l.value, &l.reward};
    double sum = 0;
    assert_true(fabs(r.mean) < 4 * r.se);
    for (int i = 0; i < 6; ++i) {
      double without = hypot(r.se, terms[i]->se);
      assert_true(fabs(terms[i]->mean) > 6 * without);
      assert_true(fabs(r.mean + terms[i]->mean) > 4 * without);
      assert_true(fabs(r.mean + 2 * terms[i]->mean) > 4 * hypot(r.se, 2 * terms[i]->se));
      sum += terms[i]->mean;
    }
    assert_near(left.mean - sum, r.mean, 1e-9 * (1 + fabs(left.mean)));
  }
}

// The ways to be wrong that are made in passing.
static void a_fault_in_the_terms_is_seen(void** state) {
  (void)state;
  static const struct {
    const lb_tracks_form* form;
    fault wrong;
  } cases[] = {{&discounted, NO_ENDS},       {&discounted, NO_DISCOUNT}, {&discounted, OTHER_DISCOUNT},
               {&discounted, EQUAL_WEIGHTS}, {&whole, NO_ENDS},          {&whole, OTHER_DISCOUNT},
               {&whole, SAME_TIME}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    lb_estimate right = residual_of(cases[k].form, 2000 * LONGEST, 2000, NOTHING, 11);
    lb_estimate r = residual_of(cases[k].form, 2000 * LONGEST, 2000, cases[k].wrong, 11);
    assert_true(fabs(right.mean) < 4 * right.se);
    assert_true(fabs(r.mean) > 4 * r.se);
  }
}

// One demonstration against ten episodes of the learner, every step visited: the error is right all the same.
static void one_episode_has_the_others_spread(void** state) {
  (void)state;
  double squares = 0;
  for (uint32_t i = 0; i < 1000; ++i) {
    lb_mark mark = lb_arena_mark(arena);
    lb_lemma_terms e = side_of(LB_LEMMA_EXPERT, &whole, LONGEST, 1, NOTHING, i);
    lb_lemma_terms l = side_of(LB_LEMMA_LEARNER, &whole, EPISODES * LONGEST, EPISODES, NOTHING, i);
    lb_estimate r = lb_lemma_residual(&e, &l);
    assert_true(isnan(e.residual.se) && isfinite(r.se) && isnan(lb_lemma_left(&e, &l).se));
    squares += pow(r.mean / r.se, 2) / 1000;
    lb_arena_release(arena, mark);
  }
  assert_true(squares > 1 && squares < 1.7);  // 9 / 7 of Student's t at 9 degrees of freedom
}

// A side by itself, where every step is visited: nothing is left to chance, and single precision bounds the error.
static void a_side_alone_closes_to_the_last_digits(void** state) {
  (void)state;
  static const lb_tracks_form forms[] = {{.discount = 0.95, .from_start = true},
                                         {.discount = 0.95, .horizon = LONGEST, .from_start = true}};
  for (int k = 0; k < 2; ++k) {
    lb_lemma_terms l = side_of(LB_LEMMA_LEARNER, &forms[k], EPISODES * LONGEST, EPISODES, NOTHING, 5);
    assert_true(fabs(l.residual.mean) < l.residual.se);
    assert_true(l.residual.se < 1e-4 && l.residual.se > 1e-8);
    assert_true(fabs(l.left.mean) > 0.01);
    // Steps that are drawn leave something.
    l = side_of(LB_LEMMA_LEARNER, &forms[k], EPISODES * 20, EPISODES, NOTHING, 5);
    assert_true(l.residual.se > 1e-3 && fabs(l.residual.mean) < 4 * l.residual.se);
  }
}

// Without gains, or without visits, there is nothing to tell.
static void what_is_not_known_is_none(void** state) {
  (void)state;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 5, 0);
  lb_tracks tracks = simulate(hard.learner, 3, 5, &rng), none = {.nobs = 1, .nact = 1};
  lb_sampler model = sampler_of(&hard.model);
  lb_value value = value_view(W);
  lb_visits v = lb_tracks_visits(&tracks, 60, 0.95, &rng, arena);
  lb_lemma_terms terms = lb_lemma_visited(LB_LEMMA_LEARNER, &model, &value, 0.95, &v, &rng, arena);
  assert_true(isfinite(terms.value.mean) && isnan(terms.left.mean) && isnan(terms.residual.mean));
  v = lb_tracks_visits_in(&none, 60, &whole, &value, &rng, arena);
  terms = lb_lemma_visited(LB_LEMMA_LEARNER, &model, &value, 1, &v, &rng, arena);
  assert_true(isnan(terms.left.mean) && isnan(terms.residual.mean) && isnan(terms.residual.se));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_is_zero_within_its_error),
      cmocka_unit_test(a_term_that_is_missing_or_turned_is_seen),
      cmocka_unit_test(a_fault_in_the_terms_is_seen),
      cmocka_unit_test(one_episode_has_the_others_spread),
      cmocka_unit_test(a_side_alone_closes_to_the_last_digits),
      cmocka_unit_test(what_is_not_known_is_none),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
