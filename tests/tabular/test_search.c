// Search and PSDP without a table: the whole tree against value iteration, nodes and backups against what they must be,
// and the tree with portals, where a plan that closes them one by one finds what the expert knows.
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
#include "tabular/families.h"
#include "tabular/portals.h"
#include "tabular/search.h"
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

static void test_tree_is_value_iteration(void** state) {
  (void)state;
  enum { S = 6, A = 2, T = 5 };
  for (uint64_t seed = 0; seed < 10; ++seed) {
    lb_family_random f = {.states = S,
                          .actions = A,
                          .successors = 3,
                          .ends = seed % 2 ? 2 : 0,
                          .horizon = T,
                          .discount = 0.9,
                          .seed = seed};
    lb_mdp* m = lb_families_random(&f, arena);
    lb_branching model = lb_search_table(m);
    double V[(T + 1) * S], pi[T * S * A];
    lb_solve_optimal(V, pi, m, 0, NULL, arena);
    for (int s = 0; s < S; ++s) {
      if (m->end[s]) continue;
      int64_t nodes;
      int plan[T];
      lb_counts counts = {0};
      assert_near(lb_search_tree(&model, s, T, 0.9, plan, &nodes, &counts, arena), V[s], 1e-12);
      assert_near(pi[s * A + plan[0]], 1, 0);
      assert_int_equal(counts.nodes, nodes);
      if (f.ends == 0) assert_near((double)nodes, lb_search_nodes(&model, T), 0);
      if (f.ends > 0) assert_true((double)nodes < lb_search_nodes(&model, T));
    }
  }
}

static void test_refusal(void** state) {
  (void)state;
  lb_arena* own = lb_arena_new(0);
  lb_branching model = lb_portals_real(lb_portals_new(40, 0, 0, 0, 0, own));
  assert_near(lb_search_nodes(&model, 3), 15, 0);
  assert_int_equal(lb_search_check(&model, 20, false).code, LB_OK);
  lb_status status = lb_search_check(&model, 40, false);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "2.2e+12 nodes, about 6.11 hours: take 32 steps at most, or force it"));
  assert_int_equal(lb_search_check(&model, 40, true).code, LB_OK);
  lb_arena_free(own);
}

static int first_action(void* ctx, int64_t s, int t) {
  (void)ctx;
  (void)s;
  (void)t;
  return 0;
}

// In a table PSDP along one trajectory by rollouts is PSDP from the distribution that is that trajectory.
static void test_psdp_by_rollouts(void** state) {
  (void)state;
  enum { S = 63, A = 2, T = 5 };
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    lb_family_tree f = {.depth = T, .good = 5};
    lb_mdp* m = lb_families_tree(&f, arena);
    for (int s = 31; s < S; ++s) m->arrival[s] = lb_rng_uniform(&rng);
    lb_mdp_seal(m, S * A);
    int64_t way[T];
    int actions[T], all[T * S] = {0};
    double d[T * S] = {0}, pi[T * S * A], V[(T + 1) * S];
    for (int t = 0, s = 0; t < T; ++t) {
      way[t] = s;
      d[t * S + s] = 1;
      actions[t] = (int)lb_rng_below(&rng, 2);
      s = 2 * s + 1 + actions[t];
    }
    lb_followed p = {.length = T, .state = way, .action = actions, .otherwise = first_action};
    lb_branching model = lb_search_table(m);
    lb_solve_actions(pi, m, all);
    lb_solve_psdp(pi, m, d, NULL, arena);
    lb_solve_evaluate(V, m, pi, NULL, arena);
    lb_counts counts = {0};
    assert_near(lb_search_psdp(&p, &model, 1, 1, &rng, &counts, arena), V[0], 0);
    for (int t = 0; t < T; ++t) assert_near(pi[t * S * A + way[t] * A + p.action[t]], 1, 0);
    assert_int_equal(counts.backups, A * T * (T + 1) / 2);
    assert_near(lb_search_rollout(&p, &model, 0, 0, 1, &rng, NULL, NULL, arena), V[0], 0);
  }
}

// Whoever searches, goes and looks finds every portal that pays more than the way to the good leaf, then that way.
static void test_portals(void** state) {
  (void)state;
  enum { T = 8 };
  for (uint64_t seed = 0; seed < 10; ++seed) {
    lb_portals* p = lb_portals_new(T, 4, 4, seed % 2 ? 1.5 : 0, seed, arena);
    lb_branching real = lb_portals_real(p), model = lb_portals_model(p);
    assert_true(p->n >= 6);
    assert_int_equal(lb_portals_open(p), p->n);
    double best = lb_search_tree(&real, 0, T, 1, NULL, NULL, NULL, arena);
    assert_near(best, seed % 2 ? 1.5 : 1, 0);
    double earned = 0;
    int iterations = 0, closed = 0;
    while (earned < best) {
      int plan[T];
      int64_t nodes;
      double promised = lb_search_tree(&model, 0, T, 1, plan, &nodes, NULL, arena);
      assert_true(promised >= 1 && nodes <= (2 << T) - 1);
      int64_t s = 0;
      earned = 0;
      for (int t = 0; t < T; ++t) {
        int a = plan[t] < 0 ? 0 : plan[t];
        lb_branch out;
        closed += lb_portals_visit(p, s, a);
        assert_int_equal(real.branch(real.ctx, s, t, a, &out), 1);
        earned += out.reward;
        s = out.next;
      }
      assert_true(++iterations <= p->n + 1);
    }
    assert_int_equal(closed + lb_portals_open(p), p->n);
    // No open portal is left that would pay better, but for those that lie behind what is not reached.
    assert_near(lb_search_tree(&model, 0, T, 1, NULL, NULL, NULL, arena), best, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_tree_is_value_iteration), cmocka_unit_test(test_refusal),
                                     cmocka_unit_test(test_psdp_by_rollouts), cmocka_unit_test(test_portals)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
