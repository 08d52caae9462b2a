// What a suite's ladder says: see ladder.h.
#include "report/ladder.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/cells.h"
#include "report/milestones.h"

double lb_ladder_exponent(const double* x, const double* y, int n, int* used) {
  double a[LB_LADDER_MOST], b[LB_LADDER_MOST];
  int k = 0;
  for (int i = 0; i < n && k < LB_LADDER_MOST; ++i) {
    if (!isfinite(x[i]) || !isfinite(y[i]) || x[i] <= 0 || y[i] <= 0) continue;
    a[k] = log(x[i]);
    b[k++] = log(y[i]);
  }
  *used = k;
  return lb_stats_slope(a, b, k);
}

// 80 % of the way to the reference; NaN: not defined.
static double level_of(const lb_results* r, const lb_results_task* task) {
  lb_milestones goal = lb_milestones_find(r, task);
  for (int i = 0; goal.defined && i < LB_MILESTONES; ++i) {
    if (strcmp(lb_milestone_kinds[i].name, "80") == 0) return goal.level[i];
  }
  return NAN;
}

// "1200 (4 of 5)": a median, and how many came there when not all did.
static const char* arrival_in_words(const lb_doc* doc, const lb_arrival* a, double median) {
  if (a->n == 0) return "-";
  if (a->reached == 0) return lb_format_text(doc->arena, "never (of %d)", a->n);
  if (!isfinite(median)) return lb_format_text(doc->arena, "not in half (%d of %d)", a->reached, a->n);
  const char* number = lb_cell_rough(doc, median);
  return a->reached < a->n ? lb_format_text(doc->arena, "%s (%d of %d)", number, a->reached, a->n) : number;
}

// "power 1.9 (of 4)": an exponent, and of how many points when not of all.
static const char* growth_in_words(const lb_doc* doc, double exponent, int used, int n) {
  if (isnan(exponent)) return "-";
  const char* of = used < n ? lb_format_text(doc->arena, " (of %d)", used) : "";
  return lb_format_text(doc->arena, "power %.1f%s", exponent, of);
}

// One table: of the learner's steps or of planning.
static void add_table(lb_doc* doc, const lb_results* r, bool of_work) {
  const lb_suite_ladder* ladder = &r->suite->ladder;
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < ladder->n; ++i) lb_text_add(&titles, "|#%s", lb_cell_number(doc, ladder->values[i]));
  lb_text_add(&titles, "|#Growth");
  const char* caption = lb_format_text(
      doc->arena,
      "%s until an evaluation is at 80 %% of the way to the reference, against %s: medians over the seeds by "
      "Kaplan and Meier, a seed that did not come there censored where it ended; (k of n) seeds came. Growth: the "
      "power "
      "of that number by which the finite medians grow, by least squares in the logarithms",
      of_work ? lb_format_text(doc->arena, "%s of planning", lb_results_metric_title(r, r->measure->work))
              : "Real steps of the learner",
      ladder->label);
  lb_table* table = lb_doc_table(doc, caption, lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  double* y = LB_TAKE(doc->arena, double, ladder->n);
  for (int k = 0; k < r->suite->n_algos; ++k) {
    const lb_results_row* first = NULL;
    const char** cells = LB_TAKE(doc->arena, const char*, ladder->n);
    for (int i = 0; i < ladder->n; ++i) {
      const lb_results_task* task = lb_results_find_task(r, ladder->tasks[i]);
      const lb_results_row* row = task ? lb_results_find_row(task, r->suite->algos[k]) : NULL;
      double level = row && !row->flat ? level_of(r, task) : NAN;
      cells[i] = "-";
      y[i] = NAN;
      if (!row || row->flat || isnan(level)) continue;
      lb_arrival a = lb_milestones_arrival(r, row, level);
      y[i] = of_work ? a.work : a.learner;
      cells[i] = arrival_in_words(doc, &a, y[i]);
      if (!first) first = row;
    }
    if (!first) continue;
    int used;
    double exponent = lb_ladder_exponent(ladder->values, y, ladder->n, &used);
    lb_table_cell(table, first->title, NULL);
    for (int i = 0; i < ladder->n; ++i) lb_table_cell(table, cells[i], NULL);
    lb_table_cell(table, growth_in_words(doc, exponent, used, ladder->n), NULL);
  }
}

void lb_ladder_add(lb_doc* doc, const lb_results* r) {
  if (r->suite->ladder.n == 0) return;
  lb_doc_heading(doc, 2, "growth", lb_format_text(doc->arena, "What it takes, against %s", r->suite->ladder.label));
  add_table(doc, r, false);
  add_table(doc, r, true);
}
