// Claims: the rule; then runs whose verdicts can be worked out by hand, in the tables of a suite and of
// several, as CSV and in words.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "fabricate.h"
#include "report/claims.h"
#include "report/load.h"
#include "report/report.h"

static char base[] = "/tmp/lb_claims_XXXXXX";
static char suite[100];

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

// Of n = 3 the two-sided p of a t is 1 - t / sqrt(2 + t^2).
static double p_of(double distance, double se) {
  double t = distance / se;
  return 1 - t / sqrt(2 + t * t);
}

static void the_rule_is_a_test_against_the_ends(void** state) {
  (void)state;
  static const struct {
    lb_claim_kind expect;
    double margin, mean;
    bool inside;
    double distance;  // to the end that counts
  } cases[] = {
      {LB_CLAIM_BETTER, 0, 2, true, 2},   {LB_CLAIM_BETTER, 0, -3, false, 3},   {LB_CLAIM_BETTER, 1, 3, true, 2},
      {LB_CLAIM_BETTER, 1, 0, false, 1},  {LB_CLAIM_WORSE, 0, -2, true, 2},     {LB_CLAIM_WORSE, 1, 0, false, 1},
      {LB_CLAIM_NO_WORSE, 1, 0, true, 1}, {LB_CLAIM_NO_WORSE, 1, -4, false, 3}, {LB_CLAIM_EQUAL, 5, 1, true, 4},
      {LB_CLAIM_EQUAL, 5, 7, false, 2},   {LB_CLAIM_EQUAL, 5, -6, false, 1},    {LB_CLAIM_BETTER, 1, 1, false, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    double p;
    bool inside = lb_claims_test(&p, cases[i].expect, cases[i].margin, cases[i].mean, 0.7, 3);
    if (inside != cases[i].inside) fail_msg("case %zu", i);
    near(p, p_of(cases[i].distance, 0.7), 1e-12);
    lb_claims_test(&p, cases[i].expect, cases[i].margin, cases[i].mean, 0, 3);  // all seeds the same
    near(p, cases[i].distance > 0 ? 0 : 1, 0);
  }
}

// Of returns fast - slow is 20 on alpha and 40 on beta, on every seed; slow - bc is 20, 11 and 2 (or twice that), and
// the interval of their mean, 11 +- 4.303 * 9 / sqrt(3), holds 0.
#define CONTRASTS                                                                                                     \
  ", \"contrasts\": [{\"name\": \"pace\", \"baseline\": \"slow\", \"variant\": \"fast\", \"metrics\": [\"return\", "  \
  "\"gradient_updates\"], \"at\": \"last\"}, {\"name\": \"imitation\", \"baseline\": \"bc\", \"variant\": \"slow\", " \
  "\"at\": \"last\"}]"
#define CLAIMS                                                                                                        \
  ", \"claims\": [{\"claim\": \"Fast is better.\", \"contrast\": \"pace\", \"expect\": \"better\"},"                  \
  "{\"claim\": \"Fast is worse.\", \"contrast\": \"pace\", \"expect\": \"worse\", \"tasks\": [\"beta\"]},"            \
  "{\"claim\": \"They are near.\", \"contrast\": \"pace\", \"expect\": \"equal\", \"margin\": 30},"                   \
  "{\"claim\": \"Fast takes fewer updates.\", \"contrast\": \"pace\", \"metric\": \"gradient_updates\", \"expect\": " \
  "\"better\"}, {\"claim\": \"Slow is more than imitation.\", \"contrast\": \"imitation\", \"expect\": \"better\"},"  \
  "{\"claim\": \"Slow costs nothing.\", \"contrast\": \"imitation\", \"expect\": \"no worse\", \"margin\": 30}]"

static void write_claimed(const char* name, int seeds) {
  char more[4000];
  snprintf(suite, sizeof suite, "%s/%s", base, name);
  snprintf(more, sizeof more, "%s, \"part\": \"Part %s\"", CONTRASTS CLAIMS, name);
  write_suite(suite, "[\"alpha\", \"beta\"]", "[\"expert\", \"random\", \"bc\", \"fast\", \"slow\"]", more, seeds);
}

static void known_verdicts_come_out(void** state) {
  (void)state;
  static const struct {
    const char *claim, *task, *words;
  } expected[] = {{"Fast is better.", "alpha", "holds here"},
                  {"Fast is better.", "beta", "holds here"},
                  {"Fast is worse.", "beta", "does not hold here"},
                  {"They are near.", "alpha", "holds here"},
                  {"They are near.", "beta", "does not hold here"},
                  {"Fast takes fewer updates.", "alpha", "does not hold here"},
                  {"Fast takes fewer updates.", "beta", "does not hold here"},
                  {"Slow is more than imitation.", "alpha", "cannot be told with 3 seeds"},
                  {"Slow is more than imitation.", "beta", "cannot be told with 3 seeds"},
                  {"Slow costs nothing.", "alpha", "cannot be told with 3 seeds"},  // the interval alone says it holds
                  {"Slow costs nothing.", "beta", "cannot be told with 3 seeds"}};
  write_claimed("three", 3);
  lb_results* r = load(suite);
  int n;
  const lb_claim_result* c = lb_claims_find(r, &n);
  assert_int_equal(n, 11);
  for (int i = 0; i < n; ++i) {
    assert_string_equal(c[i].claim->text, expected[i].claim);
    assert_string_equal(c[i].contrast->task->name, expected[i].task);
    assert_string_equal(c[i].words, expected[i].words);
    assert_int_equal(c[i].contrast->n, 3);
  }
  near(c[7].contrast->paired.difference.mean, 11, 1e-9);
  assert_true(c[9].contrast->paired.difference.low > -30);
  near(c[9].p, p_of(41, 9 / sqrt(3)), 1e-9);
  near(c[9].holm_p, 4 * c[9].p, 1e-9);  // seven of the eleven have differences that are the same on all seeds: p = 0
  assert_string_equal(c[3].expected, "within 30");
  assert_string_equal(c[9].expected, "> -30");
  assert_string_equal(c[2].expected, "< 0");
  assert_non_null(strstr(c[7].sentence, "cannot be told with 3 seeds: Slow is more than imitation. (made, alpha; "));
  lb_results_free(r);
}

static void one_seed_tells_nothing(void** state) {
  (void)state;
  write_claimed("one", 1);
  lb_results* r = load(suite);
  int n;
  const lb_claim_result* c = lb_claims_find(r, &n);
  assert_int_equal(n, 11);
  for (int i = 0; i < n; ++i) {
    assert_int_equal(c[i].verdict, LB_CLAIM_OPEN);
    assert_string_equal(c[i].words, "cannot be told with 1 seed");
  }
  lb_results_free(r);
}

static void what_has_not_run_is_said(void** state) {
  (void)state;
  char folder[200];
  write_claimed("begun", 2);
  snprintf(folder, sizeof folder, "%s/beta/slow", suite);
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
  lb_results* r = load(suite);
  int n;
  const lb_claim_result* c = lb_claims_find(r, &n);
  assert_int_equal(n, 11);
  assert_string_equal(c[0].words, "holds here");
  assert_string_equal(c[1].words, "not run yet");
  assert_string_equal(c[1].number, "-");
  lb_results_free(r);
}

static void reports_begin_with_them(void** state) {
  (void)state;
  char one[120], three[120];
  snprintf(one, sizeof one, "%s/one", base);
  snprintf(three, sizeof three, "%s/three", base);
  const char* const folders[] = {three, one};
  char* path = strdup(getenv("PATH"));
  assert_int_equal(setenv("PATH", base, 1), 0);  // without figures
  for (int i = 0; i < 2; ++i) assert_string_equal(lb_report_write(folders[i], NULL).text, "");
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
  expect_in(three, "report.md", "[alpha: Row slow\\_% minus Row bc\\_%, return](#");
  expect_in(three, "report.md", "**3 of 11 claims hold here, 4 do not, 4 cannot be told with so many seeds.**");
  char* text = slurp(three, "report.md");
  assert_true(strstr(text, "Fast is better.") < strstr(text, "What the numbers say"));
  free(text);
  expect_in(three, "claims.csv", "made,beta,They are near.,pace,return,equal,30,3,40");
  expect_in(three, "claims.csv", ",does not hold\n");
  expect_in(three, "claims.csv", ",cannot be told\n");
  // Of several suites all at the head of the page, in their parts, what is decided first.
  const char* const one_first[] = {one, three};
  lb_results* results[2];
  assert_int_equal(lb_load_all(results, one_first, 2).code, LB_OK);
  assert_string_equal(lb_report_write_page(base, results, 2).text, "");
  lb_results_free_all(results, 2);
  text = slurp(base, "report.html");
  expect_well_formed(text);
  const char* const in_order[] = {"3 of 22 claims hold here, 4 do not, 15 cannot be told with so many seeds.",
                                  "<strong>Part three:</strong> 3 of 11 claims hold here, 4 do not, 4 cannot",
                                  "<strong>Part one:</strong> 0 of 11 claims hold here, 11 cannot be told",
                                  "<h3 id=\"claims-1\">Part three</h3>",
                                  "href=\"#three-alpha\">alpha: Row fast_% minus Row slow_%, return</a>",
                                  "<h3 id=\"claims-2\">Part one</h3>",
                                  "<section id=\"one\">"};
  const char* at = text;
  for (size_t i = 0; i < sizeof in_order / sizeof *in_order; ++i) {
    const char* found = strstr(at, in_order[i]);
    if (!found) print_error("not there, or before its turn: %s\n", in_order[i]);
    assert_non_null(found);
    at = found;
  }
  free(text);
  expect_in(base, "report.md", "### Part one");
  expect_in(base, "report.md", "[three/report.md](three/report.md)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_rule_is_a_test_against_the_ends),
      cmocka_unit_test(known_verdicts_come_out),
      cmocka_unit_test(one_seed_tells_nothing),
      cmocka_unit_test(what_has_not_run_is_said),
      cmocka_unit_test(reports_begin_with_them),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
