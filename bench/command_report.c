// bench report: tables, plots and a page from results.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/format.h"
#include "base/log.h"
#include "command.h"
#include "folders.h"
#include "options.h"
#include "report/load.h"
#include "report/report.h"
#include "root.h"
#include "stale.h"
#include "summary.h"

static const char text[] =
    "Writes the report of finished or running results: report.md, report.html (one self-contained page), tables.csv,\n"
    "tables.tex and plots/ in each suite's folder. DIR is the folder of a suite (OUT/SUITE) or any above it; the "
    "folder\n"
    "that holds those of suites (OUT) gets a report.html with the claims of all and a section a suite, and a "
    "report.md\n"
    "with the claims. Of runs that belong to no suite (bench run) it makes one report, a row for each task, algorithm\n"
    "and set of settings, in DIR; of runs' own folders, which hold nothing else, in --out FOLDER.\n"
    "Runs that are not of what the suite was run as last are left out. Where the task, expert, algorithm or program "
    "that\n"
    "is there now is another, runs are reported as they are, and a line at the top says so.\n"
    "It reads only, takes no locks, and may be repeated while runs are going on: --watch does so, and its pages load\n"
    "themselves again. --site FOLDER writes files that can be put on any web server as they are: an index.html with\n"
    "the claims, a report a suite, and a page a run with its curves, settings, log and pictures.";

static const char examples[] =
    "  bench report results/runs/quick\n"
    "  bench report results/runs/quick/helicopter\n"
    "  bench report results/runs/single/hopper\n"
    "  bench report results/runs/quick --watch\n"
    "  bench report results/runs/quick --site site";

enum { PERIOD = 30 };  // seconds between two looks at results under way

typedef struct report_arguments {
  lb_operands operands;
  const char *out, *site;
  bool as_json, quiet, watch;
} report_arguments;

// What a report is made with.
typedef struct report_work {
  const report_arguments* a;
  lb_json_writer* json;  // NULL: as text
  lb_identities* identities;
  lb_arena* arena;
  bool under_way;  // some runs are still to come
} report_work;

// Says, there and in the report, which of the reported runs the present tasks, experts, recipes and program would make
// anew; NULL: none, or they are not there to compare with.
static const char* note_stale(lb_results* results, lb_identities* identities) {
  char why[400], note[800];
  lb_stale stale;
  if (!identities) return NULL;
  lb_stale_survey(&stale, identities, results);
  if (stale.total == 0) return NULL;
  bool one = stale.total == 1;
  lb_stale_words(why, sizeof why, &stale);
  snprintf(note, sizeof note,
           "%d %s of something else than the task, expert, algorithm and program that are there now, and %s as %s: %s.",
           stale.total, one ? "run is" : "runs are", one ? "is reported" : "are reported", one ? "it is" : "they are",
           why);
  lb_log_note("%s: %s", results->folder, note);
  return lb_arena_text(results->arena, note);
}

// Where the report of a suite goes, when not beside its runs.
static const char* out_of(const report_work* w, const lb_results* results) {
  const char* folder = w->a->site ? w->a->site : w->a->out;
  return folder ? lb_format_text(results->arena, "%s/%s", folder, results->suite->name) : NULL;
}

// One suite's report, and its summary.
static lb_status write_suite(report_work* w, lb_results* results) {
  results->note = note_stale(results, w->identities);
  results->pages = w->a->site != NULL;
  results->refresh = w->a->watch ? PERIOD : 0;
  if (!results->out) results->out = out_of(w, results);
  LB_TRY(lb_report_write_suite(results));
  if (results->count[LB_OUTCOME_RUNNING] + results->count[LB_OUTCOME_MISSING] > 0) w->under_way = true;
  if (w->json) {
    lb_summary_write(w->json, results);
  } else {
    lb_summary_print(results);
    printf("\n%s/report.html\n", results->out ? results->out : results->folder);
  }
  return lb_ok();
}

// A page of several suites, in `folder`.
static lb_status write_pages(report_work* w, const char* folder, lb_results** results, int n) {
  if (w->a->site) {
    LB_TRY(lb_report_write_front(w->a->site, results, n));
    if (!w->json) printf("%s/index.html\n", w->a->site);
    return lb_ok();
  }
  LB_TRY(lb_report_write_page(folder, results, n));
  if (!w->json) printf("%s/report.html\n", folder);
  return lb_ok();
}

// The suites that lie in one folder, which gets a page of all of them unless it is the suite's own.
static lb_status write_group(report_work* w, const lb_folder_group* group) {
  lb_results** results = LB_TAKE(w->arena, lb_results*, group->n);
  lb_status status = lb_load_all(results, group->suites, group->n);
  if (status.code != LB_OK) return status;
  for (int k = 0; k < group->n && status.code == LB_OK; k++) status = write_suite(w, results[k]);
  bool page = w->a->site || strcmp(group->suites[0], group->parent) != 0;
  if (status.code == LB_OK && page) {
    status = write_pages(w, w->a->out ? w->a->out : group->parent, results, group->n);
  }
  if (status.code == LB_OK && !w->json) lb_summary_print_claims(results, group->n);
  lb_results_free_all(results, group->n);
  return status;
}

// Runs that belong to no suite.
static lb_status write_singles(report_work* w, const char* folder, const char* const* runs, int n) {
  const char* to = w->a->site ? w->a->site : w->a->out ? w->a->out : folder;
  lb_results* results;
  if (n == 1 && strcmp(to, runs[0]) == 0) {
    return lb_fail(LB_INPUT, "%s: is a run's own folder, which holds nothing else; say --out FOLDER for its report",
                   to);
  }
  LB_TRY(lb_load_singles(&results, folder, runs, n));
  results->out = lb_arena_text(results->arena, to);
  lb_status status = write_suite(w, results);
  lb_results_free(results);
  return status;
}

// The reports of all folders that the operands name; runs of no suite together.
static lb_status write_each(report_work* w) {
  const lb_operands* operands = &w->a->operands;
  const char** runs = NULL;  // that were named by themselves
  int n = 0, most = 0;
  for (int i = 0; i < operands->n; i++) {
    lb_folders folders;
    LB_TRY(lb_folders_find(&folders, operands->values[i], w->arena));
    for (int k = 0; k < folders.n_groups; k++) LB_TRY(write_group(w, &folders.groups[k]));
    if (folders.n_groups > 0) continue;
    if (operands->n == 1) return write_singles(w, operands->values[0], folders.runs, folders.n_runs);
    if (n + folders.n_runs > most) {
      most = 2 * (n + folders.n_runs);
      const char** larger = LB_TAKE(w->arena, const char*, most);
      for (int k = 0; k < n; k++) larger[k] = runs[k];
      runs = larger;
    }
    for (int k = 0; k < folders.n_runs; k++) runs[n++] = folders.runs[k];
  }
  if (n == 0) return lb_ok();
  if (!w->a->out && !w->a->site) {
    return lb_fail(LB_INPUT, "%s and others: are folders of runs; say --out FOLDER for their report", runs[0]);
  }
  return write_singles(w, operands->values[0], runs, n);
}

// All reports, as results stand now.
static lb_status write_once(report_work* w) {
  char root[LB_BENCH_PATH];
  w->under_way = false;
  w->identities = lb_root_find(root, sizeof root).code == LB_OK ? lb_identities_new(root) : NULL;
  lb_status status = write_each(w);
  lb_identities_free(w->identities);
  return status;
}

// All summaries as one JSON array.
static lb_status write_as_json(report_work* w) {
  lb_text out = {0};
  lb_json_writer writer = lb_json_writer_on(&out);
  w->json = &writer;
  lb_json_write_begin_array(&writer, NULL);
  lb_status status = write_once(w);
  lb_json_write_end_array(&writer);
  w->json = NULL;
  if (status.code == LB_OK) puts(out.data);
  lb_text_free(&out);
  return status;
}

// Again and again until no run is to come.
static lb_status watch(const report_arguments* a) {
  for (;;) {
    report_work w = {.a = a, .arena = lb_arena_new(0)};
    lb_status status = w.arena ? write_once(&w) : lb_fail(LB_MEMORY, "no memory for a report");
    lb_arena_free(w.arena);
    if (status.code != LB_OK || !w.under_way) return status;
    fflush(stdout);
    lb_log_note("runs are under way: again in %d s (Ctrl-C ends this)", PERIOD);
    sleep(PERIOD);
  }
}

int lb_command_report(int argc, char** argv) {
  report_arguments a = {0};
  const lb_option options[] = {
      {"out", "FOLDER", "write there in place of the results' own folders", LB_OPTION_TEXT, &a.out},
      {"site", "FOLDER", "write a site there: an index, a report a suite, a page a run", LB_OPTION_TEXT, &a.site},
      {"watch", NULL, "write it again every 30 s while runs are under way", LB_OPTION_FLAG, &a.watch},
      {"json", NULL, "print the results as a JSON array, an object a suite", LB_OPTION_FLAG, &a.as_json},
      {"quiet", NULL, "no notes", LB_OPTION_FLAG, &a.quiet}};
  const lb_usage usage = {"report", "DIR...", text, examples, 1, -1, options, LB_COUNT_OF(options)};
  lb_status status = lb_options_read(&a.operands, &usage, argc, argv);
  lb_log_quiet(a.quiet);
  if (status.code == LB_OK && a.watch && a.as_json) {
    status = lb_fail(LB_INPUT, "--watch and --json: a value is printed once; leave one of them out");
  }
  if (status.code == LB_OK && a.out && a.site) {
    status = lb_fail(LB_INPUT, "--out and --site: both say where the report goes; leave one of them out");
  }
  if (status.code == LB_OK && !a.operands.help) {
    report_work w = {.a = &a, .arena = lb_arena_new(0)};
    status = a.watch ? watch(&a) : a.as_json ? write_as_json(&w) : write_once(&w);
    lb_arena_free(w.arena);
  }
  lb_operands_free(&a.operands);
  return lb_command_end("report", status);
}
