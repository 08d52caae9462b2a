// bench report: tables, plots and a page from results.
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "folders.h"
#include "options.h"
#include "root.h"
#include "stale.h"
#include "summary.h"

static const char text[] =
    "Writes the report of finished or running results: report.md, report.html (one self-contained page), tables.csv,\n"
    "tables.tex and plots/ in each suite's folder. DIR is the folder of a suite (OUT/SUITE) or any above it. The "
    "folder\n"
    "that holds those of suites (OUT) gets a report.html with the claims of all and a section a suite, and a "
    "report.md\n"
    "with the claims.\n"
    "Runs that are not of what the suite was run as last are left out. Where the task, expert, recipe or program that\n"
    "is there now is another, runs are reported as they are, and a line at the top says so.\n"
    "It reads only, takes no locks, and may be repeated while runs are going on.";

static const char examples[] =
    "  bench report results/runs/quick\n"
    "  bench report results/runs/quick/helicopter";

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
           "%d %s of something else than the task, expert, recipe and program that are there now, and %s as %s: %s.",
           stale.total, one ? "run is" : "runs are", one ? "is reported" : "are reported", one ? "it is" : "they are",
           why);
  lb_log_note("%s: %s", results->folder, note);
  return lb_arena_text(results->arena, note);
}

static lb_status write_suite(lb_results* results, lb_json_writer* json, lb_identities* identities) {
  results->note = note_stale(results, identities);
  LB_TRY(lb_report_write_suite(results));
  if (json) {
    lb_summary_write(json, results);
  } else {
    lb_summary_print(results);
    printf("\n%s/report.html\n", results->folder);
  }
  return lb_ok();
}

// The suites that lie in one folder, which gets a page of all of them unless it is the suite's own.
static lb_status write_group(const lb_folder_group* group, lb_json_writer* json, lb_identities* identities,
                             lb_arena* arena) {
  lb_results** results = LB_TAKE(arena, lb_results*, group->n);
  lb_status status = lb_results_load_all(results, group->suites, group->n);
  for (int k = 0; k < group->n && status.code == LB_OK; k++) status = write_suite(results[k], json, identities);
  bool page = strcmp(group->suites[0], group->parent) != 0;
  if (status.code == LB_OK && page) status = lb_report_write_page(group->parent, results, group->n);
  if (status.code == LB_OK && page && !json) printf("%s/report.html\n", group->parent);
  if (status.code == LB_OK && !json) lb_summary_print_claims(results, group->n);
  lb_results_free_all(results, group->n);
  return status;
}

static lb_status write_each(const lb_operands* operands, lb_json_writer* json, lb_identities* identities,
                            lb_arena* arena) {
  for (int i = 0; i < operands->n; i++) {
    lb_folders folders;
    LB_TRY(lb_folders_find(&folders, operands->values[i], arena));
    if (folders.n_groups == 0) {
      return lb_fail(LB_INPUT, "%s: holds runs of no suite, which have no report; 'bench status' says how they went",
                     operands->values[i]);
    }
    for (int k = 0; k < folders.n_groups; k++) LB_TRY(write_group(&folders.groups[k], json, identities, arena));
  }
  return lb_ok();
}

static lb_status write_all(const lb_operands* operands, lb_json_writer* json, lb_arena* arena) {
  char root[LB_BENCH_PATH];
  lb_identities* identities = lb_root_find(root, sizeof root).code == LB_OK ? lb_identities_new(root) : NULL;
  lb_status status = write_each(operands, json, identities, arena);
  lb_identities_free(identities);
  return status;
}

static lb_status write_as_json(const lb_operands* operands, lb_arena* arena) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_array(&w, NULL);
  lb_status status = write_all(operands, &w, arena);
  lb_json_write_end_array(&w);
  if (status.code == LB_OK) puts(out.data);
  lb_text_free(&out);
  return status;
}

int lb_command_report(int argc, char** argv) {
  bool quiet = false, as_json = false;
  const lb_option options[] = {
      {"json", NULL, "print the results as a JSON array, an object a suite", LB_OPTION_FLAG, &as_json},
      {"quiet", NULL, "no notes", LB_OPTION_FLAG, &quiet}};
  const lb_usage usage = {"report", "DIR...", text, examples, 1, -1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_arena* arena = lb_arena_new(0);
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  lb_log_quiet(quiet);
  if (status.code == LB_OK && !operands.help) {
    status = as_json ? write_as_json(&operands, arena) : write_all(&operands, NULL, arena);
  }
  lb_operands_free(&operands);
  lb_arena_free(arena);
  return lb_command_end("report", status);
}
