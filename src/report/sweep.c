// What a suite's sweep says: see sweep.h.
#include "report/sweep.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "plot/gnuplot.h"
#include "report/across.h"
#include "report/cells.h"
#include "report/curves.h"
#include "report/looks.h"
#include "suite/suite_overrides.h"

// What is drawn or listed: one task's rows, or those of all tasks.
typedef struct subject {
  const lb_results* r;
  const lb_results_task* task;  // NULL: all
  const lb_across* across;      // of all
  lb_arena* arena;
} subject;

// The final value of a row; n = 0: none.
typedef struct point {
  double value, low, high;
  int n;
} point;

// What a row ended with: over the seeds, or of all tasks.
static point point_of(const subject* s, const char* algo) {
  point none = {NAN, NAN, NAN, 0};
  if (s->task) {
    const lb_results_row* row = lb_results_find_row(s->task, algo);
    if (!row) return none;
    lb_stats_summary sum = lb_results_row_compared(s->r, row);
    return (point){sum.mean, sum.low, sum.high, sum.n};
  }
  const lb_across_row* row = lb_across_find_row(s->across, algo);
  if (!row || row->tasks == 0) return none;
  lb_across_estimate e = row->of[LB_ACROSS_IQM_TAIL];
  return (point){e.value, e.interval.low, e.interval.high, isnan(e.value) ? 0 : lb_scores_total(&row->tail)};
}

static const char* row_name(const subject* s, const char* algo, int value) {
  return lb_suite_overrides_label(s->arena, algo, s->r->suite->sweep.texts[value]);
}

// The title of an algorithm without its value.
static const char* title_of(const subject* s, const char* algo) {
  const lb_results_task* task = s->task ? s->task : s->across->tasks[0];
  for (int v = 0; v < s->r->suite->sweep.n; ++v) {
    const lb_results_row* row = lb_results_find_row(task, row_name(s, algo, v));
    const char* at = row ? strstr(row->title, " @ ") : NULL;
    if (at) return lb_format_text(s->arena, "%.*s", (int)(at - row->title), row->title);
  }
  return algo;
}

// An algorithm against the setting.
static lb_series line_of(const subject* s, const char* algo) {
  const lb_suite_sweep* sweep = &s->r->suite->sweep;
  double* v = LB_TAKE(s->arena, double, 4 * sweep->n);
  int* number = LB_TAKE(s->arena, int, sweep->n);
  lb_series line = {.kind = LB_SERIES_LINE, .label = title_of(s, algo), .iteration = number};
  lb_looks looks = lb_looks_of(s->r->suite, row_name(s, algo, 0));
  line.color = looks.color;
  line.dash = looks.dash;
  line.mark = looks.mark;
  double *x = v, *y = v + sweep->n, *low = v + 2 * sweep->n, *high = v + 3 * sweep->n;
  for (int i = 0; i < sweep->n; ++i) {
    point p = point_of(s, row_name(s, algo, i));
    if (p.n == 0 || !isfinite(p.value)) continue;
    x[line.n] = sweep->values[i];
    y[line.n] = p.value;
    low[line.n] = p.low;
    high[line.n] = p.high;
    number[line.n++] = i + 1;
  }
  line.x = x;
  line.y = y;
  line.low = low;
  line.high = high;
  return line;
}

// A horizontal line.
static lb_series level(const subject* s, const char* algo, const char* title, double value) {
  double* y = LB_TAKE(s->arena, double, 1);
  y[0] = value;
  lb_looks looks = lb_looks_of(s->r->suite, algo);
  return (lb_series){
      .kind = LB_SERIES_FLAT, .label = title, .color = looks.color, .dash = looks.dash, .n = 1, .x = y, .y = y};
}

// Rows that the setting does not touch, as horizontal lines: with all tasks together the reference, which is 1 there.
static void add_levels(const subject* s, lb_panel* p) {
  const lb_suite* suite = s->r->suite;
  const lb_results_task* task = s->task ? s->task : s->across->tasks[0];
  for (int i = 0; i < task->n_rows; ++i) {
    const lb_results_row* row = &task->rows[i];
    bool role = lb_looks_is_role(suite, row->algo);
    if (strchr(row->algo, '@')) continue;
    point own = point_of(s, row->algo);
    if (s->task || !role) {
      if (own.n > 0 && isfinite(own.value)) p->series[p->n++] = level(s, row->algo, row->title, own.value);
    } else {
      double value = suite->reference && strcmp(row->algo, suite->reference) == 0 ? 1 : 0;
      p->series[p->n++] = level(s, row->algo, row->title, value);
    }
  }
}

// "expert_transitions" as people read it.
static const char* setting_in_words(const subject* s) {
  char* words = lb_format_text(s->arena, "%s", s->r->suite->sweep.setting);
  for (char* c = words; *c; ++c) {
    if (*c == '_') *c = ' ';
  }
  if (*words >= 'a' && *words <= 'z') *words = (char)(*words - 'a' + 'A');
  return words;
}

// What is drawn upwards.
static const char* measure_in_words(const subject* s) {
  if (!s->task) return "Normalised return (IQM)";
  return lb_results_metric_title(s->r, s->r->metric);
}

// The panel; false when nothing of it has run.
static bool make_panel(const subject* s, lb_panel* p) {
  const lb_suite_sweep* sweep = &s->r->suite->sweep;
  const lb_results_task* task = s->task ? s->task : s->across->tasks[0];
  *p = (lb_panel){.title = lb_format_text(s->arena, "%s %s", measure_in_words(s), s->r->measure->when),
                  .x_label = setting_in_words(s),
                  .note = "",
                  .counts = true};
  p->series = LB_TAKE(s->arena, lb_series, sweep->n_algos + task->n_rows + 1);
  for (int i = 0; i < sweep->n_algos; ++i) {
    lb_series line = line_of(s, sweep->algos[i]);
    if (line.n > 0) p->series[p->n++] = line;
  }
  if (p->n == 0) return false;
  add_levels(s, p);
  const lb_curve_spec spec = {.metric = s->r->metric, .axis = LB_AXIS_ITERATION, .whole = true};
  lb_curves_fit_ranges(s->arena, p, &spec);
  double first = sweep->values[0], last = sweep->values[sweep->n - 1];
  p->log_x = first > 0 && last >= 8 * first;
  double margin = p->log_x ? pow(last / first, 0.06) : 0.06 * (last - first);
  if (sweep->n == 1) margin = p->log_x ? 2 : fmax(1, 0.5 * fabs(first));
  p->x_ticks = sweep->values;
  p->n_x_ticks = sweep->n;
  p->x_low = p->log_x ? first / margin : first - margin;
  p->x_high = p->log_x ? last * margin : last + margin;
  return true;
}

// What figure and table say.
static const char* caption(const subject* s) {
  return lb_format_text(
      s->arena, "%s: what each row ends with against the setting %s%s", s->task ? s->task->label : "All tasks",
      s->r->suite->sweep.setting,
      s->task
          ? "; means over the seeds with 95 % t intervals"
          : "; interquartile means of the normalised returns (0: start, 1: reference) with 95 % bootstrap intervals");
}

// The figure against the setting.
static void add_figure(const subject* s, lb_doc* doc, lb_text* script) {
  lb_panel panel;
  if (!make_panel(s, &panel)) return;
  char* name = lb_format_text(s->arena, "%s-%s", s->task ? s->task->label : "all-tasks", s->r->suite->sweep.setting);
  for (char* c = name; *c; ++c) {
    if (*c == ' ' || *c == '(' || *c == ')') *c = '-';
  }
  lb_gnuplot_single(script, s->arena, name, &panel);
  lb_panel* kept = LB_TAKE(s->arena, lb_panel, 1);
  *kept = panel;
  lb_doc_figure(doc,
                (lb_figure){.caption = lb_format_text(s->arena, "%s. Horizontal lines: rows without it.", caption(s)),
                            .png = lb_format_text(s->arena, "plots/%s.png", name),
                            .svg = lb_format_text(s->arena, "plots/%s.svg", name),
                            .panels = kept,
                            .n_panels = 1});
}

// A cell of the table.
static const char* cell_of(const subject* s, const lb_doc* doc, const char* algo) {
  const lb_results_row* row = s->task ? lb_results_find_row(s->task, algo) : NULL;
  if (row) return lb_cell_compared(doc, s->r, row);
  point p = point_of(s, algo);
  return p.n > 0 ? lb_format_interval(s->arena, p.value, p.low, p.high) : "-";
}

// An algorithm a line, a value of the setting a column.
static void add_table(const subject* s, lb_doc* doc) {
  const lb_suite_sweep* sweep = &s->r->suite->sweep;
  lb_text titles = {0};
  lb_text_add(&titles, "Algorithm");
  for (int v = 0; v < sweep->n; ++v) lb_text_add(&titles, "|#%s %s", v ? "" : setting_in_words(s), sweep->texts[v]);
  lb_table* table = lb_doc_table(doc, caption(s), lb_format_text(s->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int i = 0; i < sweep->n_algos; ++i) {
    lb_table_cell(table, title_of(s, sweep->algos[i]), NULL);
    for (int v = 0; v < sweep->n; ++v) lb_table_cell(table, cell_of(s, doc, row_name(s, sweep->algos[i], v)), NULL);
  }
}

void lb_sweep_add_task(lb_doc* doc, lb_text* script, const lb_results* r, const lb_results_task* task) {
  if (r->suite->sweep.n == 0) return;
  subject s = {.r = r, .task = task, .arena = doc->arena};
  add_table(&s, doc);
  if (script) add_figure(&s, doc, script);
}

void lb_sweep_add_across(lb_doc* doc, lb_text* script, lb_results* r) {
  if (r->suite->sweep.n == 0) return;
  subject s = {.r = r, .across = lb_across_find(r), .arena = doc->arena};
  if (s.across->n_tasks < 2) return;
  lb_doc_heading(doc, 2, "sweep", setting_in_words(&s));
  add_table(&s, doc);
  if (script) add_figure(&s, doc, script);
}
