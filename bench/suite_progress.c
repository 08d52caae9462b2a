// How far the runs of a suite have come: see suite_progress.h.
#include "suite_progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "campaign.h"
#include "io/file.h"
#include "io/run_folder.h"
#include "report/load.h"
#include "report/results.h"
#include "stale.h"
#include "summary.h"

// A run that is not over.
typedef struct open_run {
  const lb_results_run* run;
  int kind;  // its row
  bool works;
  lb_run_folder_progress at;
  bool has_progress;
  double share;    // of its work
  double seconds;  // CPU, of the whole by its own pace; NAN: it has shown none
} open_run;

// What is known of a row.
typedef struct kind {
  const lb_results_row* row;
  int waiting;  // runs that are to be begun; those that --only left out are not
  double curve[LB_FORECAST_CURVE];
  double forecast;  // seconds of a run; NAN: not known
  double measured;  // the same by what has run; NAN: nothing has
} kind;

typedef struct suite_progress {
  lb_results* results;
  kind* kinds;
  int nkinds;
  open_run* open;
  int nopen;
  int working, interrupted;
  lb_arena* arena;
} suite_progress;

// What the suite's definition makes of a row. Whatever cannot be told (a task that was renamed since) stays unknown.
static void expect(kind* k, const lb_suite_row* row, const lb_suite* suite, lb_forecaster* f) {
  lb_protocol protocol;
  lb_forecast forecast;
  k->forecast = k->measured = NAN;
  for (int i = 0; i < LB_FORECAST_CURVE; i++) k->curve[i] = (double)i / (LB_FORECAST_CURVE - 1);
  if (!row) return;
  if (lb_campaign_resolve(&protocol, suite, row).code != LB_OK) return;
  if (lb_forecast_run(f, &forecast, k->curve, row->task, row->recipe, &protocol).code != LB_OK) return;
  k->forecast = forecast.seconds;
}

// Where a run is that is not over: by its process' own word, else by its last line of measurements.
static void look(open_run* o, const double* curve) {
  const lb_results_run* run = o->run;
  o->has_progress = lb_run_folder_read_progress(&o->at, run->folder);
  o->works = lb_lock_is_held(run->folder);
  o->seconds = NAN;
  int last = run->n_points > 0 ? run->iterations[run->n_points - 1] : 0;
  if (o->has_progress && o->at.iterations > 0) {
    double from = lb_forecast_at(curve, (double)o->at.from / o->at.iterations);
    o->share = lb_forecast_at(curve, (double)o->at.iteration / o->at.iterations);
    // The first moments of a process say nothing of its pace.
    if (o->share > from && (o->share >= from + 0.05 || o->at.cpu >= 60)) o->seconds = o->at.cpu / (o->share - from);
  } else if (run->planned > 0 && run->n_points > 0) {
    o->share = lb_forecast_at(curve, (double)last / run->planned);
    double cpu = lb_results_run_value(run, LB_METRIC_CPU, last);
    if (o->share > 0) o->seconds = cpu / o->share;
  }
}

// CPU seconds of a run of this row: of those that are finished, else by the pace of those under way.
static double measure(const suite_progress* s, int number) {
  const lb_results_row* row = s->kinds[number].row;
  double sum = 0;
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    const lb_results_run* run = row->runs[i];
    if (run->outcome != LB_OUTCOME_FINISHED || run->n_points == 0) continue;
    double cpu = lb_results_run_value(run, LB_METRIC_CPU, run->iterations[run->n_points - 1]);
    if (isnan(cpu)) continue;
    sum += cpu;
    n++;
  }
  for (int i = 0; i < s->nopen && n == 0; i++) {
    if (s->open[i].kind != number || isnan(s->open[i].seconds)) continue;
    sum += s->open[i].seconds;
    n++;
  }
  return n > 0 ? sum / n : NAN;
}

// A row's runs that wait or work, and what they are expected to take.
static void add_row(suite_progress* s, const lb_results_row* row, lb_forecaster* f) {
  const lb_suite* suite = s->results->suite;
  const lb_suite_row* own = lb_suite_find_row(suite, row->task, row->algo);
  bool wanted = !own || lb_suite_row_is_wanted(own, suite->only, suite->n_only);
  int number = s->nkinds++;
  kind* k = &s->kinds[number];
  k->row = row;
  int to_do = row->count[LB_OUTCOME_MISSING] + row->count[LB_OUTCOME_FAILED] + row->count[LB_OUTCOME_STALE];
  k->waiting = wanted ? to_do : 0;
  k->forecast = k->measured = NAN;
  if (k->waiting + row->count[LB_OUTCOME_RUNNING] == 0) return;
  expect(k, own, suite, f);
  for (int i = 0; i < row->n_runs; i++) {
    if (row->runs[i]->outcome != LB_OUTCOME_RUNNING) continue;
    open_run* o = &s->open[s->nopen++];
    *o = (open_run){.run = row->runs[i], .kind = number};
    look(o, k->curve);
    *(o->works ? &s->working : &s->interrupted) += 1;
  }
  k->measured = measure(s, number);
}

// All rows.
static void survey(suite_progress* s, lb_forecaster* f) {
  lb_results* r = s->results;
  s->kinds = LB_TAKE(s->arena, kind, r->n_runs + 1);
  s->open = LB_TAKE(s->arena, open_run, r->n_runs + 1);
  for (int t = 0; t < r->n_tasks; t++) {
    for (int i = 0; i < r->tasks[t].n_rows; i++) add_row(s, &r->tasks[t].rows[i], f);
  }
}

// How much longer runs take than was forecast, by those of which both is known.
static double slowness(const suite_progress* s) {
  double measured = 0, forecast = 0;
  for (int i = 0; i < s->nkinds; i++) {
    const kind* k = &s->kinds[i];
    if (isnan(k->measured) || isnan(k->forecast)) continue;
    measured += k->measured;
    forecast += k->forecast;
  }
  return forecast > 0 ? measured / forecast : 1;
}

static double seconds_of(const kind* k, double slow) {
  return isnan(k->measured) ? slow * k->forecast : k->measured;
}

// Seconds that are left of a run under way.
static double left_of(const suite_progress* s, const open_run* o, double slow) {
  double whole = isnan(o->seconds) ? seconds_of(&s->kinds[o->kind], slow) : o->seconds;
  return whole * (1 - o->share);
}

// CPU seconds that are left of everything; NAN when of some row nothing is known. *longest: of one run.
static double work_left(const suite_progress* s, double slow, double* longest) {
  double work = 0;
  *longest = 0;
  for (int i = 0; i < s->nkinds; i++) {
    if (s->kinds[i].waiting == 0) continue;
    double each = seconds_of(&s->kinds[i], slow);
    work += s->kinds[i].waiting * each;
    *longest = fmax(*longest, each);
  }
  for (int i = 0; i < s->nopen; i++) {
    double left = left_of(s, &s->open[i], slow);
    work += left;
    *longest = fmax(*longest, left);
  }
  return work;
}

// "step 1200 of 3000 (43 %), 3 min 20 s left; return 812 at 1000".
static void print_open(const suite_progress* s, const open_run* o, double slow) {
  const lb_results_run* run = o->run;
  const char* unit = o->has_progress ? o->at.iteration_name : s->results->measure->steps ? "step" : "iteration";
  int last = run->n_points > 0 ? run->iterations[run->n_points - 1] : -1;
  printf("  %s: %s on %s, seed %d", o->works ? "running" : "interrupted", run->algo, run->task, run->seed);
  if (o->has_progress || run->planned > 0) {
    printf(": %s %d of %d (%.0f %%)", unit,
           o->has_progress ? o->at.iteration
           : last > 0      ? last
                           : 0,
           o->has_progress ? o->at.iterations : run->planned, 100 * o->share);
  }
  double left = left_of(s, o, slow);
  if (!isnan(left)) {
    char time[32];
    lb_format_duration(left, time, sizeof time);
    printf(", %s left", time);
  }
  if (last >= 0) {
    double score = lb_results_run_value(run, s->results->metric, last);
    printf("; %s %s at %d", s->results->metrics[s->results->metric], lb_format_number(s->arena, score, 0), last);
  }
  fputc('\n', stdout);
}

// Which runs are stale, and why.
static void print_stale(const suite_progress* s, lb_identities* identities) {
  lb_stale stale;
  char why[400];
  lb_stale_survey(&stale, identities, s->results);
  if (stale.total == 0) return;
  lb_stale_words(why, sizeof why, &stale);
  printf("  %d of these %s stale: %s; 'bench suite' makes %s anew\n", stale.total, lb_stale_are(&stale), why,
         stale.total == 1 ? "it" : "them");
}

// How far the suite is, and how long the rest takes.
static void print(const suite_progress* s, int workers) {
  const int* count = s->results->count;
  double slow = slowness(s), longest, work = work_left(s, slow, &longest);
  int to_do = s->nopen;
  for (int i = 0; i < s->nkinds; i++) to_do += s->kinds[i].waiting;
  char time[32] = "time unknown";
  if (!isnan(work)) lb_format_duration(fmax(work / workers, longest), time, sizeof time);
  printf("%s: %d finished, %d running, %d interrupted, %d waiting, %d diverged, %d failed, %d unreadable; ",
         s->results->suite->name, count[LB_OUTCOME_FINISHED], s->working, s->interrupted, count[LB_OUTCOME_MISSING],
         count[LB_OUTCOME_DIVERGED], count[LB_OUTCOME_FAILED], count[LB_OUTCOME_DAMAGED] + count[LB_OUTCOME_APART]);
  if (to_do > 0) {
    printf("about %s left on %d %s\n", time, workers, workers == 1 ? "core" : "cores");
  } else {
    printf("nothing left to do\n");
  }
  if (count[LB_OUTCOME_LEFT_OUT] > 0) {
    int left = count[LB_OUTCOME_LEFT_OUT];
    printf("  %d more %s of the suite %s not asked for (--only)\n", left, lb_plural(left, "run", "runs"),
           lb_plural(left, "was", "were"));
  }
  for (int i = 0; i < s->nopen; i++) print_open(s, &s->open[i], slow);
  lb_summary_print_troubles(s->results);
}

lb_status lb_suite_progress_print(const char* folder, int workers, lb_forecaster* forecaster,
                                  lb_identities* identities) {
  suite_progress s = {0};
  LB_TRY(lb_load_suite(&s.results, folder));
  s.arena = s.results->arena;
  survey(&s, forecaster);
  print(&s, workers);
  print_stale(&s, identities);
  lb_results_free(s.results);
  return lb_ok();
}
