// The content of a report: see compose.h.
#include "report/compose.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "report/across.h"
#include "report/chapters.h"
#include "report/claims.h"
#include "report/figures.h"
#include "report/forest.h"
#include "report/ladder.h"
#include "report/run_pages.h"
#include "report/sweep.h"
#include "report/tables.h"

static void say(lb_doc* doc, const char* text) {
  lb_doc_say(doc, LB_BLOCK_PARAGRAPH, NULL, text);
}

// Runs that are still to come, or were never asked for.
static void add_what_lacks(lb_doc* doc, const lb_results* r) {
  lb_arena* a = doc->arena;
  int missing = r->count[LB_OUTCOME_MISSING] + r->count[LB_OUTCOME_RUNNING];
  if (missing > 0) {
    lb_doc_say(doc, LB_BLOCK_WARNING, "Unfinished.",
               lb_format_text(a, "%s still to come: every number below is of what is there so far.",
                              lb_format_count(a, missing, "run is", "runs are")));
  }
  if (r->count[LB_OUTCOME_LEFT_OUT] > 0) {
    lb_doc_say(doc, LB_BLOCK_WARNING, "A part.",
               lb_format_text(a, "%s not asked for (--only).",
                              lb_format_count(a, r->count[LB_OUTCOME_LEFT_OUT], "run of the suite was",
                                              "runs of the suite were")));
  }
  lb_text idle = {0};
  for (int t = 0; t < r->n_tasks; ++t) {
    if (r->tasks[t].hash || r->tasks[t].n_rows == 0) continue;
    lb_text_add(&idle, "%s%s", idle.length ? ", " : "", r->tasks[t].label);
  }
  if (idle.length) {
    lb_doc_say(doc, LB_BLOCK_WARNING, "Not run yet.", lb_format_text(a, "Nothing has run on %s.", idle.data));
  }
  lb_text_free(&idle);
}

// Whether the run enters numbers, and has some.
static bool has_numbers(const lb_results_run* run) {
  return run->n_points > 0 && lb_results_run_enters(run);
}

// "AVX2, kernel Haswell, ...": the values of an arithmetic's canonical JSON.
static const char* arithmetic_in_words(lb_arena* arena, const char* arithmetic) {
  static const char* const keys[] = {"isa", "kernel", "blas", "compiler", "build", "libc"};
  lb_json* doc;
  lb_text words = {0};
  if (!arithmetic || lb_json_parse(&doc, arithmetic, "arithmetic").code != LB_OK) return "unknown";
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
    const char* text;
    if (lb_json_string_or(lb_json_root(doc), keys[i], "", &text).code != LB_OK || !*text) continue;
    lb_text_add(&words, "%s%s %s", words.length ? ", " : "", keys[i], text);
  }
  const char* kept = lb_format_text(arena, "%s", words.length ? words.data : "unknown");
  lb_text_free(&words);
  lb_json_free(doc);
  return kept;
}

// The arithmetics of the runs that enter, where there are several: "12 runs (isa AVX2, ...), 3 runs (...)".
static const char* several_arithmetics(lb_arena* arena, const lb_results* r) {
  const char** kinds = LB_TAKE(arena, const char*, r->n_runs + 1);
  int *count = LB_TAKE(arena, int, r->n_runs + 1), n = 0;
  for (int i = 0; i < r->n_runs; ++i) {
    int k = 0;
    if (!has_numbers(&r->runs[i]) || !r->runs[i].arithmetic) continue;
    while (k < n && !lb_text_same(kinds[k], r->runs[i].arithmetic)) k++;
    if (k == n) kinds[n++] = r->runs[i].arithmetic;
    count[k] += 1;
  }
  if (n < 2) return NULL;
  lb_text words = {0};
  for (int k = 0; k < n; ++k) {
    lb_text_add(&words, "%s%s (%s)", k > 0 ? ", " : "", lb_format_count(arena, count[k], "run", "runs"),
                arithmetic_in_words(arena, kinds[k]));
  }
  const char* kept = lb_format_text(arena, "%s", words.data);
  lb_text_free(&words);
  return kept;
}

// What made the runs, where that is not one and the same.
static void add_origins(lb_doc* doc, const lb_results* r) {
  lb_arena* a = doc->arena;
  int unknown = 0;
  if (r->count[LB_OUTCOME_STALE] > 0) {
    lb_doc_say(doc, LB_BLOCK_WARNING, "Stale.",
               lb_format_text(a,
                              "%s of another place, or of another version of a task, an expert, an algorithm or the "
                              "program than the suite was run as last, and %s no number.",
                              lb_format_count(a, r->count[LB_OUTCOME_STALE], "run is", "runs are"),
                              r->count[LB_OUTCOME_STALE] == 1 ? "enters" : "enter"));
  }
  if (r->note) lb_doc_say(doc, LB_BLOCK_WARNING, "Not of what is there now.", r->note);
  for (int i = 0; i < r->n_runs; ++i) unknown += has_numbers(&r->runs[i]) && !r->runs[i].program;
  if (unknown > 0) {
    lb_doc_say(doc, LB_BLOCK_WARNING, "Unknown program.",
               lb_format_text(a, "%s not say which program made %s: an older one that kept no record of it.",
                              lb_format_count(a, unknown, "run does", "runs do"), unknown == 1 ? "it" : "them"));
  }
  const char* several = several_arithmetics(a, r);
  if (several) {
    lb_doc_say(
        doc, LB_BLOCK_WARNING, "Several arithmetics.",
        lb_format_text(a,
                       "The same program rounds differently on other types of machine, so that a seed is another "
                       "draw there: %s.",
                       several));
  }
}

// Whether somebody asked for a row, or for any of the task or algorithm that is given.
static bool is_asked_for(const lb_results* r, const char* task, const char* algo) {
  for (int t = 0; t < r->n_tasks; ++t) {
    if (task && strcmp(r->tasks[t].name, task) != 0) continue;
    if (algo ? lb_results_find_row(&r->tasks[t], algo) != NULL : r->tasks[t].n_rows > 0) return true;
  }
  return false;
}

// "2 tasks, 17 rows": those of the suite that anybody asked for.
static const char* extent_in_words(const lb_doc* doc, const lb_results* r) {
  int tasks = 0, rows = 0;
  for (int t = 0; t < r->suite->n_tasks; ++t) tasks += is_asked_for(r, r->suite->tasks[t], NULL);
  for (int i = 0; i < r->suite->n_algos; ++i) rows += is_asked_for(r, NULL, r->suite->algos[i]);
  return lb_format_text(doc->arena, "%s, %s", lb_format_count(doc->arena, tasks, "task", "tasks"),
                        lb_format_count(doc->arena, rows, "row", "rows"));
}

// How far everything is, and what anybody should know before the numbers.
static void add_headline(lb_doc* doc, const lb_results* r) {
  lb_arena* a = doc->arena;
  int planned = 0;
  for (int i = 0; i < LB_OUTCOMES; ++i) planned += i == LB_OUTCOME_LEFT_OUT ? 0 : r->count[i];
  lb_doc_heading(doc, 1, NULL, r->suite->title);
  say(doc,
      lb_format_text(
          a, "%d of %s finished, %s; %s.%s", r->count[LB_OUTCOME_FINISHED], lb_format_count(a, planned, "run", "runs"),
          lb_format_count(a, r->suite->n_seeds, "seed", "seeds"), extent_in_words(doc, r),
          lb_results_has_chapters(r)
              ? ""
              : lb_format_text(a, " %ss: %s.", lb_results_metric_title(r, r->metric), lb_results_better(r->metric))));
  add_what_lacks(doc, r);
  add_origins(doc, r);
  for (int t = 0; t < r->n_tasks; ++t) {
    if (!r->tasks[t].split) continue;
    lb_doc_say(doc, LB_BLOCK_WARNING, "Several versions.",
               lb_format_text(a, "The runs of %s were made on tasks of different hashes; they are not pooled.",
                              r->tasks[t].name));
  }
}

// The task's name before a sentence, where there are several.
static const char* lead_of(const lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  return r->n_tasks > 1 && task ? lb_format_text(doc->arena, "%s:", task->label) : NULL;
}

// "LAMPS minus SysID on hopper".
static const char* pair_of(lb_doc* doc, const lb_results* r, const lb_contrast_result* c) {
  const char* on = r->n_tasks > 1 ? lb_format_text(doc->arena, " on %s", c->task->label) : "";
  return lb_format_text(doc->arena, "%s minus %s%s", lb_format_name(doc->arena, c->variant->title),
                        lb_format_name(doc->arena, c->baseline->title), on);
}

// Which contrasts of one metric the seeds decide, in one paragraph: first by the interval, then those where only the
// signs agree.
static void add_digest_of(lb_doc* doc, const lb_results* r, const lb_contrast_result* c, int n, int metric) {
  lb_text decided = {0}, agreed = {0};
  int asked = 0, count = 0;
  for (int i = 0; i < n; ++i) {
    const lb_stats_summary* d = &c[i].paired.difference;
    if (c[i].metric != metric || c[i].n < 2) continue;
    asked += 1;
    if (d->low > 0 || d->high < 0) {
      lb_text_add(&decided, "%s%s: %s", count++ ? "; " : ": ", pair_of(doc, r, &c[i]),
                  lb_format_interval(doc->arena, d->mean, d->low, d->high));
    } else if (c[i].paired.sign_p < 0.05) {
      lb_text_add(&agreed, "%s%s: median %s", agreed.length ? "; " : " It does not, but the seeds agree in sign, in ",
                  pair_of(doc, r, &c[i]), lb_format_number(doc->arena, d->median, 0.05 * fabs(d->median)));
    }
  }
  if (asked > 0) {
    const char* noun = lb_results_metric_noun(r, metric);
    lb_doc_say(
        doc, LB_BLOCK_PARAGRAPH, lb_format_text(doc->arena, "In short, %s.", noun),
        lb_format_text(doc->arena, "The interval excludes 0 in %d of %d paired differences%s.%s%s", count, asked,
                       decided.data ? decided.data : "", agreed.data ? agreed.data : "", agreed.length ? "." : ""));
  }
  lb_text_free(&decided);
  lb_text_free(&agreed);
}

// Which contrasts are decided, in short: of what is compared and of planning.
static void add_digest(lb_doc* doc, const lb_results* r, const lb_contrast_result* c, int n) {
  add_digest_of(doc, r, c, n, r->metric);
  add_digest_of(doc, r, c, n, r->measure->work);
  int asked = 0;
  for (int i = 0; i < n; ++i) asked += c[i].n >= 2;
  if (asked > 1) {
    say(doc,
        lb_format_text(
            doc->arena,
            "Each interval stands for itself: of %d, about one in twenty would exclude 0 even if nothing differed.",
            asked));
  }
}

// Bands and contrasts, as sentences made from the numbers.
static void add_findings(lb_doc* doc, lb_results* r, const lb_contrast_result* contrasts, int n_contrasts) {
  int n_bands;
  const lb_band_result* bands = lb_findings_bands(r, &n_bands);
  if (n_contrasts + n_bands == 0) return;
  lb_doc_heading(doc, 2, "findings", "What the numbers say");
  add_digest(doc, r, contrasts, n_contrasts);
  if (n_contrasts > 0) lb_doc_fold(doc, "Every contrast in words");
  const lb_suite_contrast* asked = NULL;
  for (int i = 0; i < n_contrasts; ++i) {
    if (!contrasts[i].task->hash) continue;
    if (contrasts[i].contrast != asked) {
      asked = contrasts[i].contrast;
      lb_doc_say(doc, LB_BLOCK_PARAGRAPH, asked->question, "");
    }
    lb_doc_say(doc, LB_BLOCK_ITEM, lead_of(doc, r, contrasts[i].task), contrasts[i].sentence);
  }
  if (n_contrasts > 0) lb_doc_fold_end(doc);
  bool any = false;
  for (int i = 0; i < n_bands; ++i) {
    if (!is_asked_for(r, bands[i].band->task, bands[i].band->algo)) continue;
    if (!any) lb_doc_heading(doc, 3, "bands", "Stated bands");
    any = true;
    lb_doc_say(doc, LB_BLOCK_ITEM, NULL, bands[i].sentence);
  }
}

// All contrasts of a task.
static void add_contrast_table(lb_doc* doc, const lb_results* r, const lb_results_task* task,
                               const lb_contrast_result* c, int n) {
  lb_table* table =
      lb_doc_table(doc,
                   "Paired differences over the seeds, variant minus baseline: mean with 95 % t interval, the "
                   "difference that so many seeds see (80 % power at 5 %), seeds in which the variant is better, and "
                   "tests (Holm: of primary contrasts)",
                   "Baseline|Variant|Metric|#Seeds|#Difference|#Seen from|#Better|#t test|#Holm|#Wilcoxon|Interval");
  lb_arena* a = doc->arena;
  for (int i = 0; i < n; ++i) {
    if (c[i].task != task || c[i].metric < 0 || c[i].n == 0) continue;
    const lb_stats_summary* d = &c[i].paired.difference;
    lb_table_cell(table, c[i].baseline->title, NULL);
    lb_table_cell(table, c[i].variant->title, NULL);
    lb_table_cell(table, lb_results_metric_noun(r, c[i].metric), NULL);
    lb_table_cell(table, lb_format_text(a, "%d", c[i].n), NULL);
    lb_table_cell(table, lb_format_interval(a, d->mean, d->low, d->high), NULL);
    lb_table_cell(table, lb_format_number(a, c[i].smallest, 0.05 * c[i].smallest), NULL);
    lb_table_cell(table, lb_format_text(a, "%d of %d", c[i].better, c[i].n), NULL);
    lb_table_cell(table, lb_format_p(a, c[i].paired.t_p), NULL);
    lb_table_cell(table, lb_format_p(a, c[i].holm_p), NULL);
    lb_table_cell(table, lb_format_p(a, c[i].paired.wilcoxon_p), NULL);
    lb_table_cell(table, c[i].verdict, NULL);
  }
}

// The section of a task.
static void add_task(lb_doc* doc, lb_text* script, const lb_results* r, const lb_results_task* task,
                     const lb_contrast_result* contrasts, int n) {
  lb_doc_heading(doc, 2, lb_forest_task_id(doc, task), task->label);
  if (script) lb_figures_add(doc, script, r, task);
  lb_sweep_add_task(doc, script, r, task);
  lb_doc_fold(doc, "Tables: what each row came to, what it took, how wrong its model was");
  lb_tables_add(doc, r, task);
  add_contrast_table(doc, r, task, contrasts, n);
  lb_doc_fold_end(doc);
}

// Everything that did not end well, with the reason and the folder.
static void add_failures(lb_doc* doc, const lb_results* r) {
  static const char* const words[LB_OUTCOMES] = {[LB_OUTCOME_DIVERGED] = "diverged",
                                                 [LB_OUTCOME_FAILED] = "failed",
                                                 [LB_OUTCOME_DAMAGED] = "unreadable",
                                                 [LB_OUTCOME_APART] = "made under other settings",
                                                 [LB_OUTCOME_STALE] = "stale"};
  int n = r->count[LB_OUTCOME_DIVERGED] + r->count[LB_OUTCOME_FAILED] + r->count[LB_OUTCOME_DAMAGED] +
          r->count[LB_OUTCOME_APART] + r->count[LB_OUTCOME_STALE];
  if (n == 0) return;
  lb_doc_heading(doc, 2, "failures", "What did not end well");
  lb_table* table = lb_doc_table(doc, "", "Task|Algorithm|#Seed|What|Why");
  for (int i = 0; i < r->n_runs; ++i) {
    const lb_results_run* run = &r->runs[i];
    if (!words[run->outcome]) continue;
    lb_table_cell(table, run->task, NULL);
    lb_table_cell(table, run->algo, NULL);
    lb_table_cell(table, lb_format_text(doc->arena, "%d", run->seed),
                  r->pages && has_numbers(run) ? lb_run_pages_name(r, run)
                  : r->out                     ? NULL
                           : lb_format_text(doc->arena, "%s/%s/seed-%d/", run->task, run->algo, run->seed));
    lb_table_cell(table, words[run->outcome], NULL);
    lb_table_cell(table, run->message, NULL);
  }
}

// The distinct versions, machines and commands behind the runs, and where each run lies.
static void add_environment(lb_doc* doc, const lb_results* r) {
  lb_doc_heading(doc, 2, "environment", "What made this");
  lb_table* table = lb_doc_table(doc, "", "Versions|Machine|Command of the first such run|#Runs");
  const lb_results_run** kinds = LB_TAKE(doc->arena, const lb_results_run*, r->n_runs + 1);
  int *count = LB_TAKE(doc->arena, int, r->n_runs + 1), n = 0;
  for (int i = 0; i < r->n_runs; ++i) {
    const lb_results_run* run = &r->runs[i];
    int k = 0;
    if (!run->versions || !run->versions[0]) continue;
    while (k < n && (strcmp(kinds[k]->versions, run->versions) != 0 || strcmp(kinds[k]->machine, run->machine) != 0))
      k++;
    if (k == n) kinds[n++] = run;
    count[k] += 1;
  }
  for (int k = 0; k < n; ++k) {
    lb_table_cell(table, kinds[k]->versions, NULL);
    lb_table_cell(table, kinds[k]->machine, NULL);
    lb_table_cell(table, kinds[k]->command ? kinds[k]->command : "-", NULL);
    lb_table_cell(table, lb_format_text(doc->arena, "%d", count[k]), NULL);
  }
  static const struct {
    const char *file, *what;
    bool normalised;
  } files[] = {{"report.md", "this report as Markdown", false},
               {"tables.csv", "a line a row, metric and iteration: seeds, mean, interval, spread", false},
               {"claims.csv", "a line a claim and task: the difference, its interval, the verdict", false},
               {"findings.csv", "a line a paired difference: mean, intervals, tests", false},
               {"contrasts.csv", "the same seed by seed", false},
               {"across.csv", "statistics across tasks", true},
               {"curves.csv", "the raw curves: a line a run and iteration, a column a metric", false},
               {"tables.tex", "the tables for a paper, in LaTeX", false},
               {"suite.json", "what was run", false}};
  lb_doc_heading(doc, 3, "downloads", "Downloads");
  lb_table* downloads = lb_doc_table(doc, "", "File|What is in it");
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
    if (files[i].normalised && !r->measure->normalised) continue;
    if (strcmp(files[i].file, "suite.json") == 0 && r->out) continue;
    lb_table_cell(downloads, files[i].file, files[i].file);
    lb_table_cell(downloads, files[i].what, NULL);
  }
  say(doc, r->out
               ? "Figures are in plots/ as SVG and PNG, with the gnuplot script that drew them."
               : "Figures are in plots/ as SVG and PNG, with the gnuplot script that drew them. Every run has a folder "
                 "<task>/<algorithm>/seed-<n>/ beside this report, with its resolved configuration, its metrics and "
                 "its policy.");
  lb_doc_fold(doc, "To cite (BibTeX)");
  say(doc,
      "@inproceedings{vemula2023virtues, title={The Virtues of Laziness in Model-based RL: A Unified Objective and "
      "Algorithms}, author={Vemula, Anirudh and Song, Yuda and Singh, Aarti and Bagnell, J. Andrew and Choudhury, "
      "Sanjiban}, booktitle={International Conference on Machine Learning}, year={2023}}");
  lb_doc_fold_end(doc);
}

// What the words mean that the tables use: the rows of the suite by their recipes' titles, and every metric that some
// run has.
static void add_glossary(lb_doc* doc, const lb_results* r) {
  static const char* const better[] = {"-", "lower", "higher", "the nearer to 0 the better"};
  lb_doc_heading(doc, 2, "glossary", "What the words mean");
  lb_doc_fold(doc, "Rows, metrics and terms of the lemmas");
  lb_table* rows = lb_doc_table(doc, "Rows of the suite: bench algos NAME says what a row is, and its settings",
                                "Algorithm|Name in files and commands|Part");
  for (int i = 0; i < r->suite->n_algos; ++i) {
    const char* title = NULL;
    for (int t = 0; t < r->n_tasks && !title; ++t) {
      const lb_results_row* row = lb_results_find_row(&r->tasks[t], r->suite->algos[i]);
      if (row) title = row->title;
    }
    if (!title) continue;
    const char* algo = r->suite->algos[i];
    lb_table_cell(rows, title, NULL);
    lb_table_cell(rows, algo, NULL);
    lb_table_cell(rows,
                  lb_text_same(r->suite->reference, algo)  ? "reference: the 1 of normalised returns"
                  : lb_text_same(r->suite->start, algo)    ? "start: the 0 of normalised returns"
                  : lb_text_same(r->suite->baseline, algo) ? "baseline"
                                                           : "",
                  NULL);
  }
  lb_table* metrics = lb_doc_table(doc, "Numbers of a run; a count or seconds are totals since it began",
                                   "Metric|Name in files|Unit|Better|Meaning");
  for (int m = 0; m < LB_METRICS; ++m) {
    const lb_metric* metric = lb_metric_at(m);
    size_t n = strlen(metric->name);
    if (!r->seen[m] || (n > 3 && strcmp(metric->name + n - 3, "_se") == 0)) continue;
    lb_table_cell(metrics, metric->title, NULL);
    lb_table_cell(metrics, metric->name, NULL);
    lb_table_cell(metrics, metric->unit, NULL);
    lb_table_cell(metrics, better[metric->better], NULL);
    lb_table_cell(metrics, metric->meaning, NULL);
  }
  lb_doc_fold_end(doc);
}

lb_doc* lb_compose(lb_results* r, lb_text* script) {
  int n_contrasts;
  const lb_contrast_result* contrasts = lb_findings_contrasts(r, &n_contrasts);
  lb_doc* doc = lb_doc_new(r->arena);
  doc->refresh = r->refresh;
  add_headline(doc, r);
  lb_forest_add_claims(doc, &r, 1, NULL);
  if (lb_results_has_chapters(r)) {
    if (r->suite->summary[0]) say(doc, r->suite->summary);
    lb_chapters_add(doc, script, r);
    add_failures(doc, r);
    add_glossary(doc, r);
    add_environment(doc, r);
    lb_doc_drop_empty_columns(doc);
    return doc;
  }
  lb_forest_add_rows(doc, r);
  lb_forest_add_contrasts(doc, r);
  add_findings(doc, r, contrasts, n_contrasts);
  if (r->suite->summary[0]) {
    lb_doc_heading(doc, 2, "about", "What was run");
    say(doc, r->suite->summary);
    say(doc, "Intervals are 95 % Student t over seeds, the unit of everything here.");
  }
  lb_ladder_add(doc, r);
  lb_sweep_add_across(doc, script, r);
  lb_across_add(doc, script, r);
  for (int t = 0; t < r->n_tasks; ++t) {
    if (r->tasks[t].hash) add_task(doc, script, r, &r->tasks[t], contrasts, n_contrasts);
  }
  add_failures(doc, r);
  add_glossary(doc, r);
  add_environment(doc, r);
  lb_doc_drop_empty_columns(doc);
  return doc;
}
