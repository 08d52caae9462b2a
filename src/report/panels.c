// The panels of a task's figures: see panels.h.
#include "report/panels.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/curves.h"
#include "report/looks.h"
#include "report/published.h"
#include "report/ranges.h"

static const double SPAN = 8;  // values that span more get a logarithmic axis

bool lb_panels_in_group(const lb_drawing* d, const char* algo) {
  for (int i = 0; i < d->n_algos; ++i) {
    if (strcmp(d->algos[i], algo) == 0) return true;
  }
  return false;
}

static lb_series* add_row(const lb_drawing* d, lb_panel* p, const lb_results_row* row, const lb_curve_spec* spec) {
  lb_looks looks = lb_looks_of(d->results->suite, row->algo);
  lb_series* s = &p->series[p->n++];
  *s = lb_curves_of_row(d->doc->arena, row, spec);
  s->color = looks.color;
  s->dash = looks.dash;
  s->mark = looks.mark;
  return s;
}

static bool belongs(const lb_drawing* d, const lb_suite_overlay* o, const lb_view* v) {
  const lb_results* r = d->results;
  const char* axis = v->axis == LB_AXIS_ITERATION ? "iteration" : r->metrics[v->axis];
  return strcmp(o->x, axis) == 0 && strcmp(o->metric, r->metrics[v->metric]) == 0 && lb_panels_in_group(d, o->algo) &&
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

static void add_overlays(const lb_drawing* d, lb_panel* p, const lb_view* v, const lb_curve_spec* spec) {
  const lb_suite* suite = d->results->suite;
  for (int i = 0; i < suite->n_overlays; ++i) {
    lb_series s;
    if (!belongs(d, &suite->overlays[i], v)) continue;
    if (lb_published_load(&s, d->doc->arena, &suite->overlays[i], d->results->folder).code != LB_OK) continue;
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
    if (!row->by_end || row->n_iterations == 0 || lb_looks_is_role(suite, row->algo) ||
        lb_panels_in_group(d, row->algo))
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
  if (!drop_empty(p) || !lb_ranges_span(p, SPAN, lb_results_metric_is_cumulative(v->metric))) return false;
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

bool lb_panels_make(const lb_drawing* d, lb_panel* p, const lb_view* v) {
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
  lb_ranges_fit(d->doc->arena, p, &spec);
  return true;
}

const char* lb_panels_by_letter(lb_arena* arena, const char* const* texts, int n) {
  lb_text notes = {0};
  for (int i = 0; i < n; ++i) {
    bool first = texts[i][0];
    for (int k = 0; k < i; ++k) first = first && strcmp(texts[k], texts[i]) != 0;
    if (!first) continue;
    lb_text_add(&notes, " (%c", 'a' + i);
    for (int k = i + 1; k < n; ++k) {
      if (strcmp(texts[k], texts[i]) == 0) lb_text_add(&notes, ", %c", 'a' + k);
    }
    lb_text_add(&notes, ") %s.", texts[i]);
  }
  const char* kept = lb_format_text(arena, "%s", notes.data ? notes.data : "");
  lb_text_free(&notes);
  return kept;
}
