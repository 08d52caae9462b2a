#include "report/chapters.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "plot/gnuplot.h"
#include "report/claims.h"
#include "report/curves.h"
#include "report/looks.h"
#include "suite/suite_grammar.h"

enum { MOST_TASKS = 64, MOST_ROWS = 24, MOST_PANELS = 8 };

// ---------------------------------------------------------------------------------------------------------------------
// Reading: what is malformed is left out; a definition was checked before it was run.

// The length of an object's array; 0 without one.
static int length_of(lb_node object, const char* key, lb_node* array) {
  int n = 0;
  if (!lb_json_has(object, key) || lb_json_array(object, key, array, &n).code != LB_OK) return 0;
  return n;
}

// A member's text, else `missing`.
static const char* text_of(lb_node object, const char* key, const char* missing) {
  const char* text;
  return lb_json_string_or(object, key, missing, &text).code == LB_OK ? text : missing;
}

// An element's text; "" where it is none.
static const char* element_text(lb_node array, int i) {
  const char* text;
  return lb_json_as_string(lb_json_element(array, i), &text).code == LB_OK ? text : "";
}

// Whether a figure of a chapter is well-formed.
static lb_status check_figure(lb_node figure) {
  const char* text;
  int log;
  LB_TRY(lb_suite_check_keys(figure, LB_SUITE_CHAPTER_FIGURE));
  LB_TRY(lb_json_string(figure, "metric", &text));
  if (lb_metric_find(text) < 0) return lb_json_fail(figure, "unknown metric '%s'", text);
  return lb_json_choice_or(figure, "log", lb_suite_log_axes, LB_SUITE_LOG_AXES, 0, &log);
}

// Whether a chapter is well-formed.
static lb_status check_chapter(lb_node chapter) {
  lb_node list;
  const char* text;
  int n, law;
  LB_TRY(lb_suite_check_keys(chapter, LB_SUITE_CHAPTER));
  LB_TRY(lb_json_string(chapter, "title", &text));
  LB_TRY(lb_json_array(chapter, "tasks", &list, &n));
  n = length_of(chapter, "figures", &list);
  for (int i = 0; i < n; ++i) LB_TRY(check_figure(lb_json_element(list, i)));
  n = length_of(chapter, "table", &list);
  for (int i = 0; i < n; ++i) {
    LB_TRY(lb_json_as_string(lb_json_element(list, i), &text));
    if (lb_metric_find(text) < 0) return lb_json_fail(lb_json_element(list, i), "unknown metric '%s'", text);
  }
  n = length_of(chapter, "terms", &list);
  for (int i = 0; i < n; ++i) LB_TRY(lb_suite_check_keys(lb_json_element(list, i), LB_SUITE_CHAPTER_TERMS));
  n = length_of(chapter, "fits", &list);
  for (int i = 0; i < n; ++i) {
    lb_node at, fit = lb_json_element(list, i);
    LB_TRY(lb_suite_check_keys(fit, LB_SUITE_CHAPTER_FIT));
    LB_TRY(lb_json_choice(fit, "law", lb_suite_laws, LB_SUITE_LAWS, &law));
    LB_TRY(lb_json_string(fit, "algo", &text));
    LB_TRY(lb_json_string(fit, "metric", &text));
    if (lb_metric_find(text) < 0) return lb_json_fail(fit, "unknown metric '%s'", text);
    LB_TRY(lb_json_object(fit, "at", &at));
  }
  return lb_ok();
}

lb_status lb_chapters_check(lb_node root) {
  lb_node chapters;
  int n;
  if (!lb_json_has(root, "chapters")) return lb_ok();
  LB_TRY(lb_json_array(root, "chapters", &chapters, &n));
  for (int i = 0; i < n; ++i) LB_TRY(check_chapter(lb_json_element(chapters, i)));
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Tasks and rows of a chapter

typedef struct chapter {
  lb_doc* doc;
  lb_text* script;
  lb_results* r;
  lb_node node;
  int number;
  const lb_results_task* tasks[MOST_TASKS];
  int n_tasks;
  int figures;
} chapter;

// The task of a name that has run; NULL: none.
static const lb_results_task* find_task(const lb_results* r, const char* name) {
  const lb_results_task* task = lb_results_find_task(r, name);
  return task && task->hash ? task : NULL;
}

// The tasks that an object's array names and that have run; returns how many.
static int list_tasks(const lb_results_task** out, const lb_results* r, lb_node object, const char* key) {
  lb_node list;
  int n = length_of(object, key, &list), count = 0;
  for (int i = 0; i < n && count < MOST_TASKS; ++i) {
    const lb_results_task* task = find_task(r, element_text(list, i));
    if (task) out[count++] = task;
  }
  return count;
}

// Whether an object's array has a name, or the object no such array.
static bool is_listed(lb_node object, const char* key, const char* name) {
  lb_node list;
  int n = length_of(object, key, &list);
  if (!lb_json_has(object, key)) return true;
  for (int i = 0; i < n; ++i) {
    if (strcmp(element_text(list, i), name) == 0) return true;
  }
  return false;
}

// A title that tells rows of one title apart.
static const char* row_title(const chapter* c, const lb_results_row* row) {
  bool same = false;
  for (int t = 0; t < c->r->n_tasks; ++t) {
    for (int k = 0; k < c->r->tasks[t].n_rows; ++k) {
      const lb_results_row* other = &c->r->tasks[t].rows[k];
      same = same || (strcmp(other->title, row->title) == 0 && strcmp(other->algo, row->algo) != 0);
    }
  }
  return same ? lb_format_text(c->doc->arena, "%s (%s)", row->title, row->algo) : row->title;
}

// ---------------------------------------------------------------------------------------------------------------------
// Pictures

// A figure of n panels.
static void show(chapter* c, const char* caption, const lb_panel* panels, int n) {
  if (!c->script || n == 0) return;
  lb_arena* a = c->doc->arena;
  const char* name = lb_format_text(a, "chapter-%d-%d", c->number, ++c->figures);
  if (n == 1) {
    lb_gnuplot_single(c->script, a, name, &panels[0]);
  } else {
    lb_gnuplot_overview(c->script, a, name, panels, n);
  }
  lb_panel* kept = LB_TAKE(a, lb_panel, n);
  for (int i = 0; i < n; ++i) kept[i] = panels[i];
  lb_doc_figure(c->doc, (lb_figure){.caption = caption,
                                    .panels = kept,
                                    .n_panels = n,
                                    .png = lb_format_text(a, "plots/%s.png", name),
                                    .svg = lb_format_text(a, "plots/%s.svg", name),
                                    .wide = n > 1});
}

// Widens a range to hold a finite value.
static void stretch(double* low, double* high, double value) {
  if (!isfinite(value)) return;
  *low = fmin(*low, value);
  *high = fmax(*high, value);
}

// Ranges that hold all means and, where they do not dwarf these, the intervals.
static void fit_ranges(lb_panel* p) {
  double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
  for (int i = 0; i < p->n; ++i) {
    const lb_series* s = &p->series[i];
    for (int k = 0; k < s->n; ++k) {
      if (s->kind != LB_SERIES_FLAT && !(p->log_x && s->x[k] <= 0)) stretch(&x_low, &x_high, s->x[k]);
      if (!(p->log_y && s->y[k] <= 0)) stretch(&y_low, &y_high, s->y[k]);
    }
  }
  if (!(x_high > x_low)) x_low = fmin(x_low, 0), x_high = x_low + 1;
  if (!isfinite(x_low)) x_low = 0, x_high = 1;
  if (!isfinite(y_low)) y_low = 0, y_high = 1;
  if (p->log_y) {
    double factor = fmax(pow(y_high / y_low, 0.08), 1.2);
    y_low /= factor, y_high *= factor;
  } else {
    double margin = fmax(0.08 * (y_high - y_low), 0.02 * fmax(fabs(y_high), 1e-12));
    y_low -= margin, y_high += margin;
  }
  p->x_low = x_low, p->x_high = x_high, p->y_low = y_low, p->y_high = y_high;
}

// Gives a series the title and looks of its row.
static void dress(const chapter* c, lb_series* s, const lb_results_row* row) {
  lb_looks looks = lb_looks_of(c->r->suite, row->algo);
  s->label = row_title(c, row);
  s->color = looks.color;
  s->dash = looks.dash;
  s->mark = looks.mark;
}

// A picture that was left beside the runs, of a row that ran.
static void add_drawing(chapter* c, const char* name) {
  for (int t = 0; t < c->n_tasks; ++t) {
    for (int k = 0; k < c->tasks[t]->n_rows; ++k) {
      const lb_results_row* row = &c->tasks[t]->rows[k];
      const char* own = lb_format_text(c->doc->arena, "%s-%s", c->tasks[t]->name, row->algo);
      if (strcmp(own, name) != 0 || row->n_runs == 0) continue;
      const char* file = lb_format_text(c->doc->arena, "plots/%s.svg", name);
      const char* caption = lb_format_text(
          c->doc->arena, "%s: the world, and the model of \"%s\" at the end of one seed. Dashed: never seen.",
          c->tasks[t]->label, row_title(c, row));
      lb_doc_figure(c->doc, (lb_figure){.caption = caption, .png = file, .svg = file, .wide = true});
    }
  }
}

// The rows of a task along iterations or a metric.
static bool make_panel(const chapter* c, lb_panel* p, lb_node figure, const lb_results_task* task) {
  lb_arena* a = c->doc->arena;
  const char *along = text_of(figure, "along", ""), *log = text_of(figure, "log", "");
  int metric = lb_results_metric(c->r, text_of(figure, "metric", ""));
  int axis = *along ? lb_results_metric(c->r, along) : LB_AXIS_ITERATION;
  if (metric < 0 || (*along && axis < 0)) return false;
  *p = (lb_panel){.title = lb_format_text(a, "%s: %s", task->label,
                                          text_of(figure, "title", lb_results_metric_title(c->r, metric))),
                  .x_label = *along ? lb_results_metric_title(c->r, axis) : "Iteration",
                  .log_x = strchr(log, 'x') != NULL,
                  .log_y = strchr(log, 'y') != NULL,
                  .series = LB_TAKE(a, lb_series, MOST_ROWS)};
  lb_curve_spec spec = {.metric = metric, .axis = axis, .log = p->log_y};
  for (int k = 0; k < task->n_rows && p->n < MOST_ROWS; ++k) {
    const lb_results_row* row = &task->rows[k];
    if (row->n_iterations == 0 || !is_listed(figure, "algos", row->algo)) continue;
    lb_series s = lb_curves_of_row(a, row, &spec);
    bool any = false;
    for (int i = 0; i < s.n; ++i) any = any || isfinite(s.y[i]);
    if (!any) continue;
    dress(c, &s, row);
    p->series[p->n++] = s;
  }
  if (p->n == 0) return false;
  fit_ranges(p);
  return true;
}

// The number that a task stands for in "at"; NAN.
static double number_of(lb_node object, const char* task) {
  lb_node at;
  double value;
  if (lb_json_object(object, "at", &at).code != LB_OK || !lb_json_has(at, task)) return NAN;
  return lb_json_number(at, task, -1e300, 1e300, &value).code == LB_OK ? value : NAN;
}

// Last values over the seeds: mean and interval; of logarithms where `log`.
static lb_stats_summary last_values(const lb_results_row* row, int metric, bool log_values, lb_arena* arena) {
  double* x = LB_TAKE(arena, double, row->n_runs + 1);
  int n = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    double value = lb_results_run_last(row, row->runs[i], metric);
    if (isnan(value) || (log_values && !(value > 0))) continue;
    x[n++] = log_values ? log(value) : value;
  }
  lb_stats_summary s = lb_stats_summarise(x, n, 0.95);
  if (log_values) s.mean = exp(s.mean), s.low = exp(s.low), s.high = exp(s.high);
  return s;
}

// One panel for several tasks, each a place on the axis.
static bool make_ladder(const chapter* c, lb_panel* p, lb_node figure) {
  lb_arena* a = c->doc->arena;
  const char* log = text_of(figure, "log", "");
  int metric = lb_results_metric(c->r, text_of(figure, "metric", ""));
  *p = (lb_panel){.title = text_of(figure, "title", lb_results_metric_title(c->r, metric)),
                  .x_label = text_of(figure, "along", ""),
                  .log_x = strchr(log, 'x') != NULL,
                  .log_y = strchr(log, 'y') != NULL,
                  .series = LB_TAKE(a, lb_series, MOST_ROWS)};
  if (metric < 0) return false;
  for (int i = 0; i < c->r->suite->n_algos && p->n < MOST_ROWS; ++i) {
    const char* algo = c->r->suite->algos[i];
    double *x = LB_TAKE(a, double, MOST_TASKS), *y = LB_TAKE(a, double, MOST_TASKS);
    double *low = LB_TAKE(a, double, MOST_TASKS), *high = LB_TAKE(a, double, MOST_TASKS);
    int* place = LB_TAKE(a, int, MOST_TASKS);
    const lb_results_row* any = NULL;
    int n = 0;
    for (int t = 0; t < c->r->n_tasks && n < MOST_TASKS; ++t) {
      double at = number_of(figure, c->r->tasks[t].name);
      const lb_results_row* row = lb_results_find_row(&c->r->tasks[t], algo);
      if (isnan(at) || !row || !is_listed(figure, "algos", algo)) continue;
      lb_stats_summary s = last_values(row, metric, p->log_y, a);
      if (s.n == 0) continue;
      x[n] = at, y[n] = s.mean, low[n] = s.low, high[n] = s.high, place[n] = n;
      n += 1;
      any = row;
    }
    if (n == 0) continue;
    lb_series s = {.kind = LB_SERIES_LINE, .n = n, .x = x, .y = y, .low = low, .high = high, .iteration = place};
    dress(c, &s, any);
    p->series[p->n++] = s;
  }
  if (p->n == 0) return false;
  fit_ranges(p);
  return true;
}

// A figure of the chapter: a panel a task, or one panel for several tasks.
static void add_figure(chapter* c, lb_node figure) {
  lb_panel panels[MOST_PANELS];
  const lb_results_task* tasks[MOST_TASKS];
  int n = 0, n_tasks = list_tasks(tasks, c->r, figure, "tasks");
  bool ladder = lb_json_has(figure, "at");
  if (ladder) {
    n += make_ladder(c, &panels[n], figure);
  } else {
    for (int t = 0; t < (n_tasks ? n_tasks : c->n_tasks) && n < MOST_PANELS; ++t) {
      n += make_panel(c, &panels[n], figure, n_tasks ? tasks[t] : c->tasks[t]);
    }
  }
  bool log = n > 0 && panels[0].log_y;
  show(c,
       lb_format_text(c->doc->arena, "%s%s; shaded 95 %% intervals over the seeds.",
                      lb_results_metric_title(c->r, lb_results_metric(c->r, text_of(figure, "metric", ""))),
                      log ? " (geometric means)" : ""),
       panels, n);
}

// One row's terms over its iterations, each line one more of them added up: the last is where the true difference is.
static bool make_stack(const chapter* c, lb_panel* p, lb_node terms) {
  lb_arena* a = c->doc->arena;
  lb_node metrics;
  const lb_results_task* task = find_task(c->r, text_of(terms, "task", ""));
  const lb_results_row* row = task ? lb_results_find_row(task, text_of(terms, "algo", "")) : NULL;
  int parts = length_of(terms, "metrics", &metrics), n = row ? row->n_iterations : 0;
  if (parts == 0 || n < 2 || parts + 1 > MOST_ROWS) return false;
  *p = (lb_panel){.title = lb_format_text(a, "%s: %s", task->label, row_title(c, row)),
                  .x_label = "Iteration",
                  .series = LB_TAKE(a, lb_series, MOST_ROWS)};
  double *x = LB_TAKE(a, double, n), *gap = LB_TAKE(a, double, n), *sum = NULL;
  for (int i = 0; i < n; ++i) {
    x[i] = row->iterations[i];
    gap[i] = lb_results_row_at(row, LB_METRIC_LEMMA_LEFT, row->iterations[i]).mean;
  }
  for (int k = 0; k < parts; ++k) {
    int metric = lb_results_metric(c->r, element_text(metrics, k));
    double *y = LB_TAKE(a, double, n), most = 0;
    for (int i = 0; i < n; ++i) {
      double term = lb_results_row_at(row, metric, row->iterations[i]).mean;
      y[i] = term + (sum ? sum[i] : 0);
      most = fmax(most, fabs(term));
    }
    if (k > 0 && most < 1e-12) continue;  // such a line lies on the one before
    p->series[p->n] =
        (lb_series){.kind = LB_SERIES_LINE,
                    .label = lb_format_text(a, "%s%s", sum ? "+ " : "", lb_results_metric_title(c->r, metric)),
                    .color = k % LB_PALETTE,
                    .dash = k % LB_DASHES,
                    .bare = true,
                    .n = n,
                    .x = x,
                    .y = y,
                    .iteration = row->iterations};
    p->n += 1;
    sum = y;
  }
  p->series[p->n++] = (lb_series){
      .kind = LB_SERIES_MARKERS, .label = "True difference", .color = LB_COLOR_INK, .n = n, .x = x, .y = gap};
  fit_ranges(p);
  if (p->y_high - p->y_low < 1e-6) p->y_low -= 0.5, p->y_high += 0.5;  // all of them are nothing but rounding
  return true;
}

// The stacks of all rows whose terms the chapter tells, in one figure.
static void add_stacks(chapter* c, lb_node list, int n) {
  lb_panel panels[MOST_PANELS];
  int made = 0;
  for (int k = 0; k < n && made < MOST_PANELS; ++k) made += make_stack(c, &panels[made], lb_json_element(list, k));
  if (made == 0) return;
  show(c,
       "The terms of lemma 2, one added to the other from line to line, and the true difference of the expert's return "
       "and "
       "the algorithm's, to which they come: means over the seeds.",
       panels, made);
}

// One row's terms at some iterations, with their sum and what they must sum to.
static void add_terms(chapter* c, lb_node terms) {
  lb_arena* a = c->doc->arena;
  lb_node metrics, at;
  const lb_results_task* task = find_task(c->r, text_of(terms, "task", ""));
  const lb_results_row* row = task ? lb_results_find_row(task, text_of(terms, "algo", "")) : NULL;
  int parts = length_of(terms, "metrics", &metrics), n = length_of(terms, "at", &at);
  if (!row || parts == 0 || n == 0) return;
  lb_text titles = {0};
  lb_text_add(&titles, "#Iteration");
  for (int k = 0; k < parts; ++k) {
    lb_text_add(&titles, "|#%s", lb_results_metric_title(c->r, lb_results_metric(c->r, element_text(metrics, k))));
  }
  lb_text_add(&titles, "|#Their sum|#True difference");
  lb_table* table = lb_doc_table(c->doc,
                                 lb_format_text(a,
                                                "%s on %s: the terms of lemma 2 and the true difference of the "
                                                "expert's return and its own, means over the seeds",
                                                row_title(c, row), task->label),
                                 lb_format_text(a, "%s", titles.data));
  lb_text_free(&titles);
  for (int i = 0; i < n; ++i) {
    double iteration, sum = 0;
    if (lb_json_as_number(lb_json_element(at, i), 0, 1e9, &iteration).code != LB_OK) continue;
    lb_table_cell(table, lb_format_text(a, "%d", (int)iteration), NULL);
    for (int k = 0; k < parts; ++k) {
      lb_stats_summary s = lb_results_row_at(row, lb_results_metric(c->r, element_text(metrics, k)), (int)iteration);
      sum += s.mean;
      lb_table_cell(table, lb_format_number(a, s.mean + 0.0, 0.01), NULL);
    }
    lb_stats_summary gap = lb_results_row_at(row, LB_METRIC_LEMMA_LEFT, (int)iteration);
    lb_table_cell(table, lb_format_number(a, sum, 0.01), NULL);
    lb_table_cell(table, lb_format_number(a, gap.mean, 0.01), NULL);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables and fits

// The last values of the metrics that the chapter lists, a line a task and row.
static void add_table(chapter* c) {
  lb_arena* a = c->doc->arena;
  lb_node metrics;
  int n = length_of(c->node, "table", &metrics);
  if (n == 0) return;
  lb_text titles = {0};
  lb_text_add(&titles, "World|Row|#Seeds");
  for (int i = 0; i < n; ++i) {
    lb_text_add(&titles, "|#%s", lb_results_metric_title(c->r, lb_results_metric(c->r, element_text(metrics, i))));
  }
  lb_table* table =
      lb_doc_table(c->doc, "At the last iteration: mean over the seeds [95 %]", lb_format_text(a, "%s", titles.data));
  lb_text_free(&titles);
  for (int t = 0; t < c->n_tasks; ++t) {
    for (int k = 0; k < c->tasks[t]->n_rows; ++k) {
      const lb_results_row* row = &c->tasks[t]->rows[k];
      if (row->n_runs == 0) continue;
      lb_table_cell(table, c->tasks[t]->label, NULL);
      lb_table_cell(table, row_title(c, row), NULL);
      lb_table_cell(table, lb_format_text(a, "%d", row->n_runs), NULL);
      for (int i = 0; i < n; ++i) {
        lb_stats_summary s = last_values(row, lb_results_metric(c->r, element_text(metrics, i)), false, a);
        bool exact = s.n > 0 && !(s.high - s.low > 1e-9 * fabs(s.mean));  // all seeds alike
        lb_table_cell(table,
                      s.n == 0 ? "-"
                      : exact  ? lb_format_number(a, s.mean, NAN)
                               : lb_format_interval(a, s.mean, s.low, s.high),
                      NULL);
      }
    }
  }
}

// The slope of log y against x or log x over the tasks, of one seed; NAN.
static double slope_of(const chapter* c, lb_node fit, const char* algo, int metric, int seed, bool power) {
  double x[MOST_TASKS], y[MOST_TASKS];
  int n = 0;
  for (int t = 0; t < c->r->n_tasks && n < MOST_TASKS; ++t) {
    double at = number_of(fit, c->r->tasks[t].name);
    const lb_results_row* row = lb_results_find_row(&c->r->tasks[t], algo);
    const lb_results_run* run = row && !isnan(at) ? lb_results_run_of_seed(row, seed) : NULL;
    if (!run) continue;
    x[n] = power ? log(at) : at;
    y[n] = log(lb_results_run_last(row, run, metric));
    n += isfinite(x[n]) && isfinite(y[n]);
  }
  return lb_stats_slope(x, y, n);
}

// A fitted growth in a sentence, over the seeds.
static void add_fit(chapter* c, lb_node fit) {
  lb_arena* a = c->doc->arena;
  const char* algo = text_of(fit, "algo", "");
  bool power = strcmp(text_of(fit, "law", ""), "power") == 0;
  int metric = lb_results_metric(c->r, text_of(fit, "metric", "")), n = 0;
  double* slopes = LB_TAKE(a, double, c->r->suite->n_seeds + 1);
  const char* title = algo;
  for (int t = 0; t < c->r->n_tasks; ++t) {
    const lb_results_row* row = lb_results_find_row(&c->r->tasks[t], algo);
    if (row && row->n_runs > 0 && !isnan(number_of(fit, c->r->tasks[t].name))) title = row_title(c, row);
  }
  for (int i = 0; i < c->r->suite->n_seeds; ++i) {
    double slope = slope_of(c, fit, algo, metric, c->r->suite->seeds[i], power);
    if (isfinite(slope)) slopes[n++] = slope;
  }
  if (n == 0) return;
  lb_stats_summary s = lb_stats_summarise(slopes, n, 0.95);
  const char* noun = lb_results_metric_noun(c->r, metric);
  lb_doc_say(c->doc, LB_BLOCK_ITEM, lb_format_text(a, "Fitted growth, %s:", lb_format_name(a, title)),
             power
                 ? lb_format_text(a, "%s grows with the power %s (%s).", noun,
                                  lb_format_interval(a, s.mean, s.low, s.high), lb_format_count(a, n, "seed", "seeds"))
                 : lb_format_text(a, "%s grows by a factor of %s for each one more (%s).", noun,
                                  lb_format_interval(a, exp(s.mean), exp(s.low), exp(s.high)),
                                  lb_format_count(a, n, "seed", "seeds")));
}

// ---------------------------------------------------------------------------------------------------------------------
// Verdicts

static bool is_of_chapter(const chapter* c, const char* task) {
  return is_listed(c->node, "tasks", task);
}

// The claims and bands that rest on the chapter's tasks, in sentences.
static void add_verdicts(chapter* c) {
  int n_bands;
  const lb_band_result* bands = lb_findings_bands(c->r, &n_bands);
  int n;
  const lb_claim_result* claims = lb_claims_find(c->r, &n);
  for (int i = 0; i < n; ++i) {
    if (!claims[i].contrast->task || !is_of_chapter(c, claims[i].contrast->task->name)) continue;
    lb_doc_say(c->doc, LB_BLOCK_ITEM, lb_format_text(c->doc->arena, "Verdict, %s:", claims[i].contrast->task->label),
               claims[i].sentence);
  }
  for (int i = 0; i < n_bands; ++i) {
    if (!bands[i].task || !is_of_chapter(c, bands[i].task->name)) continue;
    lb_doc_say(c->doc, LB_BLOCK_ITEM, lb_format_text(c->doc->arena, "Reference, %s:", bands[i].task->label),
               bands[i].sentence);
  }
}

int lb_chapters_of_task(const lb_results* r, const char* task) {
  lb_node chapters;
  int n = length_of(lb_json_root(r->suite->doc), "chapters", &chapters);
  for (int i = 0; i < n; ++i) {
    if (is_listed(lb_json_element(chapters, i), "tasks", task)) return i + 1;
  }
  return 0;
}

void lb_chapters_add(lb_doc* doc, lb_text* script, lb_results* r) {
  lb_node chapters, list;
  int n = length_of(lb_json_root(r->suite->doc), "chapters", &chapters);
  for (int i = 0; i < n; ++i) {
    chapter c = {.doc = doc, .script = script, .r = r, .node = lb_json_element(chapters, i), .number = i + 1};
    c.n_tasks = list_tasks(c.tasks, r, c.node, "tasks");
    lb_doc_heading(doc, 2, lb_format_text(doc->arena, "chapter-%d", i + 1),
                   lb_format_text(doc->arena, "%d. %s", i + 1, text_of(c.node, "title", "")));
    int k, count = length_of(c.node, "text", &list);
    for (k = 0; k < count; ++k) lb_doc_say(doc, LB_BLOCK_PARAGRAPH, NULL, element_text(list, k));
    count = length_of(c.node, "drawings", &list);
    for (k = 0; k < count; ++k) add_drawing(&c, element_text(list, k));
    count = length_of(c.node, "figures", &list);
    for (k = 0; k < count; ++k) add_figure(&c, lb_json_element(list, k));
    count = length_of(c.node, "terms", &list);
    add_stacks(&c, list, count);
    for (k = 0; k < count; ++k) add_terms(&c, lb_json_element(list, k));
    add_table(&c);
    count = length_of(c.node, "fits", &list);
    for (k = 0; k < count; ++k) add_fit(&c, lb_json_element(list, k));
    add_verdicts(&c);
  }
}
