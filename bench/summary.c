// Results for the terminal: see summary.h.
#include "summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "report/format.h"
#include "report/results.h"

// Columns that a UTF-8 text takes.
static int width_of(const char* text) {
  int width = 0;
  for (; *text; text++) width += ((unsigned char)*text & 0xC0u) != 0x80u;
  return width;
}

static void print_padded(const char* text, int width) {
  printf("%s%*s", text, width > width_of(text) ? width - width_of(text) : 0, "");
}

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

static const char* mean_of(const lb_results* results, const lb_results_row* row, int metric, bool with_interval) {
  lb_stats_summary s = lb_results_row_final(row, metric);
  if (s.n == 0) return row->count[LB_OUTCOME_DIVERGED] > 0 && with_interval ? "diverged" : "-";
  double resolution = s.n > 1 ? (s.high - s.low) / 2 : NAN;
  if (with_interval && s.n > 1) return lb_format_interval(results->arena, s.mean, s.low, s.high);
  return lb_format_number(results->arena, s.mean, with_interval ? resolution : 0);
}

static void print_row(const lb_results* results, const lb_results_row* row, int width) {
  char done[32];
  snprintf(done, sizeof done, "%d/%d", row->count[LB_OUTCOME_FINISHED], row->planned);
  printf("  ");
  print_padded(row->algo, width + 2);
  print_padded(done, 8);
  print_padded(mean_of(results, row, results->metric, true), 32);
  if (results->higher) {
    double normalised = lb_results_row_final(row, LB_METRIC_RETURN_NORMALISED).mean;
    print_padded(lb_format_number(results->arena, normalised, 0.05), 12);
    print_padded(mean_of(results, row, LB_METRIC_GRADIENT_UPDATES, false), 12);
  } else {
    print_padded(mean_of(results, row, LB_METRIC_LQR_PASSES, false), 12);
  }
  printf("%s\n", mean_of(results, row, LB_METRIC_CPU, false));
}

static void print_troubles(const lb_results* results) {
  for (int i = 0; i < results->n_runs; i++) {
    const lb_results_run* run = &results->runs[i];
    const char* what = run->outcome == LB_OUTCOME_FAILED     ? "failed"
                       : run->outcome == LB_OUTCOME_DIVERGED ? "diverged"
                       : run->outcome == LB_OUTCOME_DAMAGED  ? "damaged"
                       : run->outcome == LB_OUTCOME_APART    ? "left out"
                                                             : NULL;
    if (what) printf("  %s: %s on %s, seed %d: %s\n", what, run->algo, run->task, run->seed, run->message);
  }
}

lb_status lb_summary_print(const char* folder) {
  lb_results* results;
  LB_TRY(lb_results_load(&results, folder));
  int width = widest_algo(results);
  for (int t = 0; t < results->n_tasks; t++) {
    const lb_results_task* task = &results->tasks[t];
    printf("\n%s, %s\n  ", results->suite->name, task->label);
    print_padded("algorithm", width + 2);
    printf("%-8s%-32s%-12s%s%s\n", "runs",
           results->higher ? "last return [95 % interval]" : "final cost [95 % interval]",
           results->higher ? "normalised" : "LQR passes", results->higher ? "updates     " : "", "CPU s");
    for (int r = 0; r < task->n_rows; r++) print_row(results, &task->rows[r], width);
  }
  print_troubles(results);
  lb_results_free(results);
  return lb_ok();
}

// How far a run is: iteration 0 takes its time too.
static double share_of(const lb_results_run* run) {
  if (run->n_points == 0) return 0;
  return run->planned < 0 ? 1 : (run->iterations[run->n_points - 1] + 1.0) / (run->planned + 1.0);
}

// CPU seconds that a whole run of this row takes, by those that have measured rounds; NAN while none has.
static double seconds_of_row(const lb_results_row* row) {
  double seconds = 0, share = 0;
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    if (run->n_points == 0) continue;
    double cpu = lb_results_run_value(run, LB_METRIC_CPU, run->iterations[run->n_points - 1]);
    if (isnan(cpu)) continue;
    seconds += cpu;
    share += row->flat ? 1 : share_of(run);
  }
  return share > 0 ? seconds / share : NAN;
}

// The share of a row's runs that is still to be done, in whole runs.
static double runs_left(const lb_results_row* row) {
  double left = row->count[LB_OUTCOME_MISSING] + row->count[LB_OUTCOME_FAILED];
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    if (run->outcome != LB_OUTCOME_RUNNING) continue;
    left += run->planned > 0 ? fmax(0, 1 - share_of(run)) : 1;
  }
  return left;
}

lb_status lb_summary_print_status(const char* folder, int workers) {
  lb_results* results;
  LB_TRY(lb_results_load(&results, folder));
  const int* count = results->count;
  double left = 0, any = 0, work = 0;
  int known = 0;
  for (int t = 0; t < results->n_tasks; t++) {
    for (int r = 0; r < results->tasks[t].n_rows; r++) {
      double seconds = seconds_of_row(&results->tasks[t].rows[r]);
      if (isnan(seconds)) continue;
      any += seconds;
      known++;
    }
  }
  for (int t = 0; t < results->n_tasks; t++) {
    for (int r = 0; r < results->tasks[t].n_rows; r++) {
      const lb_results_row* row = &results->tasks[t].rows[r];
      double seconds = seconds_of_row(row);
      left += runs_left(row);
      work += runs_left(row) * (isnan(seconds) ? any / (known > 0 ? known : 1) : seconds);
    }
  }
  char time[32] = "unknown";
  if (known > 0) lb_format_duration(work / workers, time, sizeof time);
  printf("%s: %d finished, %d running or interrupted, %d waiting, %d diverged, %d failed, %d unreadable; %s%s%s\n",
         results->suite->name, count[LB_OUTCOME_FINISHED], count[LB_OUTCOME_RUNNING], count[LB_OUTCOME_MISSING],
         count[LB_OUTCOME_DIVERGED], count[LB_OUTCOME_FAILED], count[LB_OUTCOME_DAMAGED] + count[LB_OUTCOME_APART],
         left > 0 ? "about " : "nothing", left > 0 ? time : "", left > 0 ? " of work left" : " left to do");
  print_troubles(results);
  lb_results_free(results);
  return lb_ok();
}
