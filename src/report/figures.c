#include "report/figures.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "plot/gnuplot.h"
#include "report/looks.h"
#include "report/panels.h"
#include "report/parting.h"
#include "report/published.h"
#include "report/ranges.h"

enum { VIEWS_MAX = 32 };

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

static bool has_markers(const lb_panel* p) {
  for (int i = 0; i < p->n; ++i) {
    if (p->series[i].kind == LB_SERIES_MARKERS) return true;
  }
  return false;
}

static const char* notes_of(const lb_drawing* d, const lb_panel* panels, int n) {
  const char* texts[VIEWS_MAX];
  for (int i = 0; i < n; ++i) texts[i] = panels[i].note;
  return lb_panels_by_letter(d->doc->arena, texts, n);
}

// "SAC from 60000 on (3 of 5)" for rows whose runs do not all go to the end; "" when all do.
static const char* fewer_seeds(const lb_drawing* d) {
  const char* words = "";
  for (int k = 0; k < d->task->n_rows; ++k) {
    const lb_results_row* row = &d->task->rows[k];
    if (row->flat || !lb_panels_in_group(d, row->algo) || row->n_iterations == 0) continue;
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
    if (row->flat || !lb_panels_in_group(d, row->algo)) continue;
    two = two || row->n_runs == 2;
    more = more || row->n_runs != 2;
  }
  if (!two) return "shaded 95 % intervals (Student t)";
  return more ? "shaded 95 % intervals (Student t), of two seeds their range" : "shaded the range of the two seeds";
}

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
  lb_parting_say(d->doc, panels, n);
}

static void show_single(const lb_drawing* d, const lb_panel* p, const lb_view* v) {
  lb_arena* arena = d->doc->arena;
  const char* along = v->axis == LB_AXIS_ITERATION ? "iterations" : lb_results_metric_noun(d->results, v->axis);
  const char* off = p->note[0] ? lb_format_text(arena, " %s.", p->note) : "";
  const char* parting = lb_parting_in_words(p, arena);
  if (parting[0]) off = lb_format_text(arena, "%s %s.", off, parting);
  show(d, file_name(d, v->name),
       lb_format_text(arena, "%s against %s.%s%s", p->title, along, zoom_in_words(d, p, 1), off), false, NULL, 0);
  d->doc->blocks[d->doc->n - 1].figure.file_only = true;  // a page has it in the overview
}

static void add_group(const lb_drawing* d) {
  lb_panel panels[VIEWS_MAX], together[VIEWS_MAX];
  bool drawn[VIEWS_MAX];
  int n;
  const lb_view* views = lb_views(&n);
  int first = 0;
  while (first < n && views[first].of != d->results->metric) ++first;
  for (int i = 0; i < n; ++i) {
    drawn[i] = views[i].of == d->results->metric && lb_panels_make(d, &panels[i], &views[i]);
    if (!drawn[i]) continue;
    bool alike = views[i].zoomed && views[i].metric == views[first].metric;
    if (i > first && drawn[first] && alike) lb_ranges_share(d->doc->arena, &panels[i], &panels[first]);
    lb_gnuplot_single(d->script, d->doc->arena, file_name(d, views[i].name), &panels[i]);
  }
  for (int place = LB_VIEW_OVERVIEW; place <= LB_VIEW_TERMS; ++place) {
    int count = 0;
    for (int i = 0; i < n; ++i) {
      if (drawn[i] && (int)views[i].place == place) together[count++] = panels[i];
    }
    int more = 0;
    for (int i = 0; place == LB_VIEW_OVERVIEW && i < n; ++i) {
      if (drawn[i] && views[i].place == LB_VIEW_PAGE) together[count + more++] = panels[i];
    }
    if (count == 0) continue;
    if (place == LB_VIEW_TERMS) lb_doc_fold(d->doc, "Why: errors of the models and terms of the lemmas");
    show_overview(d, together, count, more, (lb_view_place)place);
    if (place == LB_VIEW_TERMS) lb_doc_fold_end(d->doc);
  }
  for (int i = 0; i < n; ++i) {
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
    lb_status status = lb_published_load(&s, doc->arena, o, r->folder);
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
