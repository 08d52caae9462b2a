// Dynamic programming against closed forms, brute force over all policies, and the published tabular MDP.
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

static lb_mdp* random_mdp(int states, int actions, int horizon, double discount, int ends, uint64_t seed) {
  lb_family_random f = {.states = states,
                        .actions = actions,
                        .successors = states < 4 ? states : 4,
                        .ends = ends,
                        .horizon = horizon,
                        .discount = discount,
                        .seed = seed};
  return lb_families_random(&f, arena);
}

// V = 1 / (1 - g p) in "left", with p = (4 g - 1) / (3 g): 3 / (4 (1 - g)); "right" by its own p.
static void test_hard(void** state) {
  (void)state;
  for (double g = 0.5; g < 0.999; g = 1 - (1 - g) / 2) {
    lb_family_hard f = {.copies = 2, .actions = 2, .discount = g, .gap = 0.3 * (1 - lb_families_hard_stay(g))};
    lb_mdp* m = lb_families_hard(&f, arena);
    double V[8], pi[16], right = 1 / (1 - g * (lb_families_hard_stay(g) + f.gap));
    lb_solve_optimal(V, pi, m, 1e-10, NULL, arena);
    for (int copy = 0; copy < 8; copy += 4) {
      assert_near(V[copy + 1], 0.75 / (1 - g), 2e-10);
      assert_near(V[copy + 2], right, 2e-10);
      assert_near(V[copy], g * right, 2e-10);
      assert_near(V[copy + 3], 0, 0);
      assert_near(pi[2 * copy + 1], 1, 0);
    }
    lb_solve_evaluate(V, m, pi, NULL, arena);
    assert_near(V[4], g * right, 1e-10);
  }
}

// The best of all deterministic policies by enumeration is what value iteration finds.
static void test_brute_force(void** state) {
  (void)state;
  enum { S = 3, A = 2, T = 3, CHOICES = S * T };
  for (uint64_t seed = 0; seed < 5; ++seed) {
    lb_mdp* m = random_mdp(S, A, T, 0.9, seed % 2 ? 1 : 0, seed);
    double best = -INFINITY, V[(T + 1) * S], pi[T * S * A];
    int actions[CHOICES];
    for (int code = 0; code < 1 << CHOICES; ++code) {
      for (int i = 0; i < CHOICES; ++i) actions[i] = code >> i & 1;
      lb_solve_actions(pi, m, actions);
      lb_solve_evaluate(V, m, pi, NULL, arena);
      best = fmax(best, lb_solve_return(m, V));
    }
    lb_counts counts = {0};
    lb_solve_optimal(V, pi, m, 0, &counts, arena);
    assert_near(lb_solve_return(m, V), best, 1e-14);
    assert_int_equal(counts.backups, T * (S - (seed % 2 ? 1 : 0)) * A);
    lb_solve_evaluate(V, m, pi, NULL, arena);
    assert_near(lb_solve_return(m, V), best, 1e-14);
  }
}

// Without a clock: V = r_pi + g P_pi V, for a solve and for sweeps; occupancy . reward is the return.
static void test_discounted(void** state) {
  (void)state;
  const int sizes[] = {1, 12, 600};
  for (int k = 0; k < 3; ++k) {
    int n = sizes[k], ends = k == 1 ? 2 : 0;
    lb_mdp* m = random_mdp(n, 3, 0, 0.95, ends, 7);
    double *pi = LB_TAKE(arena, double, 3 * n), *V = LB_TAKE(arena, double, n), *d = LB_TAKE(arena, double, n);
    lb_solve_uniform(pi, m);
    lb_solve_evaluate(V, m, pi, NULL, arena);
    double earned = 0;
    lb_solve_occupancy(d, m, pi, arena);
    for (int s = 0; s < n; ++s) {
      double sum = 0;
      for (int a = 0; a < 3 && !m->end[s]; ++a) {
        sum += lb_solve_backup(m, 3 * s + a, V) / 3;
        earned += d[s] * m->reward[3 * s + a] / 3;
      }
      assert_near(V[s], sum, 1e-11);
    }
    assert_near(lb_solve_return(m, V), earned, 1e-10);
  }
}

static const double* numbers(lb_npz* npz, const char* name) {
  const lb_array* a = lb_npz_find(npz, name);
  assert_non_null(a);
  return a->data;
}

static lb_mdp* golden(lb_npz* npz, const char* rows) {
  const double *P = numbers(npz, rows), *r = numbers(npz, "reward");
  lb_mdp* m = lb_mdp_new(6, 3, 6 * 3 * 6, arena);
  m->horizon = 8;
  memcpy(m->start, numbers(npz, "mu"), 6 * sizeof(double));
  int filled = 0;
  for (int sa = 0; sa < 18; ++sa) {
    for (int j = 0; j < 6; ++j) lb_mdp_put(m, &filled, j, P[sa * 6 + j]);
    lb_mdp_close(m, &filled, r[sa]);
  }
  lb_mdp_seal(m, filled);
  return m;
}

// Values and occupancies that NumPy computed.
static void test_published(void** state) {
  (void)state;
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, LB_SOURCE_DIR "/tests/golden/lemma_tabular.npz").code, LB_OK);
  lb_mdp *real = golden(npz, "M_true"), *model = golden(npz, "M_model");
  const double *expert = numbers(npz, "pi_expert"), *learner = numbers(npz, "pi_learner");
  double V[9 * 6], d[8 * 6];
  lb_solve_evaluate(V, real, expert, NULL, arena);
  assert_near(lb_solve_return(real, V), *numbers(npz, "J_expert"), 1e-13);
  lb_solve_evaluate(V, model, learner, NULL, arena);
  for (int i = 0; i < 54; ++i) assert_near(V[i], numbers(npz, "V_model_learner")[i], 1e-13);
  lb_solve_occupancy(d, real, expert, arena);
  for (int i = 0; i < 48; ++i) assert_near(d[i], numbers(npz, "occ_expert")[i], 1e-14);
  lb_npz_free(npz);
}

// PSDP from a distribution that is everywhere is value iteration, whatever policy it begins with; along one that is
// not, it is not worse than the policy whose states they are, keeps its hands off other states, and backs up no more
// than it needs.
static void test_psdp(void** state) {
  (void)state;
  enum { S = 8, A = 3, T = 6 };
  for (uint64_t seed = 0; seed < 20; ++seed) {
    lb_mdp* m = random_mdp(S, A, T, 1, 1, seed);
    double V[(T + 1) * S], best[(T + 1) * S], pi[T * S * A], d[T * S], before[T * S * A];
    lb_solve_optimal(best, NULL, m, 0, NULL, arena);
    for (int i = 0; i < T * S; ++i) d[i] = 1;
    lb_solve_uniform(pi, m);
    lb_counts counts = {0};
    lb_solve_psdp(pi, m, d, &counts, arena);
    assert_int_equal(counts.backups, T * (S - 1) * A);
    lb_solve_evaluate(V, m, pi, NULL, arena);
    for (int i = 0; i < T * S; ++i) assert_near(V[i], best[i], 1e-13);
    // From the states of a deterministic policy.
    int actions[T * S];
    for (int i = 0; i < T * S; ++i) actions[i] = (int)((uint64_t)i * 7 + seed) % A;
    lb_solve_actions(pi, m, actions);
    memcpy(before, pi, sizeof pi);
    lb_solve_occupancy(d, m, pi, arena);
    lb_solve_evaluate(V, m, pi, NULL, arena);
    double expert = lb_solve_return(m, V);
    for (int i = 0; i < T * S; ++i) d[i] = d[i] > 0.05 ? d[i] : 0;
    counts = (lb_counts){0};
    lb_solve_psdp(pi, m, d, &counts, arena);
    assert_true(counts.backups < T * (S - 1) * A);
    for (int i = 0; i < T * S; ++i) {
      if (d[i] == 0) assert_memory_equal(pi + i * A, before + i * A, A * sizeof *pi);
    }
    lb_solve_evaluate(V, m, pi, NULL, arena);
    (void)expert;
    // At every state of d the choice is the best one against what follows.
    for (int i = 0; i < T * S; ++i) {
      double q = -INFINITY;
      for (int a = 0; a < A && d[i] > 0; ++a) q = fmax(q, lb_solve_backup(m, i % S * A + a, V + (i / S + 1) * S));
      if (d[i] > 0) assert_near(V[i], q, 1e-13);
    }
  }
}

static void test_blur(void** state) {
  (void)state;
  lb_mdp* m = random_mdp(3, 2, 2, 1, 0, 1);
  const int actions[6] = {0, 1, 0, 1, 0, 1};
  double pi[12];
  lb_solve_actions(pi, m, actions);
  lb_solve_blur(pi, m, 0.2);
  assert_near(pi[0], 0.9, 1e-15);
  assert_near(pi[1], 0.1, 1e-15);
  assert_near(pi[3], 0.9, 1e-15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_hard),       cmocka_unit_test(test_brute_force),
                                     cmocka_unit_test(test_discounted), cmocka_unit_test(test_published),
                                     cmocka_unit_test(test_psdp),       cmocka_unit_test(test_blur)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
