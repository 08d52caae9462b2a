// All runs of a suite over all tasks: see across.h.
#include "report/across.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "plot/gnuplot.h"
#include "report/cells.h"
#include "report/csv.h"
#include "report/curves.h"
#include "report/looks.h"
#include "report/milestones.h"

// ---------------------------------------------------------------------------------------------------------------------
// Scores of every row, and what they come to

// The four numbers of a run.
typedef enum what { TAIL, LAST, BEST, AREA } what;

// One of them on the scale of 0 to 1; NaN: none yet.
static double score_of(const lb_results_task* task, const lb_results_row* row, const lb_results_run* run, what w) {
  if (w == TAIL) return lb_results_run_tail(row, run, LB_METRIC_RETURN_NORMALISED);
  if (w == LAST) return lb_results_run_final(row, run, LB_METRIC_RETURN_NORMALISED);
  if (w == BEST) return lb_results_normalise(task, lb_results_run_best(row, run, LB_METRIC_RETURN));
  if (row->flat) return NAN;
  double area = lb_milestones_area(run, LB_METRIC_RETURN_NORMALISED, 0, row->last);
  return isnan(area) && lb_results_run_broke(run) ? -INFINITY : area;
}

// How many runs a row has on all tasks.
static int runs_of(const lb_across* a, const char* algo) {
  int n = 0;
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], algo);
    n += row ? row->n_runs : 0;
  }
  return n;
}

// One number of all runs of a row.
static lb_scores gather(const lb_results* r, const lb_across* a, const char* algo, what w) {
  double* x = LB_TAKE(r->arena, double, runs_of(a, algo) + 1);
  int* count = LB_TAKE(r->arena, int, a->n_tasks + 1);
  int n = 0;
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], algo);
    for (int i = 0; row && i < row->n_runs; i++) {
      double score = score_of(a->tasks[t], row, row->runs[i], w);
      if (isnan(score)) continue;
      x[n++] = score;
      count[t]++;
    }
  }
  return (lb_scores){x, count, a->n_tasks};
}

// Gathers a row's scores over all tasks.
static void fill_row(const lb_results* r, const lb_across* a, lb_across_row* out, const lb_results_row* any) {
  *out = (lb_across_row){.algo = any->algo, .title = any->title, .flat = true};
  out->tail = gather(r, a, any->algo, TAIL);
  out->last = gather(r, a, any->algo, LAST);
  out->best = gather(r, a, any->algo, BEST);
  out->area = gather(r, a, any->algo, AREA);
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], any->algo);
    if (!row) continue;
    out->planned += row->planned;
    out->partial = out->partial || row->partial;
    out->flat = out->flat && row->flat;
    out->tasks += out->last.count[t] > 0;
  }
}

const lb_across_row* lb_across_find_row(const lb_across* a, const char* algo) {
  for (int i = 0; algo && i < a->n_rows; i++) {
    if (strcmp(a->rows[i].algo, algo) == 0) return &a->rows[i];
  }
  return NULL;
}

// A statistic of all scores with its bootstrap interval.
static lb_across_estimate estimate(const lb_scores* s, lb_stats_function statistic) {
  lb_across_estimate e = {NAN, {NAN, NAN}};
  int n = lb_scores_total(s);
  if (n == 0) return e;
  e.value = statistic(s->x, n);
  if (lb_scores_have_enough(s)) {
    e.interval = lb_stats_bootstrap(statistic, s->x, s->count, s->tasks, 0.95, LB_ACROSS_RESAMPLES, 0);
  }
  return e;
}

lb_across_estimate lb_across_iqm(const lb_scores* s) {
  return estimate(s, lb_stats_iqm);
}

lb_across_estimate lb_across_mean(const lb_scores* s) {
  return estimate(s, lb_stats_mean);
}

lb_across_estimate lb_across_improvement(const lb_across_row* x, const lb_across_row* y) {
  lb_across_estimate e = {lb_scores_improvement(&x->tail, &y->tail), {NAN, NAN}};
  if (!isnan(e.value) && lb_scores_have_enough(&x->tail) && lb_scores_have_enough(&y->tail)) {
    e.interval = lb_scores_improvement_interval(&x->tail, &y->tail, 0.95, LB_ACROSS_RESAMPLES, 0);
  }
  return e;
}

// Works out what the rows' scores come to, and how they compare.
static void fill_estimates(const lb_results* r, lb_across* a) {
  const lb_across_row* baseline = lb_across_find_row(a, r->suite->baseline);
  for (int i = 0; i < a->n_rows; i++) {
    lb_across_row* row = &a->rows[i];
    row->of[LB_ACROSS_IQM_TAIL] = lb_across_iqm(&row->tail);
    row->of[LB_ACROSS_MEAN_TAIL] = lb_across_mean(&row->tail);
    row->of[LB_ACROSS_IQM_LAST] = lb_across_iqm(&row->last);
    row->of[LB_ACROSS_MEAN_LAST] = lb_across_mean(&row->last);
    row->of[LB_ACROSS_IQM_BEST] = lb_across_iqm(&row->best);
    row->of[LB_ACROSS_IQM_AREA] = lb_across_iqm(&row->area);
    row->over = LB_TAKE(r->arena, lb_across_estimate, a->n_rows);
    for (int j = 0; j < a->n_rows; j++) {
      bool asked = i != j && (!baseline || baseline == &a->rows[j]);
      row->over[j] = asked ? lb_across_improvement(row, &a->rows[j]) : (lb_across_estimate){NAN, {NAN, NAN}};
    }
  }
}

const lb_across* lb_across_find(lb_results* r) {
  if (r->across) return r->across;
  lb_across* a = LB_TAKE(r->arena, lb_across, 1);
  int rows = 0;
  a->tasks = LB_TAKE(r->arena, const lb_results_task*, r->n_tasks + 1);
  for (int t = 0; t < r->n_tasks; t++) {
    const lb_results_task* task = &r->tasks[t];
    bool again = t > 0 && strcmp(r->tasks[t - 1].name, task->name) == 0;  // a further hash
    if (!r->measure->normalised || task->unscaled || again) continue;
    a->tasks[a->n_tasks++] = task;
    rows += task->n_rows;
  }
  a->rows = LB_TAKE(r->arena, lb_across_row, rows + 1);
  for (int t = 0; t < a->n_tasks; t++) {
    for (int k = 0; k < a->tasks[t]->n_rows; k++) {
      const lb_results_row* row = &a->tasks[t]->rows[k];
      if (lb_looks_is_role(r->suite, row->algo) || lb_across_find_row(a, row->algo)) continue;
      fill_row(r, a, &a->rows[a->n_rows], row);
      a->n_rows++;
    }
  }
  fill_estimates(r, a);
  return r->across = a;
}

// A run's normalised return at an iteration; one that broke before is worse than any.
static double score_at(const lb_results_run* run, int iteration) {
  double value = lb_results_run_value(run, LB_METRIC_RETURN_NORMALISED, iteration);
  if (!isnan(value) || !lb_results_run_broke(run)) return value;
  bool before = run->n_points == 0 || run->iterations[run->n_points - 1] < iteration;
  return before ? -INFINITY : NAN;
}

bool lb_across_at(lb_scores* out, int* count, const lb_results* r, const lb_across* a, const lb_across_row* across_row,
                  int iteration) {
  double* x = LB_TAKE(r->arena, double, runs_of(a, across_row->algo) + 1);
  int n = 0;
  for (int t = 0; t < a->n_tasks; t++) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], across_row->algo);
    count[t] = 0;
    for (int i = 0; row && i < row->n_runs; i++) {
      double score = score_at(row->runs[i], iteration);
      if (isnan(score)) continue;
      x[n++] = score;
      count[t]++;
    }
    if (row && row->n_runs > 0 && count[t] == 0) return false;
  }
  *out = (lb_scores){x, count, a->n_tasks};
  return n > 0;
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables

enum { TASKS_ENOUGH = 5 };  // for aggregates to come before what they are made of

// "0.71 [0.65, 0.78]"; "-" for none.
static const char* estimate_in_words(const lb_doc* doc, const lb_across_estimate* e) {
  if (isnan(e->value)) return "-";
  if (isinf(e->value) || isinf(e->interval.low)) {
    const char* high = isinf(e->interval.high) ? "" : lb_cell_rough(doc, e->interval.high);
    return isinf(e->value) ? "diverged"
                           : lb_format_text(doc->arena, "%s [diverged, %s]", lb_cell_rough(doc, e->value), high);
  }
  return lb_format_interval(doc->arena, e->value, e->interval.low, e->interval.high);
}

// "10/10": runs with a last evaluation.
static const char* runs_in_words(const lb_doc* doc, const lb_across_row* row) {
  const char* early = row->partial ? ", unfinished" : "";
  return lb_format_text(doc->arena, "%d/%d%s", lb_scores_total(&row->last), row->planned, early);
}

// What each row's scores come to.
static void add_aggregates(lb_doc* doc, const lb_results* r, const lb_across* a) {
  static const lb_across_statistic shown[] = {LB_ACROSS_IQM_TAIL, LB_ACROSS_MEAN_TAIL, LB_ACROSS_IQM_LAST,
                                              LB_ACROSS_IQM_BEST, LB_ACROSS_IQM_AREA};
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
    lb_table_cell(table, row->title, NULL);
    lb_table_cell(table, lb_format_text(doc->arena, "%d/%d", row->tasks, a->n_tasks), NULL);
    lb_table_cell(table, runs_in_words(doc, row), NULL);
    for (size_t k = 0; k < sizeof shown / sizeof *shown; ++k) {
      lb_table_cell(table, estimate_in_words(doc, &row->of[shown[k]]), NULL);
    }
  }
}

// Each row on each task.
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

// How often each row beats each other one.
static void add_improvements(lb_doc* doc, const lb_results* r, const lb_across* a) {
  const lb_across_row* baseline = lb_across_find_row(a, r->suite->baseline);
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
      lb_table_cell(table, estimate_in_words(doc, &row->over[j]), NULL);
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

// ---------------------------------------------------------------------------------------------------------------------
// Figures

enum { TAUS = 121, POINTS = 60 };  // of a profile; of a curve, at most

// A row along the iterations.
typedef struct curve {
  int n;
  int* iteration;
  double *y, *low, *high;
} curve;

// A line in the looks of a row.
static lb_series series_of(const lb_results* r, const lb_across_row* row) {
  lb_looks looks = lb_looks_of(r->suite, row->algo);
  return (lb_series){
      .kind = LB_SERIES_LINE, .label = row->title, .color = looks.color, .dash = looks.dash, .mark = looks.mark};
}

// The iterations of the row on any task, those that all have are found by lb_across_at.
static const lb_results_row* longest_row(const lb_across* a, const char* algo) {
  const lb_results_row* best = NULL;
  for (int t = 0; t < a->n_tasks; ++t) {
    const lb_results_row* row = lb_results_find_row(a->tasks[t], algo);
    if (row && !row->flat && (!best || row->n_iterations > best->n_iterations)) best = row;
  }
  return best;
}

// The interquartile mean at the iterations that the row was evaluated at on all its tasks, thinned to so many points.
static curve iqm_curve(const lb_results* r, const lb_across* a, const lb_across_row* row) {
  const lb_results_row* along = longest_row(a, row->algo);
  curve c = {0};
  int most = along ? along->n_iterations : 0, shared = 0;
  int* common = LB_TAKE(r->arena, int, most + 1);
  int* count = LB_TAKE(r->arena, int, a->n_tasks + 1);
  lb_scores scores;
  for (int i = 0; i < most; ++i) {
    if (lb_across_at(&scores, count, r, a, row, along->iterations[i])) common[shared++] = along->iterations[i];
  }
  c.iteration = LB_TAKE(r->arena, int, shared + 1);
  c.y = LB_TAKE(r->arena, double, shared + 1);
  c.low = LB_TAKE(r->arena, double, shared + 1);
  c.high = LB_TAKE(r->arena, double, shared + 1);
  int stride = (shared + POINTS - 1) / POINTS;
  for (int i = 0; i < shared; ++i) {
    if ((shared - 1 - i) % stride != 0) continue;  // the last one stays
    lb_across_at(&scores, count, r, a, row, common[i]);
    lb_across_estimate e = lb_across_iqm(&scores);
    c.iteration[c.n] = common[i];
    c.y[c.n] = e.value;
    c.low[c.n] = e.interval.low;
    c.high[c.n++] = e.interval.high;
  }
  return c;
}

// The mean of an axis' metric over the row's runs on all tasks at an iteration.
static double mean_axis(const lb_across* a, const lb_across_row* row, int metric, int iteration) {
  double sum = 0;
  int n = 0;
  for (int t = 0; t < a->n_tasks; ++t) {
    const lb_results_row* on = lb_results_find_row(a->tasks[t], row->algo);
    for (int i = 0; on && i < on->n_runs; ++i) {
      double x = lb_results_run_value(on->runs[i], metric, iteration);
      if (isnan(x)) continue;
      sum += x;
      n += 1;
    }
  }
  return n > 0 ? sum / n : NAN;
}

// A horizontal line.
static void add_level(lb_panel* p, const lb_results* r, const char* algo, const char* title, double y) {
  lb_looks looks = lb_looks_of(r->suite, algo);
  double* v = LB_TAKE(r->arena, double, 2);
  v[1] = y;
  p->series[p->n++] = (lb_series){
      .kind = LB_SERIES_FLAT, .label = title, .color = looks.color, .dash = looks.dash, .n = 1, .x = v, .y = v + 1};
}

// Rows without a curve, and the 0 and the 1, as horizontal lines.
static void add_levels(lb_panel* p, const lb_results* r, const lb_across* a) {
  for (int i = 0; i < a->n_rows; ++i) {
    if (!a->rows[i].flat) continue;
    lb_across_estimate e = a->rows[i].of[LB_ACROSS_IQM_TAIL];
    if (!isfinite(e.value)) continue;
    add_level(p, r, a->rows[i].algo, a->rows[i].title, e.value);
  }
  const char* const roles[] = {r->suite->start, r->suite->reference};  // 0 and 1
  for (int i = 0; i < 2; ++i) {
    const lb_results_row* row = lb_results_find_row(a->tasks[0], roles[i]);
    if (row) add_level(p, r, roles[i], row->title, i);
  }
}

// The panel of all rows' curves along an axis; false when there is none.
static bool make_curves(lb_panel* p, const lb_results* r, const lb_across* a, const curve* curves, int axis,
                        const char* x_label) {
  *p = (lb_panel){.title = "Normalised return (IQM)", .x_label = x_label, .note = "", .counts = true};
  p->series = LB_TAKE(r->arena, lb_series, 2 * a->n_rows + 3);
  for (int i = 0; i < a->n_rows; ++i) {
    const curve* c = &curves[i];
    lb_series s = series_of(r, &a->rows[i]);
    double* x = LB_TAKE(r->arena, double, c->n + 1);
    bool any = false;
    for (int k = 0; k < c->n; ++k) {
      x[k] = mean_axis(a, &a->rows[i], axis, c->iteration[k]);
      any = any || (isfinite(x[k]) && isfinite(c->y[k]));
    }
    s.n = c->n;
    s.x = x;
    s.y = c->y;
    s.low = c->low;
    s.high = c->high;
    s.iteration = c->iteration;
    if (any) p->series[p->n++] = s;
  }
  if (p->n == 0) return false;
  add_levels(p, r, a);
  const lb_curve_spec spec = {.metric = LB_METRIC_RETURN_NORMALISED, .axis = axis, .whole = true};
  lb_curves_fit_ranges(r->arena, p, &spec);
  return true;
}

// The range of thresholds: all of the scores, but at least 0 to 1 and at most a little beyond -0.5 and 2.
static void range_of_scores(const lb_across* a, double* low, double* high) {
  *low = 0;
  *high = 1;
  for (int i = 0; i < a->n_rows; ++i) {
    for (int k = 0; k < lb_scores_total(&a->rows[i].tail); ++k) {
      double x = a->rows[i].tail.x[k];
      if (!isfinite(x)) continue;
      *low = fmin(*low, x);
      *high = fmax(*high, x);
    }
  }
  *low = fmax(*low, -0.5);
  *high = fmin(*high, 2) + 0.05;
}

// The panel of performance profiles.
static void make_profile(lb_panel* p, const lb_results* r, const lb_across* a) {
  *p = (lb_panel){.title = "Share of runs above τ",
                  .x_label = "τ: normalised return over the last fifth",
                  .note = "",
                  .counts = true};
  p->series = LB_TAKE(r->arena, lb_series, a->n_rows + 1);
  double* tau = LB_TAKE(r->arena, double, TAUS);
  range_of_scores(a, &p->x_low, &p->x_high);
  for (int i = 0; i < TAUS; ++i) tau[i] = p->x_low + (p->x_high - p->x_low) * i / (TAUS - 1);
  p->y_low = -0.02;
  p->y_high = 1.02;
  for (int i = 0; i < a->n_rows; ++i) {
    if (a->rows[i].tasks == 0) continue;
    lb_series s = series_of(r, &a->rows[i]);
    s.bare = true;
    double* v = LB_TAKE(r->arena, double, 3 * TAUS);
    lb_scores_profile(v, v + TAUS, v + 2 * TAUS, &a->rows[i].tail, tau, TAUS, 0.95, LB_ACROSS_RESAMPLES, 0);
    bool enough = lb_scores_have_enough(&a->rows[i].tail);
    s.n = TAUS;
    s.x = tau;
    s.y = v;
    s.low = enough ? v + TAUS : NULL;
    s.high = enough ? v + 2 * TAUS : NULL;
    p->series[p->n++] = s;
  }
}

// Interquartile means along the axes of cost, and performance profiles.
static void add_figures(lb_doc* doc, lb_text* script, const lb_results* r, const lb_across* a) {
  static const struct {
    const char* name;
    int axis;
    const char *label, *along;
  } axes[] = {{"all-tasks-iqm", LB_METRIC_SAMPLES_LEARNER, "Learner samples (real steps)", "learner samples"},
              {"all-tasks-iqm-samples", LB_METRIC_SAMPLES, "Learner samples + demonstrations (steps)",
               "samples with demonstrations"},
              {"all-tasks-iqm-updates", LB_METRIC_GRADIENT_UPDATES, "Gradient updates", "gradient updates"}};
  enum { AXES = sizeof axes / sizeof *axes };
  curve* curves = LB_TAKE(doc->arena, curve, a->n_rows + 1);
  for (int i = 0; i < a->n_rows; ++i) curves[i] = iqm_curve(r, a, &a->rows[i]);
  lb_panel* panels = LB_TAKE(doc->arena, lb_panel, AXES + 1);
  int n = 0;
  for (int k = 0; k < AXES; ++k) {
    if (!make_curves(&panels[n], r, a, curves, axes[k].axis, axes[k].label)) continue;
    panels[n].axis = axes[k].along;
    lb_gnuplot_single(script, doc->arena, axes[k].name, &panels[n++]);
  }
  make_profile(&panels[n], r, a);
  lb_gnuplot_single(script, doc->arena, "all-tasks-profile", &panels[n++]);
  lb_gnuplot_overview(script, doc->arena, "all-tasks-overview", panels, n);
  lb_doc_figure(
      doc,
      (lb_figure){
          .caption = lb_format_text(
              doc->arena,
              "%s: interquartile mean of the normalised returns (0: %s, 1: %s) along the axes of "
              "cost, at the steps that every task was evaluated at, and performance profile: the "
              "share of runs whose normalised return over the last fifth of the steps is above a level. Shaded: 95 %% "
              "stratified bootstrap intervals, from three runs of a task on.",
              a->n_tasks == 1 ? a->tasks[0]->label : "All tasks", r->suite->start, r->suite->reference),
          .png = "plots/all-tasks-overview.png",
          .svg = "plots/all-tasks-overview.svg",
          .wide = true,
          .panels = panels,
          .n_panels = n});
  lb_curves_say_parting(doc, panels, n);
}

// ---------------------------------------------------------------------------------------------------------------------
// Section and file

void lb_across_add(lb_doc* doc, lb_text* script, lb_results* r) {
  if (!r->measure->normalised) return;
  const lb_across* a = lb_across_find(r);
  lb_doc_heading(doc, 2, "across", a->n_tasks == 1 ? "All runs, normalised" : "Across tasks");
  add_warnings(doc, r, a);
  if (a->n_tasks == 0 || a->n_rows == 0) return;
  bool few = a->n_tasks > 1 && a->n_tasks < TASKS_ENOUGH;
  if (few) {
    add_by_task(doc, a);
    warn(doc, "Few tasks.",
         lb_format_text(
             doc->arena,
             "%d tasks are no sample of a kind of task: what follows sums these up, and says nothing of others.",
             a->n_tasks));
  }
  add_aggregates(doc, r, a);
  if (script) add_figures(doc, script, r, a);
  if (!few) add_by_task(doc, a);
  add_improvements(doc, r, a);
}

// A line of the file; none for no value.
static void add_line(lb_text* out, const lb_results* r, const char* statistic, const lb_across_row* x,
                     const lb_across_row* y, const lb_scores* scores, lb_across_estimate e) {
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

void lb_across_csv(lb_text* out, lb_results* r) {
  static const char* const names[LB_ACROSS_STATISTICS] = {"iqm_tail",  "mean_tail", "iqm_last",
                                                          "mean_last", "iqm_best",  "iqm_area"};
  const lb_across* a = lb_across_find(r);
  lb_text_add(out, "suite,statistic,algo,against,tasks,runs,planned,value,low,high\n");
  for (int i = 0; i < a->n_rows; ++i) {
    const lb_across_row* row = &a->rows[i];
    const lb_scores* const scores[LB_ACROSS_STATISTICS] = {&row->tail, &row->tail, &row->last,
                                                           &row->last, &row->best, &row->area};
    for (int k = 0; k < LB_ACROSS_STATISTICS; ++k) add_line(out, r, names[k], row, NULL, scores[k], row->of[k]);
    for (int j = 0; j < a->n_rows; ++j) add_line(out, r, "improvement", row, &a->rows[j], &row->tail, row->over[j]);
  }
}
