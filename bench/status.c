// bench status: how far the runs in a folder have come.
#include "command.h"
#include "folders.h"
#include "options.h"
#include "runner.h"
#include "summary.h"

static const char text[] =
    "Says how many runs of each suite are done, running, waiting or failed, why the failed ones did, and how much CPU\n"
    "time the rest takes, divided by --jobs. It reads only and may be asked while runs are going on.";

static const char examples[] =
    "  bench status results/runs/quick\n"
    "  bench status /data/lazybench --jobs 16";

static lb_status print_all(const lb_operands* operands, int jobs, lb_arena* arena) {
  for (int i = 0; i < operands->n; i++) {
    const char** folders;
    int n;
    LB_TRY(lb_folders_of_suites(&folders, &n, operands->values[i], arena));
    for (int k = 0; k < n; k++) LB_TRY(lb_summary_print_status(folders[k], jobs > 0 ? jobs : lb_runner_cores()));
  }
  return lb_ok();
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
