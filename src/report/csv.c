#include "report/csv.h"

#include <math.h>
#include <string.h>

// A field, quoted where it must be.
static void add_field(lb_text* out, const char* text) {
  if (!text[strcspn(text, ",\"\n\r")]) {
    lb_text_add(out, "%s", text);
    return;
  }
  lb_text_add(out, "\"");
  for (const char* c = text; *c; ++c) lb_text_add(out, *c == '"' ? "\"\"" : "%c", *c);
  lb_text_add(out, "\"");
}

static void add_number(lb_text* out, double x) {
  if (isnan(x)) {
    lb_text_add(out, ",");
  } else if (isinf(x)) {
    lb_text_add(out, x > 0 ? ",inf" : ",-inf");
  } else {
    lb_text_add(out, ",%.17g", x);
  }
}

static void add_place(lb_text* out, const lb_results* r, const lb_results_task* task) {
  add_field(out, r->suite->name);
  lb_text_add(out, ",");
  add_field(out, task->name);
}

static void add_summary(lb_text* out, const lb_results* r, const lb_results_task* task, const lb_results_row* row,
                        int metric, int iteration) {
  lb_stats_summary s =
      iteration == row->last ? lb_results_row_final(row, metric) : lb_results_row_at(row, metric, iteration);
  if (s.n == 0 && !(s.max == INFINITY)) return;
  add_place(out, r, task);
  lb_text_add(out, ",%s,", task->hash ? task->hash : "");
  add_field(out, row->algo);
  lb_text_add(out, ",%s,%d,%d", r->metrics[metric], iteration, s.n);
  const double numbers[] = {s.mean, s.low, s.high, s.sd, s.median, s.min, s.max};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) add_number(out, numbers[i]);
  lb_text_add(out, "\n");
}

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
    }
  }
}

void lb_csv_contrasts(lb_text* out, const lb_results* r, const lb_contrast_result* contrasts, int n) {
  lb_text_add(out, "suite,task,contrast,baseline_algo,variant_algo,metric,from,to,seed,baseline,variant,difference\n");
  for (int c = 0; c < n; ++c) {
    const lb_contrast_result* x = &contrasts[c];
    for (int i = 0; i < x->n; ++i) {
      add_place(out, r, x->task);
      lb_text_add(out, ",");
      add_field(out, x->contrast->name);
      lb_text_add(out, ",%s,%s,%s,%d,%d,%d", x->contrast->baseline, x->contrast->variant, x->metric_name, x->from,
                  x->to, x->seeds[i]);
      add_number(out, x->a[i]);
      add_number(out, x->b[i]);
      add_number(out, x->a[i] - x->b[i]);
      lb_text_add(out, "\n");
    }
  }
}

void lb_csv_curves(lb_text* out, const lb_results* r) {
  lb_text_add(out, "suite,task,algo,seed,iteration");
  for (int m = 0; m < r->n_metrics; ++m) lb_text_add(out, ",%s", r->metrics[m]);
  lb_text_add(out, "\n");
  for (int t = 0; t < r->n_tasks; ++t) {
    for (int k = 0; k < r->tasks[t].n_rows; ++k) {
      const lb_results_row* row = &r->tasks[t].rows[k];
      for (int i = 0; i < row->n_runs; ++i) {
        const lb_results_run* run = row->runs[i];
        for (int p = 0; p < run->n_points; ++p) {
          add_place(out, r, &r->tasks[t]);
          lb_text_add(out, ",");
          add_field(out, row->algo);
          lb_text_add(out, ",%d,%d", run->seed, run->iterations[p]);
          for (int m = 0; m < r->n_metrics; ++m) add_number(out, run->values[p * LB_METRICS_MAX + m]);
          lb_text_add(out, "\n");
        }
      }
    }
  }
}
