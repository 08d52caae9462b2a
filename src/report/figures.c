// The figures of a task: see figures.h.
#include "report/figures.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "io/file.h"
#include "io/npz.h"
#include "plot/gnuplot.h"
#include "report/curves.h"
#include "report/looks.h"

// ---------------------------------------------------------------------------------------------------------------------
// Kinds of panels: a metric along an axis

enum { LB_VIEW_NONE = -1 };

typedef enum lb_view_place {
  LB_VIEW_OVERVIEW,  // a panel of the overview, and a file of its own
  LB_VIEW_TERMS,     // the same of the overview of the lemmas' terms
  LB_VIEW_PAGE,      // a file of its own, shown on the page
} lb_view_place;

typedef struct lb_view {
  int of;            // drawn by suites that compare this metric
  const char* name;  // in file names
  const char* title;
  int metric, axis;  // axis: a metric or LB_AXIS_ITERATION
  lb_view_place place;
  bool zoomed;          // linear whatever the span (it may be negative); costs about the reference
  bool only_log;        // only where the values span so much, beside the zoomed one
  int companion;        // a metric drawn thin beside it, or LB_VIEW_NONE
  const char* x_label;  // NULL: the axis' own title
  const char* along;    // what a page that switches axes calls this one
} lb_view;

static const char samples[] = "Learner samples (real steps)",
                  with_demonstrations[] = "Learner samples + demonstrations (steps)";

static const lb_view views[] = {
    {LB_METRIC_COST, "cost", "Cost", LB_METRIC_COST, LB_AXIS_ITERATION, LB_VIEW_OVERVIEW, true, false, LB_VIEW_NONE,
     NULL, "iterations"},
    {LB_METRIC_COST, "lqr-passes", "LQR passes", LB_METRIC_LQR_PASSES, LB_AXIS_ITERATION, LB_VIEW_OVERVIEW, false,
     false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "cost-lqr", "Cost", LB_METRIC_COST, LB_METRIC_LQR_PASSES, LB_VIEW_OVERVIEW, true, false,
     LB_VIEW_NONE, NULL, "LQR passes"},
    {LB_METRIC_COST, "cost-samples", "Cost", LB_METRIC_COST, LB_METRIC_SAMPLES, LB_VIEW_OVERVIEW, true, false,
     LB_VIEW_NONE, NULL, "real samples"},
    {LB_METRIC_COST, "cost-in-model", "Cost in the learned model", LB_METRIC_COST_IN_MODEL, LB_AXIS_ITERATION,
     LB_VIEW_OVERVIEW, false, false, LB_METRIC_EXPERT_COST_IN_MODEL, NULL, NULL},
    {LB_METRIC_COST, "planning-error", "Planning error", LB_METRIC_PLANNING_ERROR, LB_AXIS_ITERATION, LB_VIEW_OVERVIEW,
     false, false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "error-expert", "Model error, expert states", LB_METRIC_MODEL_ERROR_EXPERT, LB_AXIS_ITERATION,
     LB_VIEW_OVERVIEW, false, false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "error-learner", "Model error, learner states", LB_METRIC_MODEL_ERROR_LEARNER, LB_AXIS_ITERATION,
     LB_VIEW_OVERVIEW, false, false, LB_VIEW_NONE, NULL, NULL},
    {LB_METRIC_COST, "cost-log", "Cost", LB_METRIC_COST, LB_AXIS_ITERATION, LB_VIEW_PAGE, false, true, LB_VIEW_NONE,
     NULL, "iterations, logarithmic"},
    {LB_METRIC_COST, "cost-learner-samples", "Cost", LB_METRIC_COST, LB_METRIC_STEPS_LEARNER, LB_VIEW_PAGE, true, false,
     LB_VIEW_NONE, NULL, "learner samples"},
    {LB_METRIC_COST, "cost-cpu", "Cost", LB_METRIC_COST, LB_METRIC_CPU_LEARNING, LB_VIEW_PAGE, true, false,
     LB_VIEW_NONE, NULL, "CPU seconds"},
    {LB_METRIC_RETURN, "return", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_SAMPLES_LEARNER, LB_VIEW_OVERVIEW,
     true, false, LB_VIEW_NONE, samples, "learner samples"},
    {LB_METRIC_RETURN, "return-samples", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_SAMPLES, LB_VIEW_OVERVIEW,
     true, false, LB_VIEW_NONE, with_demonstrations, "samples with demonstrations"},
    {LB_METRIC_RETURN, "return-updates", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_GRADIENT_UPDATES,
     LB_VIEW_OVERVIEW, true, false, LB_VIEW_NONE, NULL, "gradient updates"},
    {LB_METRIC_RETURN, "return-cpu", "Return of an episode", LB_METRIC_RETURN, LB_METRIC_CPU_LEARNING, LB_VIEW_OVERVIEW,
     true, false, LB_VIEW_NONE, "CPU seconds of learning", "CPU seconds"},
    {LB_METRIC_RETURN, "error-expert-1", "1-step model error, expert states", LB_METRIC_MODEL_ERROR_EXPERT_1,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "error-learner-1", "1-step model error, learner states", LB_METRIC_MODEL_ERROR_LEARNER_1,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "error-expert-20", "20-step model error, expert states", LB_METRIC_MODEL_ERROR_EXPERT_20,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "error-learner-20", "20-step model error, learner states", LB_METRIC_MODEL_ERROR_LEARNER_20,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, false, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "planning-error", "Planning error", LB_METRIC_PLANNING_ERROR, LB_METRIC_SAMPLES_LEARNER,
     LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "advantage", "Expert's advantage in the model", LB_METRIC_ADVANTAGE, LB_METRIC_SAMPLES_LEARNER,
     LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "value-expert", "Value disagreement, expert states", LB_METRIC_VALUE_GAP_EXPERT,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
    {LB_METRIC_RETURN, "value-learner", "Value disagreement, learner states", LB_METRIC_VALUE_GAP_LEARNER,
     LB_METRIC_SAMPLES_LEARNER, LB_VIEW_TERMS, true, false, LB_VIEW_NONE, samples, NULL},
};

enum { VIEWS = sizeof views / sizeof *views };

// ---------------------------------------------------------------------------------------------------------------------
// Published curves that a suite draws over its own: means and standard errors from an npz file

// The means of a published curve, and where they are there its standard errors and places.
static lb_status read_arrays(const lb_npz* npz, const lb_suite_overlay* o, lb_arena* arena, int64_t* length,
                             double** mean, double** se, double** at) {
  const int64_t any[1] = {-1};
  LB_TRY(lb_npz_doubles(npz, o->mean, 1, any, arena, mean, length));
  if (o->se) LB_TRY(lb_npz_doubles(npz, o->se, 1, length, arena, se, NULL));
  if (o->at) LB_TRY(lb_npz_doubles(npz, o->at, 1, length, arena, at, NULL));
  return lb_ok();
}

// Reads an overlay as markers with 95 % intervals (Student t when the number of seeds is known, else 1.96 standard
// errors). The file lies below `folder`. The arrays are the arena's.
static lb_status load_published(lb_series* out, lb_arena* arena, const lb_suite_overlay* overlay, const char* folder) {
  char path[4096];
  lb_npz* npz;
  double *mean = NULL, *se = NULL, *at = NULL;
  int64_t length[1] = {0};
  lb_path_join(path, sizeof path, folder, overlay->file);
  LB_TRY(lb_npz_open(&npz, path));
  lb_status status = read_arrays(npz, overlay, arena, length, &mean, &se, &at);
  lb_npz_free(npz);
  LB_TRY(status);

  int n = (int)length[0];
  double reach = overlay->seeds >= 2 ? lb_stats_t_quantile(0.975, overlay->seeds - 1) : 1.96;
  double *x = LB_TAKE(arena, double, n + 1), *low = LB_TAKE(arena, double, n + 1),
         *high = LB_TAKE(arena, double, n + 1);
  for (int i = 0; i < n; ++i) {
    x[i] = at ? at[i] : i;
    low[i] = se ? mean[i] - reach * se[i] : NAN;
    high[i] = se ? mean[i] + reach * se[i] : NAN;
  }
  *out = (lb_series){
      .kind = LB_SERIES_MARKERS, .label = overlay->label, .n = n, .x = x, .y = mean, .low = low, .high = high};
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Panels: a view of the rows of a group of algorithms, with reference rows and published curves

// What is being drawn.
typedef struct lb_drawing {
  lb_doc* doc;
  lb_text* script;
  const lb_results* results;
  const lb_results_task* task;
  const char* name;   // of the group of algorithms; "" when the suite has only one
  const char* title;  // likewise
  const char* const* algos;
  int n_algos;
} lb_drawing;

static const double SPAN = 8;  // values that span more get a logarithmic axis

// Whether the figure has an algorithm.
static bool is_in_group(const lb_drawing* d, const char* algo) {
  for (int i = 0; i < d->n_algos; ++i) {
    if (strcmp(d->algos[i], algo) == 0) return true;
  }
  return false;
}

// A row's curve in its looks.
static lb_series* add_row(const lb_drawing* d, lb_panel* p, const lb_results_row* row, const lb_curve_spec* spec) {
  lb_looks looks = lb_looks_of(d->results->suite, row->algo);
  lb_series* s = &p->series[p->n++];
  *s = lb_curves_of_row(d->doc->arena, row, spec);
  s->color = looks.color;
  s->dash = looks.dash;
  s->mark = looks.mark;
  return s;
}

// Whether a published curve stands in a view.
static bool belongs(const lb_drawing* d, const lb_suite_overlay* o, const lb_view* v) {
  const lb_results* r = d->results;
  const char* axis = v->axis == LB_AXIS_ITERATION ? "iteration" : r->metrics[v->axis];
  return strcmp(o->x, axis) == 0 && strcmp(o->metric, r->metrics[v->metric]) == 0 && is_in_group(d, o->algo) &&
         (!o->task || strcmp(o->task, d->task->name) == 0);
}

// Takes the constant off a published curve, whose arrays are its own.
static void take_off(lb_series* s, lb_arena* arena, double constant) {
  const double** arrays[] = {&s->y, &s->low, &s->high};
  for (int a = 0; a < 3; ++a) {
    double* moved = LB_TAKE(arena, double, s->n + 1);
    for (int i = 0; i < s->n; ++i) moved[i] = (*arrays[a])[i] - constant;
    *arrays[a] = moved;
  }
}

// The published curves of a view.
static void add_overlays(const lb_drawing* d, lb_panel* p, const lb_view* v, const lb_curve_spec* spec) {
  const lb_suite* suite = d->results->suite;
  for (int i = 0; i < suite->n_overlays; ++i) {
    lb_series s;
    if (!belongs(d, &suite->overlays[i], v)) continue;
    if (load_published(&s, d->doc->arena, &suite->overlays[i], d->results->folder).code != LB_OK) continue;
    lb_looks looks = lb_looks_of(suite, suite->overlays[i].algo);
    s.color = looks.color;
    s.mark = looks.mark;
    if (spec->floor != 0) take_off(&s, d->doc->arena, spec->floor);
    p->series[p->n++] = s;
  }
}

// Rows that stand in every figure of what is compared: reference and start, and those that count by their ends.
static void add_references(const lb_drawing* d, lb_panel* p, const lb_curve_spec* spec) {
  const lb_suite* suite = d->results->suite;
  const char* const roles[] = {suite->reference, suite->start};
  for (int i = 0; i < 2; ++i) {
    const lb_results_row* row = lb_results_find_row(d->task, roles[i]);
    if (row && row->n_iterations > 0) add_row(d, p, row, spec);
  }
  for (int i = 0; i < d->task->n_rows; ++i) {
    const lb_results_row* row = &d->task->rows[i];
    if (!row->by_end || row->n_iterations == 0 || lb_looks_is_role(suite, row->algo) || is_in_group(d, row->algo))
      continue;
    add_row(d, p, row, spec);
  }
}

// The lines of the group's rows and their companions, published curves, and the reference rows.
static void fill_series(const lb_drawing* d, lb_panel* p, const lb_view* v, const lb_curve_spec* spec) {
  const lb_suite* suite = d->results->suite;
  p->n = 0;
  p->series = LB_TAKE(d->doc->arena, lb_series, 2 * d->n_algos + d->task->n_rows + suite->n_overlays + 3);
  for (int i = 0; i < d->n_algos; ++i) {
    const lb_results_row* row = lb_results_find_row(d->task, d->algos[i]);
    if (!row || row->n_iterations == 0 || lb_looks_is_role(suite, row->algo)) continue;
    add_row(d, p, row, spec);
    if (v->companion == LB_VIEW_NONE) continue;
    lb_curve_spec beside = *spec;
    beside.metric = v->companion;
    add_row(d, p, row, &beside)->kind = LB_SERIES_THIN;
  }
  add_overlays(d, p, v, spec);
  if (v->metric == d->results->metric) add_references(d, p, spec);
}

// Drops lines without a single point; false when no row's line is left.
static bool drop_empty(lb_panel* p) {
  int kept = 0, lines = 0;
  for (int k = 0; k < p->n; ++k) {
    const lb_series* s = &p->series[k];
    bool any = false;
    for (int i = 0; i < s->n; ++i) any = any || (isfinite(s->y[i]) && isfinite(s->x[i]));
    if (!any) continue;
    lines += s->kind == LB_SERIES_LINE;
    p->series[kept++] = *s;
  }
  p->n = kept;
  return lines > 0;
}

// Fills a panel for a logarithmic axis, with the constant inside costs taken off; false when its lines do not span so
// much, or hold values that have no logarithm.
static bool fill_log(const lb_drawing* d, lb_panel* p, const lb_view* v, lb_curve_spec* spec) {
  spec->log = true;
  spec->floor = lb_results_floor(d->results, d->task->name, v->metric);
  fill_series(d, p, v, spec);
  if (!drop_empty(p) || !lb_curves_span(p, SPAN, lb_results_metric_is_cumulative(v->metric))) return false;
  if (spec->floor != 0) p->title = lb_format_text(d->doc->arena, "%s minus %g", v->title, spec->floor);
  return true;
}

// Fills a panel for a linear axis; false when there is no line to draw.
static bool fill_linear(const lb_drawing* d, lb_panel* p, const lb_view* v, lb_curve_spec* spec) {
  spec->log = false;
  spec->floor = 0;
  fill_series(d, p, v, spec);
  return drop_empty(p);
}

// Fills a panel, with its ranges and its note; false when there is nothing to draw. All in the document's arena.
static bool make_panel(const lb_drawing* d, lb_panel* p, const lb_view* v) {
  *p = (lb_panel){.title = v->title, .note = "", .counts = d->results->measure->steps};
  p->axis = v->metric == d->results->metric ? v->along : NULL;
  p->x_label = v->x_label ? v->x_label : v->axis == LB_AXIS_ITERATION ? "Iteration" : lb_metric_at(v->axis)->title;
  lb_curve_spec spec = {.metric = v->metric, .axis = v->axis, .whole = !d->results->measure->unbounded};
  spec.zero = v->metric != d->results->metric;
  spec.seeds = v->metric == d->results->metric;
  bool drawn = !v->zoomed && fill_log(d, p, v, &spec);
  if (!drawn && v->only_log) return false;
  if (!drawn && !fill_linear(d, p, v, &spec)) return false;
  const lb_results_row* goal = lb_results_find_row(d->task, d->results->suite->reference);
  bool about_goal = goal && v->zoomed && d->results->measure->unbounded;
  double focus = about_goal ? lb_results_row_final(goal, d->results->metric).mean : NAN;
  spec.focus = &focus;
  lb_curves_fit_ranges(d->doc->arena, p, &spec);
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// Pictures and their captions

// A file name of letters, digits, '-' and '.' for a task and a group.
static const char* file_name(const lb_drawing* d, const char* what) {
  char* name = lb_format_text(d->doc->arena, "%s%s%s-%s", d->task->label, d->name[0] ? "-" : "", d->name, what);
  for (char* c = name; *c; ++c) {
    bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' ||
                 *c == '.' || *c == '_';
    if (!plain) *c = '-';
  }
  return name;
}

// A figure in its files, and its panels for a page.
static void show(const lb_drawing* d, const char* name, const char* caption, bool wide, const lb_panel* panels, int n) {
  lb_panel* kept = LB_TAKE(d->doc->arena, lb_panel, n + 1);
  for (int i = 0; i < n; ++i) kept[i] = panels[i];
  lb_doc_figure(d->doc, (lb_figure){.caption = caption,
                                    .panels = n > 0 ? kept : NULL,
                                    .n_panels = n,
                                    .png = lb_format_text(d->doc->arena, "plots/%s.png", name),
                                    .svg = lb_format_text(d->doc->arena, "plots/%s.svg", name),
                                    .wide = wide});
}

// Whether a panel has a published curve.
static bool has_markers(const lb_panel* p) {
  for (int i = 0; i < p->n; ++i) {
    if (p->series[i].kind == LB_SERIES_MARKERS) return true;
  }
  return false;
}

// The panels' notes by letter.
static const char* notes_of(const lb_drawing* d, const lb_panel* panels, int n) {
  const char* texts[VIEWS];
  for (int i = 0; i < n; ++i) texts[i] = panels[i].note;
  return lb_curves_by_letter(d->doc->arena, texts, n);
}

// "SAC from 60000 on (3 of 5)" for rows whose runs do not all go to the end; "" when all do.
static const char* fewer_seeds(const lb_drawing* d) {
  const char* words = "";
  for (int k = 0; k < d->task->n_rows; ++k) {
    const lb_results_row* row = &d->task->rows[k];
    if (row->flat || !is_in_group(d, row->algo) || row->n_iterations == 0) continue;
    int most = lb_results_row_at(row, d->results->metric, row->iterations[0]).n, i = 1, n = most;
    while (i < row->n_iterations && (n = lb_results_row_at(row, d->results->metric, row->iterations[i]).n) >= most) ++i;
    if (i >= row->n_iterations) continue;
    words = lb_format_text(d->doc->arena, "%s%s %s from %d on (%d of %d)", words, words[0] ? ";" : "",
                           lb_format_name(d->doc->arena, row->title), row->iterations[i], n, most);
  }
  return words[0] ? lb_format_text(d->doc->arena, " Means of fewer seeds:%s.", words) : "";
}

// What is shaded about a curve (curves.c).
static const char* bands_in_words(const lb_drawing* d) {
  bool two = false, more = false;
  for (int k = 0; k < d->task->n_rows; ++k) {
    const lb_results_row* row = &d->task->rows[k];
    if (row->flat || !is_in_group(d, row->algo)) continue;
    two = two || row->n_runs == 2;
    more = more || row->n_runs != 2;
  }
  if (!two) return "shaded 95 % intervals (Student t)";
  return more ? "shaded 95 % intervals (Student t), of two seeds their range" : "shaded the range of the two seeds";
}

// The caption of a picture of several panels.
static const char* overview_words(const lb_drawing* d, lb_view_place place) {
  const char *bands = bands_in_words(d), *fewer = fewer_seeds(d);
  static const struct {
    int of;
    lb_view_place place;
    const char *before, *after;
  } words[] = {{LB_METRIC_COST, LB_VIEW_OVERVIEW, "",
                ". Dotted beside the cost in the learned model: the expert's cost in the same model."},
               {LB_METRIC_RETURN, LB_VIEW_OVERVIEW,
                "return against real samples of the learner, the same with demonstrations, and the planning that it "
                "cost; ",
                "; horizontal lines: rows without a curve."},
               {LB_METRIC_RETURN, LB_VIEW_TERMS,
                "the model's errors and the terms of the two performance difference lemmas; ", "."}};
  const char *before = "", *after = ".";
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    if (words[i].of != d->results->metric || words[i].place != place) continue;
    before = words[i].before;
    after = words[i].after;
  }
  return lb_format_text(d->doc->arena, "%smeans over the seeds, %s%s%s", before, bands, after, fewer);
}

// Of costs, whose panels are about the reference's.
static const char* zoom_in_words(const lb_drawing* d, const lb_panel* panels, int n) {
  bool zoomed = false;
  for (int i = 0; i < n; ++i) zoomed = zoomed || (!panels[i].log_y && panels[i].y_low > 0);
  return zoomed && d->results->measure->unbounded ? " Axes of the cost are zoomed and do not begin at 0." : "";
}

// One picture of n panels; a page shows those of the figures after it (n_more) in the same place.
static void show_overview(const lb_drawing* d, const lb_panel* panels, int n, int n_more, lb_view_place place) {
  lb_arena* arena = d->doc->arena;
  const char *markers = "", *off = notes_of(d, panels, n);
  for (int i = 0; i < n; ++i) {
    if (has_markers(&panels[i])) markers = " Open markers: published curves, with 95 % intervals where there are any.";
  }
  const char* name = file_name(d, place == LB_VIEW_TERMS ? "terms" : "overview");
  lb_gnuplot_overview(d->script, arena, name, panels, n);
  show(d, name,
       lb_format_text(arena, "%s%s%s: %s%s%s%s", d->task->label, d->title[0] ? ", " : "", d->title,
                      overview_words(d, place), zoom_in_words(d, panels, n), markers, off),
       true, panels, n + n_more);
  lb_curves_say_parting(d->doc, panels, n);
}

// A picture of one panel, in files alone: a page has it in the overview.
static void show_single(const lb_drawing* d, const lb_panel* p, const lb_view* v) {
  lb_arena* arena = d->doc->arena;
  const char* along = v->axis == LB_AXIS_ITERATION ? "iterations" : lb_results_metric_noun(d->results, v->axis);
  const char* off = p->note[0] ? lb_format_text(arena, " %s.", p->note) : "";
  const char* parting = lb_curves_parting_in_words(p, arena);
  if (parting[0]) off = lb_format_text(arena, "%s %s.", off, parting);
  show(d, file_name(d, v->name),
       lb_format_text(arena, "%s against %s.%s%s", p->title, along, zoom_in_words(d, p, 1), off), false, NULL, 0);
  d->doc->blocks[d->doc->n - 1].figure.file_only = true;  // a page has it in the overview
}

// The figures of a group of algorithms.
static void add_group(const lb_drawing* d) {
  lb_panel panels[VIEWS], together[VIEWS];
  bool drawn[VIEWS];
  int first = 0;
  while (first < VIEWS && views[first].of != d->results->metric) ++first;
  for (int i = 0; i < VIEWS; ++i) {
    drawn[i] = views[i].of == d->results->metric && make_panel(d, &panels[i], &views[i]);
    if (!drawn[i]) continue;
    bool alike = views[i].zoomed && views[i].metric == views[first].metric;
    if (i > first && drawn[first] && alike) lb_curves_share_range(d->doc->arena, &panels[i], &panels[first]);
    lb_gnuplot_single(d->script, d->doc->arena, file_name(d, views[i].name), &panels[i]);
  }
  for (int place = LB_VIEW_OVERVIEW; place <= LB_VIEW_TERMS; ++place) {
    int count = 0;
    for (int i = 0; i < VIEWS; ++i) {
      if (drawn[i] && (int)views[i].place == place) together[count++] = panels[i];
    }
    int more = 0;
    for (int i = 0; place == LB_VIEW_OVERVIEW && i < VIEWS; ++i) {
      if (drawn[i] && views[i].place == LB_VIEW_PAGE) together[count + more++] = panels[i];
    }
    if (count == 0) continue;
    if (place == LB_VIEW_TERMS) lb_doc_fold(d->doc, "Why: errors of the models and terms of the lemmas");
    show_overview(d, together, count, more, (lb_view_place)place);
    if (place == LB_VIEW_TERMS) lb_doc_fold_end(d->doc);
  }
  for (int i = 0; i < VIEWS; ++i) {
    if (drawn[i] && views[i].place == LB_VIEW_PAGE) show_single(d, &panels[i], &views[i]);
  }
}

// Where the CPU time of a run went, a bar a row.
static void add_time_bars(const lb_drawing* d) {
  static const int parts[] = {LB_METRIC_COLLECT, LB_METRIC_FIT, LB_METRIC_PLAN, LB_METRIC_EVALUATE};
  static const char* labels[] = {"collect", "fit", "plan", "evaluate"};
  enum { PARTS = 4 };
  lb_arena* arena = d->doc->arena;
  int most = d->task->n_rows;
  lb_panel p = {.title = "CPU seconds of a run (mean over seeds)",
                .x_label = "CPU seconds",
                .parts = PARTS,
                .part_labels = labels};
  p.bar_labels = LB_TAKE(arena, const char*, most);
  p.bar_notes = LB_TAKE(arena, const char*, most);
  double* values = LB_TAKE(arena, double, PARTS* most);
  for (int k = 0; k < most; ++k) {
    const lb_results_row* row = &d->task->rows[k];
    if (row->flat || row->n_runs == 0) continue;
    double total = 0;
    for (int i = 0; i < PARTS; ++i) {
      double value = lb_results_row_final(row, parts[i]).mean;
      values[p.bars * PARTS + i] = isfinite(value) ? value : 0;
      total += values[p.bars * PARTS + i];
    }
    if (!(total > 0)) continue;
    p.bar_labels[p.bars] = row->title;
    p.bar_notes[p.bars++] = lb_format_text(arena, "%s s", lb_format_number(arena, total, 0.02 * total));
    p.x_high = fmax(p.x_high, 1.15 * total);
  }
  if (p.bars == 0) return;
  p.values = values;
  const char* name = file_name(d, "time");
  lb_gnuplot_single(d->script, arena, name, &p);
  show(d, name, lb_format_text(arena, "%s: where the CPU time goes.", d->task->label), false, &p, 1);
}

// Whether some row of the group has a curve.
static bool has_rows(const lb_drawing* d) {
  for (int i = 0; i < d->n_algos; ++i) {
    const lb_results_row* row = lb_results_find_row(d->task, d->algos[i]);
    if (row && row->n_iterations > 0 && !lb_looks_is_role(d->results->suite, row->algo)) return true;
  }
  return false;
}

// Says which published curves are missing, and why.
static void check_overlays(lb_doc* doc, const lb_results* r, const lb_results_task* task) {
  for (int i = 0; i < r->suite->n_overlays; ++i) {
    const lb_suite_overlay* o = &r->suite->overlays[i];
    lb_series s;
    if (o->task && strcmp(o->task, task->name) != 0) continue;
    lb_status status = load_published(&s, doc->arena, o, r->folder);
    if (status.code == LB_OK) continue;
    lb_doc_say(doc, LB_BLOCK_WARNING, "A published curve is missing.", lb_format_text(doc->arena, "%s", status.text));
  }
}

void lb_figures_add(lb_doc* doc, lb_text* script, const lb_results* results, const lb_results_task* task) {
  lb_drawing d = {.doc = doc, .script = script, .results = results, .task = task, .name = "", .title = ""};
  check_overlays(doc, results, task);
  const char** algos = LB_TAKE(doc->arena, const char*, task->n_rows + 1);
  for (int i = 0; i < task->n_rows; ++i) algos[i] = task->rows[i].algo;
  d.algos = algos;
  d.n_algos = task->n_rows;
  if (results->suite->n_figures == 0 && has_rows(&d)) add_group(&d);
  for (int i = 0; i < results->suite->n_figures; ++i) {
    const lb_suite_figure* figure = &results->suite->figures[i];
    lb_drawing group = d;
    group.name = figure->name;
    group.title = figure->title;
    group.algos = figure->algos;
    group.n_algos = figure->n_algos;
    if (has_rows(&group)) add_group(&group);
  }
  add_time_bars(&d);
}
