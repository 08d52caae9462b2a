// Files of MDPs: what they say, what is refused and in which words, and that what is written reads again. Families:
// rows are distributions, and the numbers that their definitions promise.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "tabular/families.h"
#include "tabular/mdp.h"

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

static lb_status read_text(lb_mdp** m, const char* text) {
  lb_json* doc;
  *m = NULL;
  LB_TRY(lb_json_parse(&doc, text, "x.json"));
  lb_status status = lb_mdp_read(m, lb_json_root(doc), arena);
  lb_json_free(doc);
  return status;
}

static lb_mdp* need(const char* text) {
  lb_mdp* m;
  lb_status status = read_text(&m, text);
  if (status.code != LB_OK) fail_msg("%s", status.text);
  return m;
}

static const char small[] =
    "{\"horizon\": 3, \"states\": [\"home\", \"road\", \"goal\"], \"actions\": [\"walk\", \"jump\"], "
    "\"start\": {\"home\": 0.75, \"road\": 0.25}, \"ends\": [\"goal\"], \"arrival\": {\"goal\": 2}, "
    "\"places\": {\"home\": 0, \"road\": 1}, \"rows\": ["
    "{\"state\": \"road\", \"to\": {\"goal\": 0.5, \"home\": 0.25, \"road\": 0.25}, \"reward\": -1},"
    "{\"state\": \"home\", \"action\": \"jump\", \"to\": {\"goal\": 0.1, \"home\": 0.9}},"
    "{\"state\": \"home\", \"action\": \"walk\", \"to\": {\"road\": 1}}]}";

static void check_small(const lb_mdp* m) {
  assert_int_equal(m->ns, 3);
  assert_int_equal(m->na, 2);
  assert_int_equal(m->horizon, 3);
  assert_near(m->discount, 1, 0);
  assert_true(m->end[2] && !m->end[0] && !m->end[1]);
  assert_near(m->start[0], 0.75, 0);
  assert_near(m->start[1], 0.25, 0);
  // Home: walk, jump; road: both; the goal has no rows.
  assert_int_equal(m->row[1] - m->row[0], 1);
  assert_int_equal(m->next[m->row[0]], 1);
  assert_near(m->reward[0], 0, 0);
  assert_near(m->reward[1], 0.1 * 2, 1e-15);
  assert_near(m->reward[2], -1 + 0.5 * 2, 1e-15);
  assert_near(m->reward[3], -1 + 0.5 * 2, 1e-15);
  assert_int_equal(m->row[6] - m->row[4], 0);
  assert_int_equal(m->place[1], 1);
  assert_int_equal(lb_mdp_find_state(m, "goal"), 2);
  assert_int_equal(lb_mdp_successor(m, 1, 0, 0.49), 2);
  assert_int_equal(lb_mdp_successor(m, 1, 0, 0.51), 0);
  assert_int_equal(lb_mdp_successor(m, 1, 0, 0.99), 1);
}

static void test_file(void** state) {
  (void)state;
  lb_mdp* m = need(small);
  check_small(m);
  lb_text text = {0};
  lb_mdp_write(m, &text);
  check_small(need(text.data));
  check_small(lb_mdp_copy(m, arena));
  lb_text_free(&text);
}

// The small file with one piece of it exchanged.
static void refused(const char* piece, const char* instead, const char* words) {
  char text[2000];
  const char* at = strstr(small, piece);
  assert_non_null(at);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - small), small, instead, at + strlen(piece));
  lb_mdp* m;
  lb_status status = read_text(&m, text);
  assert_int_equal(status.code, LB_INPUT);
  assert_null(m);
  if (!strstr(status.text, words)) fail_msg("'%s' has no '%s'", status.text, words);
}

static void test_refusals(void** state) {
  (void)state;
  refused("\"home\": 0.9", "\"home\": 0.8", "x.json: $.rows[1].to: the probabilities sum to 0.9, not to 1");
  refused("\"goal\": 0.1, \"home\": 0.9", "\"goal\": -0.1, \"home\": 1.1", "x.json: $.rows[1].to.goal: is -0.1");
  refused("\"goal\": 0.1,", "\"gaol\": 0.1,", "unknown state 'gaol' (did you mean 'goal'?)");
  refused("\"action\": \"jump\"", "\"action\": \"leap\"", "unknown action 'leap'");
  refused("\"action\": \"jump\"", "\"action\": \"walk\"", "have a row already, rows[1]");
  refused("{\"state\": \"home\", \"action\": \"jump\", \"to\": {\"goal\": 0.1, \"home\": 0.9}},", "",
          "there is no row for state 'home' and action 'jump': give it one, or name the state in 'ends'");
  refused("\"state\": \"road\", ", "\"state\": \"goal\", ", "'goal' is among 'ends': nothing may follow it");
  refused("\"ends\": [\"goal\"]", "\"ends\": [\"home\"]", "episodes begin in 'home', which is among 'ends'");
  refused("\"ends\": [\"goal\"]", "\"ends\": [\"goal\", \"goal\"]", "is there twice");
  refused("\"home\": 0.75", "\"home\": 0.5", "the probabilities sum to 0.75");
  refused("\"horizon\": 3, ", "", "neither a 'horizon' nor a 'discount' below 1");
  refused("\"horizon\": 3", "\"horizn\": 3", "horizon");
  refused("[\"home\", \"road\", \"goal\"]", "[\"home\", \"road\", \"road\"]", "is there twice");
  refused("[\"home\", \"road\", \"goal\"]", "50000000", "has 3 rows for 50000000 states of which 1");
  refused("\"reward\": -1", "\"reward\": 1e400", "x.json");
}

static void refused_whole(const char* text, const char* words) {
  lb_mdp* m;
  lb_status status = read_text(&m, text);
  assert_int_equal(status.code, LB_INPUT);
  if (!strstr(status.text, words)) fail_msg("'%s' has no '%s'", status.text, words);
}

static void test_family_refusals(void** state) {
  (void)state;
  refused_whole("{\"family\": \"randm\", \"states\": 3}", "did you mean 'random'");
  refused_whole("{\"family\": \"random\", \"states\": 3, \"actions\": 2}", "neither a 'horizon' nor a 'discount'");
  refused_whole(
      "{\"family\": \"random\", \"states\": 50000000, \"actions\": 1000000, \"successors\": 8, \"horizon\": 3}",
      "would need 5.8e+06 GB of memory");
  refused_whole("{\"family\": \"tree\", \"depth\": 60}", "GB of memory");
  refused_whole("{\"family\": \"wide-tree\", \"leaves\": 10}", "no multiple of 4");
  refused_whole("{\"family\": \"hard\", \"discount\": 0.2}", "discount");
  refused_whole("[]", "object");
}

static void check_rows(const lb_mdp* m) {
  double start = 0;
  for (int s = 0; s < m->ns; ++s) {
    start += m->start[s];
    for (int a = 0; a < m->na; ++a) {
      int sa = s * m->na + a;
      double sum = 0, earned = m->step[sa];
      for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) {
        assert_true(m->p[i] > 0 && m->next[i] >= 0 && m->next[i] < m->ns);
        for (int j = m->row[sa]; j < i; ++j) assert_int_not_equal(m->next[j], m->next[i]);
        sum += m->p[i];
        earned += m->p[i] * m->arrival[m->next[i]];
      }
      assert_near(sum, m->end[s] ? 0 : 1, 1e-12);
      assert_near(m->reward[sa], earned, 1e-12);
    }
  }
  assert_near(start, 1, 1e-12);
}

static void test_families(void** state) {
  (void)state;
  const char* const all[] = {
      "{\"family\": \"random\", \"states\": 7, \"actions\": 3, \"successors\": 4, \"ends\": 2, \"horizon\": 5}",
      "{\"family\": \"random\", \"states\": 1, \"actions\": 1, \"discount\": 0.5, \"seed\": 3}",
      "{\"family\": \"hard\", \"discount\": 0.9, \"copies\": 3, \"gap\": 0.01}",
      "{\"family\": \"shortcut\", \"length\": 9}",
      "{\"family\": \"trophy\"}",
      "{\"family\": \"wide-tree\", \"kind\": \"good\", \"seed\": 4}",
      "{\"family\": \"wide-tree\", \"kind\": \"bad\"}",
      "{\"family\": \"wide-tree\"}",
      "{\"family\": \"twins\", \"rooms\": 4, \"kind\": \"a\"}",
      "{\"family\": \"twins\", \"rooms\": 1, \"kind\": \"b\"}",
      "{\"family\": \"tree\", \"depth\": 5, \"seed\": 2}"};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    lb_mdp* m = need(all[i]);
    check_rows(m);
    lb_text once = {0}, twice = {0};
    lb_mdp_write(m, &once);
    lb_mdp_write(need(once.data), &twice);
    assert_string_equal(once.data, twice.data);
    lb_text_free(&once);
    lb_text_free(&twice);
  }
  // The same seed, the same MDP; another, another.
  lb_mdp *a = need("{\"family\": \"random\", \"states\": 9, \"actions\": 2, \"horizon\": 2, \"seed\": 5}"),
         *b = need("{\"family\": \"random\", \"states\": 9, \"actions\": 2, \"horizon\": 2, \"seed\": 5}"),
         *c = need("{\"family\": \"random\", \"states\": 9, \"actions\": 2, \"horizon\": 2, \"seed\": 6}");
  assert_memory_equal(a->p, b->p, (size_t)a->row[18] * sizeof *a->p);
  assert_true(memcmp(a->p, c->p, (size_t)a->row[18] * sizeof *a->p) != 0);
}

// The published example: leaves by quarters, the good model with the parents exchanged.
static void test_wide_tree(void** state) {
  (void)state;
  lb_mdp *real = need("{\"family\": \"wide-tree\", \"leaves\": 8}"),
         *good = need("{\"family\": \"wide-tree\", \"leaves\": 8, \"kind\": \"good\"}"),
         *bad = need("{\"family\": \"wide-tree\", \"leaves\": 8, \"kind\": \"bad\"}");
  assert_int_equal(lb_mdp_successor(real, 0, 0, 0.69), 1);
  assert_int_equal(lb_mdp_successor(real, 0, 0, 0.71), 2);
  assert_int_equal(lb_mdp_successor(real, 0, 1, 0.69), 2);
  assert_int_equal(lb_mdp_successor(good, 0, 1, 0.69), 2);
  assert_int_equal(lb_mdp_successor(bad, 0, 1, 0.69), 1);
  assert_int_equal(lb_mdp_successor(real, 1, 0, 0), 3);
  assert_int_equal(lb_mdp_successor(real, 2, 1, 0), 4);
  assert_int_equal(lb_mdp_successor(good, 1, 0, 0), 4);
  assert_int_equal(lb_mdp_successor(good, 2, 0, 0), 3);
  assert_int_equal(lb_mdp_successor(real, 3, 0, 0.6), 6);
  assert_int_equal(lb_mdp_successor(real, 3, 1, 0), 7);
  assert_int_equal(lb_mdp_successor(real, 4, 1, 0.6), 12);
  assert_near(real->reward[2], -1, 0);
  assert_near(real->reward[4], 0, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_file), cmocka_unit_test(test_refusals),
                                     cmocka_unit_test(test_family_refusals), cmocka_unit_test(test_families),
                                     cmocka_unit_test(test_wide_tree)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
