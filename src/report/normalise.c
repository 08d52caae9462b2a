// Expert-normalised returns: see normalise.h.
#include "report/normalise.h"

#include <math.h>

#include "base/format.h"

// The mean return of a row, or why there is none.
static double mean_of(lb_results* r, const lb_results_task* task, const char* algo, const char* role,
                      const char** why) {
  const lb_results_row* row = lb_results_find_row(task, algo);
  double mean = row ? lb_results_row_final(row, LB_METRIC_RETURN).mean : NAN;
  if (isfinite(mean) || *why) return mean;
  *why = !algo  ? lb_format_text(r->arena, "the suite names no %s row", role)
         : !row ? lb_format_text(r->arena, "it has no row %s", algo)
                : lb_format_text(r->arena, "no run of %s has come to a return", algo);
  return mean;
}

static void fill(lb_results* r, const lb_results_task* task) {
  for (int k = 0; k < task->n_rows; k++) {
    for (int i = 0; i < task->rows[k].n_runs; i++) {
      lb_results_run* run = task->rows[k].runs[i];
      for (int p = 0; p < run->n_points; p++) {
        double* v = run->values + p * LB_METRICS_MAX;
        v[LB_METRIC_RETURN_NORMALISED] = lb_normalise_return(task, v[LB_METRIC_RETURN]);
        if (!isnan(v[LB_METRIC_RETURN_NORMALISED])) r->seen[LB_METRIC_RETURN_NORMALISED] = true;
      }
    }
  }
}

void lb_normalise(lb_results* r) {
  for (int t = 0; t < r->n_tasks; t++) {
    lb_results_task* task = &r->tasks[t];
    task->one = mean_of(r, task, r->suite->reference, "reference", &task->unscaled);
    task->zero = mean_of(r, task, r->suite->start, "start", &task->unscaled);
    if (!task->unscaled && !(task->one > task->zero)) {
      task->unscaled = lb_format_text(r->arena, "the return of %s, %s, is not above that of %s, %s",
                                      r->suite->reference, lb_format_number(r->arena, task->one, NAN), r->suite->start,
                                      lb_format_number(r->arena, task->zero, NAN));
    }
    fill(r, task);
  }
}

double lb_normalise_return(const lb_results_task* task, double value) {
  return task->unscaled ? NAN : (value - task->zero) / (task->one - task->zero);
}
