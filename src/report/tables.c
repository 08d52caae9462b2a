#include "report/tables.h"

#include <math.h>

#include "base/format.h"
#include "report/cells.h"
#include "report/milestones.h"
#include "report/run_pages.h"

void lb_tables_add_outcome(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm|#Seeds|#Final cost [95 %%]|#Median|#Best|#Worst");
  for (int i = 0; i < r->suite->n_show; ++i) lb_text_add(&titles, "|#Cost at %d", r->suite->show[i]);
  lb_text_add(&titles, "|#Mean on the way");
  lb_table* table = lb_doc_table(
      doc,
      "Cost (lower is better): mean over the seeds at the last iteration with Student's t interval, single "
      "seeds, means at earlier iterations, and the average from iteration 1 on. A run that diverged or failed counts "
      "as "
      "the worst that any run of the task came to, (k of n as the worst) says so, and in medians and ranks as worse "
      "than "
      "that",
      lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    lb_stats_summary cost = lb_results_row_final(row, LB_METRIC_COST);
    lb_table_cell(table, row->title, lb_run_pages_of_row(r, row));
    lb_table_cell(table, lb_cell_seeds(doc, row), NULL);
    lb_table_cell(table, lb_cell_final(doc, row, LB_METRIC_COST), NULL);
    lb_table_cell(table, lb_cell_number(doc, cost.median), NULL);
    lb_table_cell(table, lb_cell_number(doc, cost.min), NULL);
    lb_table_cell(table, lb_cell_number(doc, cost.max), NULL);
    for (int i = 0; i < r->suite->n_show; ++i) {
      double at = row->flat ? NAN : lb_results_row_at(row, LB_METRIC_COST, r->suite->show[i]).mean;
      lb_table_cell(table, lb_cell_number(doc, at), NULL);
    }
    lb_table_cell(table, lb_cell_number(doc, row->flat ? NAN : lb_milestones_areas(NULL, r, row, LB_METRIC_COST).mean),
                  NULL);
  }
}

void lb_tables_add_effort(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  lb_table* table =
      lb_doc_table(doc,
                   "What a run took until the last iteration, means over the seeds: real steps by source, "
                   "planning, CPU seconds by phase, and memory",
                   "Algorithm|#Demonstrated steps|#Learner steps|#LQR passes|#Model queries|#CPU s: "
                   "collect|#fit|#plan|#evaluate|#Peak memory, MB");
  static const int metrics[] = {LB_METRIC_STEPS_EXPERT,  LB_METRIC_STEPS_LEARNER, LB_METRIC_LQR_PASSES,
                                LB_METRIC_MODEL_QUERIES, LB_METRIC_COLLECT,       LB_METRIC_FIT,
                                LB_METRIC_PLAN,          LB_METRIC_EVALUATE,      LB_METRIC_PEAK_MEMORY};
  for (int k = 0; k < task->n_rows; ++k) {
    if (task->rows[k].flat) continue;
    lb_table_cell(table, task->rows[k].title, NULL);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; ++i) {
      lb_table_cell(table, lb_cell_mean(doc, &task->rows[k], metrics[i]), NULL);
    }
  }
}

static const char* arrival_in_words(const lb_doc* doc, const lb_results* r, const lb_results_row* row, double cost) {
  if (isnan(cost)) return "-";
  lb_arrival a = lb_milestones_arrival(r, row, cost);
  if (a.n == 0) return "-";
  if (a.reached == 0) return row->partial ? "not yet" : "never";
  const char* who = a.reached < a.n ? lb_format_text(doc->arena, " (%d of %d)", a.reached, a.n) : "";
  if (!isfinite(a.iteration)) return lb_format_text(doc->arena, "not in half of them%s", who);
  return lb_format_text(doc->arena, "%.6g / %.6g%s", a.samples, a.learner, who);
}

void lb_tables_add_samples(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_milestones goal = lb_milestones_find(r, task);
  if (!goal.defined) return;
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < LB_MILESTONES; ++i) lb_text_add(&titles, "|#%s", lb_milestone_kinds[i].title);
  const char* constant =
      goal.floor != 0 ? lb_format_text(doc->arena, ", costs without the constant %g", goal.floor) : "";
  lb_table* table = lb_doc_table(
      doc,
      lb_format_text(doc->arena,
                     "Real samples to come near the reference: with demonstrations / the learner's alone, medians over "
                     "seeds at the first iteration there. Shares of the way from %s (%s) to the reference (%s); then "
                     "factors of the reference's cost%s",
                     goal.start_from, lb_cell_number(doc, goal.start), lb_cell_number(doc, goal.goal), constant),
      lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (row->flat) continue;
    lb_table_cell(table, row->title, NULL);
    for (int i = 0; i < LB_MILESTONES; ++i) lb_table_cell(table, arrival_in_words(doc, r, row, goal.level[i]), NULL);
  }
}

void lb_tables_add_models(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  static const struct {
    int metric;
    const char* title;
  } columns[] = {{LB_METRIC_MODEL_ERROR_EXPERT, "Error on expert states"},
                 {LB_METRIC_MODEL_ERROR_LEARNER, "on learner states"},
                 {LB_METRIC_VALUE_ERROR_EXPERT, "Error in value on expert states"},
                 {LB_METRIC_VALUE_ERROR_LEARNER, "on learner states"},
                 {LB_METRIC_COST_IN_MODEL, "Cost in the model"},
                 {LB_METRIC_EXPERT_COST_IN_MODEL, "Expert's cost in it"},
                 {LB_METRIC_PLANNING_ERROR, "Planning error"},
                 {LB_METRIC_FIT_RANK, "Rank of the fit"}};
  enum { COLUMNS = sizeof columns / sizeof *columns };
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < COLUMNS; ++i) {
    if (r->seen[columns[i].metric]) lb_text_add(&titles, "|#%s", columns[i].title);
  }
  lb_table* table =
      lb_doc_table(doc,
                   "At the last iteration: mean squared one-step error of the model, the policy's and the "
                   "expert's cost in it, and the planning error (the former minus the latter)",
                   lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; k < task->n_rows; ++k) {
    if (task->rows[k].flat) continue;
    lb_table_cell(table, task->rows[k].title, NULL);
    for (int i = 0; i < COLUMNS; ++i) {
      int metric = columns[i].metric;
      if (!r->seen[metric]) continue;
      bool plain = metric == LB_METRIC_FIT_RANK;
      lb_table_cell(table, (plain ? lb_cell_mean : lb_cell_final)(doc, &task->rows[k], metric), NULL);
    }
  }
}
