// Results for the terminal: see summary.h.
#include "summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "report/claims.h"
#include "report/findings.h"
#include "report/results.h"

// Columns that a UTF-8 text takes.
static int width_of(const char* text) {
  int width = 0;
  for (; *text; text++) width += ((unsigned char)*text & 0xC0u) != 0x80u;
  return width;
}

// A cell of a table: at least two spaces follow.
static void print_padded(const char* text, int width) {
  printf("%s%*s", text, width > width_of(text) + 2 ? width - width_of(text) : 2, "");
}

// The width of the longest name of an algorithm.
static int widest_algo(const lb_results* results) {
  int width = (int)strlen("algorithm");
  for (int t = 0; t < results->n_tasks; t++) {
    for (int r = 0; r < results->tasks[t].n_rows; r++) {
      int own = width_of(results->tasks[t].rows[r].algo);
      if (own > width) width = own;
    }
  }
  return width;
}

// The mean, with interval and how many runs count as the worst of the task because they diverged or failed.
static const char* with_interval(const lb_results* results, const lb_results_row* row, int metric,
                                 lb_results_number of) {
  int as_worst = 0;
  lb_stats_summary s = lb_results_row_of(&as_worst, row, metric, of);
  if (s.n == 0) return as_worst > 0 || row->count[LB_OUTCOME_DIVERGED] > 0 ? "diverged" : "-";
  const char* text = s.n > 1 ? lb_format_interval(results->arena, s.mean, s.low, s.high)
                             : lb_format_number(results->arena, s.mean, NAN);
  return as_worst > 0 ? lb_format_text(results->arena, "%s (%d of %d as the worst)", text, as_worst, s.n) : text;
}

// The mean over seeds of a metric's last value; "-": none.
static const char* mean_of(const lb_results* results, const lb_results_row* row, int metric) {
  lb_stats_summary s = lb_results_row_final(row, metric);
  return s.n > 0 ? lb_format_number(results->arena, s.mean, 0) : "-";
}

// The mean of the runs' best evaluations.
static const char* best_of(const lb_results* results, const lb_results_row* row, int metric) {
  double* x = LB_TAKE(results->arena, double, row->n_runs + 1);
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double best = lb_results_run_best(row, row->runs[i], metric);
    if (isfinite(best)) x[n++] = best;
  }
  return n > 0 ? lb_format_number(results->arena, lb_stats_mean(x, n), 0) : "-";
}

// What a task's table shows.
typedef struct columns {
  int score;  // the metric that rows are compared by
  lb_results_number number;
  const char* when;
  bool normalised;
  int work;  // the metric of what planning took
} columns;

// Whether a row of the task ends with a number of this metric.
static bool has_final(const lb_results_task* task, int metric) {
  for (int r = 0; metric >= 0 && r < task->n_rows; r++) {
    if (lb_results_row_final(&task->rows[r], metric).n > 0) return true;
  }
  return false;
}

// The first of a few metrics that rows of the task have; -1: none.
static int metric_of_task(const lb_results_task* task) {
  static const int metrics[] = {LB_METRIC_RETURN, LB_METRIC_COST, LB_METRIC_VALUE_ERROR};
  for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
    if (has_final(task, metrics[i])) return metrics[i];
  }
  return -1;
}

// The suite's own metric, or what the task has instead of it.
static columns columns_of(const lb_results* results, const lb_results_task* task) {
  const lb_results_measure* m = results->measure;
  columns c = {results->metric, m->number, m->when, m->normalised, m->work};
  if (!has_final(task, c.score)) {
    int other = metric_of_task(task);
    if (other >= 0) c = (columns){other, lb_results_run_final, "of the last evaluation", false, m->work};
  }
  if (!has_final(task, c.work) && has_final(task, LB_METRIC_PLANNING_WORK)) c.work = LB_METRIC_PLANNING_WORK;
  return c;
}

// A row's score with its interval, and what it took.
static void print_row(const lb_results* results, const lb_results_row* row, const columns* c, int width) {
  char done[32];
  snprintf(done, sizeof done, "%d/%d", row->count[LB_OUTCOME_FINISHED], row->planned);
  printf("  ");
  print_padded(row->algo, width + 2);
  print_padded(done, 8);
  lb_stats_summary normalised = lb_results_row_tail(row, LB_METRIC_RETURN_NORMALISED);
  print_padded(with_interval(results, row, c->score, c->number), 36);
  if (c->normalised) {
    print_padded(normalised.n > 0 ? lb_format_number(results->arena, normalised.mean, 0.05) : "-", 12);
  }
  print_padded(mean_of(results, row, c->score), 10);
  print_padded(best_of(results, row, c->score), 10);
  print_padded(mean_of(results, row, c->work), 18);
  printf("%s\n", mean_of(results, row, LB_METRIC_CPU));
}

void lb_summary_print_troubles(const lb_results* results) {
  enum { MOST_NOTES = 10 };
  int notes = 0, stale = 0;
  const char* why = "";
  for (int i = 0; i < results->n_runs; i++) {
    const lb_results_run* run = &results->runs[i];
    const char* what = run->outcome == LB_OUTCOME_FAILED     ? "failed"
                       : run->outcome == LB_OUTCOME_DIVERGED ? "diverged"
                       : run->outcome == LB_OUTCOME_DAMAGED  ? "unreadable"
                       : run->outcome == LB_OUTCOME_APART    ? "left out"
                       : run->outcome == LB_OUTCOME_STALE    ? NULL
                       : run->message && *run->message       ? "note"
                                                             : NULL;
    bool is_note = what && what[0] == 'n';
    stale += run->outcome == LB_OUTCOME_STALE;
    if (run->outcome == LB_OUTCOME_STALE && stale == 1) why = run->message;
    if (is_note && ++notes > MOST_NOTES) continue;
    if (what) printf("  %s: %s on %s, seed %d: %s\n", what, run->algo, run->task, run->seed, run->message);
  }
  if (notes > MOST_NOTES) {
    int more = notes - MOST_NOTES;
    printf("  and %d %s more, each in the done.json of its run\n", more, lb_plural(more, "note", "notes"));
  }
  if (stale > 0) printf("  stale: %d %s, the first %s\n", stale, stale == 1 ? "run" : "runs", why);
}

// Whether the bands that the suite states hold, a line each, once every one of their runs is there.
static void print_bands(lb_results* results) {
  int n;
  const lb_band_result* bands = lb_findings_bands(results, &n);
  for (int i = 0; i < n; i++) {
    if (bands[i].verdict == LB_BAND_NO_DATA) continue;
    if (i == 0) puts("");
    printf("  %s\n", bands[i].sentence);
  }
}

// What the contrasts come to that the suite is there for, a line each.
static void print_primary(lb_results* results) {
  int n;
  bool any = false;
  const lb_contrast_result* c = lb_findings_contrasts(results, &n);
  for (int i = 0; i < n; i++) {
    const lb_stats_summary* d = &c[i].paired.difference;
    if (!c[i].contrast->primary || c[i].metric != results->metric || c[i].n == 0) continue;
    if (!any) puts("\nprimary contrasts");
    any = true;
    printf("  %s, %s: %s minus %s %s, %s: %s", c[i].contrast->name, c[i].task->label, c[i].variant->algo,
           c[i].baseline->algo, lb_format_interval(results->arena, d->mean, d->low, d->high),
           lb_format_count(results->arena, c[i].n, "seed", "seeds"), c[i].verdict);
    if (!isnan(c[i].holm_p)) printf(", %s (Holm)", lb_format_p(results->arena, c[i].holm_p));
    puts("");
  }
}

// The claims that can be judged.
static void print_claims(lb_results* results, bool* any) {
  int n;
  const lb_claim_result* claims = lb_claims_find(results, &n);
  for (int i = 0; i < n; i++) {
    if (claims[i].contrast->n == 0) continue;  // not run yet
    if (!*any) puts("\nclaims");
    *any = true;
    printf("  %s\n", claims[i].sentence);
  }
}

void lb_summary_print_claims(lb_results* const* results, int n) {
  bool any = false;
  for (int i = 0; i < n; i++) print_claims(results[i], &any);
}

void lb_summary_print(lb_results* results) {
  int width = widest_algo(results);
  for (int t = 0; t < results->n_tasks; t++) {
    const lb_results_task* task = &results->tasks[t];
    if (!task->hash) continue;  // nothing has run on it
    columns c = columns_of(results, task);
    printf("\n%s, %s\n  ", results->suite->name, task->label);
    print_padded("algorithm", width + 2);
    print_padded("runs", 8);
    print_padded(lb_format_text(results->arena, "%s %s [95 %%]", lb_results_metric_noun(results, c.score), c.when), 36);
    if (c.normalised) print_padded("normalised", 12);
    print_padded("last", 10);
    print_padded("best", 10);
    print_padded(lb_results_metric_noun(results, c.work), 18);
    puts("CPU s");
    for (int r = 0; r < task->n_rows; r++) print_row(results, &task->rows[r], &c, width);
    if (c.normalised && task->unscaled) printf("  no normalised returns: %s\n", task->unscaled);
  }
  print_bands(results);
  lb_summary_print_troubles(results);
  print_primary(results);
}

// The final values over the seeds; null where there are none.
static void write_final(lb_json_writer* w, const lb_results_row* row, int metric, const char* key) {
  lb_stats_summary s = lb_results_row_final(row, metric);
  lb_json_write_begin_object(w, key);
  lb_json_write_int(w, "n", s.n);
  lb_json_write_number(w, "mean", s.mean);
  lb_json_write_number(w, "low", s.low);
  lb_json_write_number(w, "high", s.high);
  lb_json_write_end_object(w);
}

// What rows with returns are compared by: the mean over the last fifth of the steps, and who solves the task.
static void write_tail(lb_json_writer* w, const lb_results_row* row) {
  int n, solved = lb_results_row_solved(&n, row);
  lb_stats_summary s = lb_results_row_tail(row, LB_METRIC_RETURN);
  lb_json_write_begin_object(w, "return_tail");
  lb_json_write_int(w, "n", s.n);
  lb_json_write_number(w, "mean", s.mean);
  lb_json_write_number(w, "low", s.low);
  lb_json_write_number(w, "high", s.high);
  lb_json_write_end_object(w);
  lb_json_write_int(w, "solved", solved);
  lb_json_write_int(w, "solved_of", n);
}

// A row as an object.
static void write_row(lb_json_writer* w, const lb_results* r, const lb_results_row* row) {
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "algo", row->algo);
  lb_json_write_string(w, "title", row->title);
  lb_json_write_int(w, "planned", row->planned);
  lb_json_write_int(w, "finished", row->count[LB_OUTCOME_FINISHED]);
  lb_json_write_int(w, "diverged", row->count[LB_OUTCOME_DIVERGED]);
  lb_json_write_int(w, "failed", row->count[LB_OUTCOME_FAILED]);
  lb_json_write_int(w, "at", row->last);
  write_final(w, row, r->metric, r->metrics[r->metric]);
  if (r->measure->normalised) write_final(w, row, LB_METRIC_RETURN_NORMALISED, "return_normalised");
  write_final(w, row, LB_METRIC_CPU, "cpu_seconds");
  if (r->measure->normalised) write_tail(w, row);
  lb_json_write_end_object(w);
}

// The bands, and whether the means lie in them.
static void write_bands(lb_json_writer* w, lb_results* r) {
  static const char* const verdicts[] = {"inside", "outside", "no data"};
  int n;
  const lb_band_result* bands = lb_findings_bands(r, &n);
  lb_json_write_begin_array(w, "bands");
  for (int i = 0; i < n; i++) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "algo", bands[i].band->algo);
    lb_json_write_string(w, "metric", bands[i].band->metric);
    lb_json_write_number(w, "mean", bands[i].value.mean);
    lb_json_write_int(w, "n", bands[i].value.n);
    lb_json_write_number(w, "low", bands[i].low);
    lb_json_write_number(w, "high", bands[i].high);
    lb_json_write_string(w, "verdict", verdicts[bands[i].verdict]);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// The claims with their verdicts.
static void write_claims(lb_json_writer* w, lb_results* r) {
  static const char* const verdicts[] = {"holds", "does not hold", "cannot be told"};
  int n;
  const lb_claim_result* claims = lb_claims_find(r, &n);
  lb_json_write_begin_array(w, "claims");
  for (int i = 0; i < n; i++) {
    const lb_stats_summary* d = &claims[i].contrast->paired.difference;
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "claim", claims[i].claim->text);
    lb_json_write_string(w, "task", claims[i].contrast->task->name);
    lb_json_write_string(w, "contrast", claims[i].claim->contrast->name);
    lb_json_write_string(w, "metric", claims[i].contrast->metric_name);
    lb_json_write_int(w, "n", claims[i].contrast->n);
    lb_json_write_number(w, "difference", d->mean);
    lb_json_write_number(w, "low", d->low);
    lb_json_write_number(w, "high", d->high);
    lb_json_write_number(w, "holm_p", claims[i].holm_p);
    lb_json_write_string(w, "verdict", verdicts[claims[i].verdict]);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

void lb_summary_write(lb_json_writer* w, lb_results* results) {
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "suite", results->suite->name);
  lb_json_write_string(w, "folder", results->folder);
  lb_json_write_begin_array(w, "tasks");
  for (int t = 0; t < results->n_tasks; t++) {
    const lb_results_task* task = &results->tasks[t];
    if (!task->hash) continue;  // nothing has run on it
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "task", task->name);
    lb_json_write_string(w, "hash", task->hash);
    lb_json_write_begin_array(w, "rows");
    for (int r = 0; r < task->n_rows; r++) write_row(w, results, &task->rows[r]);
    lb_json_write_end_array(w);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  write_bands(w, results);
  write_claims(w, results);
  lb_json_write_end_object(w);
}
