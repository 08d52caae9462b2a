// bench status: how far the runs in a folder have come, those of suites or single ones.
#include <cblas.h>
#include <stdio.h>

#include "base/cores.h"
#include "command.h"
#include "folders.h"
#include "options.h"
#include "root.h"
#include "run_progress.h"
#include "suite_progress.h"

static const char text[] =
    "DIR is the folder of a suite, of a run, or any that holds such folders (results/runs/quick, results/runs).\n"
    "Says of each suite how many runs are finished, running, interrupted, waiting, diverged or failed, how far the\n"
    "running ones are, why others failed, and how long the rest takes on --jobs cores: as long as runs of its kind\n"
    "took, by the pace of what is running, and of what nothing has run yet as long as is expected of it. It reads "
    "only\n"
    "and may be asked from another terminal while runs are going on. Of runs that belong to no suite (bench run) it\n"
    "says the same, a line each.";

static const char examples[] =
    "  bench status results/runs/quick\n"
    "  bench status results/runs/single/hopper/sac/seed-0\n"
    "  bench status /data/lazybench --jobs 16";

// What the answers need to know.
typedef struct sources {
  lb_forecaster* forecaster;
  lb_identities* identities;
} sources;

// The suites of a folder, under its name where there are several such folders.
static lb_status print_suites(const lb_folder_group* group, bool named, int jobs, const sources* s) {
  if (named) printf("%s\n", group->parent);
  for (int k = 0; k < group->n; k++) {
    LB_TRY(lb_suite_progress_print(group->suites[k], jobs > 0 ? jobs : lb_cores(), s->forecaster, s->identities));
  }
  return lb_ok();
}

// How far the suites and runs in the operands' folders are.
static lb_status print_folders(const lb_operands* operands, int jobs, const sources* s, lb_arena* arena) {
  for (int i = 0; i < operands->n; i++) {
    lb_folders folders;
    LB_TRY(lb_folders_find(&folders, operands->values[i], arena));
    bool several = folders.n_groups + (folders.n_runs > 0) > 1;
    for (int k = 0; k < folders.n_groups; k++) LB_TRY(print_suites(&folders.groups[k], several, jobs, s));
    if (several && folders.n_runs > 0) puts("runs of no suite");
    for (int k = 0; k < folders.n_runs; k++) LB_TRY(lb_run_progress_print(folders.runs[k], s->identities));
  }
  return lb_ok();
}

// The same, with a forecaster for rows of which nothing ran yet.
static lb_status print_all(const lb_operands* operands, int jobs, lb_arena* arena) {
  char root[LB_BENCH_PATH];
  LB_TRY(lb_root_find(root, sizeof root));
  openblas_set_num_threads(1);  // as runs have it
  sources s = {.forecaster = lb_forecaster_new(root), .identities = lb_identities_new(root)};
  lb_status status = s.forecaster && s.identities ? print_folders(operands, jobs, &s, arena)
                                                  : lb_fail(LB_MEMORY, "no memory to estimate what is left");
  if (s.forecaster) lb_forecaster_free(s.forecaster);
  lb_identities_free(s.identities);
  return status;
}

int lb_command_status(int argc, char** argv) {
  int jobs = 0;
  const lb_option options[] = {
      {"jobs", "N", "runs at once, for the time left (default: one a core)", LB_OPTION_COUNT, &jobs}};
  const lb_usage usage = {"status", "DIR...", text, examples, 1, -1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_arena* arena = lb_arena_new(0);
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = print_all(&operands, jobs, arena);
  lb_operands_free(&operands);
  lb_arena_free(arena);
  return lb_command_end("status", status);
}
