#include "report/tables.h"

#include <math.h>

#include "report/findings.h"
#include "report/format.h"

static const char* number(const lb_doc* doc, double x) {
  return lb_format_number(doc->arena, x, NAN);
}

// Seconds and the like: three digits say enough.
static const char* rough_number(const lb_doc* doc, double x) {
  return lb_format_number(doc->arena, x, 0.05 * fabs(x));
}

// Mean and interval of a metric at the row's last iteration, with how many seeds it is of when not of all.
static const char* final_interval(const lb_doc* doc, const lb_results_row* row, int metric) {
  if (metric < 0) return "-";
  lb_stats_summary s = lb_results_row_final(row, metric);
  if (s.n == 0) return s.max == INFINITY ? "diverged" : "-";
  const char* text = lb_format_interval(doc->arena, s.mean, s.low, s.high);
  if (s.n < row->planned) text = lb_format_text(doc->arena, "%s (%d of %d)", text, s.n, row->planned);
  return row->partial ? lb_format_text(doc->arena, "%s at iteration %d", text, row->last) : text;
}

static const char* final_mean(const lb_doc* doc, const lb_results_row* row, int metric) {
  if (metric < 0) return "-";
  double mean = lb_results_row_final(row, metric).mean;
  return metric < LB_METRIC_KNOWN && !lb_metric_at(metric)->whole ? rough_number(doc, mean) : number(doc, mean);
}

// How far the unfinished runs of a row are: "iteration 3 to 7 of 20".
static const char* progress_of(const lb_doc* doc, const lb_results_row* row) {
  int least = -1, most = -1, planned = -1;
  for (int i = 0; i < row->n_runs; ++i) {
    const lb_results_run* run = row->runs[i];
    if (run->outcome != LB_OUTCOME_RUNNING) continue;
    int reached = run->n_points > 0 ? run->iterations[run->n_points - 1] : 0;
    least = least < 0 || reached < least ? reached : least;
    most = reached > most ? reached : most;
    planned = run->planned > planned ? run->planned : planned;
  }
  const char* of = planned >= 0 ? lb_format_text(doc->arena, " of %d", planned) : "";
  return least == most ? lb_format_text(doc->arena, "iteration %d%s", most, of)
                       : lb_format_text(doc->arena, "iteration %d to %d%s", least, most, of);
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
    if (n > 0 && others[i].outcome == LB_OUTCOME_RUNNING) lb_text_add(&text, " (%s)", progress_of(doc, row));
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
    lb_table_cell(table, row->title, lb_format_text(doc->arena, "%s/%s/", row->task, row->algo));
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

static const char* arrival_in_words(const lb_doc* doc, const lb_results_row* row, double cost) {
  if (isnan(cost)) return "-";
  lb_arrival a = lb_findings_arrival(row, cost);
  if (a.n == 0) return "-";
  if (a.reached == 0) return row->partial ? "not yet" : "never";
  const char* who = a.reached < a.n ? lb_format_text(doc->arena, " (%d of %d)", a.reached, a.n) : "";
  if (!isfinite(a.iteration)) return lb_format_text(doc->arena, "never in most%s", who);
  return lb_format_text(doc->arena, "%.6g / %.6g%s", a.samples, a.learner, who);
}

void lb_tables_add_samples(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_milestones goal = lb_findings_milestones(r, task);
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
                     goal.start_from, number(doc, goal.start), number(doc, goal.goal), constant),
      lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (row->flat) continue;
    lb_table_cell(table, row->title, NULL);
    for (int i = 0; i < LB_MILESTONES; ++i) lb_table_cell(table, arrival_in_words(doc, row, goal.cost[i]), NULL);
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
