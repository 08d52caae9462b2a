// bench verify: does this build give the results that a correct one gave?
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "command_replay.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "verify/band.h"
#include "verify/checks.h"
#include "verify/runs.h"

static const char text[] =
    "Runs short versions of stated results (rows of the published helicopter experiment, learning runs of a minute, "
    "the\n"
    "experts' recordings through the simulator) and says whether they come out as they did for many seeds of a build\n"
    "that is known to be right. What is compared is the median over a check's seeds, with the range of the "
    "reference's\n"
    "seeds and a margin at either end. Other machines and compilers round differently, so that learning runs "
    "are\n"
    "other runs there: the bands are wide enough for that, and narrow enough that what breaks learning falls out of\n"
    "them. bench/verify/README.md says how often either goes wrong.\n\n"
    "NAME picks some of the checks. A minute or three on two cores. The exit status is 1 when a check does not "
    "hold.\n\n"
    "--set changes a setting of every run: to see what the checks notice. --save-reference makes the reference of the\n"
    "checks anew, from the program as it is.";

static const char examples[] =
    "  bench verify\n"
    "  bench verify --list\n"
    "  bench verify pendulum-sac --json\n"
    "  bench verify pendulum-sac --set learning_rate=1e-9        (does not hold)";

typedef struct verify_arguments {
  lb_texts set;
  const char* out;
  int jobs;
  bool as_json, list, save_reference, quiet;
} verify_arguments;

// What came out of one point of a check.
typedef struct point_result {
  double values[LB_VERIFY_CHECK_SEEDS];  // of each seed
  double measured, reference;            // medians
  lb_band band;
  bool holds;
} point_result;

typedef struct check_result {
  const lb_verify_check* check;
  bool holds;
  const char* trouble;                          // NULL, or why a run or a replay did not come to its end
  point_result points[LB_VERIFY_CHECK_POINTS];  // of a check with runs
  double *deviations, *tolerances;              // (nreplays) of a check of replays
} check_result;

typedef struct verification {
  char root[LB_BENCH_PATH];
  lb_verify_check* checks;
  int n;
  lb_verify_runs runs;
  check_result* results;  // (n)
  lb_arena* arena;
} verification;

typedef enum references { NO_REFERENCES, ALL_REFERENCES, THOSE_THERE_ARE } references;

// The check's reference, where it is wanted.
static lb_status load_reference(lb_verify_check* c, const verification* v, references which) {
  if (c->nreplays > 0 || which == NO_REFERENCES) return lb_ok();
  if (which == THOSE_THERE_ARE && !lb_verify_check_has_reference(c, v->root)) return lb_ok();
  return lb_verify_check_load_reference(c, v->root, v->arena);
}

// The checks that the operands name, or all.
static lb_status load_checks(verification* v, const lb_operands* operands, references which) {
  char** names = NULL;
  int n = operands->n;
  if (n == 0) LB_TRY(lb_verify_check_names(&names, &n, v->root));
  v->checks = LB_TAKE(v->arena, lb_verify_check, n + 1);
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    status = lb_verify_check_load(&v->checks[i], v->root, names ? names[i] : operands->values[i], v->arena);
    if (status.code == LB_OK) status = load_reference(&v->checks[i], v, which);
  }
  if (names) lb_names_free(names, n);
  v->n = n;
  return status;
}

// The median over seeds beside the band of the reference's.
static void judge_point(point_result* p, const lb_verify_check* c, int i, const lb_verify_run* runs) {
  double sorted[LB_VERIFY_CHECK_SEEDS];
  for (int k = 0; k < c->seeds; k++) p->values[k] = runs[k].values[i];
  memcpy(sorted, p->values, sizeof sorted);
  p->measured = lb_band_median(sorted, c->seeds);
  p->band = lb_band_of(c->points[i].reference, c->reference_seeds, c->points[i].margin);
  memcpy(sorted, c->points[i].reference, (size_t)c->reference_seeds * sizeof *sorted);
  p->reference = lb_band_median(sorted, c->reference_seeds);
  p->holds = lb_band_holds(&p->band, p->measured);
}

// Whether all points hold and no run had trouble.
static void judge_runs(check_result* r, const lb_verify_run* runs) {
  r->holds = true;
  for (int k = 0; k < r->check->seeds; k++) {
    if (runs[k].trouble && !r->trouble) r->trouble = runs[k].trouble;
  }
  for (int i = 0; i < r->check->npoints; i++) {
    judge_point(&r->points[i], r->check, i, runs);
    r->holds = r->holds && r->points[i].holds;
  }
  r->holds = r->holds && !r->trouble;
}

// Replays the recordings of a check.
static void replay_all(check_result* r, const char* root, lb_arena* arena) {
  int n = r->check->nreplays;
  r->deviations = LB_TAKE(arena, double, n);
  r->tolerances = LB_TAKE(arena, double, n);
  r->holds = true;
  for (int i = 0; i < n; i++) {
    bool holds = false;
    lb_log_progress(0, "%s: %s", r->check->name, r->check->replays[i]);
    lb_status status = lb_replay_check(&holds, &r->deviations[i], &r->tolerances[i], root, r->check->replays[i]);
    if (status.code != LB_OK) {
      r->deviations[i] = r->tolerances[i] = NAN;
      if (!r->trouble) r->trouble = lb_arena_text(arena, status.text);
    }
    r->holds = r->holds && holds;
  }
  lb_log_progress_done();
}

// Makes the runs of all checks together, then judges each.
static lb_status run_checks(verification* v) {
  for (int i = 0; i < v->n; i++) {
    if (v->checks[i].nreplays == 0) lb_verify_runs_add(&v->runs, &v->checks[i], 0, v->checks[i].seeds, v->arena);
  }
  LB_TRY(lb_verify_runs_make(&v->runs, v->arena));
  v->results = LB_TAKE(v->arena, check_result, v->n + 1);
  for (int i = 0, at = 0; i < v->n; i++) {
    check_result* r = &v->results[i];
    r->check = &v->checks[i];
    if (r->check->nreplays > 0) {
      replay_all(r, v->root, v->arena);
    } else {
      judge_runs(r, v->runs.runs + at);
      at += r->check->seeds;
    }
  }
  return lb_ok();
}

static const char* verdict(bool holds) {
  return holds ? "holds" : "DOES NOT HOLD";
}

// The points or recordings of a check beside their bands.
static void print_result(const check_result* r) {
  const lb_verify_check* c = r->check;
  for (int i = 0; i < c->npoints; i++) {
    const point_result* p = &r->points[i];
    char at[80], band[64];
    snprintf(at, sizeof at, "%.40s at %d", c->points[i].metric, c->points[i].at);
    snprintf(band, sizeof band, "[%.6g, %.6g]", p->band.low, p->band.high);
    printf("%-26s%-28s%12.6g  %-24s%12.6g  %s\n", c->name, at, p->measured, band, p->reference,
           verdict(p->holds && !r->trouble));
  }
  for (int i = 0; i < c->nreplays; i++) {
    char band[64];
    snprintf(band, sizeof band, "[0, %g]", r->tolerances[i]);
    printf("%-26s%-28s%12.3g  %-24s%12g  %s\n", c->name, c->replays[i], r->deviations[i], band, 0.0,
           verdict(r->deviations[i] <= r->tolerances[i]));
  }
  if (r->trouble) printf("    %s\n", r->trouble);
}

// All checks, and how many do not hold.
static void print_table(const verification* v) {
  int failed = 0;
  printf("%-26s%-28s%12s  %-24s%12s\n", "check", "what", "measured", "should be in", "reference");
  for (int i = 0; i < v->n; i++) {
    print_result(&v->results[i]);
    failed += !v->results[i].holds;
  }
  if (failed > 0) {
    printf("\n%d of %d %s not hold.\n", failed, v->n, lb_plural(v->n, "check does", "checks do"));
  } else {
    printf("\n%s\n", v->n == 1 ? "The check holds." : "All checks hold.");
  }
}

// The same as an object.
static void write_result(const check_result* r, lb_json_writer* w) {
  const lb_verify_check* c = r->check;
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "name", c->name);
  lb_json_write_string(w, "title", c->title);
  lb_json_write_bool(w, "holds", r->holds);
  lb_json_write_string(w, "message", r->trouble ? r->trouble : "");
  lb_json_write_begin_array(w, "points");
  for (int i = 0; i < c->npoints; i++) {
    const point_result* p = &r->points[i];
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "metric", c->points[i].metric);
    lb_json_write_int(w, "at", c->points[i].at);
    lb_json_write_numbers(w, "values", p->values, c->seeds);
    lb_json_write_number(w, "measured", p->measured);
    lb_json_write_number(w, "low", p->band.low);
    lb_json_write_number(w, "high", p->band.high);
    lb_json_write_number(w, "reference", p->reference);
    lb_json_write_bool(w, "holds", p->holds);
    lb_json_write_end_object(w);
  }
  for (int i = 0; i < c->nreplays; i++) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "replay", c->replays[i]);
    lb_json_write_number(w, "measured", r->deviations[i]);
    lb_json_write_number(w, "low", 0);
    lb_json_write_number(w, "high", r->tolerances[i]);
    lb_json_write_bool(w, "holds", r->deviations[i] <= r->tolerances[i]);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
}

// All checks as one JSON object.
static void print_json(const verification* v, bool holds) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_bool(&w, "holds", holds);
  lb_json_write_begin_array(&w, "checks");
  for (int i = 0; i < v->n; i++) write_result(&v->results[i], &w);
  lb_json_write_end_array(&w);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// A point's band, and how often it would refuse seeds of its own reference.
static void list_point(const lb_verify_check* c, const lb_verify_check_point* p) {
  if (!p->reference) {
    printf("    %s at %d: no reference yet\n", p->metric, p->at);
    return;
  }
  lb_band band = lb_band_of(p->reference, c->reference_seeds, p->margin);
  long tried;
  double alarms = lb_band_false_alarms(p->reference, c->reference_seeds, c->seeds, p->margin, &tried);
  printf("    %s at %d in [%.6g, %.6g]; false alarms: %g of %ld\n", p->metric, p->at, band.low, band.high,
         round(alarms * (double)tried), tried);
}

// The checks with their bands, without a run.
static void print_list(const verification* v) {
  for (int i = 0; i < v->n; i++) {
    const lb_verify_check* c = &v->checks[i];
    printf("%s: %s\n", c->name, c->title);
    if (c->nreplays > 0) {
      printf("    %d %s\n", c->nreplays, lb_plural(c->nreplays, "recording", "recordings"));
    } else {
      printf("    %s on %s, seeds: %d beside %d others%s%s\n", c->algo, c->task, c->seeds, c->reference_seeds,
             *c->made_by ? " of commit " : "", c->made_by);
    }
    for (int k = 0; k < c->npoints; k++) list_point(c, &c->points[k]);
  }
}

// --list --json: bands and false alarms are null where there is no reference yet.
static void print_list_json(const verification* v) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_array(&w, NULL);
  for (int i = 0; i < v->n; i++) {
    const lb_verify_check* c = &v->checks[i];
    bool runs = c->nreplays == 0;
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "name", c->name);
    lb_json_write_string(&w, "title", c->title);
    lb_json_write_int(&w, "recordings", c->nreplays);
    lb_json_write_string(&w, "task", runs ? c->task : NULL);
    lb_json_write_string(&w, "algo", runs ? c->algo : NULL);
    lb_json_write_int(&w, "seeds", runs ? c->seeds : 0);
    lb_json_write_int(&w, "reference_seeds", runs ? c->reference_seeds : 0);
    lb_json_write_begin_array(&w, "points");
    for (int k = 0; k < c->npoints; k++) {
      const lb_verify_check_point* p = &c->points[k];
      lb_band band = {NAN, NAN};
      double alarms = NAN;
      if (p->reference) {
        long tried;
        band = lb_band_of(p->reference, c->reference_seeds, p->margin);
        alarms = lb_band_false_alarms(p->reference, c->reference_seeds, c->seeds, p->margin, &tried);
      }
      lb_json_write_begin_object(&w, NULL);
      lb_json_write_string(&w, "metric", p->metric);
      lb_json_write_int(&w, "at", p->at);
      lb_json_write_number(&w, "low", band.low);
      lb_json_write_number(&w, "high", band.high);
      lb_json_write_number(&w, "false_alarms", alarms);
      lb_json_write_end_object(&w);
    }
    lb_json_write_end_array(&w);
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  puts(out.data);
  lb_text_free(&out);
}

// The values of the reference's seeds, into its file.
static lb_status collect_reference(verification* v, lb_verify_check* c, const lb_verify_run* runs) {
  for (int i = 0; i < c->npoints; i++) {
    c->points[i].reference = LB_TAKE(v->arena, double, c->reference_seeds);
    for (int k = 0; k < c->reference_seeds; k++) {
      double value = runs[k].values[i];
      if (runs[k].trouble) return lb_fail(LB_DIVERGED, "%s: %s; nothing was saved of it", c->name, runs[k].trouble);
      if (!isfinite(value)) {
        return lb_fail(LB_INPUT, "%s: seed %d has no finite '%s' at %d", c->name, runs[k].seed, c->points[i].metric,
                       c->points[i].at);
      }
      c->points[i].reference[k] = value;
    }
  }
  return lb_verify_check_save_reference(c, v->root);
}

// Makes the references of all checks anew.
static lb_status save_references(verification* v) {
  for (int i = 0; i < v->n; i++) {
    const lb_verify_check* c = &v->checks[i];
    if (c->nreplays == 0) lb_verify_runs_add(&v->runs, c, c->seeds, c->reference_seeds, v->arena);
  }
  LB_TRY(lb_verify_runs_make(&v->runs, v->arena));
  for (int i = 0, at = 0; i < v->n; i++) {
    lb_verify_check* c = &v->checks[i];
    if (c->nreplays > 0) continue;
    LB_TRY(collect_reference(v, c, v->runs.runs + at));
    at += c->reference_seeds;
    lb_log_note("bench/verify/reference/%s.json: %d %s", c->name, c->reference_seeds,
                lb_plural(c->reference_seeds, "seed", "seeds"));
  }
  return lb_ok();
}

// What the options ask for.
static lb_status work(verification* v, const lb_operands* operands, const verify_arguments* a, bool* holds) {
  LB_TRY(load_checks(v, operands, a->save_reference ? NO_REFERENCES : a->list ? THOSE_THERE_ARE : ALL_REFERENCES));
  if (a->list) {
    (a->as_json ? print_list_json : print_list)(v);
    return lb_ok();
  }
  v->runs.root = v->root;
  v->runs.set = a->set;
  v->runs.jobs = a->jobs;
  if (a->save_reference) return save_references(v);
  LB_TRY(run_checks(v));
  for (int i = 0; i < v->n; i++) *holds = *holds && v->results[i].holds;
  if (a->as_json) {
    print_json(v, *holds);
  } else {
    print_table(v);
  }
  return lb_ok();
}

// In --out, or in a folder that is removed afterwards.
static lb_status verify(const lb_operands* operands, const verify_arguments* a, bool* holds) {
  verification v = {.arena = lb_arena_new(0)};
  char folder[300];
  if (!v.arena) return lb_fail(LB_MEMORY, "no memory for the checks");
  lb_status status = lb_root_find(v.root, sizeof v.root);
  if (a->save_reference && a->set.n > 0) status = lb_fail(LB_INPUT, "--set would spoil the reference; leave it out");
  if (status.code == LB_OK && a->out) status = lb_root_check_path(a->out, "--out");
  if (status.code == LB_OK && !a->out) status = lb_folder_temporary(folder, "verify");
  if (status.code == LB_OK) {
    v.runs.out = a->out ? a->out : folder;
    status = work(&v, operands, a, holds);
    if (!a->out) {
      lb_status removed = lb_folder_remove(folder);
      if (status.code == LB_OK) status = removed;
    }
  }
  lb_arena_free(v.arena);
  return status;
}

int lb_command_verify(int argc, char** argv) {
  verify_arguments a = {0};
  const lb_option options[] = {
      {"list", NULL,
       "the checks and their bands; false alarms: of all ways to take a check's seeds from\nits reference, those that "
       "the others' band refuses",
       LB_OPTION_FLAG, &a.list},
      {"json", NULL, "one JSON object: {\"holds\", \"checks\"}; with --list an array, an object a check",
       LB_OPTION_FLAG, &a.as_json},
      {"jobs", "N", "runs at once (default: one a core)", LB_OPTION_COUNT, &a.jobs},
      {"set", "KEY=VALUE", "changes a setting of every run; may be repeated", LB_OPTION_TEXTS, &a.set},
      {"save-reference", NULL, "make the checks' reference anew: bench/verify/reference/NAME.json", LB_OPTION_FLAG,
       &a.save_reference},
      {"out", "DIR", "keep the runs there; those that are done are not run again\n(default: a folder that is removed)",
       LB_OPTION_TEXT, &a.out},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
  };
  const lb_usage usage = {"verify", "[NAME...] [OPTION...]", text, examples, 0, -1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  bool holds = true;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  lb_log_quiet(a.quiet);
  if (status.code == LB_OK && !operands.help) status = verify(&operands, &a, &holds);
  lb_operands_free(&operands);
  lb_texts_free(&a.set);
  if (status.code != LB_OK) return lb_command_end("verify", status);
  return holds ? LB_EXIT_OK : LB_EXIT_FAILED;
}
