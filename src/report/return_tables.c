#include "report/return_tables.h"

#include <math.h>

#include "base/format.h"
#include "report/cells.h"
#include "report/milestones.h"
#include "report/run_pages.h"

// Mean and interval of a number of each run, with how many runs have one when not all do. `value` may give NaN.
static const char* over_runs(const lb_doc* doc, const lb_results_row* row, const double* values) {
  double* x = LB_TAKE(doc->arena, double, row->n_runs + 1);
  int n = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    if (isfinite(values[i])) x[n++] = values[i];
  }
  if (n == 0) return "-";
  lb_stats_summary s = lb_stats_summarise(x, n, 0.95);
  const char* text = lb_format_interval(doc->arena, s.mean, s.low, s.high);
  return n < row->planned ? lb_format_text(doc->arena, "%s (%d of %d)", text, n, row->planned) : text;
}

static const char* best_of(const lb_doc* doc, const lb_results_row* row) {
  double* x = LB_TAKE(doc->arena, double, row->n_runs + 1);
  for (int i = 0; i < row->n_runs; ++i) x[i] = lb_results_run_best(row, row->runs[i], LB_METRIC_RETURN);
  return over_runs(doc, row, x);
}

static const char* area_of(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  int as_worst = 0;
  lb_stats_summary s = lb_milestones_areas(&as_worst, r, row, metric);
  if (row->flat || s.n == 0) return "-";
  const char* text = lb_format_interval(doc->arena, s.mean, s.low, s.high);
  if (as_worst > 0) text = lb_format_text(doc->arena, "%s (%d of %d as the worst)", text, as_worst, s.n);
  return s.n < row->planned ? lb_format_text(doc->arena, "%s (%d of %d)", text, s.n, row->planned) : text;
}

// "3 of 5 [0.15, 0.95]": the runs that solved the task, and what share of all that may be.
static const char* solved_of(const lb_doc* doc, const lb_results_row* row) {
  int n, k = lb_results_row_solved(&n, row);
  if (n == 0) return "-";
  lb_interval share = lb_stats_proportion(k, n, 0.95);
  return lb_format_text(doc->arena, "%d of %d [%.2f, %.2f]", k, n, share.low, share.high);
}

static const char* outcome_caption(const lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  const char* scale =
      task->unscaled ? lb_format_text(doc->arena, "No normalised returns: %s", task->unscaled)
                     : lb_format_text(doc->arena, "Normalised: 0 is the mean return of %s, %s, and 1 that of %s, %s",
                                      r->suite->start, lb_cell_number(doc, task->zero), r->suite->reference,
                                      lb_cell_number(doc, task->one));
  return lb_format_text(
      doc->arena,
      "Return (higher is better), means over the seeds with Student's t interval. Last fifth: the mean "
      "of the evaluations over the last fifth of the steps, which is what rows are compared by; a run that diverged or "
      "failed counts as the worst that any run of the task came to, (k of n as the worst) says so, and in medians and "
      "ranks as worse than that. Solved: seeds of which that "
      "mean is at 80 %% of the way to the reference, with the exact binomial interval of their share. Last: "
      "the evaluation at the last step. Best: the best evaluation of each run, chosen on the very episodes that it "
      "reports and so too high. Survival: how long episodes last over the last fifth, of tasks that may end them. "
      "Averaged actor: the last fifth of the moving average of the actor's weights, of runs that keep one, on the same "
      "episodes. Area: the mean along the learning curve. %s",
      scale);
}

void lb_return_tables_add_outcome(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_text titles = {0};
  lb_text_add(&titles,
              "Algorithm|#Seeds|#Last fifth [95 %%]|#Averaged actor [95 %%]|#Normalised [95 %%]|#Solved [95 %%]|#Last "
              "return [95 "
              "%%]|#Median|#Worst seed|#Best seed|#Best "
              "evaluation [95 %%]|#Survival, steps [95 %%]");
  for (int i = 0; i < r->suite->n_show; ++i) lb_text_add(&titles, "|#At %d steps", r->suite->show[i]);
  lb_text_add(&titles, "|#Area [95 %%]");
  lb_table* table = lb_doc_table(doc, outcome_caption(doc, r, task), lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    lb_stats_summary s = lb_results_row_final(row, LB_METRIC_RETURN);
    lb_table_cell(table, row->title, lb_run_pages_of_row(r, row));
    lb_table_cell(table, lb_cell_seeds(doc, row), NULL);
    lb_table_cell(table, lb_cell_tail(doc, row, LB_METRIC_RETURN), NULL);
    lb_table_cell(table, lb_cell_tail(doc, row, LB_METRIC_RETURN_AVERAGE), NULL);
    lb_table_cell(table, lb_cell_tail(doc, row, LB_METRIC_RETURN_NORMALISED), NULL);
    lb_table_cell(table, solved_of(doc, row), NULL);
    lb_table_cell(table, lb_cell_final(doc, row, LB_METRIC_RETURN), NULL);
    lb_table_cell(table, lb_cell_number(doc, s.median), NULL);
    lb_table_cell(table, lb_cell_number(doc, s.min), NULL);
    lb_table_cell(table, lb_cell_number(doc, s.max), NULL);
    lb_table_cell(table, row->flat && !row->by_end ? "-" : best_of(doc, row), NULL);
    lb_table_cell(table, lb_cell_tail(doc, row, LB_METRIC_SURVIVAL), NULL);
    for (int i = 0; i < r->suite->n_show; ++i) {
      double at = row->flat ? NAN : lb_results_row_at(row, LB_METRIC_RETURN, r->suite->show[i]).mean;
      lb_table_cell(table, lb_cell_number(doc, at), NULL);
    }
    lb_table_cell(table, area_of(doc, r, row, LB_METRIC_RETURN), NULL);
  }
}

typedef struct column {
  int metric;
  const char* title;
  bool interval;
} column;

// A line a row and a column a metric, both only where there is a number.
static void add_metrics(lb_doc* doc, const lb_results_task* task, const char* caption, const column* columns, int n,
                        bool flat_too) {
  enum { MOST = 16 };
  bool used[MOST] = {false};
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < task->n_rows; ++k) {
      const lb_results_row* row = &task->rows[k];
      used[i] = used[i] || ((flat_too || !row->flat) && lb_results_row_final(row, columns[i].metric).n > 0);
    }
    if (used[i]) lb_text_add(&titles, "|#%s", columns[i].title);
  }
  lb_table* table = lb_doc_table(doc, caption, lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int k = 0; table->columns > 1 && k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    bool any = false;
    for (int i = 0; i < n; ++i) any = any || (used[i] && lb_results_row_final(row, columns[i].metric).n > 0);
    if (!any || (row->flat && !flat_too)) continue;
    lb_table_cell(table, row->title, NULL);
    for (int i = 0; i < n; ++i) {
      if (!used[i]) continue;
      lb_table_cell(table, (columns[i].interval ? lb_cell_final : lb_cell_mean)(doc, row, columns[i].metric), NULL);
    }
  }
}

void lb_return_tables_add_effort(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  static const column columns[] = {{LB_METRIC_STEPS_EXPERT, "Demonstrated steps", false},
                                   {LB_METRIC_STEPS_EXPLORATION, "Exploration steps", false},
                                   {LB_METRIC_STEPS_LEARNER, "Learner steps", false},
                                   {LB_METRIC_STEPS_EVALUATION, "Evaluation steps (not learned from)", false},
                                   {LB_METRIC_GRADIENT_UPDATES, "Policy updates", false},
                                   {LB_METRIC_MODEL_UPDATES, "Model updates", false},
                                   {LB_METRIC_MODEL_QUERIES, "Model queries", false},
                                   {LB_METRIC_PLANNER_CALLS, "Plans made", false},
                                   {LB_METRIC_LQR_PASSES, "LQR passes", false},
                                   {LB_METRIC_CLONE, "CPU s: clone", false},
                                   {LB_METRIC_COLLECT, "collect", false},
                                   {LB_METRIC_FIT, "fit", false},
                                   {LB_METRIC_PLAN, "plan", false},
                                   {LB_METRIC_EVALUATE, "evaluate", false},
                                   {LB_METRIC_PEAK_MEMORY, "Peak memory, MB", false}};
  add_metrics(
      doc, task,
      "What a run took until its last evaluation, means over the seeds: real steps by source, gradient updates of the "
      "policy and of the model, planning, CPU seconds by phase, and memory",
      columns, sizeof columns / sizeof *columns, true);
}

// Of all evaluations of a row: the residual in its own standard errors.
typedef struct residuals {
  int n, beyond;           // evaluations that have one; of which beyond 2
  lb_stats_summary means;  // over runs, of a run's mean
} residuals;

static residuals residuals_of(const lb_doc* doc, const lb_results_row* row, int metric, int metric_se) {
  double* means = LB_TAKE(doc->arena, double, row->n_runs + 1);
  residuals out = {0};
  int runs = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    const lb_results_run* run = row->runs[i];
    double sum = 0;
    int n = 0;
    for (int p = 0; p < run->n_points; ++p) {
      double z = lb_results_value(run, p, metric) / lb_results_value(run, p, metric_se);
      if (!isfinite(z)) continue;
      sum += z;
      n += 1;
      out.beyond += fabs(z) > 2;
    }
    out.n += n;
    if (n > 0) means[runs++] = sum / n;
  }
  out.means = lb_stats_summarise(means, runs, 0.95);
  return out;
}

static void add_residual_cells(lb_doc* doc, lb_table* table, const lb_results_row* row, int metric, int metric_se) {
  residuals z = residuals_of(doc, row, metric, metric_se);
  lb_table_cell(table, lb_cell_final(doc, row, metric), NULL);
  lb_table_cell(table, z.n ? lb_format_interval(doc->arena, z.means.mean, z.means.low, z.means.high) : "-", NULL);
  lb_table_cell(table, z.n ? lb_format_text(doc->arena, "%d of %d", z.beyond, z.n) : "-", NULL);
}

// Whether the lemma closes: what is left of it, at the last evaluation and at all of them.
static void add_residuals(lb_doc* doc, const lb_results_task* task) {
  lb_table* table = lb_doc_table(
      doc,
      "Does the lemma close? Its left side less all of its terms is 0 but for chance, whatever critic and model are: a "
      "residual of many standard errors means that these numbers are wrong. At the last evaluation; in its own "
      "standard "
      "errors, the mean of a run's evaluations with 95 % interval over the runs; and of all evaluations those beyond "
      "two "
      "standard errors, which chance makes of 5 in 100, of 8 where ten episodes are all there is. A run's evaluations "
      "see "
      "the same demonstrations, so that their residuals go together. Of a row without demonstrations all that is left "
      "is "
      "what drawing some of the steps leaves, or the last digits",
      "Algorithm|#Residual|#In standard errors|#Beyond 2|#Undiscounted residual|#In standard errors|#Beyond 2");
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (residuals_of(doc, row, LB_METRIC_LEMMA_RESIDUAL, LB_METRIC_LEMMA_RESIDUAL_SE).n == 0) continue;
    lb_table_cell(table, row->title, NULL);
    add_residual_cells(doc, table, row, LB_METRIC_LEMMA_RESIDUAL, LB_METRIC_LEMMA_RESIDUAL_SE);
    add_residual_cells(doc, table, row, LB_METRIC_WHOLE_RESIDUAL, LB_METRIC_WHOLE_RESIDUAL_SE);
  }
}

void lb_return_tables_add_terms(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  static const column whole[] = {{LB_METRIC_WHOLE_LEFT, "Left side", true},
                                 {LB_METRIC_WHOLE_VALUE_GAP_EXPERT, "Value disagreement, expert states", true},
                                 {LB_METRIC_WHOLE_VALUE_GAP_LEARNER, "Value disagreement, learner states", true},
                                 {LB_METRIC_WHOLE_REWARD_GAP_EXPERT, "Reward disagreement, expert states", true},
                                 {LB_METRIC_WHOLE_REWARD_GAP_LEARNER, "Reward disagreement, learner states", true},
                                 {LB_METRIC_WHOLE_ADVANTAGE, "Expert's advantage in the model", true},
                                 {LB_METRIC_WHOLE_ADVANTAGE_LEARNER, "Error of the critic as a value", true}};
  static const column columns[] = {{LB_METRIC_LEMMA_LEFT, "Left side", true},
                                   {LB_METRIC_VALUE_GAP_EXPERT, "Value disagreement, expert states", true},
                                   {LB_METRIC_VALUE_GAP_LEARNER, "Value disagreement, learner states", true},
                                   {LB_METRIC_REWARD_GAP_EXPERT, "Reward disagreement, expert states", true},
                                   {LB_METRIC_REWARD_GAP_LEARNER, "Reward disagreement, learner states", true},
                                   {LB_METRIC_PLANNING_ERROR, "Planning error", true},
                                   {LB_METRIC_ADVANTAGE, "Expert's advantage in the model", true},
                                   {LB_METRIC_ADVANTAGE_LEARNER, "Error of the critic as a value", true}};
  add_metrics(
      doc, task,
      "The terms of the two performance difference lemmas at the last evaluation, discounted. Via planning in the "
      "model: planning error and all disagreements; via advantage in the model: the expert's advantage and all "
      "disagreements, and what the critic falls short of the policy's value in the model. Left side: the expert's "
      "return "
      "less the learner's; of a row without demonstrations, what the critic says of first states less the return",
      columns, sizeof columns / sizeof *columns, false);
  add_metrics(
      doc, task,
      "The same undiscounted, over the steps of an episode that each weigh 1, in units of the return: what a fall "
      "late in an episode costs is in these, and hardly in those above. The critic's value of a state counts as "
      "its mean reward of a step, for the steps that are left",
      whole, sizeof whole / sizeof *whole, false);
  add_residuals(doc, task);
}

void lb_return_tables_add_errors(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  static const column columns[] = {{LB_METRIC_MODEL_ERROR_EXPERT_1, "Expert states, 1 step", true},
                                   {LB_METRIC_MODEL_ERROR_EXPERT_5, "expert states, 5 steps", true},
                                   {LB_METRIC_MODEL_ERROR_EXPERT_20, "expert states, 20 steps", true},
                                   {LB_METRIC_MODEL_ERROR_LEARNER_1, "Learner states, 1 step", true},
                                   {LB_METRIC_MODEL_ERROR_LEARNER_5, "learner states, 5 steps", true},
                                   {LB_METRIC_MODEL_ERROR_LEARNER_20, "learner states, 20 steps", true}};
  add_metrics(doc, task,
              "How far the model's mean prediction is from the real system after so many steps with the same actions, "
              "at the last evaluation, in standard deviations of the observations",
              columns, sizeof columns / sizeof *columns, false);
}

// "1200 / 200 (4 of 5)": two medians, and how many came there when not all did.
static const char* pair_in_words(const lb_doc* doc, const lb_results_row* row, const lb_arrival* a, double x,
                                 double y) {
  if (a->n == 0) return "-";
  if (a->reached == 0) return row->partial ? "not yet" : "never";
  const char* who = a->reached < a->n ? lb_format_text(doc->arena, " (%d of %d)", a->reached, a->n) : "";
  if (!isfinite(a->iteration)) return lb_format_text(doc->arena, "not in half of them%s", who);
  return lb_format_text(doc->arena, "%s / %s%s", lb_cell_rough(doc, x), lb_cell_rough(doc, y), who);
}

static bool has_shares(const lb_milestones* goal, int i) {
  return lb_milestone_kinds[i].share > 0 && !isnan(goal->level[i]);
}

static lb_table* arrivals_table(lb_doc* doc, const lb_milestones* goal, const char* caption) {
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < LB_MILESTONES; ++i) {
    if (has_shares(goal, i)) {
      lb_text_add(&titles, "|#%s: %s", lb_milestone_kinds[i].title, lb_cell_rough(doc, goal->level[i]));
    }
  }
  lb_table* table = lb_doc_table(doc, caption, lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  return table;
}

void lb_return_tables_add_arrivals(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_milestones goal = lb_milestones_find(r, task);
  if (!goal.defined) return;
  const char* way =
      lb_format_text(doc->arena,
                     "medians over the seeds at the first evaluation there, by Kaplan and Meier: a seed that did not "
                     "come there is censored where it ended; (k of n) seeds came. Shares of the way from %s (%s) to "
                     "the mean return of the reference (%s)",
                     goal.start_from, lb_cell_number(doc, goal.start), lb_cell_number(doc, goal.goal));
  lb_table* samples = arrivals_table(
      doc, &goal,
      lb_format_text(doc->arena,
                     "Real samples to come near the reference: the learner's alone, exploration included / "
                     "with the demonstrations: %s",
                     way));
  lb_table* planning = arrivals_table(
      doc, &goal,
      lb_format_text(doc->arena,
                     "Planning to come near the reference: gradient updates / CPU seconds of learning, as "
                     "above"));
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (row->flat) continue;
    lb_table_cell(samples, row->title, NULL);
    lb_table_cell(planning, row->title, NULL);
    for (int i = 0; i < LB_MILESTONES; ++i) {
      if (!has_shares(&goal, i)) continue;
      lb_arrival a = lb_milestones_arrival(r, row, goal.level[i]);
      lb_table_cell(samples, pair_in_words(doc, row, &a, a.learner, a.samples), NULL);
      lb_table_cell(planning, pair_in_words(doc, row, &a, a.updates, a.cpu), NULL);
    }
  }
}

// The mean over runs of the values at their k-th evaluation (seeds may draw demonstrations of other lengths).
static lb_stats_summary at_point(const lb_doc* doc, const lb_results_row* row, int metric, int k) {
  double* x = LB_TAKE(doc->arena, double, row->n_runs + 1);
  int n = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    const lb_results_run* run = row->runs[i];
    if (k >= run->n_points) continue;
    double value = metric < 0 ? run->iterations[k] : lb_results_value(run, k, metric);
    if (!isnan(value)) x[n++] = value;
  }
  return lb_stats_summarise(x, n, 0.95);
}

void lb_return_tables_add_demonstrations(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  (void)r;
  lb_table* table =
      lb_doc_table(doc,
                   "Rows that learn from demonstrations alone, by how many transitions they had (means over "
                   "the seeds): their last line is their result elsewhere",
                   "Algorithm|#Demonstrated transitions|#Seeds|#Return [95 %]|#Normalised");
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    int most = 0;
    for (int i = 0; i < row->n_runs; ++i) most = row->runs[i]->n_points > most ? row->runs[i]->n_points : most;
    for (int p = 0; row->by_end && most > 1 && p < most; ++p) {
      lb_stats_summary s = at_point(doc, row, LB_METRIC_RETURN, p);
      lb_table_cell(table, row->title, NULL);
      lb_table_cell(table, lb_cell_rough(doc, at_point(doc, row, -1, p).mean), NULL);
      lb_table_cell(table, lb_format_text(doc->arena, "%d", s.n), NULL);
      lb_table_cell(table, s.n ? lb_format_interval(doc->arena, s.mean, s.low, s.high) : "-", NULL);
      lb_table_cell(table, lb_cell_number(doc, lb_results_normalise(task, s.mean)), NULL);
    }
  }
}
