// The section about all tasks together: see across_doc.h.
#include "report/across_doc.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/cells.h"
#include "report/csv.h"

enum { TASKS_ENOUGH = 5 };  // for aggregates to come before what they are made of

static const char* estimate_in_words(const lb_doc* doc, const lb_estimate* e) {
  if (isnan(e->value)) return "-";
  if (isinf(e->value) || isinf(e->interval.low)) {
    const char* high = isinf(e->interval.high) ? "" : lb_cell_rough(doc, e->interval.high);
    return isinf(e->value) ? "diverged"
                           : lb_format_text(doc->arena, "%s [diverged, %s]", lb_cell_rough(doc, e->value), high);
  }
  return lb_format_interval(doc->arena, e->value, e->interval.low, e->interval.high);
}

static const char* runs_in_words(const lb_doc* doc, const lb_across_row* row) {
  const char* early = row->partial ? ", unfinished" : "";
  return lb_format_text(doc->arena, "%d/%d%s", lb_scores_total(&row->last), row->planned, early);
}

static void add_aggregates(lb_doc* doc, const lb_results* r, const lb_across* a) {
  lb_table* table = lb_doc_table(
      doc,
      lb_format_text(
          doc->arena,
          "Normalised returns (0: %s, 1: %s; higher is better) of all runs on all tasks, with 95 %% intervals by "
          "stratified percentile bootstrap (%d resamples of the runs of each task, from three on; the 0 and the 1 "
          "count as known). IQM: interquartile mean. Best: the best evaluation of each run, chosen on the episodes "
          "that "
          "it reports and so too high. Area: the mean along the learning curve",
          r->suite->start, r->suite->reference, LB_ACROSS_RESAMPLES),
      "Algorithm|#Tasks|#Runs|#IQM, last fifth|#Mean, last fifth|#IQM, last evaluation|#IQM, best evaluation|#IQM, "
      "area "
      "under the curve");
  for (int i = 0; i < a->n_rows; ++i) {
    const lb_across_row* row = &a->rows[i];
    const lb_estimate e[] = {lb_across_iqm(&row->tail), lb_across_mean(&row->tail), lb_across_iqm(&row->last),
                             lb_across_iqm(&row->best), lb_across_iqm(&row->area)};
    lb_table_cell(table, row->title, NULL);
    lb_table_cell(table, lb_format_text(doc->arena, "%d/%d", row->tasks, a->n_tasks), NULL);
    lb_table_cell(table, runs_in_words(doc, row), NULL);
    for (size_t k = 0; k < sizeof e / sizeof *e; ++k) lb_table_cell(table, estimate_in_words(doc, &e[k]), NULL);
  }
}

static void add_by_task(lb_doc* doc, const lb_across* a) {
  if (a->n_tasks < 2) return;
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int t = 0; t < a->n_tasks; ++t) lb_text_add(&titles, "|#%s", a->tasks[t]->name);
  lb_table* table = lb_doc_table(
      doc, "Normalised return over the last fifth of the steps by task: mean over the seeds with Student's t interval",
      lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int i = 0; i < a->n_rows; ++i) {
    lb_table_cell(table, a->rows[i].title, NULL);
    for (int t = 0; t < a->n_tasks; ++t) {
      const lb_results_row* row = lb_results_find_row(a->tasks[t], a->rows[i].algo);
      lb_table_cell(table, row ? lb_cell_tail(doc, row, LB_METRIC_RETURN_NORMALISED) : "-", NULL);
    }
  }
}

static const char improvement_words[] =
    "a run of the row does better over the last fifth of the steps than one of the column on the same task (ties count "
    "one "
    "half), "
    "averaged over the tasks that both have; 95 % intervals by stratified percentile bootstrap, from three runs of a "
    "task "
    "on. 0.5: no difference; "
    "[1, 1]: every pair of runs went "
    "that way";

static const char* improvement_cell(const lb_doc* doc, const lb_across_row* x, const lb_across_row* y) {
  lb_estimate e = lb_across_improvement(x, y);
  return estimate_in_words(doc, &e);
}

static void add_improvements(lb_doc* doc, const lb_results* r, const lb_across* a) {
  const lb_across_row* baseline = lb_across_find(a, r->suite->baseline);
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < a->n_rows; ++i) {
    if (!baseline || baseline == &a->rows[i]) lb_text_add(&titles, "|#over %s", a->rows[i].title);
  }
  lb_table* table =
      lb_doc_table(doc, lb_format_text(doc->arena, "Probability of improvement: that %s", improvement_words),
                   lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int i = 0; i < a->n_rows && a->n_rows > 1; ++i) {
    const lb_across_row* row = &a->rows[i];
    if (row == baseline) continue;
    lb_table_cell(table, row->title, NULL);
    for (int j = 0; j < a->n_rows; ++j) {
      if (baseline && baseline != &a->rows[j]) continue;
      lb_table_cell(table, i == j ? "-" : improvement_cell(doc, row, &a->rows[j]), NULL);
    }
  }
}

static void warn(lb_doc* doc, const char* lead, const char* text) {
  lb_doc_say(doc, LB_BLOCK_WARNING, lead, text);
}

// What the numbers of this section leave out, or mix.
static void add_warnings(lb_doc* doc, const lb_results* r, const lb_across* a) {
  bool fewer_tasks = false, uneven = false, few = false;
  for (int t = 0; t < r->n_tasks; ++t) {
    const lb_results_task* task = &r->tasks[t];
    bool again = t > 0 && strcmp(r->tasks[t - 1].name, task->name) == 0;
    if (again) {
      warn(doc, "Left out.",
           lb_format_text(doc->arena, "%s: of the hashes of one task only that with most runs counts here.",
                          task->label));
    } else if (task->unscaled && task->hash) {
      warn(doc, "Left out.", lb_format_text(doc->arena, "%s: %s.", task->label, task->unscaled));
    }
  }
  for (int i = 0; i < a->n_rows; ++i) {
    const lb_across_row* row = &a->rows[i];
    fewer_tasks = fewer_tasks || row->tasks < a->n_tasks;
    for (int t = 0; t < a->n_tasks; ++t) {
      uneven = uneven || (row->last.count[t] != row->last.count[0] && row->last.count[t] > 0 && row->last.count[0] > 0);
    }
    few = few || !lb_scores_have_enough(&row->last);
  }
  if (fewer_tasks) {
    warn(doc, "Not all tasks.",
         "A row that lacks a task (column Tasks) is an aggregate over other tasks than the rest, and no fair "
         "comparison.");
  }
  if (uneven) warn(doc, "Unequal seeds.", "A task with more runs weighs more in a row's aggregates.");
  if (few) {
    warn(doc, "Few seeds.",
         "A row with fewer than three runs on a task has no bootstrap interval: of two runs that would be their range, "
         "which looks exact and says nothing.");
  }
}

void lb_across_doc_add(lb_doc* doc, lb_text* script, const lb_results* r) {
  if (!r->higher) return;
  lb_across a = lb_across_collect(r);
  lb_doc_heading(doc, 2, "across", a.n_tasks == 1 ? "All runs, normalised" : "Across tasks");
  add_warnings(doc, r, &a);
  if (a.n_tasks == 0 || a.n_rows == 0) return;
  bool few = a.n_tasks > 1 && a.n_tasks < TASKS_ENOUGH;
  if (few) {
    add_by_task(doc, &a);
    warn(doc, "Few tasks.",
         lb_format_text(
             doc->arena,
             "%d tasks are no sample of a kind of task: what follows sums these up, and says nothing of others.",
             a.n_tasks));
  }
  add_aggregates(doc, r, &a);
  if (script) lb_across_figures_add(doc, script, r, &a);
  if (!few) add_by_task(doc, &a);
  add_improvements(doc, r, &a);
}

static void add_line(lb_text* out, const lb_results* r, const char* statistic, const lb_across_row* x,
                     const lb_across_row* y, const lb_scores* scores, lb_estimate e) {
  if (isnan(e.value)) return;
  const char* const texts[] = {r->suite->name, statistic, x->algo, y ? y->algo : ""};
  for (int i = 0; i < 4; ++i) {
    lb_csv_field(out, texts[i]);
    lb_text_add(out, ",");
  }
  lb_text_add(out, "%d,%d,%d", x->tasks, lb_scores_total(scores), x->planned);
  const double numbers[] = {e.value, e.interval.low, e.interval.high};
  for (int i = 0; i < 3; ++i) lb_text_add(out, isnan(numbers[i]) ? "," : ",%.17g", numbers[i]);
  lb_text_add(out, "\n");
}

void lb_across_csv(lb_text* out, const lb_results* r) {
  lb_across a = lb_across_collect(r);
  const lb_across_row* baseline = lb_across_find(&a, r->suite->baseline);
  lb_text_add(out, "suite,statistic,algo,against,tasks,runs,planned,value,low,high\n");
  for (int i = 0; i < a.n_rows; ++i) {
    const lb_across_row* row = &a.rows[i];
    add_line(out, r, "iqm_tail", row, NULL, &row->tail, lb_across_iqm(&row->tail));
    add_line(out, r, "mean_tail", row, NULL, &row->tail, lb_across_mean(&row->tail));
    add_line(out, r, "iqm_last", row, NULL, &row->last, lb_across_iqm(&row->last));
    add_line(out, r, "mean_last", row, NULL, &row->last, lb_across_mean(&row->last));
    add_line(out, r, "iqm_best", row, NULL, &row->best, lb_across_iqm(&row->best));
    add_line(out, r, "iqm_area", row, NULL, &row->area, lb_across_iqm(&row->area));
    for (int j = 0; j < a.n_rows; ++j) {
      if (i == j || (baseline && baseline != &a.rows[j])) continue;
      add_line(out, r, "improvement", row, &a.rows[j], &row->tail, lb_across_improvement(row, &a.rows[j]));
    }
  }
}
