// The tables of a task: see tables.h. What stands in their cells is made in cells.c.
#include "report/tables.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/cells.h"
#include "report/milestones.h"
#include "report/run_pages.h"

// A table whose titles are in `titles`, which is freed.
static lb_table* new_table(lb_doc* doc, const char* caption, lb_text* titles) {
  lb_table* table = lb_doc_table(doc, caption, lb_format_text(doc->arena, "%s", titles->data));
  lb_text_free(titles);
  return table;
}

// ---------------------------------------------------------------------------------------------------------------------
// What each row came to

// A column of what is compared, or of `metric`; it is said in the caption what it means.
typedef struct outcome_column {
  const char* title;  // "%s" stands for what is compared
  int metric;         // -1: what is compared
  const char* (*cell)(const lb_doc*, const lb_results*, const lb_results_row*, int metric);
  const char* meaning;  // "" where it goes without saying
} outcome_column;

// Cells as the table has them: see cells.h.
static const char* seeds_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r, (void)metric;
  return lb_cell_seeds(doc, row);
}
// Over the last fifth.
static const char* tail_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r;
  return lb_cell_tail(doc, row, metric);
}
// At the last evaluation.
static const char* final_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r;
  return lb_cell_final(doc, row, metric);
}
// Who solved the task.
static const char* solved_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r, (void)metric;
  return lb_cell_solved_share(doc, row);
}
// The median seed.
static const char* median_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r;
  return lb_cell_number(doc, lb_results_row_final(row, metric).median);
}
// The seed that ended worst, and the one that ended best.
static const char* worst_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r;
  lb_stats_summary s = lb_results_row_final(row, metric);
  return lb_cell_number(doc, lb_results_worse(metric, s.min, s.max));
}
// The seed that ended best.
static const char* best_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r;
  lb_stats_summary s = lb_results_row_final(row, metric);
  return lb_cell_number(doc, lb_metric_is_better(metric, s.min, s.max) ? s.min : s.max);
}
// Each run's best evaluation; "-" for rows that have one alone.
static const char* best_evaluation_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  (void)r;
  return row->flat && !row->by_end ? "-" : lb_cell_best(doc, row, metric);
}

// Before what the suite shows on the way, and behind it.
static const outcome_column before[] = {
    {"Seeds", -1, seeds_cell, ""},
    {"Last fifth [95 %]", -1, tail_cell, " Last fifth: the mean of the evaluations over the last fifth of the way."},
    {"Averaged actor [95 %]", LB_METRIC_RETURN_AVERAGE, tail_cell,
     " Averaged actor: the last fifth of the moving average of the actor's weights, on the same episodes."},
    {"Normalised [95 %]", LB_METRIC_RETURN_NORMALISED, tail_cell, ""},
    {"Solved [95 %]", -1, solved_cell,
     " Solved: seeds whose last fifth is at 80 % of the way to the reference, with the exact binomial interval of "
     "their "
     "share."},
    {"Last %s [95 %]", -1, final_cell, " Last: the last evaluation, with the median, worst and best seed."},
    {"Median", -1, median_cell, ""},
    {"Worst seed", -1, worst_cell, ""},
    {"Best seed", -1, best_cell, ""},
    {"Best evaluation [95 %]", -1, best_evaluation_cell,
     " Best: the best evaluation of each run, chosen on the very episodes that it reports and so too good."},
    {"Survival, steps [95 %]", LB_METRIC_SURVIVAL, tail_cell,
     " Survival: how long episodes last over the last fifth, of tasks that may end them."}};
static const outcome_column behind[] = {{"Area [95 %]", -1, lb_cell_area, " Area: the mean along the learning curve."}};
enum { BEFORE = sizeof before / sizeof *before, BEHIND = sizeof behind / sizeof *behind };

// What a column says of a row.
static const char* outcome_cell(const lb_doc* doc, const lb_results* r, const lb_results_row* row,
                                const outcome_column* c) {
  return c->cell(doc, r, row, c->metric < 0 ? r->metric : c->metric);
}

// Whether some row has something in a column.
static bool is_used(const lb_doc* doc, const lb_results* r, const lb_results_task* task, const outcome_column* c) {
  bool used = false;
  for (int k = 0; k < task->n_rows && !used; ++k) used = strcmp(outcome_cell(doc, r, &task->rows[k], c), "-") != 0;
  return used;
}

// "Normalised: 0 is the mean return of random, 12, and 1 that of expert, 980"; "" of what is never normalised.
static const char* scale_in_words(const lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  if (!r->measure->normalised) return "";
  if (task->unscaled) return lb_format_text(doc->arena, " No normalised returns: %s", task->unscaled);
  return lb_format_text(doc->arena, " Normalised: 0 is the mean return of %s, %s, and 1 that of %s, %s",
                        r->suite->start, lb_cell_number(doc, task->zero), r->suite->reference,
                        lb_cell_number(doc, task->one));
}

// Adds the titles of columns, and their meanings to the caption.
static void add_columns(lb_text* titles, lb_text* caption, const outcome_column* columns, int n, const lb_doc* doc,
                        const lb_results* r, const lb_results_task* task) {
  const char* noun = lb_results_metric_noun(r, r->metric);
  for (int i = 0; i < n; ++i) {
    const char* mark = strstr(columns[i].title, "%s");
    if (mark) {
      lb_text_add(titles, "|#%.*s%s%s", (int)(mark - columns[i].title), columns[i].title, noun, mark + 2);
    } else {
      lb_text_add(titles, "|#%s", columns[i].title);
    }
    if (is_used(doc, r, task, &columns[i])) lb_text_add(caption, "%s", columns[i].meaning);
  }
}

// What each row came to: on average over the end of the way, at the end, at best, on the way.
static void add_outcome(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_text titles = {0}, caption = {0};
  lb_text_add(&titles, "Algorithm");
  lb_text_add(&caption,
              "%s (%s), means over the seeds with Student's t interval; rows are compared by that %s. A run that "
              "diverged or failed counts as the worst that any run of the task came to, (k of n as the worst) says so, "
              "and in medians and ranks as worse than that.",
              lb_results_metric_title(r, r->metric), lb_results_better(r->metric), r->measure->when);
  add_columns(&titles, &caption, before, BEFORE, doc, r, task);
  for (int i = 0; i < r->suite->n_show; ++i) {
    lb_text_add(&titles, "|#At %s %d", r->measure->iteration, r->suite->show[i]);
  }
  add_columns(&titles, &caption, behind, BEHIND, doc, r, task);
  lb_text_add(&caption, "%s", scale_in_words(doc, r, task));
  lb_table* table = new_table(doc, lb_format_text(doc->arena, "%s", caption.data), &titles);
  lb_text_free(&caption);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    lb_table_cell(table, row->title, lb_run_pages_of_row(r, row));
    for (int i = 0; i < BEFORE; ++i) lb_table_cell(table, outcome_cell(doc, r, row, &before[i]), NULL);
    for (int i = 0; i < r->suite->n_show; ++i) {
      double at = row->flat ? NAN : lb_results_row_at(row, r->metric, r->suite->show[i]).mean;
      lb_table_cell(table, lb_cell_number(doc, at), NULL);
    }
    for (int i = 0; i < BEHIND; ++i) lb_table_cell(table, outcome_cell(doc, r, row, &behind[i]), NULL);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// When each row came near the reference

// A table with a column a milestone that is defined.
static lb_table* new_arrivals(lb_doc* doc, const lb_milestones* goal, const char* caption) {
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < LB_MILESTONES; ++i) {
    if (isnan(goal->level[i])) continue;
    lb_text_add(&titles, "|#%s: %s", lb_milestone_kinds[i].title, lb_cell_rough(doc, goal->level[i]));
  }
  return new_table(doc, caption, &titles);
}

// How many real samples, and how much planning, each row needed to come near the reference.
static void add_arrivals(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_milestones goal = lb_milestones_find(r, task);
  if (!goal.defined) return;
  bool factors = false;
  for (int i = 0; i < LB_MILESTONES; ++i) {
    factors = factors || (lb_milestone_kinds[i].factor > 0 && !isnan(goal.level[i]));
  }
  const char* floor = goal.floor != 0 ? lb_format_text(doc->arena, " without its constant %g", goal.floor) : "";
  const char* also = factors ? lb_format_text(doc->arena, "; then factors of the reference's %s%s",
                                              lb_results_metric_noun(r, r->metric), floor)
                             : "";
  const char* way =
      lb_format_text(doc->arena,
                     "medians over the seeds at the first evaluation there, by Kaplan and Meier: a seed that did not "
                     "come there is censored where it ended; (k of n) seeds came. Shares of the way from %s (%s) to "
                     "the mean %s of the reference (%s)%s",
                     goal.start_from, lb_cell_number(doc, goal.start), lb_results_metric_noun(r, r->metric),
                     lb_cell_number(doc, goal.goal), also);
  lb_table* samples = new_arrivals(
      doc, &goal,
      lb_format_text(doc->arena,
                     "Real samples to come near the reference: the learner's alone, exploration included / "
                     "with the demonstrations: %s",
                     way));
  lb_table* planning = new_arrivals(
      doc, &goal,
      lb_format_text(doc->arena, "Planning to come near the reference: %s / CPU seconds of learning, as above",
                     lb_results_metric_noun(r, r->measure->work)));
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (row->flat) continue;
    lb_table_cell(samples, row->title, NULL);
    lb_table_cell(planning, row->title, NULL);
    for (int i = 0; i < LB_MILESTONES; ++i) {
      if (isnan(goal.level[i])) continue;
      lb_arrival a = lb_milestones_arrival(r, row, goal.level[i]);
      lb_table_cell(samples, lb_cell_arrivals(doc, row, &a, a.learner, a.samples), NULL);
      lb_table_cell(planning, lb_cell_arrivals(doc, row, &a, a.work, a.cpu), NULL);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What rows that are references came to with fewer demonstrations, evaluation by evaluation

// The mean over runs of the values at their k-th evaluation, without a metric of its iteration (seeds may draw
// demonstrations of other lengths).
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

// A line an evaluation of each such row.
static void add_demonstrations(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  lb_table* table =
      lb_doc_table(doc,
                   "Rows that learn from demonstrations alone, by how many transitions they had (means over "
                   "the seeds): their last line is their result elsewhere",
                   lb_format_text(doc->arena, "Algorithm|#Demonstrated transitions|#Seeds|#%s [95 %%]|#Normalised",
                                  lb_results_metric_title(r, r->metric)));
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    int most = 0;
    for (int i = 0; i < row->n_runs; ++i) most = row->runs[i]->n_points > most ? row->runs[i]->n_points : most;
    for (int p = 0; row->by_end && most > 1 && p < most; ++p) {
      lb_stats_summary s = at_point(doc, row, r->metric, p);
      lb_table_cell(table, row->title, NULL);
      lb_table_cell(table, lb_cell_rough(doc, at_point(doc, row, -1, p).mean), NULL);
      lb_table_cell(table, lb_format_text(doc->arena, "%d", s.n), NULL);
      lb_table_cell(table, s.n ? lb_format_interval(doc->arena, s.mean, s.low, s.high) : "-", NULL);
      double scaled = r->measure->normalised ? lb_results_normalise(task, s.mean) : NAN;
      lb_table_cell(table, lb_cell_number(doc, scaled), NULL);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables of metrics at the last evaluation

enum { COLUMNS_MAX = 16 };

// A line a row and a column a metric, both only where there is a number.
typedef struct metric_table {
  const char* caption;
  int needs;      // there at all only where some run has a value of this metric; -1: always
  bool flat_too;  // also rows without a curve
  int n;
  struct {
    int metric;
    const char* title;
    bool interval;  // of the mean; else the mean alone
  } columns[COLUMNS_MAX];
} metric_table;

static const metric_table effort = {
    "What a run took until its last evaluation, means over the seeds: real steps by source, gradient updates of the "
    "policy and of the model, planning, CPU seconds by phase, and memory",
    -1,
    true,
    15,
    {{LB_METRIC_STEPS_EXPERT, "Demonstrated steps", false},
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
     {LB_METRIC_PEAK_MEMORY, "Peak memory, MB", false}}};

static const metric_table errors = {
    "How far the model's mean prediction is from the real system after so many steps with the same actions, at the "
    "last evaluation, in standard deviations of the observations",
    -1,
    false,
    6,
    {{LB_METRIC_MODEL_ERROR_EXPERT_1, "Expert states, 1 step", true},
     {LB_METRIC_MODEL_ERROR_EXPERT_5, "expert states, 5 steps", true},
     {LB_METRIC_MODEL_ERROR_EXPERT_20, "expert states, 20 steps", true},
     {LB_METRIC_MODEL_ERROR_LEARNER_1, "Learner states, 1 step", true},
     {LB_METRIC_MODEL_ERROR_LEARNER_5, "learner states, 5 steps", true},
     {LB_METRIC_MODEL_ERROR_LEARNER_20, "learner states, 20 steps", true}}};

static const metric_table plans_in_models = {
    "At the last iteration: mean squared one-step error of the model, the policy's and the expert's cost in it, and "
    "the "
    "planning error (the former minus the latter)",
    LB_METRIC_MODEL_ERROR_EXPERT,
    false,
    8,
    {{LB_METRIC_MODEL_ERROR_EXPERT, "Error on expert states", true},
     {LB_METRIC_MODEL_ERROR_LEARNER, "on learner states", true},
     {LB_METRIC_VALUE_ERROR_EXPERT, "Error in value on expert states", true},
     {LB_METRIC_VALUE_ERROR_LEARNER, "on learner states", true},
     {LB_METRIC_COST_IN_MODEL, "Cost in the model", true},
     {LB_METRIC_EXPERT_COST_IN_MODEL, "Expert's cost in it", true},
     {LB_METRIC_PLANNING_ERROR, "Planning error", true},
     {LB_METRIC_FIT_RANK, "Rank of the fit", false}}};

static const metric_table terms = {
    "The terms of the two performance difference lemmas at the last evaluation, discounted. Via planning in the model: "
    "planning error and all disagreements; via advantage in the model: the expert's advantage and all disagreements, "
    "and what the critic falls short of the policy's value in the model. Left side: the expert's return less the "
    "learner's; of a row without demonstrations, what the critic says of first states less the return",
    LB_METRIC_LEMMA_LEFT,
    false,
    8,
    {{LB_METRIC_LEMMA_LEFT, "Left side", true},
     {LB_METRIC_VALUE_GAP_EXPERT, "Value disagreement, expert states", true},
     {LB_METRIC_VALUE_GAP_LEARNER, "Value disagreement, learner states", true},
     {LB_METRIC_REWARD_GAP_EXPERT, "Reward disagreement, expert states", true},
     {LB_METRIC_REWARD_GAP_LEARNER, "Reward disagreement, learner states", true},
     {LB_METRIC_PLANNING_ERROR, "Planning error", true},
     {LB_METRIC_ADVANTAGE, "Expert's advantage in the model", true},
     {LB_METRIC_ADVANTAGE_LEARNER, "Error of the critic as a value", true}}};

static const metric_table whole_terms = {
    "The same undiscounted, over the steps of an episode that each weigh 1, in units of the return: what a fall late "
    "in "
    "an episode costs is in these, and hardly in those above. The critic's value of a state counts as its mean reward "
    "of a step, for the steps that are left",
    -1,
    false,
    7,
    {{LB_METRIC_WHOLE_LEFT, "Left side", true},
     {LB_METRIC_WHOLE_VALUE_GAP_EXPERT, "Value disagreement, expert states", true},
     {LB_METRIC_WHOLE_VALUE_GAP_LEARNER, "Value disagreement, learner states", true},
     {LB_METRIC_WHOLE_REWARD_GAP_EXPERT, "Reward disagreement, expert states", true},
     {LB_METRIC_WHOLE_REWARD_GAP_LEARNER, "Reward disagreement, learner states", true},
     {LB_METRIC_WHOLE_ADVANTAGE, "Expert's advantage in the model", true},
     {LB_METRIC_WHOLE_ADVANTAGE_LEARNER, "Error of the critic as a value", true}}};

// Whether a row enters a table, and has a number of one of its metrics.
static bool has_number(const metric_table* t, const lb_results_row* row, int metric) {
  return (t->flat_too || !row->flat) && lb_results_row_final(row, metric).n > 0;
}

// Adds a table of metrics; nothing where no row has one of them.
static void add_metrics(lb_doc* doc, const lb_results* r, const lb_results_task* task, const metric_table* t) {
  bool used[COLUMNS_MAX] = {false};
  lb_text titles = {0};
  if (t->needs >= 0 && !r->seen[t->needs]) return;
  lb_text_add(&titles, "Algorithm");
  for (int i = 0; i < t->n; ++i) {
    for (int k = 0; k < task->n_rows && !used[i]; ++k) used[i] = has_number(t, &task->rows[k], t->columns[i].metric);
    if (used[i]) lb_text_add(&titles, "|#%s", t->columns[i].title);
  }
  lb_table* table = new_table(doc, t->caption, &titles);
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    bool any = false;
    for (int i = 0; i < t->n && !any; ++i) any = used[i] && has_number(t, row, t->columns[i].metric);
    if (!any) continue;
    lb_table_cell(table, row->title, NULL);
    for (int i = 0; i < t->n; ++i) {
      if (!used[i]) continue;
      lb_table_cell(table, (t->columns[i].interval ? lb_cell_final : lb_cell_mean)(doc, row, t->columns[i].metric),
                    NULL);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Whether the lemma closes

// Of all evaluations of a row: the residual in its own standard errors.
typedef struct residuals {
  int n, beyond;           // evaluations that have one; of which beyond 2
  lb_stats_summary means;  // over runs, of a run's mean
} residuals;

// The mean over runs of z = residual / its standard error, and how many z are beyond 2.
static residuals residuals_of(const lb_doc* doc, const lb_results_row* row, int metric) {
  double* means = LB_TAKE(doc->arena, double, row->n_runs + 1);
  residuals out = {0};
  int runs = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    const lb_results_run* run = row->runs[i];
    double sum = 0;
    int n = 0;
    for (int p = 0; p < run->n_points; ++p) {
      double z = lb_results_value(run, p, metric) / lb_results_value(run, p, lb_metric_se(metric));
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

// The residual at the end, in standard errors over all evaluations, and how many of these are beyond two.
static void add_residual_cells(lb_doc* doc, lb_table* table, const lb_results_row* row, int metric) {
  residuals z = residuals_of(doc, row, metric);
  lb_table_cell(table, lb_cell_final(doc, row, metric), NULL);
  lb_table_cell(table, z.n ? lb_format_interval(doc->arena, z.means.mean, z.means.low, z.means.high) : "-", NULL);
  lb_table_cell(table, z.n ? lb_format_text(doc->arena, "%d of %d", z.beyond, z.n) : "-", NULL);
}

// The table, a line a row that has residuals.
static void add_residuals(lb_doc* doc, const lb_results_task* task) {
  lb_table* table = lb_doc_table(
      doc,
      "Does the lemma close? Its left side less all of its terms is 0 but for chance, whatever critic and model are: a "
      "residual of many standard errors means that these numbers are wrong. At the last evaluation; in its own "
      "standard errors, the mean of a run's evaluations with 95 % interval over the runs; and of all evaluations those "
      "beyond two standard errors, which chance makes of 5 in 100, of 8 where ten episodes are all there is. A run's "
      "evaluations see the same demonstrations, so that their residuals go together. Of a row without demonstrations "
      "all that is left is what drawing some of the steps leaves, or the last digits",
      "Algorithm|#Residual|#In standard errors|#Beyond 2|#Undiscounted residual|#In standard errors|#Beyond 2");
  for (int k = 0; k < task->n_rows; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (residuals_of(doc, row, LB_METRIC_LEMMA_RESIDUAL).n == 0) continue;
    lb_table_cell(table, row->title, NULL);
    add_residual_cells(doc, table, row, LB_METRIC_LEMMA_RESIDUAL);
    add_residual_cells(doc, table, row, LB_METRIC_WHOLE_RESIDUAL);
  }
}

void lb_tables_add(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  add_outcome(doc, r, task);
  add_arrivals(doc, r, task);
  add_demonstrations(doc, r, task);
  add_metrics(doc, r, task, &effort);
  add_metrics(doc, r, task, &errors);
  add_metrics(doc, r, task, &plans_in_models);
  add_metrics(doc, r, task, &terms);
  add_metrics(doc, r, task, &whole_terms);
  add_residuals(doc, task);
}
