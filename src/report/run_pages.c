#include "report/run_pages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "doc/doc.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_rollout.h"
#include "report/curves.h"
#include "report/looks.h"

enum { TERMS_MAX = 8, PICTURE_MOST = 1 << 20 };

const char* lb_run_pages_name(const lb_results* r, const lb_results_run* run) {
  return lb_format_text(r->arena, "pages/%s--%s--seed-%d.html", run->task, run->algo, run->seed);
}

const char* lb_run_pages_of_row(const lb_results* r, const lb_results_row* row) {
  if (r->pages) return row->n_runs > 0 ? lb_run_pages_name(r, row->runs[0]) : NULL;
  return r->out ? NULL : lb_format_text(r->arena, "%s/%s/", row->task, row->algo);
}

static void say(lb_doc* doc, const char* lead, const char* text) {
  lb_doc_say(doc, LB_BLOCK_PARAGRAPH, lead, text);
}

// ---------------------------------------------------------------------------------------------------------------------
// Figures

// The points of a metric of one run along its iterations.
static lb_series series_of(lb_arena* a, const lb_results_run* run, int metric, const char* label, int color, int dash) {
  double *x = LB_TAKE(a, double, run->n_points + 1), *y = LB_TAKE(a, double, run->n_points + 1);
  for (int p = 0; p < run->n_points; ++p) {
    x[p] = run->iterations[p];
    y[p] = lb_results_value(run, p, metric);
  }
  return (lb_series){.kind = LB_SERIES_LINE,
                     .label = label,
                     .color = color,
                     .dash = dash,
                     .mark = color < 0 ? 0 : color,
                     .n = run->n_points,
                     .x = x,
                     .y = y,
                     .iteration = run->iterations};
}

// The run's standard error over the episodes of an evaluation, as a band of 95 %.
static void add_band(lb_arena* a, lb_series* s, const lb_results_run* run, int metric_se) {
  double *low = LB_TAKE(a, double, s->n + 1), *high = LB_TAKE(a, double, s->n + 1);
  for (int p = 0; p < s->n; ++p) {
    double reach = 1.96 * lb_results_value(run, p, metric_se);
    low[p] = s->y[p] - reach;
    high[p] = s->y[p] + reach;
  }
  s->low = low;
  s->high = high;
}

// Whether a curve has a point.
static bool has_numbers(const lb_series* s) {
  for (int i = 0; i < s->n; ++i) {
    if (isfinite(s->y[i])) return true;
  }
  return false;
}

// A figure of one panel; nothing without a curve.
static void show(lb_doc* doc, lb_panel* p, int metric, const char* caption) {
  const lb_curve_spec spec = {.metric = metric, .axis = LB_AXIS_ITERATION, .whole = true};
  if (p->n == 0) return;
  lb_curves_fit_ranges(doc->arena, p, &spec);
  if (p->note[0]) caption = lb_format_text(doc->arena, "%s %s.", caption, p->note);
  lb_doc_figure(doc, (lb_figure){.caption = caption, .panels = p, .n_panels = 1});
}

static const char* steps_label(const lb_results* r, const lb_results_run* run) {
  return run->cloned ? "Demonstrated transitions" : r->measure->x_label;
}

// A panel along the run, with room for so many series.
static lb_panel* new_panel(lb_doc* doc, const lb_results* r, const lb_results_run* run, const char* title, int most) {
  lb_panel* p = LB_TAKE(doc->arena, lb_panel, 1);
  *p = (lb_panel){.title = title, .x_label = steps_label(r, run), .note = "", .counts = true};
  p->series = LB_TAKE(doc->arena, lb_series, most);
  return p;
}

// The run's curve of what is compared, among the other seeds.
static void add_curve(lb_doc* doc, const lb_results* r, const lb_results_row* row, const lb_results_run* run) {
  lb_panel* p = new_panel(doc, r, run, lb_results_metric_title(r, r->metric), row->n_runs + 2);
  lb_looks looks = lb_looks_of(r->suite, run->algo);
  for (int i = 0; i < row->n_runs; ++i) {
    if (row->runs[i] == run) continue;
    lb_series s = series_of(doc->arena, row->runs[i], r->metric, "other seeds", LB_COLOR_SOFT, 0);
    s.kind = LB_SERIES_THIN;
    if (has_numbers(&s)) p->series[p->n++] = s;
  }
  lb_series own =
      series_of(doc->arena, run, r->metric, lb_format_text(doc->arena, "seed %d", run->seed), looks.color, 0);
  add_band(doc->arena, &own, run, lb_metric_se(r->metric));
  if (has_numbers(&own)) p->series[p->n++] = own;
  show(doc, p, r->metric, "Every evaluation, with 95 % of its episodes' standard error; thin: the row's other seeds.");
}

// Evaluations at which the terms do not add up: the residual is more than four standard errors from 0.
static void add_terms(lb_doc* doc, const lb_results* r, const lb_results_run* run) {
  static const struct {
    int metric;
    const char* label;
  } terms[TERMS_MAX] = {{LB_METRIC_LEMMA_LEFT, "left side"},
                        {LB_METRIC_VALUE_GAP_EXPERT, "value, expert"},
                        {LB_METRIC_VALUE_GAP_LEARNER, "value, learner"},
                        {LB_METRIC_REWARD_GAP_EXPERT, "reward, expert"},
                        {LB_METRIC_REWARD_GAP_LEARNER, "reward, learner"},
                        {LB_METRIC_ADVANTAGE, "advantage"},
                        {LB_METRIC_ADVANTAGE_LEARNER, "advantage, learner"},
                        {LB_METRIC_LEMMA_RESIDUAL, "residual"}};
  lb_panel* p = new_panel(doc, r, run, "Terms of the lemma", TERMS_MAX + 2);
  for (int i = 0; i < TERMS_MAX; ++i) {
    lb_series s = series_of(doc->arena, run, terms[i].metric, terms[i].label, i % LB_PALETTE, i / 4);
    if (has_numbers(&s)) p->series[p->n++] = s;
  }
  if (p->n == 0) return;
  double *x = LB_TAKE(doc->arena, double, run->n_points + 1), *y = LB_TAKE(doc->arena, double, run->n_points + 1);
  int failing = 0;
  for (int k = 0; k < run->n_points; ++k) {
    double z =
        lb_results_value(run, k, LB_METRIC_LEMMA_RESIDUAL) / lb_results_value(run, k, LB_METRIC_LEMMA_RESIDUAL_SE);
    if (!(fabs(z) > 4)) continue;
    x[failing] = run->iterations[k];
    y[failing++] = lb_results_value(run, k, LB_METRIC_LEMMA_RESIDUAL);
  }
  if (failing > 0) {
    p->series[p->n++] = (lb_series){.kind = LB_SERIES_MARKERS,
                                    .label = "does not add up",
                                    .color = LB_COLOR_INK,
                                    .mark = 3,
                                    .n = failing,
                                    .x = x,
                                    .y = y};
  }
  show(doc, p, LB_METRIC_LEMMA_RESIDUAL,
       failing > 0 ? lb_format_text(doc->arena,
                                    "The terms over time (src/eval/lemma.h); open markers: %s at which they do not add "
                                    "up to the left side within four standard errors.",
                                    lb_format_count(doc->arena, failing, "evaluation", "evaluations"))
                   : "The terms over time (src/eval/lemma.h); they add up to the left side but for chance.");
}

// How wrong the model is, and what it promises beside what is real.
static void add_model(lb_doc* doc, const lb_results* r, const lb_results_run* run) {
  static const struct {
    int metric;
    const char* label;
  } errors[] = {
      {LB_METRIC_MODEL_ERROR_EXPERT_1, "1 step, expert"},    {LB_METRIC_MODEL_ERROR_LEARNER_1, "1 step, learner"},
      {LB_METRIC_MODEL_ERROR_EXPERT_20, "20 steps, expert"}, {LB_METRIC_MODEL_ERROR_LEARNER_20, "20 steps, learner"},
      {LB_METRIC_MODEL_ERROR_EXPERT, "expert states"},       {LB_METRIC_MODEL_ERROR_LEARNER, "learner states"}};
  lb_panel* p = new_panel(doc, r, run, "Model error", 8);
  for (int i = 0; i < 6; ++i) {
    lb_series s = series_of(doc->arena, run, errors[i].metric, errors[i].label, i, i % 2);
    if (has_numbers(&s)) p->series[p->n++] = s;
  }
  show(doc, p, LB_METRIC_MODEL_ERROR_EXPERT_1, "Error of the model's predictions.");
  p = new_panel(doc, r, run, "Cost, predicted and real", 4);
  static const int metrics[] = {LB_METRIC_COST, LB_METRIC_COST_IN_MODEL, LB_METRIC_EXPERT_COST_IN_MODEL};
  static const char* const labels[] = {"real", "in the model", "the expert's in the model"};
  bool predicted = false;
  for (int i = 0; i < 3; ++i) {
    lb_series s = series_of(doc->arena, run, metrics[i], labels[i], i, i);
    if (!has_numbers(&s)) continue;
    predicted = predicted || i > 0;
    p->series[p->n++] = s;
  }
  if (predicted) show(doc, p, LB_METRIC_COST, "What the learned model promises beside what is real.");
}

// A number of the rollout in reality and in the model. The panel shows all of what is real, and of the model what is
// not further away than that is wide.
static void fill_number(lb_panel* p, lb_arena* a, const lb_run_rollout* e, const double* seconds, int k) {
  static const lb_series looks[2] = {{.kind = LB_SERIES_LINE, .label = "real", .color = LB_COLOR_INK, .bare = true},
                                     {.kind = LB_SERIES_LINE, .label = "model", .color = 1, .dash = 1, .bare = true}};
  const double* const sides[2] = {e->real, e->model};
  double low = INFINITY, high = -INFINITY;
  *p = (lb_panel){.title = lb_format_text(a, "%s", e->names[k]), .x_label = "Seconds", .note = ""};
  p->series = LB_TAKE(a, lb_series, 2);
  p->x_high = seconds[e->steps];
  for (int side = 0; side < 2; ++side) {
    double* y = LB_TAKE(a, double, e->steps + 1);
    for (int t = 0; t <= e->steps; ++t) y[t] = sides[side][t * e->n + k];
    p->series[p->n] = looks[side];
    p->series[p->n].n = e->steps + 1;
    p->series[p->n].x = seconds;
    p->series[p->n++].y = y;
    double least = low - (high - low), most = high + (high - low);
    for (int t = 0; t <= e->steps; ++t) {
      low = fmin(low, side == 0 ? y[t] : fmax(y[t], least));
      high = fmax(high, side == 0 ? y[t] : fmin(y[t], most));
    }
    if (!(high > low)) {
      low -= fmax(0.05 * fabs(low), 1e-6);
      high += fmax(0.05 * fabs(high), 1e-6);
    }
  }
  p->y_low = low - 0.05 * (high - low);
  p->y_high = high + 0.05 * (high - low);
}

// How far apart both are, step by step.
static void fill_error(lb_panel* p, lb_arena* a, const lb_run_rollout* e, const double* seconds) {
  *p = (lb_panel){.title = "How far apart", .x_label = "Seconds", .note = "", .log_y = true, .n = 1};
  p->series = LB_TAKE(a, lb_series, 1);
  p->series[0] = (lb_series){.kind = LB_SERIES_LINE,
                             .label = "model - real",
                             .color = 1,
                             .bare = true,
                             .n = e->steps,
                             .x = seconds + 1,
                             .y = e->error + 1};
  p->x_high = seconds[e->steps];
  p->y_low = INFINITY;
  for (int t = 1; t <= e->steps; ++t) {
    if (!(e->error[t] > 0)) continue;
    p->y_low = fmin(p->y_low, e->error[t]);
    p->y_high = fmax(p->y_high, e->error[t]);
  }
  if (!(p->y_high > 0)) p->y_low = p->y_high = 1;
  p->y_low = fmax(0.5 * p->y_low, 1e-12 * p->y_high);
  p->y_high *= 2;
}

// An episode of the run's last evaluation beside what its learned model made of it; nothing where the run has none.
static void add_rollout(lb_doc* doc, const lb_results_run* run) {
  lb_arena* a = doc->arena;
  lb_run_rollout e;
  lb_status status = lb_run_rollout_read(&e, run->folder, a);
  if (status.code != LB_OK)
    lb_doc_say(doc, LB_BLOCK_WARNING, "No predicted episode.", lb_format_text(a, "%s", status.text));
  if (e.steps == 0) return;
  double* seconds = LB_TAKE(a, double, e.steps + 1);
  for (int t = 0; t <= e.steps; ++t) seconds[t] = t * e.dt;
  lb_panel* panels = LB_TAKE(a, lb_panel, e.n + 1);
  fill_error(&panels[0], a, &e, seconds);
  for (int k = 0; k < e.n; ++k) fill_number(&panels[k + 1], a, &e, seconds, k);
  int steps_off = 1;
  while (steps_off <= e.steps && e.error[steps_off] < 1) ++steps_off;
  lb_doc_heading(doc, 2, "predicted", "Predicted beside real");
  say(doc, NULL,
      steps_off > e.steps
          ? lb_format_text(a, "Over %d steps the model stays nearer to what happens than a constant would be.", e.steps)
          : lb_format_text(a, "After %s (%.3g s) the model is further from what happens than a constant would be.",
                           lb_format_count(a, steps_off, "step", "steps"), steps_off * e.dt));
  lb_doc_figure(doc, (lb_figure){.caption = lb_format_text(
                                     a,
                                     "The first episode of the last evaluation, and what the learned model makes of it "
                                     "from the same start under the same controls, without a correction on the way: "
                                     "where the system is unstable, small errors grow. How far apart: over all %s that "
                                     "vary, in units of their standard deviation over the real episode. The others are "
                                     "those that end furthest apart.",
                                     e.of_states ? "numbers of the state" : "numbers of the observation"),
                                 .panels = panels,
                                 .n_panels = e.n + 1,
                                 .wide = true});
}

// ---------------------------------------------------------------------------------------------------------------------
// Words and tables

// How the run ended.
static void add_state(lb_doc* doc, const lb_results_run* run) {
  static const char* const words[LB_OUTCOMES] = {[LB_OUTCOME_RUNNING] = "Under way or interrupted.",
                                                 [LB_OUTCOME_FINISHED] = "Finished.",
                                                 [LB_OUTCOME_DIVERGED] = "Diverged.",
                                                 [LB_OUTCOME_FAILED] = "Failed.",
                                                 [LB_OUTCOME_DAMAGED] = "Unreadable.",
                                                 [LB_OUTCOME_APART] = "Left out.",
                                                 [LB_OUTCOME_STALE] = "Stale."};
  bool well = run->outcome == LB_OUTCOME_FINISHED || run->outcome == LB_OUTCOME_RUNNING;
  if (!words[run->outcome]) return;
  lb_doc_say(doc, well ? LB_BLOCK_PARAGRAPH : LB_BLOCK_WARNING, words[run->outcome], run->message ? run->message : "");
}

// Links to the row's other seeds.
static void add_links(lb_doc* doc, const lb_results* r, const lb_results_row* row, const lb_results_run* run) {
  lb_table* table = lb_doc_table(doc, "", "Report|#Seed|State");
  static const char* const states[LB_OUTCOMES] = {[LB_OUTCOME_RUNNING] = "running",
                                                  [LB_OUTCOME_FINISHED] = "finished",
                                                  [LB_OUTCOME_DIVERGED] = "diverged",
                                                  [LB_OUTCOME_FAILED] = "failed"};
  for (int i = 0; i < row->n_runs; ++i) {
    const lb_results_run* other = row->runs[i];
    lb_table_cell(table, r->suite->title, "../report.html");
    lb_table_cell(table, lb_format_text(doc->arena, "%d%s", other->seed, other == run ? " (this)" : ""),
                  other == run ? NULL : lb_run_pages_name(r, other) + strlen("pages/"));
    lb_table_cell(table, states[other->outcome] ? states[other->outcome] : "", NULL);
  }
}

// A member of an object as text, in the arena.
static const char* member(lb_arena* a, lb_node object, const char* key) {
  lb_node node;
  if (!lb_json_has(object, key) || lb_json_child(object, key, &node).code != LB_OK) return "-";
  char* text = lb_json_canonical(node);
  const char* kept = lb_format_text(a, "%s", text);
  free(text);
  return kept;
}

// The settings that most rows of the task have not, and all of them.
static void add_settings(lb_doc* doc, const lb_results* r, const lb_results_row* row, const lb_results_run* run) {
  lb_json *own, *usual = NULL;
  if (!run->protocol || lb_json_parse(&own, run->protocol, "protocol").code != LB_OK) return;
  const lb_results_row* baseline = row->in ? lb_results_find_row(row->in, r->suite->baseline) : NULL;
  for (int k = 0; row->in && !baseline && k < row->in->n_rows; ++k) {
    const lb_results_row* other = &row->in->rows[k];
    if (other != row && other->n_runs > 0 && !lb_looks_is_role(r->suite, other->algo)) baseline = other;
  }
  const char* text = baseline && baseline->n_runs > 0 ? baseline->runs[0]->protocol : NULL;
  if (text && lb_json_parse(&usual, text, "protocol").code != LB_OK) usual = NULL;
  lb_node root = lb_json_root(own);
  if (usual) {
    lb_doc_heading(doc, 2, "differs", lb_format_text(doc->arena, "Settings other than those of %s", baseline->title));
    lb_table* table = lb_doc_table(doc, "", lb_format_text(doc->arena, "Setting|Here|%s", baseline->title));
    for (int i = 0; i < lb_json_length(root); ++i) {
      const char* key = lb_format_text(doc->arena, "%s", lb_json_key(root, i));
      const char *here = member(doc->arena, root, key), *there = member(doc->arena, lb_json_root(usual), key);
      if (strcmp(here, there) == 0) continue;
      lb_table_cell(table, key, NULL);
      lb_table_cell(table, here, NULL);
      lb_table_cell(table, there, NULL);
    }
    if (table->rows == 0) say(doc, NULL, "None.");
    lb_json_free(usual);
  }
  lb_doc_fold(doc, "All settings");
  lb_table* table = lb_doc_table(doc, "", "Setting|Value");
  for (int i = 0; i < lb_json_length(root); ++i) {
    lb_table_cell(table, lb_format_text(doc->arena, "%s", lb_json_key(root, i)), NULL);
    lb_table_cell(table, member(doc->arena, root, lb_json_key(root, i)), NULL);
  }
  lb_doc_fold_end(doc);
  lb_json_free(own);
}

// Every evaluation with what the run wrote of it.
static void add_log(lb_doc* doc, const lb_results* r, const lb_results_run* run) {
  enum { MOST = 24 };
  int metrics[MOST], n = 0;
  for (int m = 0; m < r->n_metrics && n < MOST; ++m) {
    bool any = false;
    const char* name = r->metrics[m];
    size_t length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, "_se") == 0) continue;
    for (int p = 0; p < run->n_points && !any; ++p) any = !isnan(lb_results_value(run, p, m));
    if (any) metrics[n++] = m;
  }
  if (run->n_points == 0) return;
  lb_doc_heading(doc, 2, "log", "Log");
  lb_doc_fold(
      doc, lb_format_text(doc->arena, "%s", lb_format_count(doc->arena, run->n_points, "evaluation", "evaluations")));
  lb_text titles = {0};
  lb_text_add(&titles, "#%s", steps_label(r, run));
  for (int i = 0; i < n; ++i) lb_text_add(&titles, "|#%s", lb_results_metric_title(r, metrics[i]));
  lb_table* table = lb_doc_table(doc, "", lb_format_text(doc->arena, "%s", titles.data));
  lb_text_free(&titles);
  for (int p = 0; p < run->n_points; ++p) {
    lb_table_cell(table, lb_format_text(doc->arena, "%d", run->iterations[p]), NULL);
    for (int i = 0; i < n; ++i) {
      double value = lb_results_value(run, p, metrics[i]);
      lb_table_cell(table, lb_format_number(doc->arena, value, 0.001 * fabs(value)), NULL);
    }
  }
  lb_doc_fold_end(doc);
}

// Pictures that lie in the run's folder, small ones as part of the page.
static void add_pictures(lb_doc* doc, const lb_results_run* run) {
  char** names;
  int n;
  if (lb_folder_list(run->folder, &names, &n).code != LB_OK) return;
  for (int i = 0; i < n; ++i) {
    const char* dot = strrchr(names[i], '.');
    char path[4096], *bytes;
    size_t size;
    if (!dot || strcmp(dot, ".png") != 0) continue;
    lb_path_join(path, sizeof path, run->folder, names[i]);
    if (lb_file_read(path, &bytes, &size).code != LB_OK) continue;
    if (size <= PICTURE_MOST) {
      lb_doc_figure(doc, (lb_figure){.caption = lb_format_text(doc->arena, "The policy: %s.", names[i]),
                                     .picture = lb_doc_picture(doc, bytes, size),
                                     .wide = true});
    }
    free(bytes);
  }
  lb_names_free(names, n);
}

// The page of a run.
static lb_status write_page(const lb_results* r, const lb_results_row* row, const lb_results_run* run,
                            const char* folder) {
  lb_arena* arena = lb_arena_new(1 << 16);
  char path[4096];
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory for the page of a run", folder);
  lb_doc* doc = lb_doc_new(arena);
  lb_doc_heading(doc, 1, NULL, lb_format_text(arena, "%s on %s, seed %d", row->title, run->task, run->seed));
  add_state(doc, run);
  if (run->command && run->command[0]) say(doc, "Command:", run->command);
  lb_doc_heading(doc, 2, "curves", "Curves");
  add_pictures(doc, run);
  add_curve(doc, r, row, run);
  add_terms(doc, r, run);
  add_model(doc, r, run);
  add_rollout(doc, run);
  add_settings(doc, r, row, run);
  add_log(doc, r, run);
  lb_doc_heading(doc, 2, "seeds", "The row's seeds");
  add_links(doc, r, row, run);
  if (run->versions && run->versions[0])
    say(doc, "Made by", lb_format_text(arena, "%s; %s.", run->versions, run->machine));
  lb_text html = {0};
  lb_doc_html(doc, &html, folder);
  lb_path_join(path, sizeof path, folder, lb_run_pages_name(r, run));
  lb_status status = lb_file_replace(path, html.data, html.length);
  lb_text_free(&html);
  lb_arena_free(arena);
  return status;
}

lb_status lb_run_pages_write(const lb_results* r, const char* folder) {
  char path[4096];
  lb_path_join(path, sizeof path, folder, "pages");
  LB_TRY(lb_folder_make(path));
  for (int t = 0; t < r->n_tasks; ++t) {
    for (int k = 0; k < r->tasks[t].n_rows; ++k) {
      const lb_results_row* row = &r->tasks[t].rows[k];
      for (int i = 0; i < row->n_runs; ++i) LB_TRY(write_page(r, row, row->runs[i], folder));
    }
  }
  return lb_ok();
}
