#include "report/csv.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/milestones.h"

void lb_csv_field(lb_text* out, const char* text) {
  const char* guard = text[0] && strchr("=+-@\t\r", text[0]) ? "'" : "";
  if (!text[strcspn(text, ",\"\n\r")]) {
    lb_text_add(out, "%s%s", guard, text);
    return;
  }
  lb_text_add(out, "\"%s", guard);
  for (const char* c = text; *c; ++c) lb_text_add(out, *c == '"' ? "\"\"" : "%c", *c);
  lb_text_add(out, "\"");
}

// The next field of a line that has begun.
static void add_next(lb_text* out, const char* text) {
  lb_text_add(out, ",");
  lb_csv_field(out, text);
}

// The next field: a number, empty for NaN.
static void add_number(lb_text* out, double x) {
  if (isnan(x)) {
    lb_text_add(out, ",");
  } else if (isinf(x)) {
    lb_text_add(out, x > 0 ? ",inf" : ",-inf");
  } else {
    lb_text_add(out, ",%.17g", x);
  }
}

// The first fields of a line: suite and task.
static void add_place(lb_text* out, const lb_results* r, const lb_results_task* task) {
  lb_csv_field(out, r->suite->name);
  add_next(out, task->name);
}

// A metric of a row at an iteration; no line where no run has it.
static void add_summary(lb_text* out, const lb_results* r, const lb_results_task* task, const lb_results_row* row,
                        int metric, int iteration) {
  lb_stats_summary s =
      iteration == row->last ? lb_results_row_final(row, metric) : lb_results_row_at(row, metric, iteration);
  if (s.n == 0 && isnan(s.max)) return;
  add_place(out, r, task);
  add_next(out, task->hash ? task->hash : "");
  add_next(out, row->algo);
  add_next(out, r->metrics[metric]);
  lb_text_add(out, ",%d,%d", iteration, s.n);
  const double numbers[] = {s.mean, s.low, s.high, s.sd, s.median, s.min, s.max};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) add_number(out, numbers[i]);
  lb_text_add(out, "\n");
}

// A number about whole runs: no iteration, and of an arrival only the median, as some never arrive.
static void add_whole_run(lb_text* out, const lb_results* r, const lb_results_task* task, const lb_results_row* row,
                          const char* name, const lb_stats_summary* s) {
  add_place(out, r, task);
  add_next(out, task->hash ? task->hash : "");
  add_next(out, row->algo);
  add_next(out, name);
  lb_text_add(out, ",,%d", s->n);
  const double numbers[] = {s->mean, s->low, s->high, s->sd, s->median, s->min, s->max};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) add_number(out, numbers[i]);
  lb_text_add(out, "\n");
}

// The mean over the last fifth, and the share of seeds that solve the task.
static void add_tail(lb_text* out, const lb_results* r, const lb_results_task* task, const lb_results_row* row) {
  lb_stats_summary s = lb_results_row_tail(row, r->metric);
  if (s.n > 0 || !isnan(s.max)) {
    add_whole_run(out, r, task, row, lb_format_text(r->arena, "%s_tail", r->metrics[r->metric]), &s);
  }
  int n, k = lb_results_row_solved(&n, row);
  lb_interval share = lb_stats_proportion(k, n, 0.95);
  lb_stats_summary solved = {n, n > 0 ? (double)k / n : NAN, NAN, NAN, share.low, share.high, NAN, NAN, NAN};
  if (n > 0) add_whole_run(out, r, task, row, "solved", &solved);
}

// The area under the curve of a metric.
static void add_area(lb_text* out, const lb_results* r, const lb_results_task* task, const lb_results_row* row,
                     int metric) {
  if (row->flat) return;
  lb_stats_summary s = lb_milestones_areas(NULL, r, row, metric);
  if (s.n > 0) add_whole_run(out, r, task, row, lb_format_text(r->arena, "%s_area", r->metrics[metric]), &s);
}

// The medians until a row's runs came to each milestone.
static void add_arrivals(lb_text* out, const lb_results* r, const lb_results_task* task, const lb_results_row* row) {
  lb_milestones goal = lb_milestones_find(r, task);
  for (int i = 0; goal.defined && !row->flat && i < LB_MILESTONES; ++i) {
    if (isnan(goal.level[i])) continue;
    lb_arrival a = lb_milestones_arrival(r, row, goal.level[i]);
    if (a.n == 0) continue;
    const char* const what[] = {"samples", "learner_steps", "iterations", r->metrics[r->measure->work], "cpu_learning"};
    const double medians[] = {a.samples, a.learner, a.iteration, a.work, a.cpu};
    for (int k = 0; k < 5; ++k) {
      lb_stats_summary s = {a.reached, NAN, NAN, NAN, NAN, NAN, medians[k], NAN, NAN};
      add_whole_run(out, r, task, row, lb_format_text(r->arena, "%s_to_%s", what[k], lb_milestone_kinds[i].name), &s);
    }
  }
}

// Whether an iteration is in the file.
static bool is_shown(const lb_results* r, const lb_results_row* row, int iteration) {
  if (iteration == 0 || iteration == row->last) return true;
  for (int i = 0; i < r->suite->n_show; ++i) {
    if (r->suite->show[i] == iteration) return true;
  }
  return false;
}

void lb_csv_tables(lb_text* out, const lb_results* r) {
  lb_text_add(out, "suite,task,task_hash,algo,metric,iteration,seeds,mean,low,high,sd,median,min,max\n");
  for (int t = 0; t < r->n_tasks; ++t) {
    for (int k = 0; k < r->tasks[t].n_rows; ++k) {
      const lb_results_row* row = &r->tasks[t].rows[k];
      for (int m = 0; m < r->n_metrics; ++m) {
        for (int i = 0; i < row->n_iterations; ++i) {
          if (is_shown(r, row, row->iterations[i])) add_summary(out, r, &r->tasks[t], row, m, row->iterations[i]);
        }
      }
      add_tail(out, r, &r->tasks[t], row);
      add_area(out, r, &r->tasks[t], row, r->metric);
      if (r->measure->normalised && !r->tasks[t].unscaled)
        add_area(out, r, &r->tasks[t], row, LB_METRIC_RETURN_NORMALISED);
      add_arrivals(out, r, &r->tasks[t], row);
    }
  }
}

// The fields that say which contrast it is.
static void add_contrast(lb_text* out, const lb_contrast_result* x) {
  add_next(out, x->contrast->name);
  add_next(out, x->contrast->baseline);
  add_next(out, x->contrast->variant);
  add_next(out, x->metric_name);
}

void lb_csv_contrasts(lb_text* out, const lb_results* r, const lb_contrast_result* contrasts, int n) {
  lb_text_add(out, "suite,task,contrast,baseline_algo,variant_algo,metric,from,to,seed,baseline,variant,difference\n");
  for (int c = 0; c < n; ++c) {
    const lb_contrast_result* x = &contrasts[c];
    for (int i = 0; i < x->n; ++i) {
      add_place(out, r, x->task);
      add_contrast(out, x);
      lb_text_add(out, ",%d,%d,%d", x->from, x->to, x->seeds[i]);
      add_number(out, x->a[i]);
      add_number(out, x->b[i]);
      add_number(out, x->b[i] - x->a[i]);
      lb_text_add(out, "\n");
    }
  }
}

void lb_csv_findings(lb_text* out, const lb_results* r, const lb_contrast_result* contrasts, int n) {
  lb_text_add(
      out,
      "suite,task,contrast,baseline_algo,variant_algo,metric,from,to,seeds,left_out,baseline,variant,difference,"
      "low,high,sd,median,bootstrap_low,bootstrap_high,positive,negative,zero,t_p,wilcoxon_p,sign_p,verdict,primary,"
      "holm_p,smallest_difference,baseline_as_worst,variant_as_worst\n");
  for (int c = 0; c < n; ++c) {
    const lb_contrast_result* x = &contrasts[c];
    const lb_stats_summary* d = &x->paired.difference;
    add_place(out, r, x->task);
    add_contrast(out, x);
    lb_text_add(out, ",%d,%d,%d,%d", x->from, x->to, x->n, x->left_out);
    const double numbers[] = {x->n ? lb_stats_mean(x->a, x->n) : NAN,
                              x->n ? lb_stats_mean(x->b, x->n) : NAN,
                              d->mean,
                              d->low,
                              d->high,
                              d->sd,
                              d->median,
                              x->bootstrap.low,
                              x->bootstrap.high};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) add_number(out, numbers[i]);
    lb_text_add(out, ",%d,%d,%d", x->paired.positive, x->paired.negative, x->paired.zero);
    add_number(out, x->paired.t_p);
    add_number(out, x->paired.wilcoxon_p);
    add_number(out, x->n ? x->paired.sign_p : NAN);
    add_next(out, x->verdict);
    lb_text_add(out, ",%d", x->contrast->primary);
    add_number(out, x->holm_p);
    add_number(out, x->smallest);
    lb_text_add(out, ",%d,%d\n", x->as_worst_a, x->as_worst_b);
  }
}

void lb_csv_curves(lb_text* out, const lb_results* r) {
  lb_text_add(out, "suite,task,algo,seed,iteration");
  for (int m = 0; m < r->n_metrics; ++m) {
    if (r->seen[m]) add_next(out, r->metrics[m]);
  }
  lb_text_add(out, "\n");
  for (int t = 0; t < r->n_tasks; ++t) {
    for (int k = 0; k < r->tasks[t].n_rows; ++k) {
      const lb_results_row* row = &r->tasks[t].rows[k];
      for (int i = 0; i < row->n_runs; ++i) {
        const lb_results_run* run = row->runs[i];
        for (int p = 0; p < run->n_points; ++p) {
          add_place(out, r, &r->tasks[t]);
          add_next(out, row->algo);
          lb_text_add(out, ",%d,%d", run->seed, run->iterations[p]);
          for (int m = 0; m < r->n_metrics; ++m) {
            if (r->seen[m]) add_number(out, lb_results_value(run, p, m));
          }
          lb_text_add(out, "\n");
        }
      }
    }
  }
}
