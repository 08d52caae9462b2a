#include "report/tables.h"

#include <math.h>

#include "report/findings.h"
#include "report/format.h"

static const char* number(const lb_doc* doc, double x) {
  return lb_format_number(doc->arena, x, NAN);
}

// Mean and interval of a metric at the row's last iteration.
static const char* final_interval(const lb_doc* doc, const lb_results_row* row, int metric) {
  if (metric < 0) return "-";
  lb_stats_summary s = lb_results_row_final(row, metric);
  if (s.n == 0) return s.max == INFINITY ? "diverged" : "-";
  return lb_format_interval(doc->arena, s.mean, s.low, s.high);
}

static const char* final_mean(const lb_doc* doc, const lb_results_row* row, int metric) {
  if (metric < 0) return "-";
  return number(doc, lb_results_row_final(row, metric).mean);
}

// "10/10", with what became of the others.
static const char* seeds_of(const lb_doc* doc, const lb_results_row* row) {
  lb_text text = {0};
  lb_text_add(&text, "%d/%d", row->count[LB_OUTCOME_FINISHED], row->planned);
  static const struct {
    lb_run_outcome outcome;
    const char* word;
  } others[] = {{LB_OUTCOME_RUNNING, "unfinished"},
                {LB_OUTCOME_DIVERGED, "diverged"},
                {LB_OUTCOME_FAILED, "failed"},
                {LB_OUTCOME_DAMAGED, "unreadable"},
                {LB_OUTCOME_APART, "other settings"}};
  for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
    int n = row->count[others[i].outcome];
    if (n > 0) lb_text_add(&text, ", %d %s", n, others[i].word);
  }
  char* kept = lb_format_text(doc->arena, "%s", text.data);
  lb_text_free(&text);
  return kept;
}

static double mean_area(const lb_results_row* row) {
  double sum = 0;
  int n = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    double area = lb_findings_area(row->runs[i], row->last);
    if (isfinite(area)) {
      sum += area;
      n += 1;
    }
  }
  return n > 0 && n == row->n_runs ? sum / n : NAN;
}

void lb_tables_add_outcome(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm|#Seeds|#Final cost [95 %%]|#Median|#Best|#Worst");
  for (int i = 0; i < r->suite->n_show; ++i) lb_text_add(&titles, "|#Cost at %d", r->suite->show[i]);
  lb_text_add(&titles, "|#Mean on the way");
  lb_table* table = lb_doc_table(
      doc,
      "Cost (lower is better): mean over the seeds at the last iteration with Student's t interval, single "
      "seeds, means at earlier iterations, and the average from iteration 1 on",
      lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    lb_stats_summary cost = lb_results_row_final(row, LB_METRIC_COST);
    lb_table_cell(table, row->title, NULL);
    lb_table_cell(table, seeds_of(doc, row), NULL);
    lb_table_cell(table, final_interval(doc, row, LB_METRIC_COST), NULL);
    lb_table_cell(table, number(doc, cost.median), NULL);
    lb_table_cell(table, number(doc, cost.min), NULL);
    lb_table_cell(table, number(doc, cost.max), NULL);
    for (int i = 0; i < r->suite->n_show; ++i) {
      double at = row->flat ? NAN : lb_results_row_at(row, LB_METRIC_COST, r->suite->show[i]).mean;
      lb_table_cell(table, number(doc, at), NULL);
    }
    lb_table_cell(table, number(doc, row->flat ? NAN : mean_area(row)), NULL);
  }
}

void lb_tables_add_effort(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  lb_table* table =
      lb_doc_table(doc,
                   "What a run took until the last iteration, means over the seeds: real steps by source, "
                   "planning, and CPU seconds by phase",
                   "Algorithm|#Demonstrated steps|#Learner steps|#LQR passes|#Model queries|#CPU s: "
                   "collect|#fit|#plan|#evaluate");
  static const int metrics[] = {LB_METRIC_STEPS_EXPERT,  LB_METRIC_STEPS_LEARNER, LB_METRIC_LQR_PASSES,
                                LB_METRIC_MODEL_QUERIES, LB_METRIC_COLLECT,       LB_METRIC_FIT,
                                LB_METRIC_PLAN,          LB_METRIC_EVALUATE};
  for (int k = 0; k < task->n_rows; ++k) {
    if (task->rows[k].flat) continue;
    lb_table_cell(table, task->rows[k].title, NULL);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; ++i) {
      lb_table_cell(table, final_mean(doc, &task->rows[k], metrics[i]), NULL);
    }
  }
}

void lb_tables_add_samples(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_milestones goal = lb_findings_milestones(r, task);
  if (!goal.defined) return;
  lb_table* table = lb_doc_table(
      doc,
      lb_format_text(
          doc->arena,
          "Real samples (with demonstrations / the learner's alone, medians over seeds) to come a share of the "
          "way from %s (%s) to the reference (%s)",
          goal.start_from, number(doc, goal.start), number(doc, goal.goal)),
      "Algorithm|#50 %: iteration|#samples|#80 %: iteration|#samples|#95 %: iteration|#samples");
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (row->flat) continue;
    lb_table_cell(table, row->title, NULL);
    for (int i = 0; i < LB_MILESTONES; ++i) {
      lb_arrival a = lb_findings_arrival(row, goal.cost[i]);
      bool there = a.reached > 0 && isfinite(a.iteration);
      const char* when = there ? number(doc, a.iteration) : "never";
      if (there && a.reached < a.n) when = lb_format_text(doc->arena, "%s (%d of %d)", when, a.reached, a.n);
      lb_table_cell(table, when, NULL);
      lb_table_cell(table,
                    there ? lb_format_text(doc->arena, "%s / %s", number(doc, a.samples), number(doc, a.learner)) : "-",
                    NULL);
    }
  }
}

void lb_tables_add_models(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  lb_table* table =
      lb_doc_table(doc,
                   "At the last iteration: mean squared one-step error of the model, the policy's and the "
                   "expert's cost in it, and the planning error (the former minus the latter)",
                   "Algorithm|#Error on expert states|#on learner states|#Cost in the model|#Expert's cost "
                   "in it|#Planning error|#Rank of the fit");
  static const int metrics[] = {LB_METRIC_MODEL_ERROR_EXPERT,   LB_METRIC_MODEL_ERROR_LEARNER, LB_METRIC_COST_IN_MODEL,
                                LB_METRIC_EXPERT_COST_IN_MODEL, LB_METRIC_PLANNING_ERROR,      LB_METRIC_FIT_RANK};
  for (int k = 0; k < task->n_rows; ++k) {
    if (task->rows[k].flat) continue;
    lb_table_cell(table, task->rows[k].title, NULL);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; ++i) {
      bool plain = metrics[i] == LB_METRIC_FIT_RANK;
      lb_table_cell(
          table, plain ? final_mean(doc, &task->rows[k], metrics[i]) : final_interval(doc, &task->rows[k], metrics[i]),
          NULL);
    }
  }
}
