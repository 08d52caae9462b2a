// Suites that compare returns, over made-up runs whose numbers can be worked out by hand: everything is turned
// iteration, steps are the iterations, returns are normalised by the random and the expert row, and what is missing is
// said.
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
#include "report/across.h"
#include "report/curves.h"
#include "report/findings.h"
#include "report/load.h"
#include "report/milestones.h"
#include "report/report.h"

#define TASKS "[\"alpha\", \"beta\"]"
#define ALGOS "[\"expert\", \"random\", \"bc\", \"fast\", \"slow\"]"
#define CONTRAST                                                                                        \
  ", \"contrasts\": [{\"name\": \"pace\", \"baseline\": \"slow\", \"variant\": \"fast\", \"metrics\": " \
  "[\"return\", \"gradient_updates\"], \"at\": \"last\"}]"

static char base[] = "/tmp/lb_returns_XXXXXX";
static char suite[100];

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static void new_suite(const char* name, const char* tasks, const char* algos, const char* more, int seeds) {
  snprintf(suite, sizeof suite, "%s/%s", base, name);
  write_suite(suite, tasks, algos, more, seeds);
}

// Figures take seconds, and here say nothing that the tables do not.
static void report_without_figures(void) {
  char* path = strdup(getenv("PATH"));
  assert_int_equal(setenv("PATH", base, 1), 0);
  lb_status status = lb_report_write(suite, NULL);
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
  assert_string_equal(status.text, "");
}

static const lb_results_row* row_of(const lb_results* r, int task, const char* algo) {
  const lb_results_row* row = lb_results_find_row(&r->tasks[task], algo);
  assert_non_null(row);
  return row;
}

static void returns_are_recognised_and_normalised(void** state) {
  (void)state;
  new_suite("whole", TASKS, ALGOS, CONTRAST, 3);
  lb_results* r = load(suite);
  assert_true(r->measure->normalised && r->metric == LB_METRIC_RETURN);
  assert_string_equal(r->suite->start, "random");
  const lb_results_row* fast = row_of(r, 1, "fast");
  assert_int_equal(fast->last, 500);  // protocol.steps
  assert_false(fast->partial);
  near(lb_results_row_final(fast, LB_METRIC_RETURN).mean, -50 + 200 * 0.91, 1e-12);
  near(lb_results_row_final(fast, LB_METRIC_RETURN_NORMALISED).mean, 0.91, 1e-12);
  near(lb_results_row_at(fast, LB_METRIC_SAMPLES_LEARNER, 300).mean, 300, 0);
  near(lb_results_row_at(fast, LB_METRIC_SAMPLES, 300).mean, 1300, 0);
  near(lb_results_row_at(fast, LB_METRIC_CPU_LEARNING, 300).mean, 150, 0);
  near(lb_results_row_at(row_of(r, 1, "slow"), LB_METRIC_CPU_LEARNING, 0).mean, 3, 0);  // it begins as a clone
  near(lb_results_row_final(row_of(r, 1, "random"), LB_METRIC_RETURN_NORMALISED).min, -0.01, 1e-12);
  near(lb_results_row_final(row_of(r, 0, "slow"), LB_METRIC_RETURN_BEST).mean, 71, 1e-12);
  near(lb_results_row_final(row_of(r, 1, "slow"), LB_METRIC_RETURN_BEST).max, -50 + 200 * 0.85, 1e-12);
  lb_results_free(r);
}

// The average of an actor has a column beside the actor's own where a row keeps one, and only there.
static void averaged_actors_have_a_column(void** state) {
  (void)state;
  new_suite("averaged", TASKS, ALGOS, CONTRAST, 3);
  lb_results* r = load(suite);
  const lb_results_row* fast = row_of(r, 1, "fast");
  near(lb_results_row_tail(fast, LB_METRIC_RETURN_AVERAGE).mean, lb_results_row_tail(fast, LB_METRIC_RETURN).mean - 7,
       1e-12);
  assert_int_equal(lb_results_row_tail(row_of(r, 1, "slow"), LB_METRIC_RETURN_AVERAGE).n, 0);
  lb_results_free(r);
  report_without_figures();
  char* text = slurp(suite, "report.md");
  char* column = strstr(text, "Averaged actor [95 %]");
  assert_non_null(column);
  assert_null(strstr(column + 1, "Averaged actor [95 %]"));  // of the one task alone
  free(text);
}

static void a_stated_metric_wins(void** state) {
  (void)state;
  new_suite("stated", TASKS, ALGOS, ", \"metric\": \"cost\"", 1);
  lb_results* r = load(suite);
  assert_true(!r->measure->normalised && r->metric == LB_METRIC_COST);
  lb_results_free(r);
}

static void cloning_counts_by_its_last_line(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  lb_results* r = load(suite);
  const lb_results_row* bc = row_of(r, 0, "bc");
  assert_true(bc->flat && bc->by_end && !bc->partial);
  lb_stats_summary s = lb_results_row_final(bc, LB_METRIC_RETURN);  // at 2000, 1990 and 1980 demonstrations
  assert_int_equal(s.n, 3);
  near(s.mean, 60, 1e-12);
  assert_false(row_of(r, 0, "slow")->flat);
  lb_results_free(r);
  new_suite("called", TASKS, ALGOS, ", \"references\": [\"slow\"]", 2);
  r = load(suite);
  assert_true(row_of(r, 0, "slow")->flat && row_of(r, 0, "slow")->by_end);
  lb_results_free(r);
}

static void contrasts_are_variant_minus_baseline(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  lb_results* r = load(suite);
  int n;
  const lb_contrast_result* c = lb_findings_contrasts(r, &n);
  assert_int_equal(n, 4);
  near(c[0].paired.difference.mean, 20, 1e-12);  // fast - slow, of returns
  near(c[1].paired.difference.mean, 500, 0);     // of gradient updates
  near(c[2].paired.difference.mean, 40, 1e-12);
  assert_int_equal(c[0].paired.positive, 3);
  near(c[0].a[2], 72, 1e-12);  // the baseline's own value
  assert_int_equal(c[0].better, 3);
  assert_int_equal(c[1].better, 0);  // more updates are worse
  assert_non_null(strstr(c[0].sentence, "Row fast_% has a higher return than Row slow_%, at step 500: by 20"));
  assert_non_null(strstr(c[0].sentence, "(91.00 against 71.00), in 3 of 3 seeds"));
  assert_non_null(strstr(c[1].sentence, "Row fast_% needs more gradient updates than Row slow_%, at step 500: by 500"));
  assert_non_null(strstr(c[1].sentence, "a factor of 2)"));
  lb_results_free(r);
}

static void arrivals_climb(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  lb_results* r = load(suite);
  lb_milestones goal = lb_milestones_find(r, &r->tasks[0]);
  assert_true(goal.defined);
  near(goal.level[0], 50, 1e-12);
  near(goal.level[1], 80, 1e-12);
  assert_true(isnan(goal.level[3]));  // factors of a return mean nothing
  lb_arrival half = lb_milestones_arrival(r, row_of(r, 0, "fast"), goal.level[0]);
  assert_int_equal(half.reached, 3);
  near(half.learner, 300, 0);
  near(half.samples, 1300, 0);
  near(half.work, 600, 0);
  near(half.cpu, 150, 0);
  // The very return of seed 1 at step 200 is enough: seeds arrive at 300, 200, 200.
  lb_arrival just = lb_milestones_arrival(r, row_of(r, 0, "fast"), 100 * score_of("alpha", "fast", 1, 200));
  near(just.iteration, 200, 0);
  lb_arrival most = lb_milestones_arrival(r, row_of(r, 0, "slow"), goal.level[1]);
  assert_true(most.n == 3 && most.reached == 0 && isinf(most.iteration));
  lb_results_free(r);
}

static void areas_are_means_along_the_curve(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  lb_results* r = load(suite);
  // Straight lines: 0.45 + 0.01 seed and 0.5 + 0.01 seed.
  for (int seed = 0; seed < 3; ++seed) {
    const lb_results_run* fast = row_of(r, 0, "fast")->runs[seed];
    const lb_results_run* slow = row_of(r, 0, "slow")->runs[seed];
    near(lb_milestones_area(fast, LB_METRIC_RETURN, 0, 500), 45 + seed, 1e-12);
    near(lb_milestones_area(slow, LB_METRIC_RETURN_NORMALISED, 0, 500), 0.5 + 0.01 * seed, 1e-12);
    assert_true(isnan(lb_milestones_area(fast, LB_METRIC_RETURN, 0, 600)));
  }
  lb_results_free(r);
}

static void aggregates_are_over_all_runs_of_all_tasks(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  lb_results* r = load(suite);
  lb_across a = *lb_across_find(r);
  assert_ptr_equal(lb_across_find(r), lb_across_find(r));  // worked out once
  assert_int_equal(a.n_tasks, 2);
  assert_int_equal(a.n_rows, 3);  // without the 0 and the 1
  const lb_across_row *fast = lb_across_find_row(&a, "fast"), *slow = lb_across_find_row(&a, "slow"),
                      *bc = lb_across_find_row(&a, "bc");
  assert_true(bc->flat && !fast->flat && lb_across_find_row(&a, "expert") == NULL);
  // 0.90, 0.90, 0.91, 0.91, 0.92, 0.92 without one at either end.
  lb_across_estimate e = lb_across_iqm(&fast->last);
  near(e.value, 0.91, 1e-12);
  assert_true(e.interval.low >= 0.9 && e.interval.low < 0.91 && e.interval.high > 0.91 && e.interval.high <= 0.92);
  // Best of slow: 0.70, 0.71, 0.72 and 0.70, 0.71, 0.85.
  near(lb_across_iqm(&slow->best).value, 0.71, 1e-12);
  near(lb_across_mean(&slow->best).value, 4.39 / 6, 1e-12);
  near(lb_across_iqm(&fast->area).value, 0.46, 1e-12);
  near(lb_across_improvement(fast, slow).value, 1, 0);
  near(lb_across_improvement(slow, fast).value, 0, 0);
  // bc 0.5, 0.6, 0.7 against slow 0.70, 0.71, 0.72: at best a tie, that floating point may call either way.
  assert_true(lb_across_improvement(bc, slow).value <= 1.0 / 9);
  lb_scores at;
  int count[2];
  assert_true(lb_across_at(&at, count, r, &a, fast, 300));
  near(lb_stats_mean(at.x, lb_scores_total(&at)), 0.55, 1e-12);
  assert_false(lb_across_at(&at, count, r, &a, fast, 350));
  lb_results_free(r);
}

static void the_files_hold_the_numbers(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  lb_status status = lb_report_write(suite, NULL);
  assert_string_equal(status.text, "");
  expect_in(suite, "report.md", "30 of 30 runs finished, 3 seeds; 2 tasks, 5 rows. Returns: higher is better.");
  expect_in(suite, "report.md", "Across tasks");
  expect_in(suite, "report.md", "300 / 1300");  // samples to half the way
  expect_in(suite, "report.md", "600 / 150");   // and what was planned for them
  expect_in(suite, "report.md", "so too high");
  expect_in(suite, "report.md", "Learner steps");
  expect_in(suite, "report.md", "Planning error");
  expect_in(suite, "report.md", "expert states, 20 steps |");
  expect_in(suite, "report.md", "1.25");
  expect_in(suite, "report.html", "<table>");
  expect_in(suite, "tables.csv", "made,alpha,aa,fast,samples_to_50,,3,,,,,1300,,");
  expect_in(suite, "tables.csv", "made,alpha,aa,fast,gradient_updates_to_50,,3,,,,,600,,");
  expect_in(suite, "tables.csv", "made,alpha,aa,slow,samples_to_80,,0,,,,,inf,,");
  char* tables = slurp(suite, "tables.csv");
  static const char area[] = "made,alpha,aa,fast,return_area,,3,";
  assert_non_null(strstr(tables, area));
  near(strtod(strstr(tables, area) + strlen(area), NULL), 46, 1e-12);
  free(tables);
  expect_in(suite, "tables.tex", "Row fast\\_\\% & 3/3 & ");
  expect_in(suite, "across.csv", "made,iqm_tail,fast,,2,6,6,");
  // Two tasks are too few for an aggregate to stand before them.
  char* report = slurp(suite, "report.md");
  const char *by_task = strstr(report, "over the last fifth of the steps by task"),
             *sums = strstr(report, "IQM, last fifth");
  assert_true(by_task && sums && by_task < sums && strstr(report, "Few tasks.") < sums);
  free(report);
  expect_in(suite, "across.csv", "made,improvement,fast,slow,2,6,6,1,1,1\n");
  expect_in(suite, "across.csv", "made,improvement,slow,fast,2,6,6,0,0,0\n");
  char* curves = slurp(suite, "curves.csv");
  assert_null(strstr(curves, "cost"));  // no empty columns of the other kind of suite
  assert_non_null(strstr(curves, "return_normalised"));
  free(curves);
  char* html = slurp(suite, "report.html");
  expect_well_formed(html);
  free(html);
}

// The figures are there, and draw the numbers: a mean over seeds of one task, an interquartile mean over both, the
// cloned row as a level, the profile at its middle.
static void the_figures_draw_the_numbers(void** state) {
  (void)state;
  snprintf(suite, sizeof suite, "%s/whole", base);
  if (system("gnuplot --version >/dev/null 2>&1") != 0) skip();
  static const char* const names[] = {"alpha-overview",        "alpha-terms",           "alpha-return",
                                      "alpha-return-samples",  "alpha-return-updates",  "alpha-return-cpu",
                                      "beta-overview",         "all-tasks-overview",    "all-tasks-iqm",
                                      "all-tasks-iqm-samples", "all-tasks-iqm-updates", "all-tasks-profile"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    char name[100];
    snprintf(name, sizeof name, "plots/%s.svg", names[i]);
    expect_in(suite, name, "</svg>");
    snprintf(name, sizeof name, "plots/%s.png", names[i]);
    char* picture = slurp(suite, name);
    assert_memory_equal(picture + 1, "PNG", 3);
    free(picture);
  }
  expect_in(suite, "plots/plots.gp", "\n500 91 ");                      // fast on alpha along its own samples,
  expect_in(suite, "plots/plots.gp", "\n1500 91 ");                     // with demonstrations,
  expect_in(suite, "plots/plots.gp", "\n1000 91 ");                     // along gradient updates,
  expect_in(suite, "plots/plots.gp", "\n250 91 ");                      // and CPU seconds
  expect_in(suite, "plots/plots.gp", "\n500 0.91 ");                    // over both tasks
  expect_in(suite, "plots/plots.gp", "first 60 to graph 1, first 60");  // bc on alpha
  expect_in(suite, "plots/plots.gp", "500 400 400 400");                // planning error, the same in all seeds
  expect_in(suite, "report.html", "horizontal lines: rows without a curve");
}

static void a_baseline_narrows_the_pairs(void** state) {
  (void)state;
  new_suite("baseline", TASKS, ALGOS, ", \"baseline\": \"slow\"", 2);
  report_without_figures();
  expect_in(suite, "across.csv", "made,improvement,fast,slow,");
  char* text = slurp(suite, "across.csv");
  assert_null(strstr(text, "made,improvement,slow,"));
  assert_null(strstr(text, "made,improvement,fast,bc,"));
  free(text);
}

static void append(const char* run, const char* line) {
  char path[300];
  lb_path_join(path, sizeof path, suite, run);
  lb_text text = {0};
  char* before = slurp(suite, run);
  lb_text_add(&text, "%s%s", before, line);
  put(path, text.data);
  lb_text_free(&text);
  free(before);
}

static void broken_runs_are_said_and_count_as_the_worst(void** state) {
  (void)state;
  new_suite("broken", TASKS, ALGOS, CONTRAST, 3);
  char path[300];
  write_run(suite, "alpha", "fast", 1, 300, NULL, "aa");
  write_run(suite, "beta", "fast", 2, 200, "{\"status\":\"diverged\",\"message\":\"step 217: not finite\"}", "aa");
  write_run(suite, "alpha", "slow", 0, 400, "{\"status\":\"failed\",\"message\":\"the disk is full\"}", "aa");
  snprintf(path, sizeof path, "%s/beta/slow/seed-0", suite);
  assert_int_equal(lb_folder_remove(path).code, LB_OK);
  append("alpha/bc/seed-1/metrics.jsonl", "{\"iteration\":3000,\"return\":NaN}\n");
  append("alpha/bc/seed-2/metrics.jsonl", "{\"iteration\":3000,\"return\":null,\"rollouts_diverged\":1}\n");
  lb_results* r = load(suite);
  assert_int_equal(r->count[LB_OUTCOME_RUNNING], 1);
  assert_int_equal(r->count[LB_OUTCOME_DIVERGED], 1);
  assert_int_equal(r->count[LB_OUTCOME_FAILED], 1);
  assert_int_equal(r->count[LB_OUTCOME_MISSING], 1);
  assert_int_equal(r->count[LB_OUTCOME_DAMAGED], 1);
  lb_stats_summary s = lb_results_row_final(row_of(r, 1, "fast"), LB_METRIC_RETURN);
  assert_int_equal(s.n, 3);
  near(s.mean, -50 + 200 * (0.90 + 0.91 - 0.01) / 3, 1e-12);  // the worst run of the task is a random one, of -0.01
  near(s.median, -50 + 200 * 0.90, 1e-12);                    // of 0.90, 0.91 and one that is worse than any
  int as_worst, n_contrasts;
  lb_results_row_of(&as_worst, row_of(r, 1, "fast"), LB_METRIC_RETURN, lb_results_run_final);
  assert_int_equal(as_worst, 1);
  // So too in what is compared: seed 2 of beta has -52 - 94, seed 0 has no other side.
  const lb_contrast_result* c = lb_findings_contrasts(r, &n_contrasts);
  assert_int_equal(c[2].n, 2);
  assert_int_equal(c[2].left_out, 1);
  assert_int_equal(c[2].as_worst_b, 1);
  assert_int_equal(c[2].as_worst_a, 0);
  near(c[2].paired.difference.min, -52 - 94, 1e-12);
  near(c[2].paired.difference.max, 132 - 92, 1e-12);
  // And in the area: 0.45 and 0.46 of 200, and the least that there is, of slow on its seed 1.
  near(lb_milestones_areas(&as_worst, r, row_of(r, 1, "fast"), LB_METRIC_RETURN_NORMALISED).mean,
       (0.45 + 0.46 + 0.45) / 3, 1e-12);
  assert_int_equal(as_worst, 1);
  assert_true(s.min == -INFINITY);
  assert_true(lb_results_row_final(row_of(r, 0, "bc"), LB_METRIC_RETURN).min == -INFINITY);
  lb_across a = *lb_across_find(r);
  const lb_across_row* fast = lb_across_find_row(&a, "fast");
  // -inf, 0.90, 0.90, 0.91, 0.92: one is cut at either end. The missing and the running one do not count.
  assert_int_equal(lb_scores_total(&fast->last), 5);
  assert_int_equal(fast->planned, 6);
  near(lb_across_iqm(&fast->last).value, (0.90 + 0.90 + 0.91) / 3, 1e-12);
  assert_true(lb_across_mean(&fast->last).value == -INFINITY);
  // 0.71, 0.72 of either task, without the missing one, and for the failed one the worst.
  const lb_across_row* slow = lb_across_find_row(&a, "slow");
  assert_int_equal(lb_scores_total(&slow->last), 5);
  assert_true(lb_across_mean(&slow->last).value == -INFINITY);
  assert_true(lb_results_row_final(row_of(r, 0, "slow"), LB_METRIC_RETURN).min == -INFINITY);
  // Areas: 0.45, 0.47 and 0.45, 0.46, -inf.
  near(lb_across_iqm(&fast->area).value, (0.45 + 0.45 + 0.46) / 3, 1e-12);
  lb_scores at;
  int count[2];
  assert_true(lb_across_at(&at, count, r, &a, fast, 300));  // the running one is there, the diverged one is the worst
  assert_int_equal(lb_scores_total(&at), 6);
  near(lb_stats_iqm(at.x, 6), (0.54 + 0.54 + 0.55 + 0.55) / 4, 1e-12);
  lb_results_free(r);
  lb_status status = lb_report_write(suite, NULL);
  assert_string_equal(status.text, "");
  expect_in(suite, "report.md", "step 217: not finite");
  expect_in(suite, "report.md", "the disk is full");
  expect_in(suite, "report.md", "NaN and infinities are not JSON");
  expect_in(suite, "report.md", "2/3, 1 unfinished (step 300 of 500)");
  expect_in(suite, "report.md", "Unequal seeds.");
  bool drawn = system("gnuplot --version >/dev/null 2>&1") == 0;  // it stands below a figure
  if (drawn) expect_in(suite, "report.md", "Means of fewer seeds: Row fast\\_% from 400 on (2 of 3)");
  expect_in(suite, "report.md", "(1 of 3 as the worst)");
  expect_in(suite, "report.md", "1 seed of Row fast\\_% diverged or failed, and counts as the worst run of the task.");
  expect_in(suite, "report.md", "1 seed of 3 left out: missing in one of the two rows.");
  expect_in(suite, "findings.csv", "baseline_as_worst,variant_as_worst");
}

// In its own standard errors a residual is 3 at step 300 and 0.5 at the five other evaluations, on every seed.
static void whether_the_lemma_closes_is_said(void** state) {
  (void)state;
  new_suite("lemma", "[\"alpha\"]", ALGOS, "", 3);
  report_without_figures();
  expect_in(suite, "report.md", "Does the lemma close?");
  expect_in(suite, "report.md", "0.9167 [0.9167, 0.9167] |  3 of 18 |");
  expect_in(suite, "report.md", "0.5000 [0.5000, 0.5000] |  0 of 18 |");
  expect_in(suite, "report.md", "| Survival, steps [95 %]");
  expect_in(suite, "report.md", "|         150 [150, 150] |");  // at the only evaluation of the last fifth
  expect_in(suite, "report.md", "| Policy updates | Model updates |");
  expect_in(suite, "report.md", "|           1000 |          3500 |");
}

static void one_seed_on_one_task_has_no_interval(void** state) {
  (void)state;
  new_suite("single", "[\"alpha\"]", ALGOS, CONTRAST, 1);
  report_without_figures();
  // bc is right where seed 0 is: at the last of its own two lines.
  expect_in(suite, "across.csv", "made,iqm_last,bc,,1,1,1,0.5");
  char* text = slurp(suite, "across.csv");
  int lines = 0;
  for (char* line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), ++lines) {
    size_t n = strlen(line);
    if (lines > 0 && strcmp(line + n - 2, ",,") != 0) fail_msg("an interval of one run: %s", line);
  }
  assert_true(lines > 5);
  free(text);
  expect_in(suite, "report.md", "All runs, normalised");
  expect_in(suite, "report.md", "Few seeds.");
  expect_in(suite, "report.md", "One seed does not tell");
}

static void a_task_that_nothing_has_run_on_is_named_once(void** state) {
  (void)state;
  char folder[200];
  new_suite("begun", TASKS, ALGOS, CONTRAST, 2);
  snprintf(folder, sizeof folder, "%s/beta", suite);
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
  report_without_figures();
  expect_in(suite, "report.md", "Nothing has run on beta.");
  char* text = slurp(suite, "report.md");
  const char* named = strstr(text, "beta");
  assert_true(named && !strstr(named + 1, "beta"));
  free(text);
}

static void two_seeds_are_drawn_with_their_range(void** state) {
  (void)state;
  new_suite("two", "[\"alpha\"]", ALGOS, "", 2);
  lb_results* r = load(suite);
  lb_arena* arena = lb_arena_new(0);
  lb_curve_spec spec = {.metric = LB_METRIC_RETURN, .axis = LB_METRIC_SAMPLES_LEARNER};
  lb_series s = lb_curves_of_row(arena, row_of(r, 0, "fast"), &spec);
  near(s.y[s.n - 1], 90.5, 1e-12);
  near(s.low[s.n - 1], 90, 1e-12);
  near(s.high[s.n - 1], 91, 1e-12);
  // The table keeps the interval, 12.7 standard errors to either side.
  near(lb_results_row_final(row_of(r, 0, "fast"), LB_METRIC_RETURN).low, 90.5 - 12.706204736 * 0.5, 1e-6);
  lb_arena_free(arena);
  lb_results_free(r);
}

// The bootstrap of two runs is their range, of each task or of both: none is given, and the report says why.
static void two_seeds_have_no_bootstrap_interval(void** state) {
  (void)state;
  new_suite("two-each", TASKS, ALGOS, CONTRAST, 2);
  lb_results* r = load(suite);
  lb_across a = *lb_across_find(r);
  const lb_across_row *fast = lb_across_find_row(&a, "fast"), *slow = lb_across_find_row(&a, "slow");
  assert_true(isfinite(lb_across_iqm(&fast->last).value));
  assert_true(isnan(lb_across_iqm(&fast->last).interval.low) && isnan(lb_across_mean(&fast->last).interval.high));
  assert_true(isnan(lb_across_improvement(fast, slow).interval.low));
  int n;
  const lb_contrast_result* c = lb_findings_contrasts(r, &n);
  assert_true(n > 0 && c[0].n == 2 && isnan(c[0].bootstrap.low));
  lb_results_free(r);
  report_without_figures();
  expect_in(suite, "report.md", "fewer than three runs on a task has no bootstrap interval");
}

static void without_a_scale_nothing_is_normalised(void** state) {
  (void)state;
  new_suite("no-expert", TASKS, "[\"random\", \"fast\", \"slow\"]", CONTRAST, 2);
  lb_results* r = load(suite);
  assert_non_null(r->tasks[0].unscaled);
  assert_int_equal(lb_across_find(r)->n_tasks, 0);
  near(lb_results_row_final(row_of(r, 0, "fast"), LB_METRIC_RETURN).mean, 90.5, 1e-12);
  assert_false(lb_milestones_find(r, &r->tasks[0]).defined);
  lb_results_free(r);
  report_without_figures();
  expect_in(suite, "report.md", "the suite names no reference row");
  // The other way round: an expert that is no better than chance.
  new_suite("upside-down", TASKS, ALGOS, ", \"reference\": \"random\", \"start\": \"expert\"", 1);
  report_without_figures();
  expect_in(suite, "report.md", "the return of random, -1, is not above that of expert, 100");
}

static void tasks_of_other_hashes_are_never_pooled(void** state) {
  (void)state;
  new_suite("hashes", TASKS, ALGOS, "", 3);
  static const char* const moved[] = {"expert", "random", "fast"};
  for (int i = 0; i < 3; ++i) write_run(suite, "alpha", moved[i], 2, 500, finished, "bb");
  lb_results* r = load(suite);
  assert_int_equal(r->n_tasks, 3);
  assert_null(r->tasks[1].unscaled);  // it could enter
  lb_across a = *lb_across_find(r);
  assert_int_equal(a.n_tasks, 2);
  assert_int_equal(lb_scores_total(&lb_across_find_row(&a, "fast")->last), 5);
  lb_results_free(r);
  report_without_figures();
  expect_in(suite, "report.md", "of the hashes of one task only that with most runs counts here");
}

static void one_page_holds_several_suites(void** state) {
  (void)state;
  char one[120], two[120];
  snprintf(one, sizeof one, "%s/whole", base);
  snprintf(two, sizeof two, "%s/single", base);
  const char* const folders[] = {one, two};
  lb_results* results[2];
  assert_int_equal(lb_load_all(results, folders, 2).code, LB_OK);
  results[1]->note = "Its 3 runs are of another place.";
  lb_status status = lb_report_write_page(base, results, 2);
  lb_results_free_all(results, 2);
  assert_string_equal(status.text, "");
  char* html = slurp(base, "report.html");
  expect_well_formed(html);
  assert_non_null(strstr(html, "<section id=\"whole\">"));
  assert_non_null(strstr(html, "<a href=\"#single\">"));
  assert_non_null(strstr(html, "href=\"single/alpha/fast/\""));
  assert_non_null(strstr(html, "id=\"whole-alpha\""));
  assert_non_null(strstr(html, "id=\"single-alpha\""));
  const char* note = strstr(html, "Its 3 runs are of another place.");
  assert_true(note && note > strstr(html, "<section id=\"single\">"));
  free(html);
  const char* const missing[] = {one, "/nonexistent/suite"};
  assert_int_not_equal(lb_load_all(results, missing, 2).code, LB_OK);
}

enum { TAIL_POINTS = 11 };
static int tail_steps[TAIL_POINTS];
static double tail_values[4][TAIL_POINTS * LB_METRICS_MAX];

// A run of 100 steps, evaluated every 10 of them, up to some: its return grows by 1 a step, and so does, by a
// hundredth, the normalised one.
static lb_results_run tail_run(int which, int points, lb_run_outcome outcome) {
  for (int p = 0; p < TAIL_POINTS; p++) {
    tail_steps[p] = 10 * p;
    for (int m = 0; m < LB_METRICS_MAX; m++) tail_values[which][p * LB_METRICS_MAX + m] = NAN;
    tail_values[which][p * LB_METRICS_MAX + LB_METRIC_RETURN] = 10 * p;
    tail_values[which][p * LB_METRICS_MAX + LB_METRIC_RETURN_NORMALISED] = 0.1 * p;
  }
  return (lb_results_run){
      .outcome = outcome, .n_points = points, .iterations = tail_steps, .values = tail_values[which]};
}

// The mean over the last fifth, steps 90 and 100, is 95; what broke is the worst, in ranks and among those that solve.
static void the_last_fifth_is_compared(void** state) {
  (void)state;
  lb_results_run runs[4] = {tail_run(0, 11, LB_OUTCOME_FINISHED), tail_run(1, 6, LB_OUTCOME_FAILED),
                            tail_run(2, 3, LB_OUTCOME_DIVERGED), tail_run(3, 11, LB_OUTCOME_FINISHED)};
  lb_results_run* list[4] = {&runs[0], &runs[1], &runs[2], &runs[3]};
  lb_results_row row = {.runs = list, .n_runs = 4, .last = 100, .planned = 4};
  tail_values[3][9 * LB_METRICS_MAX + LB_METRIC_RETURN_NORMALISED] = 0.3;  // 0.65 on the average
  near(lb_results_run_tail(&row, &runs[0], LB_METRIC_RETURN), 95, 0);
  near(lb_results_run_final(&row, &runs[0], LB_METRIC_RETURN), 100, 0);
  for (int i = 1; i < 3; i++) {
    assert_true(isinf(lb_results_run_tail(&row, &runs[i], LB_METRIC_RETURN)));
    assert_true(isinf(lb_results_run_final(&row, &runs[i], LB_METRIC_RETURN)));
  }
  int as_worst;
  lb_stats_summary s = lb_results_row_of(&as_worst, &row, LB_METRIC_RETURN, lb_results_run_tail);
  assert_int_equal(s.n, 4);
  assert_int_equal(as_worst, 2);
  near(s.mean, 95, 0);  // the worst of this row, which is of no task
  assert_true(isinf(s.min) && isinf(s.median));
  int n;
  assert_int_equal(lb_results_row_solved(&n, &row), 1);
  assert_int_equal(n, 4);
  runs[1].outcome = LB_OUTCOME_RUNNING;
  assert_int_equal(lb_results_row_solved(&n, &row), 1);
  assert_int_equal(n, 3);
  tail_values[0][9 * LB_METRICS_MAX + LB_METRIC_RETURN] = NAN;  // a rollout of that evaluation diverged
  assert_true(isinf(lb_results_run_tail(&row, &runs[0], LB_METRIC_RETURN)));
}

#define PRIMARY                                                                                               \
  ", \"contrasts\": [{\"name\": \"pace\", \"baseline\": \"slow\", \"variant\": \"fast\", \"primary\": true, " \
  "\"metrics\": [\"return\"], \"at\": \"tail\"}, {\"name\": \"other\", \"baseline\": \"slow\", \"variant\": " \
  "\"bc\", \"metrics\": [\"return\"], \"at\": \"tail\"}]"

static void primary_contrasts_are_corrected(void** state) {
  (void)state;
  new_suite("primary", TASKS, ALGOS, PRIMARY, 3);
  lb_results* r = load(suite);
  int n;
  const lb_contrast_result* c = lb_findings_contrasts(r, &n);
  assert_int_equal(n, 4);  // two contrasts on two tasks
  assert_int_equal(c[0].from, 401);
  assert_int_equal(c[0].to, 500);
  for (int i = 0; i < n; i++) assert_int_equal(c[i].contrast->primary, i < 2);
  double least = fmin(c[0].paired.t_p, c[1].paired.t_p), most = fmax(c[0].paired.t_p, c[1].paired.t_p);
  if (!isnan(least)) near(fmin(c[0].holm_p, c[1].holm_p), fmin(1, 2 * least), 1e-15);
  if (!isnan(most)) near(fmax(c[0].holm_p, c[1].holm_p), fmin(1, fmax(most, 2 * least)), 1e-15);
  assert_true(isnan(c[2].holm_p) && isnan(c[3].holm_p));
  if (!strstr(c[0].sentence, "Primary")) fail_msg("%s", c[0].sentence);
  if (!strstr(c[2].sentence, "Exploratory.")) fail_msg("%s", c[2].sentence);
  if (!strstr(c[2].sentence, "seeds see differences from")) fail_msg("%s", c[2].sentence);
  // n = 3: 3.2640435 standard deviations (see test_stats.c).
  near(c[2].smallest, 3.2640435496995694 * c[2].paired.difference.sd, 1e-5 * c[2].smallest);
  lb_results_free(r);
  report_without_figures();
  expect_in(suite, "report.md", "Last fifth [95 %]");
  expect_in(suite, "report.md", "3 of 3 [0.29, 1.00]");
  expect_in(suite, "tables.csv", "return_tail,,3,");
  expect_in(suite, "findings.csv", "verdict,primary,holm_p,smallest_difference");
}

#define AGAINST_BC                                                                                          \
  ", \"contrasts\": [{\"name\": \"pace\", \"baseline\": \"bc\", \"variant\": \"fast\", \"primary\": true, " \
  "\"metrics\": [\"return\"], \"at\": \"last\"}]"

// Three differences in the ratio 40 : 31 : 22: t = 31 sqrt(3) / 9 with 2 degrees of freedom, of which the two-sided p
// is 1 - t / sqrt(2 + t^2) = 0.02698; the same on both tasks, so that Holm's is twice that.
static void a_corrected_p_is_said_once(void** state) {
  (void)state;
  new_suite("worded", TASKS, ALGOS, AGAINST_BC, 3);
  lb_results* r = load(suite);
  int n;
  const lb_contrast_result* c = lb_findings_contrasts(r, &n);
  assert_int_equal(n, 2);
  double t = 31 * sqrt(3) / 9;
  for (int i = 0; i < n; i++) {
    near(c[i].holm_p, 2 * (1 - t / sqrt(2 + t * t)), 1e-9);
    const char* said = strstr(c[i].sentence, " Primary: p = 0.054 after Holm's correction.");
    if (!said) fail_msg("%s", c[i].sentence);
  }
  lb_results_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(returns_are_recognised_and_normalised),
      cmocka_unit_test(averaged_actors_have_a_column),
      cmocka_unit_test(a_stated_metric_wins),
      cmocka_unit_test(cloning_counts_by_its_last_line),
      cmocka_unit_test(contrasts_are_variant_minus_baseline),
      cmocka_unit_test(arrivals_climb),
      cmocka_unit_test(areas_are_means_along_the_curve),
      cmocka_unit_test(aggregates_are_over_all_runs_of_all_tasks),
      cmocka_unit_test(the_files_hold_the_numbers),
      cmocka_unit_test(the_figures_draw_the_numbers),
      cmocka_unit_test(a_baseline_narrows_the_pairs),
      cmocka_unit_test(broken_runs_are_said_and_count_as_the_worst),
      cmocka_unit_test(whether_the_lemma_closes_is_said),
      cmocka_unit_test(one_seed_on_one_task_has_no_interval),
      cmocka_unit_test(a_task_that_nothing_has_run_on_is_named_once),
      cmocka_unit_test(two_seeds_are_drawn_with_their_range),
      cmocka_unit_test(two_seeds_have_no_bootstrap_interval),
      cmocka_unit_test(without_a_scale_nothing_is_normalised),
      cmocka_unit_test(tasks_of_other_hashes_are_never_pooled),
      cmocka_unit_test(the_last_fifth_is_compared),
      cmocka_unit_test(primary_contrasts_are_corrected),
      cmocka_unit_test(a_corrected_p_is_said_once),
      cmocka_unit_test(one_page_holds_several_suites),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
