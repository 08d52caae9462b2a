// Figures across tasks: see across_doc.h.
#include <math.h>

#include "base/format.h"
#include "plot/gnuplot.h"
#include "report/across_doc.h"
#include "report/curves.h"
#include "report/looks.h"
#include "report/parting.h"
#include "report/ranges.h"

enum { TAUS = 121, POINTS = 60 };  // of a profile; of a curve, at most

typedef struct curve {
  int n;
  int* iteration;
  double *y, *low, *high;
} curve;

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
    lb_estimate e = lb_across_iqm(&scores);
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
    lb_estimate e = lb_across_iqm(&a->rows[i].tail);
    if (!isfinite(e.value)) continue;
    add_level(p, r, a->rows[i].algo, a->rows[i].title, e.value);
  }
  const char* const roles[] = {r->suite->start, r->suite->reference};  // 0 and 1
  for (int i = 0; i < 2; ++i) {
    const lb_results_row* row = lb_results_find_row(a->tasks[0], roles[i]);
    if (row) add_level(p, r, roles[i], row->title, i);
  }
}

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
  lb_ranges_fit(r->arena, p, &spec);
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

void lb_across_figures_add(lb_doc* doc, lb_text* script, const lb_results* r, const lb_across* a) {
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
  lb_parting_say(doc, panels, n);
}
