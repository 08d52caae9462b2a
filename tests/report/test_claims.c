// Claims: the rule, on intervals; then runs whose verdicts can be worked out by hand, in the tables of a suite and of
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

static void the_rule_is_where_the_interval_lies(void** state) {
  (void)state;
  static const struct {
    lb_claim_kind expect;
    double margin, low, high;
    lb_claim_verdict verdict;
  } cases[] = {
      {LB_CLAIM_BETTER, 0, 0.1, 2, LB_CLAIM_HOLDS},     {LB_CLAIM_BETTER, 0, -0.1, 2, LB_CLAIM_OPEN},
      {LB_CLAIM_BETTER, 0, -2, -0.1, LB_CLAIM_FAILS},   {LB_CLAIM_BETTER, 1, 0.5, 2, LB_CLAIM_OPEN},
      {LB_CLAIM_BETTER, 1, 0.1, 0.9, LB_CLAIM_FAILS},   {LB_CLAIM_BETTER, 1, 1.1, 2, LB_CLAIM_HOLDS},
      {LB_CLAIM_BETTER, 0, 0, 2, LB_CLAIM_OPEN},        {LB_CLAIM_WORSE, 0, -2, -0.1, LB_CLAIM_HOLDS},
      {LB_CLAIM_WORSE, 0, 0.1, 2, LB_CLAIM_FAILS},      {LB_CLAIM_WORSE, 1, -2, -0.5, LB_CLAIM_OPEN},
      {LB_CLAIM_NO_WORSE, 1, -0.9, 5, LB_CLAIM_HOLDS},  {LB_CLAIM_NO_WORSE, 1, -1.1, 5, LB_CLAIM_OPEN},
      {LB_CLAIM_NO_WORSE, 1, -3, -1.1, LB_CLAIM_FAILS}, {LB_CLAIM_EQUAL, 1, -0.9, 0.9, LB_CLAIM_HOLDS},
      {LB_CLAIM_EQUAL, 1, 0.5, 0.9, LB_CLAIM_HOLDS},    {LB_CLAIM_EQUAL, 1, -0.9, 1.1, LB_CLAIM_OPEN},
      {LB_CLAIM_EQUAL, 1, 1.1, 2, LB_CLAIM_FAILS},      {LB_CLAIM_EQUAL, 1, -2, -1.1, LB_CLAIM_FAILS},
      {LB_CLAIM_EQUAL, 1, -2, 2, LB_CLAIM_OPEN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    lb_claim_verdict got = lb_claims_judge(cases[i].expect, cases[i].margin, cases[i].low, cases[i].high);
    if (got != cases[i].verdict) fail_msg("case %zu: %d", i, (int)got);
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
  snprintf(suite, sizeof suite, "%s/%s", base, name);
  write_suite(suite, "[\"alpha\", \"beta\"]", "[\"expert\", \"random\", \"bc\", \"fast\", \"slow\"]", CONTRASTS CLAIMS,
              seeds);
}

static lb_claim_result* find(lb_results* r, int* n) {
  int n_contrasts;
  lb_contrast_result* contrasts = lb_findings_contrasts(r, &n_contrasts);
  return lb_claims_find(r, contrasts, n_contrasts, n);
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
                  {"Slow costs nothing.", "alpha", "holds here"},
                  {"Slow costs nothing.", "beta", "holds here"}};
  write_claimed("three", 3);
  lb_results* r = load(suite);
  int n;
  lb_claim_result* c = find(r, &n);
  assert_int_equal(n, 11);
  for (int i = 0; i < n; ++i) {
    assert_string_equal(c[i].claim->text, expected[i].claim);
    assert_string_equal(c[i].contrast->task->name, expected[i].task);
    assert_string_equal(c[i].words, expected[i].words);
    assert_int_equal(c[i].contrast->n, 3);
  }
  near(c[7].contrast->paired.difference.mean, 11, 1e-9);
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
  lb_claim_result* c = find(r, &n);
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
  lb_claim_result* c = find(r, &n);
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
  expect_in(three, "report.md", "| Slow is more than imitation. | alpha | Row slow\\_% minus Row bc\\_%, return, ");
  char* text = slurp(three, "report.md");
  assert_true(strstr(text, "Fast is better.") < strstr(text, "What the numbers say"));
  free(text);
  expect_in(three, "claims.csv", "made,beta,They are near.,pace,return,equal,30,3,40");
  expect_in(three, "claims.csv", ",does not hold\n");
  expect_in(three, "claims.csv", ",cannot be told\n");
  // Of several suites all at the head of the page.
  assert_string_equal(lb_report_write_page(base, folders, NULL, 2).text, "");
  text = slurp(base, "report.html");
  expect_well_formed(text);
  assert_true(strstr(text, "cannot be told with 1 seed") < strstr(text, "<section id=\"three\">"));
  assert_non_null(strstr(text, "holds here"));
  free(text);
  expect_in(base, "report.md", "cannot be told with 1 seed");
  expect_in(base, "report.md", "[three/report.md](three/report.md)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_rule_is_where_the_interval_lies),
      cmocka_unit_test(known_verdicts_come_out),
      cmocka_unit_test(one_seed_tells_nothing),
      cmocka_unit_test(what_has_not_run_is_said),
      cmocka_unit_test(reports_begin_with_them),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
