// A report over made-up runs whose numbers are known: means, intervals, paired differences and arrivals come out right,
// unfinished, diverged, damaged and foreign runs are said and not pooled, and the page is whole.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "base/text.h"
#include "io/file.h"
#include "report/findings.h"
#include "report/load.h"
#include "report/milestones.h"
#include "report/report.h"
#include "report/results.h"
#include "well_formed.h"

enum { SEEDS = 4, ITERATIONS = 5 };

static char base[] = "/tmp/lb_report_XXXXXX";
static char suite[100];

static void put(const char* path, const char* text) {
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
}

// Cost of a made-up run: falls towards 10, the slow row twice as far above it, seeds apart by 0.1.
static double cost_of(bool slow, int seed, int iteration) {
  return 10 + (slow ? 2 : 1) * 8 / (1.0 + iteration) + 0.1 * seed;
}

static void write_run(const char* algo, int seed, int iterations, const char* done, const char* hash) {
  char folder[300], path[400];
  snprintf(folder, sizeof folder, "%s/toy/%s/seed-%d", suite, algo, seed);
  assert_int_equal(lb_folder_make(folder).code, LB_OK);
  lb_text text = {0};
  lb_text_add(&text,
              "{\"format\":1,\"suite\":\"made\",\"task\":\"toy\",\"task_hash\":\"%s\",\"algo\":\"%s\",\"title\":\"Row "
              "%s <&>\",\"seed\":%d,\"recipe\":{\"a\":1},\"protocol\":{\"iterations\":%d}}",
              hash, algo, algo, seed, ITERATIONS);
  lb_path_join(path, sizeof path, folder, "config.json");
  put(path, text.data);
  lb_text_free(&text);
  lb_path_join(path, sizeof path, folder, "environment.json");
  put(path, "{\"command\":\"bench made\",\"versions\":{\"mujoco\":\"4.0.0\"},\"machine\":{\"cpu\":\"Abacus\"}}");
  lb_text timing = {0};
  bool flat = strcmp(algo, "expert") == 0, slow = strcmp(algo, "slow") == 0;
  for (int iteration = 0; iteration <= iterations; ++iteration) {
    double cost = flat ? 10 + 0.1 * seed : cost_of(slow, seed, iteration);
    lb_text_add(&text,
                "{\"iteration\":%d,\"cost\":%.17g,\"steps_expert\":1000,\"steps_learner\":%d,\"lqr_passes\":%d,"
                "\"model_error_expert\":null}\n",
                iteration, cost, 100 * iteration, (slow ? 4 : 1) * (iteration + 1));
    lb_text_add(&timing, "{\"iteration\":%d,\"cpu\":%d}\n", iteration, iteration);
    if (flat) break;
  }
  lb_path_join(path, sizeof path, folder, "metrics.jsonl");
  put(path, text.data);
  lb_path_join(path, sizeof path, folder, "timing.jsonl");
  put(path, timing.data);
  lb_text_free(&text);
  lb_text_free(&timing);
  lb_path_join(path, sizeof path, folder, "done.json");
  if (done) put(path, done);
}

static const char finished[] = "{\"status\":\"finished\",\"message\":\"\"}";

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(base));
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static void new_suite(const char* name) {
  snprintf(suite, sizeof suite, "%s/%s", base, name);
  assert_int_equal(lb_folder_make(suite).code, LB_OK);
  char path[200];
  lb_path_join(path, sizeof path, suite, "suite.json");
  put(path,
      "{\"name\": \"made\", \"title\": \"Made-up <numbers>\", \"seeds\": 4, \"tasks\": [\"toy\"], \"algos\": "
      "[\"expert\", "
      "\"quick\", \"slow\"], \"show\": [1], \"contrasts\": [{\"name\": \"pace\", \"question\": \"Is it slower?\", "
      "\"baseline\": \"slow\", \"variant\": \"quick\", \"metrics\": [\"cost\", \"lqr_passes\"], \"from\": 1}], "
      "\"bands\": "
      "[{\"algo\": \"quick\", \"metric\": \"cost\", \"low\": 11, \"high\": 12, \"source\": \"made up\"}, {\"algo\": "
      "\"slow\", \"metric\": \"cost\", \"low\": 0, \"high\": 1, \"source\": \"made up\"}, {\"algo\": \"quick\", "
      "\"metric\": \"cost\", \"mean\": 11.98, \"se\": 0.1, \"seeds\": 10}, {\"algo\": \"quick\", \"metric\": "
      "\"cost\", \"mean\": 11.99, \"se\": 0.1, \"seeds\": 10}]}");
}

static void write_all_runs(void) {
  for (int seed = 0; seed < SEEDS; ++seed) {
    write_run("expert", seed, 0, finished, "aa");
    write_run("quick", seed, ITERATIONS, finished, "aa");
    write_run("slow", seed, ITERATIONS, finished, "aa");
  }
}

static lb_results* load(void) {
  lb_results* results;
  lb_status status = lb_load_suite(&results, suite);
  assert_string_equal(status.text, "");
  return results;
}

static void near(double x, double expected) {
  if (!(fabs(x - expected) <= 1e-12 * fabs(expected))) fail_msg("%.17g is not %.17g", x, expected);
}

static void means_and_intervals_are_over_seeds(void** state) {
  (void)state;
  new_suite("whole");
  write_all_runs();
  lb_results* r = load();
  assert_int_equal(r->n_tasks, 1);
  const lb_results_row* quick = lb_results_find_row(&r->tasks[0], "quick");
  lb_stats_summary s = lb_results_row_final(quick, LB_METRIC_COST);
  assert_int_equal(s.n, SEEDS);
  near(s.mean, 10 + 8 / 6.0 + 0.15);
  // Seeds 0, 0.1, 0.2, 0.3: sd = 0.1 sqrt(5 / 3); t(0.975, 3) = 3.182446305284263.
  double half = 3.182446305284263 * 0.1 * sqrt(5.0 / 3) / 2;
  assert_true(fabs(s.high - s.mean - half) < 1e-9);
  near(lb_results_row_at(quick, LB_METRIC_SAMPLES, 2).mean, 1200);
  assert_true(lb_results_find_row(&r->tasks[0], "expert")->flat);
  lb_results_free(r);
}

#define REACH 0.5023195334279477

static void contrasts_pair_the_seeds(void** state) {
  (void)state;
  lb_results* r = load();
  int n;
  const lb_contrast_result* c = lb_findings_contrasts(r, &n);
  assert_int_equal(n, 2);
  double expected = 0;
  for (int iteration = 1; iteration <= ITERATIONS; ++iteration) expected += 8 / (1.0 + iteration) / ITERATIONS;
  near(c[0].paired.difference.mean, -expected);  // variant minus baseline
  assert_true(c[0].paired.difference.high - c[0].paired.difference.low < 1e-9);
  assert_int_equal(c[0].paired.negative, SEEDS);
  assert_int_equal(c[0].better, SEEDS);  // of costs lower is
  near(lb_findings_gain(&c[0], -2), 2);
  near(c[1].paired.difference.mean, -18);  // 6 - 24 passes
  const lb_band_result* b = lb_findings_bands(r, &n);
  assert_ptr_equal(lb_findings_bands(r, &n), b);  // worked out once
  assert_int_equal(n, 4);
  assert_int_equal(b[0].verdict, LB_BAND_INSIDE);
  assert_int_equal(b[1].verdict, LB_BAND_OUTSIDE);
  // Two published results, 4 seeds against 10: scipy.stats.t.ppf(1 - 0.025 / 2, 9) * 0.1 * (1 + 10 / 4) ** 0.5. The
  // mean of the seeds is 11.48333.
  assert_true(fabs(b[2].low - (11.98 - REACH)) < 1e-9 && fabs(b[2].high - (11.98 + REACH)) < 1e-9);
  assert_int_equal(b[2].verdict, LB_BAND_INSIDE);
  assert_int_equal(b[3].verdict, LB_BAND_OUTSIDE);
  lb_results_free(r);
}

static void arrivals_count_samples(void** state) {
  (void)state;
  lb_results* r = load();
  const lb_results_row* quick = lb_results_find_row(&r->tasks[0], "quick");
  // Seeds come below 13.0 at iterations 2, 2, 2, 2 (12.67 + 0.1 seed <= 13): 1200 samples, 200 of them the learner's.
  lb_arrival a = lb_milestones_arrival(r, quick, 13.0);
  assert_int_equal(a.reached, SEEDS);
  near(a.iteration, 2);
  near(a.samples, 1200);
  near(a.learner, 200);
  a = lb_milestones_arrival(r, quick, 5.0);
  assert_int_equal(a.reached, 0);
  lb_results_free(r);
}

static char* slurp(const char* name) {
  char path[300], *text;
  size_t n;
  lb_path_join(path, sizeof path, suite, name);
  assert_int_equal(lb_file_read(path, &text, &n).code, LB_OK);
  return text;
}

static void expect_in(const char* name, const char* fragment) {
  char* text = slurp(name);
  if (!strstr(text, fragment)) fail_msg("%s does not say '%s'", name, fragment);
  free(text);
}

static void expect_not_in(const char* name, const char* fragment) {
  char* text = slurp(name);
  if (strstr(text, fragment)) fail_msg("%s says '%s'", name, fragment);
  free(text);
}

static void the_files_are_written_and_whole(void** state) {
  (void)state;
  lb_status status = lb_report_write(suite, NULL);
  assert_string_equal(status.text, "");
  expect_in("report.md", "12 of 12 runs finished, 4 seeds");
  expect_in("report.md", "Is it slower?");
  expect_in("report.md", "mujoco 4.0.0");
  expect_in("report.md", "Abacus");
  expect_in("report.html", "Made-up &lt;numbers&gt;");
  expect_in("report.html", "Row quick &lt;&amp;&gt;");
  expect_in("tables.csv", "made,toy,aa,quick,cost,5,4,11.48");
  expect_in("curves.csv", "made,toy,quick,3,5,");
  expect_in("contrasts.csv", "made,toy,pace,slow,quick,lqr_passes,");
  char* html = slurp("report.html");
  static const char* const foreign[] = {"src=", "href=\"http", "@import", "url(h", "url('"};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; ++i) assert_null(strstr(html, foreign[i]));
  assert_non_null(strstr(html, "</html>"));
  free(html);
}

static bool has_gnuplot(void) {
  return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static void figures_are_drawn_and_inlined(void** state) {
  (void)state;
  char* html = slurp("report.html");
  expect_well_formed(html);
  if (!has_gnuplot()) {
    free(html);
    skip();
  }
  static const char* const names[] = {"toy-overview",     "toy-cost",       "toy-cost-lqr",
                                      "toy-cost-samples", "toy-lqr-passes", "toy-cost-learner-samples"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    static const char* const kinds[] = {"svg", "png"};
    for (int k = 0; k < 2; ++k) {
      char name[100];
      snprintf(name, sizeof name, "plots/%s.%s", names[i], kinds[k]);
      char* picture = slurp(name);
      assert_true(k == 0 ? strstr(picture, "</svg>") != NULL : strncmp(picture + 1, "PNG", 3) == 0);
      free(picture);
    }
  }
  assert_non_null(strstr(html, "<svg"));
  assert_null(strstr(html, "xlink"));
  // Each frame that cuts curves is there once, under the name of its own panel.
  int uses = 0;
  for (size_t at = 0; html[at]; ++at) {
    if (strncmp(html + at, "url(#f", 6) != 0) continue;
    char id[60];
    int length = (int)strcspn(html + at + 5, ")");
    snprintf(id, sizeof id, "id=\"%.*s\"", length, html + at + 5);
    int elements = 0;
    for (size_t k = 0; html[k]; ++k) elements += strncmp(html + k, id, strlen(id)) == 0;
    assert_int_equal(elements, 1);
    ++uses;
  }
  assert_true(uses >= 5);
  assert_non_null(strstr(html, "<g data-row=\"Row quick &lt;&amp;&gt;\""));
  assert_non_null(
      strstr(html, "class=\"key end\" role=\"button\" tabindex=\"0\" aria-pressed=\"true\" data-row=\"Row slow "));
  free(html);
}

static void without_gnuplot_only_the_page_has_figures(void** state) {
  (void)state;
  char* path = strdup(getenv("PATH"));
  assert_int_equal(setenv("PATH", base, 1), 0);
  lb_status status = lb_report_write(suite, NULL);
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
  assert_string_equal(status.text, "");
  char* html = slurp("report.html");
  expect_well_formed(html);
  assert_non_null(strstr(html, "<figure"));
  assert_null(strstr(html, "\"plots/"));
  expect_not_in("report.md", "![");
  free(html);
}

static void whole_run_numbers_are_in_the_tables(void** state) {
  (void)state;
  // Costs 10 + 8 / (1 + iteration) + 0.1 seed at iterations 1 to 5: the trapezoid rule, averaged over 4 iterations and
  // 4 seeds.
  double area = 0;
  for (int iteration = 1; iteration < ITERATIONS; ++iteration)
    area += 0.5 * (8 / (1.0 + iteration) + 8 / (2.0 + iteration));
  area = 10 + area / (ITERATIONS - 1) + 0.15;
  char* text = slurp("tables.csv");
  const char* line = strstr(text, "made,toy,aa,quick,cost_area,,4,");
  assert_non_null(line);
  near(strtod(line + strlen("made,toy,aa,quick,cost_area,,4,"), NULL), area);
  // From 22.15 (the median at iteration 0 over both rows) to 10.15: 80 % of the way is 12.55, which the quick row
  // reaches at iterations 3, 3, 3, 3 (12 + 0.1 seed) with 1300 samples; the slow one (10 + 16 / 6 + 0.1 seed) never.
  line = strstr(text, "made,toy,aa,quick,samples_to_80,,4,,,,,1300,,");
  assert_non_null(line);
  assert_non_null(strstr(text, "made,toy,aa,slow,samples_to_80,,0,,,,,inf,,"));
  free(text);
  text = slurp("findings.csv");
  line = strstr(text, "made,toy,pace,slow,quick,lqr_passes,5,5,4,0,24,6,-18,-18,-18,0,-18,-18,-18,0,4,0,,");
  assert_non_null(line);
  assert_non_null(strstr(line, ",0.125,excludes 0,0,"));  // the sign test: 2 / 2^4
  free(text);
}

static void unfinished_diverged_damaged_and_foreign_runs_are_said(void** state) {
  (void)state;
  new_suite("broken");
  write_all_runs();
  write_run("quick", 0, 2, NULL, "aa");
  char path[300];
  snprintf(path, sizeof path, "%s/toy/quick/seed-0/done.json", suite);
  unlink(path);
  write_run("slow", 1, 1, "{\"status\":\"diverged\",\"message\":\"iteration 2: it flew away\"}", "aa");
  write_run("slow", 2, ITERATIONS, finished, "bb");
  snprintf(path, sizeof path, "%s/toy/slow/seed-3/metrics.jsonl", suite);
  put(path, "{\"iteration\":0,\"cost\":");
  lb_results* r = load();
  assert_int_equal(r->count[LB_OUTCOME_RUNNING], 1);
  assert_int_equal(r->count[LB_OUTCOME_DIVERGED], 1);
  assert_int_equal(r->n_tasks, 2);  // the hashes aa and bb are never pooled
  assert_true(r->tasks[0].split && r->tasks[1].split);
  const lb_results_row* slow = lb_results_find_row(&r->tasks[0], "slow");
  for (int i = 0; i < slow->n_runs; ++i) assert_int_not_equal(slow->runs[i]->seed, 2);
  lb_results_free(r);
  lb_status status = lb_report_write(suite, NULL);
  assert_string_equal(status.text, "");
  expect_in("report.md", "it flew away");
  expect_in("report.md", "not pooled");
  expect_in("report.md", "Unfinished.");
  expect_in("report.md", "3/4, 1 unfinished (iteration 2 of 5)");
  expect_in("report.md", "metrics.jsonl");  // which file is damaged
  expect_in("report.md", "1 seed diverged or failed before, expected 0 to 1: OUTSIDE.");
  expect_in("report.md", "(1 of 2 as the worst)");
}

static void what_was_not_asked_for_is_not_waited_for(void** state) {
  (void)state;
  new_suite("part");
  char path[300], *text;
  size_t n;
  int contrasts;
  lb_path_join(path, sizeof path, suite, "suite.json");
  assert_int_equal(lb_file_read(path, &text, &n).code, LB_OK);
  text[n - 1] = ',';  // the last bracket
  char part[2000];
  snprintf(part, sizeof part, "%s \"only\": [\"toy/qu*\"]}", text);
  free(text);
  put(path, part);
  for (int seed = 0; seed < SEEDS; ++seed) write_run("quick", seed, ITERATIONS, finished, "aa");
  lb_results* r = load();
  assert_int_equal(r->count[LB_OUTCOME_LEFT_OUT], 2 * SEEDS);
  assert_int_equal(r->count[LB_OUTCOME_MISSING], 0);
  lb_findings_contrasts(r, &contrasts);
  assert_int_equal(contrasts, 0);
  lb_results_free(r);
  assert_int_equal(lb_report_write(suite, NULL).code, LB_OK);
  expect_in("report.md", "4 of 4 runs finished, 4 seeds; 1 task, 1 row.");
  expect_in("report.md", "8 runs of the suite were not asked for");
  expect_not_in("report.md", "0/4");         // of rows that nobody asked for
  expect_not_in("report.md", "| slow");      // by its name in place of its title
  expect_not_in("report.md", "slow, cost");  // a band of a row that nobody asked for
  lb_path_join(path, sizeof path, suite, "report.md");
  assert_int_equal(lb_file_read(path, &text, &n).code, LB_OK);
  assert_null(strstr(text, "Unfinished."));
  free(text);
}

// The suite shows iteration 1 and one that no run comes to; model queries nobody counted.
static void columns_without_a_number_are_left_out(void** state) {
  (void)state;
  new_suite("columns");
  char path[300], *text, *show, wider[2000];
  size_t n;
  lb_path_join(path, sizeof path, suite, "suite.json");
  assert_int_equal(lb_file_read(path, &text, &n).code, LB_OK);
  show = strstr(text, "[1]");
  assert_non_null(show);
  snprintf(wider, sizeof wider, "%.*s[1, 77]%s", (int)(show - text), text, show + 3);
  free(text);
  put(path, wider);
  write_all_runs();
  assert_int_equal(lb_report_write(suite, NULL).code, LB_OK);
  expect_in("report.md", "At iteration 1 ");
  expect_in("report.md", "LQR passes");
  expect_not_in("report.md", "At iteration 77");
  expect_not_in("report.md", "Model queries");
}

static void what_was_asked_for_is_compared_once_it_comes(void** state) {
  (void)state;
  int contrasts;
  new_suite("waiting");
  for (int seed = 0; seed < SEEDS; ++seed) write_run("quick", seed, ITERATIONS, finished, "aa");
  lb_results* r = load();
  lb_findings_contrasts(r, &contrasts);
  assert_int_equal(contrasts, 2);
  lb_results_free(r);
}

static void one_seed_has_no_interval_and_no_verdict(void** state) {
  (void)state;
  new_suite("single");
  write_run("quick", 0, ITERATIONS, finished, "aa");
  write_run("slow", 0, ITERATIONS, finished, "aa");
  lb_status status = lb_report_write(suite, NULL);
  assert_string_equal(status.text, "");
  expect_in("report.md", "One seed does not tell");
  expect_in("report.md", "(1 of 4)");
}

static void a_report_whose_runs_are_gone_stays(void** state) {
  (void)state;
  char path[300];
  char *before, *after;
  size_t n_before, n_after;
  new_suite("gone");
  write_all_runs();
  assert_int_equal(lb_report_write(suite, NULL).code, LB_OK);
  lb_path_join(path, sizeof path, suite, "report.md");
  assert_int_equal(lb_file_read(path, &before, &n_before).code, LB_OK);
  char runs[300];
  lb_path_join(runs, sizeof runs, suite, "toy");
  assert_int_equal(lb_folder_remove(runs).code, LB_OK);
  lb_status status = lb_report_write(suite, NULL);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "gone"));
  assert_int_equal(lb_file_read(path, &after, &n_after).code, LB_OK);
  assert_int_equal(n_before, n_after);
  assert_memory_equal(before, after, n_before);
  free(before);
  free(after);
}

static void a_folder_without_results_is_an_input_error(void** state) {
  (void)state;
  lb_status status = lb_report_write("/nonexistent/suite", NULL);
  assert_int_not_equal(status.code, LB_OK);
  assert_non_null(strstr(status.text, "/nonexistent/suite"));
  new_suite("empty");
  assert_int_equal(lb_report_write(suite, NULL).code, LB_OK);  // all runs are missing, and it says so
  expect_in("report.md", "0 of 12 runs finished");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(means_and_intervals_are_over_seeds),
      cmocka_unit_test(contrasts_pair_the_seeds),
      cmocka_unit_test(arrivals_count_samples),
      cmocka_unit_test(the_files_are_written_and_whole),
      cmocka_unit_test(whole_run_numbers_are_in_the_tables),
      cmocka_unit_test(figures_are_drawn_and_inlined),
      cmocka_unit_test(without_gnuplot_only_the_page_has_figures),
      cmocka_unit_test(unfinished_diverged_damaged_and_foreign_runs_are_said),
      cmocka_unit_test(what_was_not_asked_for_is_not_waited_for),
      cmocka_unit_test(what_was_asked_for_is_compared_once_it_comes),
      cmocka_unit_test(columns_without_a_number_are_left_out),
      cmocka_unit_test(one_seed_has_no_interval_and_no_verdict),
      cmocka_unit_test(a_report_whose_runs_are_gone_stays),
      cmocka_unit_test(a_folder_without_results_is_an_input_error),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
