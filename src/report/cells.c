// What stands in the cells of the tables: see cells.h.
#include "report/cells.h"

#include <math.h>
#include <string.h>

#include "base/format.h"

const char* lb_cell_number(const lb_doc* doc, double x) {
  return lb_format_number(doc->arena, x, NAN);
}

const char* lb_cell_rough(const lb_doc* doc, double x) {
  return lb_format_number(doc->arena, x, 0.05 * fabs(x));
}

// What the row's iterations are.
static const char* unit_of(const lb_results_row* row) {
  return row->n_runs > 0 && row->runs[0]->planned_steps >= 0 && !row->by_end ? "step" : "iteration";
}

// Mean and interval of a number of each run, with what must be said of them.
static const char* summary_cell(const lb_doc* doc, const lb_results_row* row, int metric, lb_results_number of) {
  int as_worst = 0;
  if (metric < 0) return "-";
  lb_stats_summary s = lb_results_row_of(&as_worst, row, metric, of);
  if (s.n == 0) return as_worst > 0 ? "diverged" : "-";
  const char* text = lb_format_interval(doc->arena, s.mean, s.low, s.high);
  if (s.n < row->planned) text = lb_format_text(doc->arena, "%s (%d of %d)", text, s.n, row->planned);
  if (as_worst > 0) text = lb_format_text(doc->arena, "%s (%d of %d as the worst)", text, as_worst, s.n);
  return row->partial ? lb_format_text(doc->arena, "%s at %s %d", text, unit_of(row), row->last) : text;
}

const char* lb_cell_final(const lb_doc* doc, const lb_results_row* row, int metric) {
  return summary_cell(doc, row, metric, lb_results_run_final);
}

const char* lb_cell_tail(const lb_doc* doc, const lb_results_row* row, int metric) {
  return summary_cell(doc, row, metric, lb_results_run_tail);
}

const char* lb_cell_compared(const lb_doc* doc, const lb_results* r, const lb_results_row* row) {
  return summary_cell(doc, row, r->metric, r->measure->number);
}

const char* lb_cell_best(const lb_doc* doc, const lb_results_row* row, int metric) {
  double* x = LB_TAKE(doc->arena, double, row->n_runs + 1);
  int n = 0;
  for (int i = 0; i < row->n_runs; ++i) {
    double value = lb_results_run_best(row, row->runs[i], metric);
    if (isfinite(value)) x[n++] = value;
  }
  if (n == 0) return "-";
  lb_stats_summary s = lb_stats_summarise(x, n, 0.95);
  const char* text = lb_format_interval(doc->arena, s.mean, s.low, s.high);
  return n < row->planned ? lb_format_text(doc->arena, "%s (%d of %d)", text, n, row->planned) : text;
}

const char* lb_cell_area(const lb_doc* doc, const lb_results* r, const lb_results_row* row, int metric) {
  int as_worst = 0;
  lb_stats_summary s = lb_milestones_areas(&as_worst, r, row, metric);
  if (row->flat || s.n == 0) return "-";
  const char* text = lb_format_interval(doc->arena, s.mean, s.low, s.high);
  if (as_worst > 0) text = lb_format_text(doc->arena, "%s (%d of %d as the worst)", text, as_worst, s.n);
  return s.n < row->planned ? lb_format_text(doc->arena, "%s (%d of %d)", text, s.n, row->planned) : text;
}

const char* lb_cell_solved(const lb_doc* doc, const lb_results_row* row) {
  int n, k = lb_results_row_solved(&n, row);
  return n > 0 ? lb_format_text(doc->arena, "%d of %d", k, n) : "-";
}

const char* lb_cell_solved_share(const lb_doc* doc, const lb_results_row* row) {
  int n, k = lb_results_row_solved(&n, row);
  if (n == 0) return "-";
  lb_interval share = lb_stats_proportion(k, n, 0.95);
  return lb_format_text(doc->arena, "%d of %d [%.2f, %.2f]", k, n, share.low, share.high);
}

const char* lb_cell_arrivals(const lb_doc* doc, const lb_results_row* row, const lb_arrival* a, double x, double y) {
  if (a->n == 0) return "-";
  if (a->reached == 0) return row->partial ? "not yet" : "never";
  const char* who = a->reached < a->n ? lb_format_text(doc->arena, " (%d of %d)", a->reached, a->n) : "";
  if (!isfinite(a->iteration)) return lb_format_text(doc->arena, "not in half of them%s", who);
  return lb_format_text(doc->arena, "%s / %s%s", lb_cell_rough(doc, x), lb_cell_rough(doc, y), who);
}

const char* lb_cell_mean(const lb_doc* doc, const lb_results_row* row, int metric) {
  if (metric < 0) return "-";
  double mean = lb_results_row_final(row, metric).mean;
  return metric < LB_METRICS && !(lb_metric_at(metric)->flags & LB_METRIC_WHOLE) ? lb_cell_rough(doc, mean)
                                                                                 : lb_cell_number(doc, mean);
}

// How far the unfinished runs of a row are: "iteration 3 to 7 of 20".
static const char* progress_of(const lb_doc* doc, const lb_results_row* row) {
  int least = -1, most = -1, planned = -1;
  for (int i = 0; i < row->n_runs; ++i) {
    const lb_results_run* run = row->runs[i];
    if (run->outcome != LB_OUTCOME_RUNNING) continue;
    int reached = run->n_points > 0 ? run->iterations[run->n_points - 1] : 0;
    least = least < 0 || reached < least ? reached : least;
    most = reached > most ? reached : most;
    planned = run->planned > planned ? run->planned : planned;
  }
  const char* of = planned >= 0 ? lb_format_text(doc->arena, " of %d", planned) : "";
  return least == most ? lb_format_text(doc->arena, "%s %d%s", unit_of(row), most, of)
                       : lb_format_text(doc->arena, "%s %d to %d%s", unit_of(row), least, most, of);
}

const char* lb_cell_seeds(const lb_doc* doc, const lb_results_row* row) {
  lb_text text = {0};
  lb_text_add(&text, "%d/%d", row->count[LB_OUTCOME_FINISHED], row->planned);
  static const struct {
    lb_run_outcome outcome;
    const char* word;
  } others[] = {{LB_OUTCOME_RUNNING, "unfinished"}, {LB_OUTCOME_DIVERGED, "diverged"},    {LB_OUTCOME_FAILED, "failed"},
                {LB_OUTCOME_DAMAGED, "unreadable"}, {LB_OUTCOME_APART, "other settings"}, {LB_OUTCOME_STALE, "stale"}};
  for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
    int n = row->count[others[i].outcome];
    if (n > 0) lb_text_add(&text, ", %d %s", n, others[i].word);
    if (n > 0 && others[i].outcome == LB_OUTCOME_RUNNING) lb_text_add(&text, " (%s)", progress_of(doc, row));
  }
  if (row->elsewhere > 0) lb_text_add(&text, ", %d of them elsewhere", row->elsewhere);
  char* kept = lb_format_text(doc->arena, "%s", text.data);
  lb_text_free(&text);
  return kept;
}

const char* lb_cell_p(const lb_doc* doc, double p) {
  if (isnan(p)) return "-";
  const char* text = lb_format_p(doc->arena, p) + strlen("p ");
  return *text == '=' ? text + 2 : text;
}
