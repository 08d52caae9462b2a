// The results of one suite in memory: every run folder below OUT/<suite>/, sorted into tasks and rows. A run that
// cannot be read, that is not of what the suite was run as last, or that was made under other settings or by another
// program than the rest of its row, is kept apart with the reason and enters no number; where the suite does not say
// what it was run as, runs of different task hashes stand in different tasks. Reading takes no locks and never waits: a
// run that is still going on gives what it has written so far.
#ifndef LB_REPORT_RESULTS_H_
#define LB_REPORT_RESULTS_H_

#include <math.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "core/metrics.h"
#include "stats/stats.h"
#include "suite/suite.h"

enum { LB_METRICS_MAX = LB_METRICS + 40 };  // known and unknown together, a suite

typedef enum lb_run_outcome {
  LB_OUTCOME_MISSING,   // planned; no folder yet
  LB_OUTCOME_LEFT_OUT,  // the same, of a row that the suite's `only` does not ask for
  LB_OUTCOME_RUNNING,   // a folder without done.json: running, or interrupted
  LB_OUTCOME_FINISHED,
  LB_OUTCOME_DIVERGED,
  LB_OUTCOME_FAILED,
  LB_OUTCOME_DAMAGED,  // its files cannot be read, or were altered
  LB_OUTCOME_APART,    // made with other settings, or by another program, than the rest of its row
  LB_OUTCOME_STALE,    // not of what the suite was run as last (pool.h), or the run of another place
  LB_OUTCOMES,
} lb_run_outcome;

typedef struct lb_results_run {
  const char* folder;  // path as found
  const char* task;
  const char* algo;
  int seed;
  lb_run_outcome outcome;
  const char* message;  // why, for the last five; "" else
  const char* title;    // of the algorithm; NULL unless config.json was read
  const char* task_hash;
  const char* protocol;  // canonical JSON, as is the recipe
  const char* recipe;
  const char* recipe_name;     // of a run that belongs to no suite: its algorithm's own name
  const char* recipe_sum;      // lb_run_sum of the recipe; NULL as above
  const char* demonstrations;  // checksums of the expert's files that it read; ""
  const char* policy;
  const char* program;     // canonical JSON of what computed it; NULL: it does not say
  const char* arithmetic;  // the same of how that rounded
  const char* command;
  const char* versions;  // one line; "" when unknown
  const char* machine;
  bool cloned;        // it imitates: a reference, its iterations are demonstrations
  int planned;        // the last iteration that the protocol asks for; -1: unknown
  int planned_steps;  // the same of rows that go by steps
  int n_points;       // evaluations so far, by ascending iteration
  int* iterations;    // [n_points]
  // What was written, [n_points][columns]: metric m is in column[m]; -1: never. Without `column`, of all metrics.
  double* values;
  const short* column;
  int columns;
} lb_results_run;

struct lb_results_task;

// One algorithm on one task.
typedef struct lb_results_row {
  const char* task;
  const struct lb_results_task* in;  // whose row it is; NULL: a row by itself
  const char* algo;
  const char* title;
  bool flat;    // a reference, drawn as a horizontal line: one evaluation at iteration 0 and no more, or by_end
  bool by_end;  // each run counts by its own last evaluation (behaviour cloning, and what the suite calls a reference)
  int planned;  // seeds that were asked for or are there
  int count[LB_OUTCOMES];
  int elsewhere;          // of those that enter: with another arithmetic than most of them
  lb_results_run** runs;  // that enter the numbers (running, finished, diverged, failed), by seed
  int n_runs;
  int* iterations;  // the union of theirs
  int n_iterations;
  int last;      // the iteration that counts as the final one: as planned, or how far the slowest run came
  bool partial;  // `last` is not the planned one
} lb_results_row;

typedef struct lb_results_task {
  const char* name;
  const char* hash;      // NULL: no run yet
  const char* label;     // the name, with the hash's first digits when the name has several
  bool split;            // the same name occurs with another hash
  lb_results_row* rows;  // without those that nobody asked for (LB_OUTCOME_LEFT_OUT)
  int n_rows;
  // Returns of the start row and of the reference, the 0 and the 1 of normalised returns; `unscaled` says why there are
  // none, else it is NULL.
  double zero, one;
  const char* unscaled;
} lb_results_task;

// A number of a run of a row.
typedef double (*lb_results_number)(const lb_results_row*, const lb_results_run*, int metric);

// What a suite compares, and how: a line of a table in results.c. Which way is better, its unit and its title are the
// metric's own (core/metric_table.h).
typedef struct lb_results_measure {
  int metric;
  lb_results_number number;  // by which rows are compared
  const char* when;          // what that is: "over the last fifth", "of the last evaluation"
  const char* iteration;     // what the iterations of its runs are: "step", "iteration"
  const char* x_label;       // of curves along them
  bool steps;                // they are real steps
  bool normalised;           // on a task, the mean of the start row is 0 and that of the reference 1
  bool unbounded;            // iteration 0, or a row, may be out of all proportion
  int learner;               // the metric of the learner's own real samples
  int work;                  // the metric of what planning took
} lb_results_measure;

// The line of a metric's name; the first one where there is none.
const lb_results_measure* lb_results_measure_of(const char* name);

typedef struct lb_results {
  const char* folder;
  lb_suite* suite;
  const char* metrics[LB_METRICS_MAX];  // names; the known ones first
  int n_metrics;
  bool seen[LB_METRICS_MAX];          // some run has a value of it
  int metric;                         // what is compared
  const lb_results_measure* measure;  // how
  lb_results_run* runs;               // all of them, also damaged and missing
  int n_runs, runs_room;
  lb_results_task* tasks;
  int n_tasks;
  int count[LB_OUTCOMES];
  const char* out;   // where the report goes; NULL: into the folder
  bool pages;        // the report has a page for every run
  int refresh;       // seconds after which its page loads itself again; 0: never
  const char* note;  // a sentence that whoever asks for a report has on its runs, for its top; NULL: none
  // What findings.h makes of the suite's contrasts, once it was asked; NULL: not yet.
  const struct lb_contrast_result* contrasts;
  int n_contrasts;
  const struct lb_claim_result* claims;  // likewise, of claims.h
  int n_claims;
  const struct lb_band_result* bands;  // of findings.h
  const struct lb_across* across;      // of across.h
  const struct lb_doc* doc;            // of compose.h
  short slots[512];                    // hashed names: an index of metrics + 1
  const char** pool;
  int pool_size, pool_used;
  lb_arena* arena;
} lb_results;

// Gives back all that the results hold; NULL is allowed. The same of several.
void lb_results_free(lb_results* results);
void lb_results_free_all(lb_results** results, int n);

// One more run, with nothing in it; earlier pointers to runs are then no longer valid.
lb_results_run* lb_results_add_run(lb_results* results);
// Sorts the runs by task, algorithm and seed, and finds one among the first n when these are sorted; NULL: none.
void lb_results_sort_runs(lb_results* results);
lb_results_run* lb_results_find_run(const lb_results* results, int n, const char* task, const char* algo, int seed);

// The index of a metric's name, a new one appended; -1 when there is no room for another.
int lb_results_intern_metric(lb_results* results, const char* name);
// The text in the arena, once however often it is asked for: equal texts are the same pointer.
const char* lb_results_intern_text(lb_results* results, const char* text);

// The index of a metric, -1 when no run has it and the report does not know it.
int lb_results_metric(const lb_results* results, const char* name);
// What a metric is called in headings, axes and sentences; its own name when the report does not know it.
const char* lb_results_metric_title(const lb_results* results, int metric);
const char* lb_results_metric_noun(const lb_results* results, int metric);
bool lb_results_metric_is_cumulative(int metric);
// "higher is better", "lower is better".
const char* lb_results_better(int metric);
// The worse of two values of a metric, NaN being none.
double lb_results_worse(int metric, double a, double b);
// The constant inside a task's values of a metric that the suite knows of, to be taken off before logarithms and
// ratios.
double lb_results_floor(const lb_results* results, const char* task, int metric);

// Whether the suite is read from top to bottom, in chapters (chapters.h).
bool lb_results_has_chapters(const lb_results* results);

// A return on the scale of a task (0: the mean of the start row, 1: that of the reference); NaN when it has none.
double lb_results_normalise(const lb_results_task* task, double value);

// The task of a name, of several the first; the row of an algorithm; the run of a seed. NULL: none.
const lb_results_task* lb_results_find_task(const lb_results* results, const char* name);
lb_results_row* lb_results_find_row(const lb_results_task* task, const char* algo);
const lb_results_run* lb_results_run_of_seed(const lb_results_row* row, int seed);

// A value of a run's k-th evaluation; NaN when there is none.
static inline double lb_results_value(const lb_results_run* run, int point, int metric) {
  if (metric < 0) return NAN;
  if (!run->column) return run->values[point * LB_METRICS_MAX + metric];
  return run->column[metric] < 0 ? NAN : run->values[point * run->columns + run->column[metric]];
}
// A value of a run; NaN when there is none.
double lb_results_run_value(const lb_results_run* run, int metric, int iteration);
// Whether the run diverged or failed: it counts as the worst where it has no value.
static inline bool lb_results_run_broke(const lb_results_run* run) {
  return run->outcome == LB_OUTCOME_DIVERGED || run->outcome == LB_OUTCOME_FAILED;
}

// Whether the run enters numbers.
static inline bool lb_results_run_enters(const lb_results_run* run) {
  return run->outcome != LB_OUTCOME_MISSING && run->outcome != LB_OUTCOME_LEFT_OUT &&
         run->outcome != LB_OUTCOME_DAMAGED && run->outcome != LB_OUTCOME_APART && run->outcome != LB_OUTCOME_STALE;
}
// The value at the row's last iteration, or at the end of a run that counts by its end; NaN when it has not come so
// far.
double lb_results_run_last(const lb_results_row* row, const lb_results_run* run, int metric);
// The same; of what is compared, the worst there is (+infinity of costs, -infinity of returns) when the run diverged or
// failed before, or its rollouts all diverged there.
double lb_results_run_final(const lb_results_row* row, const lb_results_run* run, int metric);
// The mean of a run over the last fifth of the way, (lb_results_tail(last), last]: a single evaluation of a learner
// jumps. Of references the same as lb_results_run_final; where an evaluation of that part diverged, the worst.
int lb_results_tail(int last);
double lb_results_run_tail(const lb_results_row* row, const lb_results_run* run, int metric);
// The best evaluation of a run up to the row's last iteration; NaN as above, but a run
// that broke keeps what it had.
double lb_results_run_best(const lb_results_row* row, const lb_results_run* run, int metric);

// One metric over the seeds of a row at one iteration: runs with a value enter; `n` says how many.
lb_stats_summary lb_results_row_at(const lb_results_row* row, int metric, int iteration);
// A number of each run, worked out by `of`, over the seeds of a row. A run that diverged or failed, for which `of`
// gives an infinity, is among them: as the worst finite value that any run of the task has of this number (so that the
// mean is of all seeds), and in median, min and max as worse than that. *as_worst (may be NULL) receives how many these
// are. n = 0 where no run of the row has a finite value: there is nothing that a mean could say.
lb_stats_summary lb_results_row_of(int* as_worst, const lb_results_row* row, int metric, lb_results_number of);

// What rows are compared by.
lb_stats_summary lb_results_row_compared(const lb_results* results, const lb_results_row* row);

// The same of lb_results_run_final and lb_results_run_tail.
lb_stats_summary lb_results_row_final(const lb_results_row* row, int metric);
lb_stats_summary lb_results_row_tail(const lb_results_row* row, int metric);

// How many of the row's *n runs came to 80 % of the way from the start row to the reference over the last fifth of
// their steps. A run that diverged or failed did not; one that has not come so far is not counted.
#define LB_SOLVED 0.8
int lb_results_row_solved(int* n, const lb_results_row* row);
// Whether a run was evaluated at an iteration.
bool lb_results_run_came_to(const lb_results_run* run, int iteration);
// The mean of a run's values over the iterations from..to (those that were evaluated); of a cumulative metric the last
// of them. NaN unless the run got as far as `to` and every value is a number.
double lb_results_run_average(const lb_results_run* run, int metric, int from, int to);

#endif  // LB_REPORT_RESULTS_H_
