// bench jobs: the runs of suites as command lines, for others to start.
#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "io/json_writer.h"
#include "job_lines.h"
#include "options.h"

static const char text[] =
    "Prints a command line for each run of the suites that remains to be done, for GNU parallel, xargs or any batch\n"
    "system to start, on one machine or on many that share OUT. The results are those of bench suite, byte for byte;\n"
    "bench status OUT says how far they are, bench report OUT writes the report, at any time.\n\n"
    "A line can be given again: it goes on where the run was stopped (Ctrl-C, SIGTERM, SIGUSR1, kill -9), and does\n"
    "nothing once the run is over. Two processes never work on one run. Lines hold absolute paths; machines that\n"
    "share nothing get an --out each, whose folders bench report reads once they lie in one.\n\n"
    "The definition of each suite is left in OUT, and what is stale there removed, as bench suite does it.";

static const char examples[] =
    "  bench jobs control --out results/runs/mine | xargs -d '\\n' -P 4 -n 1 sh -c\n"
    "  bench jobs locomotion --preset standard --out /shared/study | parallel --sshloginfile hosts\n"
    "  bench jobs all --preset paper --out /shared/paper > runs.txt\n"
    "  bench jobs maze --seeds 5 --json";

typedef struct jobs_arguments {
  lb_campaign_options options;
  const char* program;
  bool as_json;
} jobs_arguments;

// The runs to do as an array, an object a run.
static void print_json(const lb_campaign* c, const char* program) {
  lb_text out = {0}, line = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_array(&w, NULL);
  for (int i = 0; i < c->njobs; i++) {
    const lb_campaign_run* run = c->jobs[i].ctx;
    const lb_suite_row* row = lb_campaign_row(run);
    lb_job_line(&line, &c->jobs[i], program);
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "suite", run->suite->suite->name);
    lb_json_write_string(&w, "task", row->task);
    lb_json_write_string(&w, "algo", row->algo);
    lb_json_write_int(&w, "seed", run->seed);
    lb_json_write_string(&w, "folder", run->folder);
    lb_json_write_string(&w, "command", line.data);
    lb_json_write_end_object(&w);
    lb_text_free(&line);
  }
  lb_json_write_end_array(&w);
  puts(out.data);
  lb_text_free(&out);
}

// A command line a run to do.
static void print_lines(const lb_campaign* c, const char* program) {
  lb_text line = {0};
  for (int i = 0; i < c->njobs; i++) {
    lb_job_line(&line, &c->jobs[i], program);
    puts(line.data);
    lb_text_free(&line);
  }
}

// Opens the campaign and prints what it has to do.
static lb_status print_jobs(jobs_arguments* a) {
  lb_campaign campaign = {0};
  lb_arena* arena = lb_arena_new(0);
  lb_status status = lb_job_lines_open(&campaign, &a->options, arena);
  if (status.code == LB_OK) {
    (a->as_json ? print_json : print_lines)(&campaign, a->program);
    lb_log_note("%d of %d %s to do, in %s", campaign.njobs, campaign.nruns, lb_plural(campaign.nruns, "run", "runs"),
                campaign.out);
  }
  lb_campaign_close(&campaign);
  lb_arena_free(arena);
  return status;
}

int lb_command_jobs(int argc, char** argv) {
  jobs_arguments a = {.options = lb_campaign_options_default()};
  lb_option options[LB_CAMPAIGN_OPTIONS + 2];
  int n = lb_campaign_options_list(options, &a.options);
  options[n++] = (lb_option){"program", "WORDS",
                             "what starts the program, as a shell reads it: 'apptainer exec\n"
                             "lazybench.sif bench' (default: the file of this program)",
                             LB_OPTION_TEXT, &a.program};
  options[n++] = (lb_option){"json", NULL, "an array, an object a run", LB_OPTION_FLAG, &a.as_json};
  const lb_usage usage = {"jobs", "SUITE...|--task NAME [OPTION...]", text, examples, 0, -1, options, n};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  a.options.suites = operands.values;
  a.options.nsuites = operands.n;
  if (status.code == LB_OK && !operands.help) status = print_jobs(&a);
  lb_operands_free(&operands);
  lb_campaign_options_free(&a.options);
  return lb_command_end("jobs", status);
}
