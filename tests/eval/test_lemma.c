// The two lemmas on a random tabular MDP, where every term is known by dynamic programming: from all transitions there
// are, weighed by their probabilities, the estimators give the published terms and the performance difference to 1e-9;
// from sampled ones they come within their standard errors, and these are right. With rewards that the model has wrong,
// ends, a discount, and a W that is no value at all.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "eval/lemma.h"
#include "tabular.h"

static lb_arena* arena;
static lb_npz* npz;
static tabular golden, hard;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  npz = golden_file();
  tabular_load(&golden, npz);
  hard = golden;
  tabular_hard(&hard);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(npz);
  lb_arena_free(arena);
  return 0;
}

static double published(const char* name) {
  return *golden_numbers(npz, name);
}

// A model that "draws" what the enumeration dictates.
typedef struct script {
  const world* model;
  const double* next;
} script;

static void sample_script(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                          bool* terminated, lb_rng* rng) {
  (void)t;
  (void)rng;
  script* s = ctx;
  for (int i = 0; i < n; ++i) {
    x_next[i] = *s->next++;
    reward[i] = s->model->r[(int)x[i] * A + (int)u[i]];
    terminated[i] = s->model->end[(int)x_next[i]];
  }
}

// Every (t, s, a, s', s^) of a policy in the real system, with its probability and the weight of its time.
typedef struct all {
  lb_visits visits;
  script script;
} all;

enum { EVERY = T * SA * S * S };

static all enumerate(tabular* m, double (*pi)[SA]) {
  table d;
  occupancy_of(d, m, pi);
  int* t = LB_TAKE(arena, int, EVERY);
  double *weight = LB_TAKE(arena, double, EVERY), *x = LB_TAKE(arena, double, EVERY),
         *u = LB_TAKE(arena, double, EVERY);
  double *x_next = LB_TAKE(arena, double, EVERY), *reward = LB_TAKE(arena, double, EVERY);
  double* imagined = LB_TAKE(arena, double, EVERY);
  bool* terminated = LB_TAKE(arena, bool, EVERY);
  for (int i = 0; i < EVERY; ++i) {
    int k = i % S, j = i / S % S, sa = i / (S * S) % SA, state = sa / A;
    t[i] = i / (S * S * SA);
    x[i] = state;
    u[i] = sa % A;
    x_next[i] = j;
    imagined[i] = k;
    weight[i] = pow(m->g, t[i]) * d[t[i]][state] * pi[t[i]][sa] * m->real.P[sa * S + j] * m->model.P[sa * S + k];
    reward[i] = m->real.r[sa];
    terminated[i] = m->real.end[j];
  }
  return (all){.visits = {.n = EVERY,
                          .episodes = 1,
                          .weight = weight,
                          .t = t,
                          .x = x,
                          .u = u,
                          .reward = reward,
                          .x_next = x_next,
                          .terminated = terminated},
               .script = {.model = &m->model, .next = imagined}};
}

static lb_lemma_terms exactly(tabular* m, lb_lemma_side side, table W) {
  all a = enumerate(m, side == LB_LEMMA_EXPERT ? m->expert : m->learner);
  lb_sampler model = {.nx = 1, .nu = 1, .ctx = &a.script, .sample = sample_script};
  lb_value value = value_view(W);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  return lb_lemma_visited(side, &model, &value, m->g, &a.visits, &rng, arena);
}

static double total(const lb_lemma_terms* terms) {
  return terms->advantage.mean + terms->value.mean + terms->reward.mean;
}

// The terms of a side by sums over the tables, without a sign.
static void by_tables(double out[3], tabular* m, double (*pi)[SA], table W) {
  table d;
  occupancy_of(d, m, pi);
  out[0] = out[1] = out[2] = 0;
  for (int t = 0; t < T; ++t) {
    for (int sa = 0; sa < SA; ++sa) {
      double p = pow(m->g, t) * d[t][sa / A] * pi[t][sa];
      double imagined = m->g * backup(&m->model, sa, W[t + 1]), real = m->g * backup(&m->real, sa, W[t + 1]);
      out[0] += p * (m->model.r[sa] + imagined - W[t][sa / A]);
      out[1] += p * (real - imagined);
      out[2] += p * (m->real.r[sa] - m->model.r[sa]);
    }
  }
}

static void lemma_2_is_the_published_equality(void** state) {
  (void)state;
  table V;
  value_of(V, &golden.model, golden.learner, 1);
  lb_lemma_terms e = exactly(&golden, LB_LEMMA_EXPERT, V), l = exactly(&golden, LB_LEMMA_LEARNER, V);
  assert_near(e.advantage.mean, published("pdam_advantage"), 1e-9);
  assert_near(e.value.mean, published("pdam_expert_value_term"), 1e-9);
  assert_near(l.value.mean, published("pdam_learner_value_term"), 1e-9);
  assert_near(e.reward.mean, 0, 1e-9);
  assert_near(l.reward.mean, 0, 1e-9);
  // V is exact: the learner has no advantage over itself.
  assert_near(l.advantage.mean, 0, 1e-9);
  double gap = published("J_expert") - published("J_learner");
  assert_near(e.advantage.mean + e.value.mean + l.value.mean, gap, 1e-9);
  assert_near(gap_in(&golden, &golden.real), gap, 1e-9);
  assert_int_equal(e.value.n, 1);
  assert_true(isnan(e.value.se));
}

static void lemma_1_is_the_published_equality(void** state) {
  (void)state;
  table of_expert, of_learner;
  value_of(of_expert, &golden.model, golden.expert, 1);
  value_of(of_learner, &golden.model, golden.learner, 1);
  lb_lemma_terms e = exactly(&golden, LB_LEMMA_EXPERT, of_expert), l = exactly(&golden, LB_LEMMA_LEARNER, of_learner);
  lb_sampler model = lifted(&golden.model);
  lb_policy expert = lifted_policy(golden.expert), learner = lifted_policy(golden.learner);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 1, 0);
  lb_estimate planning = lb_lemma_planning_error(&model, &expert, &learner, 1, T, 1, golden.mu, &rng, arena);
  assert_near(planning.mean, published("pdpm_planning"), 1e-9);
  assert_near(e.value.mean, published("pdpm_expert_term"), 1e-9);
  assert_near(l.value.mean, published("pdpm_learner_term"), 1e-9);
  assert_near(e.advantage.mean, 0, 1e-9);
  assert_near(planning.mean + e.value.mean + l.value.mean, published("J_expert") - published("J_learner"), 1e-9);
}

// A table that is no policy's value; 0 at the end of time.
static void any_table(table W) {
  lb_rng rng = lb_rng_stream(7, LB_RNG_TEST, 2, 0);
  memset(W, 0, sizeof(table));
  for (int t = 0; t < T; ++t) lb_rng_normals(&rng, W[t], S);
}

static void all_six_terms_hold_for_any_w(void** state) {
  (void)state;
  static const lb_lemma_side sides[] = {LB_LEMMA_EXPERT, LB_LEMMA_LEARNER};
  table W;
  any_table(W);
  tabular* worlds[] = {&golden, &hard};
  for (int i = 0; i < 2; ++i) {
    tabular* m = worlds[i];
    double sum = 0;
    for (int side = 0; side < 2; ++side) {
      lb_lemma_terms terms = exactly(m, sides[side], W);
      double tables[3], sign = side == 0 ? 1 : -1;
      by_tables(tables, m, side == 0 ? m->expert : m->learner, W);
      assert_near(terms.advantage.mean, sign * tables[0], 1e-9);
      assert_near(terms.value.mean, sign * tables[1], 1e-9);
      assert_near(terms.reward.mean, sign * tables[2], 1e-9);
      sum += total(&terms);
    }
    assert_near(sum, gap_in(m, &m->real), 1e-9);
    // Without the learner's advantage the equality does not hold.
    assert_true(fabs(sum - exactly(m, LB_LEMMA_LEARNER, W).advantage.mean - gap_in(m, &m->real)) > 0.1);
  }
}

static void both_lemmas_hold_with_wrong_rewards_ends_and_a_discount(void** state) {
  (void)state;
  table of_expert, of_learner;
  double gap = gap_in(&hard, &hard.real);
  value_of(of_expert, &hard.model, hard.expert, hard.g);
  value_of(of_learner, &hard.model, hard.learner, hard.g);
  lb_lemma_terms l = exactly(&hard, LB_LEMMA_LEARNER, of_learner), e = exactly(&hard, LB_LEMMA_EXPERT, of_learner);
  assert_near(l.advantage.mean, 0, 1e-9);
  assert_near(total(&e) + total(&l), gap, 1e-9);
  assert_true(fabs(e.reward.mean) > 0.01 && fabs(l.reward.mean) > 0.01);
  e = exactly(&hard, LB_LEMMA_EXPERT, of_expert);
  assert_near(e.advantage.mean, 0, 1e-9);
  lb_sampler model = lifted(&hard.model);
  lb_policy expert = lifted_policy(hard.expert), learner = lifted_policy(hard.learner);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 3, 0);
  lb_estimate planning = lb_lemma_planning_error(&model, &expert, &learner, hard.g, T, 1, hard.mu, &rng, arena);
  assert_near(planning.mean, gap_in(&hard, &hard.model), 1e-9);
  assert_near(planning.mean + total(&e) + total(&l), gap, 1e-9);
}

// The form for an endless discounted problem: stationary policies (those of time 0), W of no time, visits weighed by
// the normalised occupancy.
static void the_normalised_form_is_the_published_one(void** state) {
  (void)state;
  double g = published("gamma"), terms[3] = {0};
  table V = {{0}};
  for (int k = 0; k < 2000; ++k) {
    double next[S] = {0};
    for (int sa = 0; sa < SA; ++sa) {
      next[sa / A] += golden.learner[0][sa] * (golden.real.r[sa] + g * backup(&golden.model, sa, V[0]));
    }
    for (int t = 0; t <= 1; ++t) memcpy(V[t], next, sizeof next);
  }
  for (int side = 0; side < 2; ++side) {
    double(*pi)[SA] = side == 0 ? golden.expert : golden.learner;
    double now[S], d[S] = {0};
    memcpy(now, golden.mu, sizeof now);
    for (int k = 0; k < 2000; ++k) {
      double next[S] = {0};
      for (int s = 0; s < S; ++s) d[s] += (1 - g) * pow(g, k) * now[s];
      for (int i = 0; i < SA * S; ++i) next[i % S] += now[i / S / A] * pi[0][i / S] * golden.real.P[i];
      memcpy(now, next, sizeof now);
    }
    all a = enumerate(&golden, pi);
    double* weight = LB_TAKE(arena, double, EVERY);
    a.visits.t = NULL;
    a.visits.n = EVERY / T;
    for (int i = 0; i < EVERY / T; ++i) {
      int k = i % S, j = i / S % S, sa = i / (S * S);
      weight[i] = d[sa / A] * pi[0][sa] * golden.real.P[sa * S + j] * golden.model.P[sa * S + k];
    }
    a.visits.weight = weight;
    lb_sampler model = {.nx = 1, .nu = 1, .ctx = &a.script, .sample = sample_script};
    lb_value value = value_view(V);
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 4, 0);
    lb_lemma_terms out =
        lb_lemma_visited(side == 0 ? LB_LEMMA_EXPERT : LB_LEMMA_LEARNER, &model, &value, g, &a.visits, &rng, arena);
    if (side == 0) terms[0] = out.advantage.mean;
    terms[1 + side] = out.value.mean;
    if (side == 1) assert_near(out.advantage.mean, 0, 1e-9);
  }
  assert_near(terms[0], published("disc_adv"), 1e-9);
  assert_near(terms[1], published("disc_expert"), 1e-9);
  assert_near(terms[2], published("disc_learner"), 1e-9);
  assert_near(terms[0] + terms[1] + terms[2], published("disc_lhs"), 1e-9);
}

// Advantages by rollouts, on distributions over states: exact.
static void the_advantage_by_rollouts_is_the_published_one(void** state) {
  (void)state;
  tabular* worlds[] = {&golden, &hard};
  for (int k = 0; k < 2; ++k) {
    tabular* m = worlds[k];
    table d, V;
    double weight[T], tables[3];
    int times[T];
    occupancy_of(d, m, m->expert);
    value_of(V, &m->model, m->learner, m->g);
    by_tables(tables, m, m->expert, V);
    for (int t = 0; t < T; ++t) {
      times[t] = t;
      weight[t] = pow(m->g, t);
    }
    lb_visits visits = {.n = T, .episodes = 1, .weight = weight, .t = times, .x = d[0], .u = m->expert[0]};
    lb_sampler model = lifted(&m->model);
    lb_policy learner = lifted_policy(m->learner);
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 5, 0);
    lb_estimate e = lb_lemma_advantage(&model, &learner, m->g, T, &visits, &rng, arena);
    assert_near(e.mean, tables[0], 1e-9);
    if (k == 0) assert_near(e.mean, published("pdam_advantage"), 1e-9);
  }
}

// Episodes of a policy in the real system.
static lb_visits simulate(tabular* m, double (*pi)[SA], int episodes, lb_rng* rng) {
  size_t most = (size_t)episodes * T;
  int *t = LB_TAKE(arena, int, most), *episode = LB_TAKE(arena, int, most), n = 0;
  double *x = LB_TAKE(arena, double, most), *u = LB_TAKE(arena, double, most), *x_next = LB_TAKE(arena, double, most);
  double *reward = LB_TAKE(arena, double, most), *weight = LB_TAKE(arena, double, most);
  bool* terminated = LB_TAKE(arena, bool, most);
  for (int e = 0; e < episodes; ++e) {
    int s = draw_from(m->mu, S, lb_rng_uniform(rng));
    bool over = false;
    for (int k = 0; k < T && !over; ++k, ++n) {
      int a = draw_from(pi[k] + s * A, A, lb_rng_uniform(rng));
      t[n] = k;
      episode[n] = e;
      weight[n] = pow(m->g, k);
      x[n] = s;
      u[n] = a;
      reward[n] = m->real.r[s * A + a];
      s = draw_from(m->real.P + (s * A + a) * S, S, lb_rng_uniform(rng));
      x_next[n] = s;
      over = terminated[n] = m->real.end[s];
    }
  }
  return (lb_visits){.n = n,
                     .episodes = episodes,
                     .episode = episode,
                     .weight = weight,
                     .t = t,
                     .x = x,
                     .u = u,
                     .reward = reward,
                     .x_next = x_next,
                     .terminated = terminated};
}

// z-scores of a side's terms against the tables; W is a table that is no value, so that none of them is 0 by itself.
static void scores(double z[3], tabular* m, lb_lemma_side side, int episodes, uint32_t seed) {
  lb_mark mark = lb_arena_mark(arena);
  double(*pi)[SA] = side == LB_LEMMA_EXPERT ? m->expert : m->learner;
  double truth[3];
  table W;
  any_table(W);
  by_tables(truth, m, pi, W);
  lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 6, 0), draws = lb_rng_stream(seed, LB_RNG_TEST, 7, 0);
  lb_visits visits = simulate(m, pi, episodes, &rng);
  lb_sampler model = sampler_of(&m->model);
  lb_value value = value_view(W);
  lb_lemma_terms terms = lb_lemma_visited(side, &model, &value, m->g, &visits, &draws, arena);
  const lb_estimate* got[] = {&terms.advantage, &terms.value, &terms.reward};
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(got[i]->n, episodes);
    z[i] = ((int)side * got[i]->mean - truth[i]) / got[i]->se;
  }
  lb_arena_release(arena, mark);
}

// Five standard errors: a right estimator fails once in two million.
static void sampled_terms_are_within_their_errors(void** state) {
  (void)state;
  for (int side = 1; side >= -1; side -= 2) {
    double z[3];
    scores(z, &hard, (lb_lemma_side)side, 5000, 3);
    for (int i = 0; i < 3; ++i) assert_true(fabs(z[i]) < 5);
  }
}

// The squares of 400 z-scores have mean 1 with a standard deviation of 0.07.
static void standard_errors_are_right(void** state) {
  (void)state;
  double sum[3] = {0};
  for (uint32_t k = 0; k < 400; ++k) {
    double z[3];
    scores(z, &hard, k % 2 ? LB_LEMMA_EXPERT : LB_LEMMA_LEARNER, 50, 100 + k);
    for (int i = 0; i < 3; ++i) sum[i] += z[i] * z[i] / 400;
  }
  for (int i = 0; i < 3; ++i) assert_true(sum[i] > 0.7 && sum[i] < 1.4);
}

static void sampled_advantages_by_rollouts_are_within_their_errors(void** state) {
  (void)state;
  tabular m = hard;
  make_deterministic(m.learner);
  table V;
  double tables[3];
  value_of(V, &m.model, m.learner, m.g);
  by_tables(tables, &m, m.expert, V);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 8, 0);
  lb_visits visits = simulate(&m, m.expert, 5000, &rng);
  lb_sampler model = sampler_of(&m.model);
  lb_policy learner = likeliest(m.learner);
  lb_estimate e = lb_lemma_advantage(&model, &learner, m.g, T, &visits, &rng, arena);
  assert_int_equal(e.n, 5000);
  assert_true(fabs(e.mean) > 5 * e.se);
  assert_true(fabs(e.mean - tables[0]) < 5 * e.se);
  // The learner's own actions: both rollouts are the same, whatever is drawn.
  visits = simulate(&m, m.learner, 50, &rng);
  e = lb_lemma_advantage(&model, &learner, m.g, T, &visits, &rng, arena);
  assert_true(e.mean == 0 && e.se == 0);
}

static void planning_errors_are_paired(void** state) {
  (void)state;
  enum { N = 6000 };
  tabular m = hard;
  make_deterministic(m.expert);
  make_deterministic(m.learner);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 9, 0);
  double* x = LB_TAKE(arena, double, N);
  for (int i = 0; i < N; ++i) x[i] = draw_from(m.mu, S, lb_rng_uniform(&rng));
  lb_sampler model = sampler_of(&m.model);
  lb_policy expert = likeliest(m.expert), learner = likeliest(m.learner);
  lb_estimate e = lb_lemma_planning_error(&model, &expert, &learner, m.g, T, N, x, &rng, arena);
  double truth = gap_in(&m, &m.model);
  assert_int_equal(e.n, N);
  assert_true(fabs(truth) > 5 * e.se && fabs(e.mean - truth) < 5 * e.se);
  lb_estimate other = lb_lemma_planning_error(&model, &learner, &expert, m.g, T, N, x, &rng, arena);
  assert_true(fabs(other.mean + truth) < 5 * other.se && other.mean != -e.mean);
  // A policy that differs at the last step only: all the rest is common, episodes that end early included.
  memcpy(m.learner, m.expert, sizeof m.learner);
  for (int s = 0; s < S; ++s) {
    double* p = m.learner[T - 1] + s * A;
    double first = p[0];
    p[0] = p[1];
    p[1] = p[2];
    p[2] = first;
  }
  e = lb_lemma_planning_error(&model, &expert, &learner, m.g, T, N, x, &rng, arena);
  truth = gap_in(&m, &m.model);
  assert_true(fabs(e.mean - truth) < 5 * e.se);
  // Were the draws not common, the error would be that of two independent returns, about 1 each.
  assert_true(e.se > 0 && e.se * sqrt(N) < 0.35);
  e = lb_lemma_planning_error(&model, &expert, &expert, m.g, T, N, x, &rng, arena);
  assert_true(e.mean == 0 && e.se == 0);
}

static void nothing_seen_says_nothing(void** state) {
  (void)state;
  table W;
  any_table(W);
  lb_visits none = {0};
  lb_sampler model = sampler_of(&golden.model);
  lb_value value = value_view(W);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 10, 0);
  lb_lemma_terms terms = lb_lemma_visited(LB_LEMMA_EXPERT, &model, &value, 1, &none, &rng, arena);
  assert_true(isnan(terms.advantage.mean) && isnan(terms.value.se) && terms.reward.n == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lemma_2_is_the_published_equality),
      cmocka_unit_test(lemma_1_is_the_published_equality),
      cmocka_unit_test(all_six_terms_hold_for_any_w),
      cmocka_unit_test(both_lemmas_hold_with_wrong_rewards_ends_and_a_discount),
      cmocka_unit_test(the_normalised_form_is_the_published_one),
      cmocka_unit_test(the_advantage_by_rollouts_is_the_published_one),
      cmocka_unit_test(sampled_terms_are_within_their_errors),
      cmocka_unit_test(standard_errors_are_right),
      cmocka_unit_test(sampled_advantages_by_rollouts_are_within_their_errors),
      cmocka_unit_test(planning_errors_are_paired),
      cmocka_unit_test(nothing_seen_says_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
