#include "report/figures.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/npz.h"
#include "report/format.h"
#include "report/gnuplot.h"

// What a panel shows: one metric of all rows against another, or against the iteration.
enum { X_ITERATION = -1 };

typedef struct view {
  const char* name;  // in file names
  int y, x;
  bool log;  // errors span decades by nature
} view;

static const view overview[] = {
    {"cost", LB_METRIC_COST, X_ITERATION, false},
    {"cost-samples", LB_METRIC_COST, LB_METRIC_SAMPLES, false},
    {"cost-lqr", LB_METRIC_COST, LB_METRIC_LQR_PASSES, false},
    {"cost-in-model", LB_METRIC_COST_IN_MODEL, X_ITERATION, false},
    {"error-expert", LB_METRIC_MODEL_ERROR_EXPERT, X_ITERATION, true},
    {"error-learner", LB_METRIC_MODEL_ERROR_LEARNER, X_ITERATION, true},
};
enum { VIEWS = sizeof overview / sizeof *overview };

static const view learner_samples = {"cost-learner-samples", LB_METRIC_COST, LB_METRIC_STEPS_LEARNER, false};
static const view planning_error = {"planning-error", LB_METRIC_PLANNING_ERROR, X_ITERATION, false};

typedef struct drawing {
  const lb_results* results;
  const lb_results_task* task;
  const lb_suite_figure* group;
  lb_arena* arena;
  double floor;  // taken off every cost on a logarithmic axis
} drawing;

static bool is_cost(int metric) {
  return metric == LB_METRIC_COST || metric == LB_METRIC_COST_IN_MODEL;
}

// The same algorithm has the same colour and dash in every figure of a suite.
static void set_look(lb_series* s, const lb_results* r, const lb_results_row* row) {
  int k = 0;
  for (int i = 0; i < r->suite->n_algos && strcmp(r->suite->algos[i], row->algo) != 0; ++i) {
    const char* algo = r->suite->algos[i];
    bool reference = (r->suite->reference && strcmp(algo, r->suite->reference) == 0) ||
                     (r->suite->start && strcmp(algo, r->suite->start) == 0);
    k += !reference;
  }
  s->color = k % LB_PALETTE;
  s->dash = k / LB_PALETTE % LB_DASHES;
}

static bool in_group(const drawing* d, const lb_results_row* row) {
  for (int i = 0; i < d->group->n_algos; ++i) {
    if (strcmp(d->group->algos[i], row->algo) == 0) return true;
  }
  return false;
}

// The curve of one row: mean and interval of y at the mean of x.
static lb_series curve_of(const drawing* d, const lb_results_row* row, const view* v) {
  int n = row->n_iterations;
  double *x = LB_TAKE(d->arena, double, n), *y = LB_TAKE(d->arena, double, n);
  double *low = LB_TAKE(d->arena, double, n), *high = LB_TAKE(d->arena, double, n);
  for (int i = 0; i < n; ++i) {
    lb_stats_summary s = lb_results_row_at(row, v->y, row->iterations[i]);
    x[i] = v->x == X_ITERATION ? row->iterations[i] : lb_results_row_at(row, v->x, row->iterations[i]).mean;
    y[i] = s.mean;
    low[i] = s.low;
    high[i] = s.high;
  }
  lb_series series = {.kind = LB_SERIES_LINE,
                      .label = row->title,
                      .n = n,
                      .x = x,
                      .y = y,
                      .low = low,
                      .high = high,
                      .iteration = row->iterations};
  set_look(&series, d->results, row);
  return series;
}

static lb_series flat_of(const drawing* d, const lb_results_row* row, int metric) {
  lb_stats_summary s = lb_results_row_at(row, metric, 0);
  double* v = LB_TAKE(d->arena, double, 4);
  v[1] = s.mean;
  v[2] = s.low;
  v[3] = s.high;
  bool goal = d->results->suite->reference && strcmp(row->algo, d->results->suite->reference) == 0;
  return (lb_series){.kind = LB_SERIES_FLAT,
                     .label = row->title,
                     .color = goal ? LB_COLOR_INK : LB_COLOR_SOFT,
                     .n = 1,
                     .x = v,
                     .y = v + 1,
                     .low = v + 2,
                     .high = v + 3};
}

// Where an overlay's file may lie: beside the results, or beside the definition.
static bool load_overlay(lb_npz** npz, const drawing* d, const char* file) {
  char path[2200];
  snprintf(path, sizeof path, "%s/%s", d->results->folder, file);
  if (lb_file_exists(path)) return lb_npz_load(npz, path).code == LB_OK;
  const char* slash = strrchr(d->results->suite->path, '/');
  int n = slash ? (int)(slash - d->results->suite->path) : 1;
  snprintf(path, sizeof path, "%.*s/%s", n, slash ? d->results->suite->path : ".", file);
  return lb_file_exists(path) && lb_npz_load(npz, path).code == LB_OK;
}

// Markers with 95 % intervals from a published mean and standard error; false when the file has no such arrays.
static bool overlay_of(lb_series* out, const drawing* d, const lb_suite_overlay* o, const lb_results_row* row) {
  lb_npz* npz;
  if (!load_overlay(&npz, d, o->file)) return false;
  int64_t shape[1];
  double *mean, *se = NULL, *x = NULL;
  bool found = lb_npz_doubles(npz, o->mean, 1, (const int64_t[]){-1}, d->arena, &mean, shape).code == LB_OK;
  int n = found ? (int)shape[0] : 0;
  if (found && o->se) found = lb_npz_doubles(npz, o->se, 1, shape, d->arena, &se, NULL).code == LB_OK;
  if (found && o->at) found = lb_npz_doubles(npz, o->at, 1, shape, d->arena, &x, NULL).code == LB_OK;
  lb_npz_free(npz);
  if (!found) return false;
  double t = o->seeds > 1 ? lb_stats_t_quantile(0.975, o->seeds - 1) : 1.96;
  double *low = LB_TAKE(d->arena, double, n), *high = LB_TAKE(d->arena, double, n);
  if (!x) {
    x = LB_TAKE(d->arena, double, n);
    for (int i = 0; i < n; ++i) x[i] = i;
  }
  for (int i = 0; i < n; ++i) {
    low[i] = se ? mean[i] - t * se[i] : NAN;
    high[i] = se ? mean[i] + t * se[i] : NAN;
  }
  *out = (lb_series){.kind = LB_SERIES_MARKERS, .label = o->label, .n = n, .x = x, .y = mean, .low = low, .high = high};
  set_look(out, d->results, row);
  return true;
}

static void add_overlays(lb_panel* p, const drawing* d, const view* v) {
  if (v->x != X_ITERATION) return;
  for (int i = 0; i < d->results->suite->n_overlays; ++i) {
    const lb_suite_overlay* o = &d->results->suite->overlays[i];
    const lb_results_row* row = lb_results_find_row(d->task, o->algo);
    bool here = row && in_group(d, row) && (!o->task || strcmp(o->task, d->task->name) == 0);
    if (!here || strcmp(o->metric, d->results->metrics[v->y]) != 0) continue;
    if (overlay_of(&p->series[p->n], d, o, row)) p->n += 1;
  }
}

// The expert's cost in each row's model, thin: the planning error is the gap to it.
static void add_expert_in_model(lb_panel* p, const drawing* d, const lb_results_row* row) {
  view v = {"", LB_METRIC_EXPERT_COST_IN_MODEL, X_ITERATION, false};
  lb_series s = curve_of(d, row, &v);
  s.kind = LB_SERIES_THIN;
  p->series[p->n++] = s;
}

// Whether a point tells how bad the model was before any data, which no axis should be stretched for.
static bool is_first_guess(const lb_series* s, int k) {
  if (s->kind == LB_SERIES_FLAT || s->n == 1) return false;
  return s->iteration ? s->iteration[k] == 0 : k == 0;
}

typedef struct range {
  double low, high;
} range;

static void widen(range* r, double x) {
  if (!isfinite(x)) return;
  if (x < r->low) r->low = x;
  if (x > r->high) r->high = x;
}

// The middle of a curve's values after its first guess; NaN when there is none.
static double middle_of(const lb_series* s, lb_arena* arena) {
  double* values = LB_TAKE(arena, double, s->n);
  int n = 0;
  for (int k = 0; k < s->n; ++k) {
    if (isfinite(s->y[k]) && !is_first_guess(s, k)) values[n++] = s->y[k];
  }
  return n > 0 ? lb_stats_summarise(values, n, 0.95).median : NAN;
}

// The values that decide the y axis: those of the reference, and of every curve after its first guess, but for single
// points far above the rest of the same curve, which are then said to be off the scale.
static range y_values(const lb_panel* p, lb_arena* arena, double floor) {
  enum { FAR = 20 };
  range r = {DBL_MAX, -DBL_MAX};
  for (int i = 0; i < p->n; ++i) {
    const lb_series* s = &p->series[i];
    if (s->kind == LB_SERIES_FLAT && s->color != LB_COLOR_INK) continue;
    double middle = middle_of(s, arena);
    for (int k = 0; k < s->n; ++k) {
      bool far = middle > floor && s->y[k] - floor > FAR * (middle - floor);
      if (!is_first_guess(s, k) && !far) widen(&r, s->y[k]);
    }
  }
  return r;
}

static range x_values(const lb_panel* p) {
  range r = {DBL_MAX, -DBL_MAX};
  for (int i = 0; i < p->n; ++i) {
    if (p->series[i].kind == LB_SERIES_FLAT) continue;
    for (int k = 0; k < p->series[i].n; ++k) widen(&r, p->series[i].x[k]);
  }
  return r;
}

// Takes the constant off every value of the panel.
static void take_off(lb_panel* p, lb_arena* arena, double constant) {
  for (int i = 0; i < p->n; ++i) {
    lb_series* s = &p->series[i];
    const double** arrays[] = {&s->y, &s->low, &s->high};
    for (int a = 0; a < 3; ++a) {
      if (!*arrays[a]) continue;
      double* moved = LB_TAKE(arena, double, s->n);
      for (int k = 0; k < s->n; ++k) moved[k] = (*arrays[a])[k] - constant;
      *arrays[a] = moved;
    }
  }
}

// How many curves have points outside the panel, in words.
static const char* off_scale_note(const lb_panel* p, lb_arena* arena) {
  int first = 0, later = 0;
  double worst = 0;
  for (int i = 0; i < p->n; ++i) {
    const lb_series* s = &p->series[i];
    if (s->kind != LB_SERIES_LINE) continue;
    for (int k = 0; k < s->n; ++k) {
      if (!isfinite(s->y[k]) || (s->y[k] >= p->y_low && s->y[k] <= p->y_high)) continue;
      *(s->iteration && s->iteration[k] == 0 ? &first : &later) += 1;
      if (fabs(s->y[k]) > fabs(worst)) worst = s->y[k];
    }
  }
  if (first + later == 0) return "";
  const char* what = later == 0 ? "iteration 0 is off the scale" : "points are off the scale";
  return lb_format_text(arena, "%s (up to %s)", what, lb_format_number(arena, worst, NAN));
}

// Ranges, and whether the axes are logarithmic.
static void set_axes(lb_panel* p, const drawing* d, const view* v) {
  double floor = is_cost(v->y) ? d->floor : 0;
  range y = y_values(p, d->arena, floor), x = x_values(p);
  if (y.low > y.high) y = (range){0, 1};
  if (x.low > x.high) x = (range){0, 1};
  bool positive = y.low - floor > 0;
  p->log_y = positive && (y.high - floor) / (y.low - floor) > (v->log ? 3 : 30);
  if (p->log_y) {
    if (floor != 0) {
      take_off(p, d->arena, floor);
      p->title = lb_format_text(d->arena, "%s minus %g", p->title, floor);
    }
    p->y_low = (y.low - floor) / 1.25;
    p->y_high = (y.high - floor) * 1.25;
  } else {
    double pad = 0.08 * (y.high - y.low);
    if (!(pad > 0)) pad = fmax(1e-9, 0.05 * fabs(y.high));
    p->y_low = y.low - pad;
    p->y_high = y.high + pad;
  }
  p->log_x = v->x != X_ITERATION && x.low > 0 && x.high / x.low > 30;
  p->x_low = p->log_x ? 0.9 * x.low : fmin(0, x.low);
  p->x_high = x.high > p->x_low ? x.high : p->x_low + 1;
  p->note = off_scale_note(p, d->arena);
}

static lb_panel panel_of(const drawing* d, const view* v) {
  const lb_results* r = d->results;
  lb_panel p = {.title = lb_results_metric_title(r, v->y),
                .x_label = v->x == X_ITERATION ? "Iteration" : lb_results_metric_title(r, v->x)};
  p.series = LB_TAKE(d->arena, lb_series, 2 * d->task->n_rows + r->suite->n_overlays);
  for (int k = 0; k < d->task->n_rows; ++k) {
    const lb_results_row* row = &d->task->rows[k];
    if (row->flat) {
      if (v->y == LB_METRIC_COST) p.series[p.n++] = flat_of(d, row, v->y);
    } else if (in_group(d, row)) {
      if (v->y == LB_METRIC_COST_IN_MODEL) add_expert_in_model(&p, d, row);
      p.series[p.n++] = curve_of(d, row, v);
    }
  }
  add_overlays(&p, d, v);
  set_axes(&p, d, v);
  return p;
}

// A file name of letters, digits, '-' and '.' for a task and a group.
static const char* file_name(const drawing* d, const char* what) {
  const char* group = d->group ? d->group->name : "";
  char* name = lb_format_text(d->arena, "%s%s%s-%s", d->task->label, *group ? "-" : "", group, what);
  for (char* c = name; *c; ++c) {
    bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' ||
                 *c == '.' || *c == '_';
    if (!plain) *c = '-';
  }
  return name;
}

static void show(lb_doc* doc, const drawing* d, const char* name, const char* caption, bool wide) {
  lb_doc_figure(doc, (lb_figure){.caption = caption,
                                 .png = lb_format_text(d->arena, "plots/%s.png", name),
                                 .svg = lb_format_text(d->arena, "plots/%s.svg", name),
                                 .wide = wide});
}

static void add_group(lb_doc* doc, lb_text* script, const drawing* d) {
  lb_panel panels[VIEWS];
  for (int i = 0; i < VIEWS; ++i) panels[i] = panel_of(d, &overview[i]);
  const char* name = file_name(d, "overview");
  lb_gnuplot_overview(script, d->arena, name, panels, VIEWS);
  show(doc, d, name,
       lb_format_text(d->arena,
                      "%s, %s: means over the seeds, shaded 95 %% intervals (Student t). Thin in (d): the "
                      "expert's cost in the same model.",
                      d->task->label, d->group->title),
       true);
  const view* const singles[] = {&overview[0], &overview[1], &overview[2], &learner_samples, &planning_error};
  enum { SINGLES = sizeof singles / sizeof singles[0] };
  for (int i = 0; i < SINGLES; ++i) {
    lb_panel p = panel_of(d, singles[i]);
    lb_gnuplot_single(script, d->arena, file_name(d, singles[i]->name), &p);
  }
}

// Where the CPU time of a run went, a bar a row.
static void add_time_bars(lb_doc* doc, lb_text* script, const drawing* d) {
  static const int parts[] = {LB_METRIC_COLLECT, LB_METRIC_FIT, LB_METRIC_PLAN, LB_METRIC_EVALUATE};
  static const char* labels[] = {"collect", "fit", "plan", "evaluate"};
  enum { PARTS = 4 };
  int most = d->task->n_rows;
  lb_panel p = {.title = "CPU seconds of a run (mean over seeds)",
                .x_label = "CPU seconds",
                .parts = PARTS,
                .part_labels = labels};
  p.bar_labels = LB_TAKE(d->arena, const char*, most);
  p.bar_notes = LB_TAKE(d->arena, const char*, most);
  double* values = LB_TAKE(d->arena, double, PARTS* most);
  for (int k = 0; k < most; ++k) {
    const lb_results_row* row = &d->task->rows[k];
    if (row->flat || row->n_runs == 0) continue;
    double total = 0;
    for (int i = 0; i < PARTS; ++i) {
      double value = lb_results_row_final(row, parts[i]).mean;
      values[p.bars * PARTS + i] = isfinite(value) ? value : 0;
      total += values[p.bars * PARTS + i];
    }
    p.bar_labels[p.bars] = row->title;
    p.bar_notes[p.bars++] = lb_format_text(d->arena, "%.3g s", total);
    p.x_high = fmax(p.x_high, 1.15 * total);
  }
  if (p.bars == 0 || !(p.x_high > 0)) return;
  p.values = values;
  const char* name = file_name(d, "time");
  lb_gnuplot_single(script, d->arena, name, &p);
  show(doc, d, name, lb_format_text(d->arena, "%s: where the time goes.", d->task->label), false);
}

void lb_figures_add(lb_doc* doc, lb_text* script, const lb_results* results, const lb_results_task* task) {
  drawing d = {
      .results = results, .task = task, .arena = doc->arena, .floor = lb_suite_cost_floor(results->suite, task->name)};
  for (int i = 0; i < results->suite->n_figures; ++i) {
    d.group = &results->suite->figures[i];
    add_group(doc, script, &d);
  }
  d.group = NULL;
  add_time_bars(doc, script, &d);
}
