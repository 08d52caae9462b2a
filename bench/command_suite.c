// bench suite, bench all: many runs, then their report.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/recipe_schema.h"
#include "algo/run.h"
#include "base/clock.h"
#include "base/cores.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "campaign.h"
#include "command.h"
#include "forecasts.h"
#include "options.h"
#include "progress.h"
#include "report/load.h"
#include "report/report.h"
#include "report/results.h"
#include "runner.h"
#include "settings.h"
#include "shell.h"
#include "suite/suite_grammar.h"
#include "suite_files.h"
#include "summary.h"
#include "worker.h"

static const char suite_text[] =
    "Runs suites: every task with every algorithm and every seed, as many runs at once as there are cores, then "
    "writes\n"
    "the report. Runs that are done are not run again, so that the same command goes on after an interruption "
    "(Ctrl-C,\n"
    "kill, a power cut). A run that fails or diverges does not stop the others.\n\n"
    "A run that was made for another version of the task, from another recording of the expert, by another algorithm,\n"
    "settings or program is stale: it is made anew, which is said, or where stale runs took more than an hour of CPU,\n"
    "only under --renew.\n\n"
    "A suite is one of bench/suites/ by its name, or any definition by its path. The results are in\n"
    "OUT/<suite>/<task>/<algo>/seed-<n>/, the report beside them.\n\n"
    "How much of everything is run, the preset says: quick (a quarter of an hour), evening (three hours of two fast\n"
    "cores), standard (a night of sixteen) or paper (the paper's settings). --dry-run tells beforehand how long it\n"
    "takes and how much memory; bench status, from another terminal, how far it is.\n\n"
    "bench suite schema prints a JSON Schema of a suite's definition, by which editors complete keys and mark "
    "mistakes.";

static const char suite_examples[] =
    "  bench suite helicopter-2023\n"
    "  bench suite helicopter --seeds 0,3,7 --jobs 4\n"
    "  bench suite control --only pendulum-swingup --only 'cartpole-swingup/lamps*'\n"
    "  bench suite helicopter helicopter-2023 --preset paper\n"
    "  bench suite locomotion --preset standard --dry-run --jobs 16\n"
    "  bench suite ./mine/my-suite.json --seeds 3\n"
    "  bench suite --task pendulum-swingup --algos mbpo,lamps --seeds 3\n"
    "  bench suite helicopter --set iterations=40 --out results/runs/longer\n"
    "  bench suite schema > suite.schema.json";

static const char all_text[] =
    "Runs every suite (those that bench/suites/all.json names), as many runs at once as there are cores, then writes\n"
    "the reports. Runs that are done are not run again, so that the same command goes on after an interruption\n"
    "(Ctrl-C, kill, a power cut). A run that fails or diverges does not stop the others.\n\n"
    "The default preset, quick, takes minutes on two cores; how many, it says when it begins, and --dry-run without\n"
    "running anything. standard takes a workstation a night, paper a cluster.";

static const char all_examples[] =
    "  bench all\n"
    "  bench all --preset standard --dry-run\n"
    "  bench all --seeds 20 --jobs 8 --out /data/lazybench";

typedef struct suite_arguments {
  lb_campaign_options options;
  int jobs;
  bool dry_run, list, quiet, as_json;
  double patience;
} suite_arguments;

// What the runner's callbacks need.
typedef struct work {
  lb_campaign* campaign;
  lb_progress progress;
  lb_status record;  // the first record of a failure that could not be written
} work;

static void tick(void* ctx) {
  lb_progress_show(&((work*)ctx)->progress);
}

// Tells of a run that is started once more.
static void retried(void* ctx, lb_job* job) {
  (void)ctx;
  job->words = ((const lb_campaign_run*)job->ctx)->again;
  lb_log_warning("%s: %s; it is tried once more", job->name, job->reason);
}

// Tells of a run that failed or diverged, and records it in its folder.
static void ended(void* ctx, lb_job* job) {
  work* w = ctx;
  bool diverged = job->state == LB_JOB_DIVERGED;
  if (!diverged && job->state != LB_JOB_FAILED) return;
  lb_log_warning("%s: %s: %s", job->name, diverged ? "diverged" : "failed", job->reason);
  // A crash will not go away by itself; what the environment did (a full disk) may, so that leaves no record.
  if (!diverged && !job->crashed) return;
  lb_status status = lb_campaign_record(job->ctx, diverged ? LB_END_DIVERGED : LB_END_FAILED, job->reason);
  if (status.code != LB_OK && w->record.code == LB_OK) w->record = status;
}

// The command line that goes on.
static void add_command(lb_text* out, const char* command, int argc, char** argv) {
  lb_text_add(out, "tools/bench %s", command);
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--fresh") != 0) lb_shell_add(out, argv[i]);  // going on is the contrary of starting over
  }
}

static int workers_of(const suite_arguments* a) {
  return a->jobs > 0 ? a->jobs : lb_cores();
}

// Every run's folder and how it stands.
static void print_runs(const lb_campaign* c) {
  for (int i = 0; i < c->nruns; i++) {
    const lb_campaign_run* run = &c->runs[i];
    const char* what = run->stale ? "stale" : run->before == LB_END_NONE ? "to do" : lb_run_end_word(run->before);
    printf("%-9s %s\n", what, run->folder);
  }
  fputc('\n', stdout);
}

// --dry-run --json.
static void print_plan_json(const lb_campaign* c, const lb_forecasts* forecasts, const suite_arguments* a) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_forecasts_write(&w, forecasts, c, workers_of(a));
  if (a->list) {
    lb_json_write_begin_array(&w, "folders");
    for (int i = 0; i < c->nruns; i++) {
      const lb_campaign_run* run = &c->runs[i];
      lb_json_write_begin_object(&w, NULL);
      lb_json_write_string(&w, "folder", run->folder);
      lb_json_write_string(&w, "status", run->before == LB_END_NONE ? "to do" : lb_run_end_word(run->before));
      lb_json_write_end_object(&w);
    }
    lb_json_write_end_array(&w);
  }
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// --dry-run.
static lb_status print_plan(lb_campaign* c, const suite_arguments* a) {
  lb_forecasts forecasts;
  if (a->as_json) {
    LB_TRY(lb_forecasts_make(&forecasts, c, workers_of(a)));
    print_plan_json(c, &forecasts, a);
    return lb_ok();
  }
  if (a->list) print_runs(c);
  LB_TRY(lb_forecasts_make(&forecasts, c, workers_of(a)));
  lb_forecasts_print(stdout, &forecasts, c, workers_of(a));
  printf("%d %s, %d of them to do\n", c->nruns, lb_plural(c->nruns, "run", "runs"), c->njobs);
  if (c->stale.total > 0) {
    char why[400];
    lb_stale_words(why, sizeof why, &c->stale);
    const char* are = lb_stale_are(&c->stale);
    printf("%d of these %s stale and %s made anew: %s\n", c->stale.total, are, are, why);
  }
  return lb_ok();
}

// What the user is told before a campaign begins.
static lb_status announce(lb_campaign* c, const suite_arguments* a) {
  lb_forecasts forecasts;
  char words[400];
  lb_log_note("%d %s, %d of them to do, in %s", c->nruns, lb_plural(c->nruns, "run", "runs"), c->njobs, c->out);
  if (c->stale.total > 0) {
    lb_stale_words(words, sizeof words, &c->stale);
    const char* are = lb_stale_are(&c->stale);
    lb_log_warning("%d of these %s stale and %s made anew: %s", c->stale.total, are, are, words);
  }
  if (c->njobs == 0) return lb_ok();
  LB_TRY(lb_forecasts_make(&forecasts, c, workers_of(a)));
  lb_forecasts_in_words(words, sizeof words, &forecasts, workers_of(a));
  lb_memory there = lb_memory_of_machine();
  LB_TRY(lb_memory_check(forecasts.bytes, &there, "the runs at once", "give fewer --jobs, or settings that keep less"));
  LB_TRY(lb_forecasts_check_disk(&forecasts, c));
  if (forecasts.unknown > 0) {
    lb_log_note("%s %s, and %d of them nobody knows how long", lb_plural(c->njobs, "it takes", "they take"), words,
                forecasts.unknown);
  } else {
    lb_log_note("%s %s", lb_plural(c->njobs, "it takes", "they take"), words);
  }
  return lb_ok();
}

// Says which rows would be over before they have learned anything.
static lb_status warn_of_warm_up(const lb_campaign* c) {
  int n = 0;
  const lb_suite_row* first = NULL;
  const lb_protocol* p = NULL;
  for (int i = 0; i < c->nsuites; i++) {
    const lb_campaign_suite* s = &c->suites[i];
    for (int r = 0; r < s->suite->n_rows; r++) {
      int parts;
      if (!s->wanted[r]) continue;
      LB_TRY(lb_run_row_parts(&parts, c->root, s->suite->rows[r].task, s->suite->rows[r].recipe));
      if (!lb_settings_only_warm_up(&s->protocols[r], parts)) continue;
      if (n++ > 0) continue;
      first = &s->suite->rows[r];
      p = &s->protocols[r];
    }
  }
  if (n == 0) return lb_ok();
  lb_log_warning("%d %s nothing, the first %s on %s: all of steps=%d are warm-up (warmup_steps=%d)", n,
                 lb_plural(n, "row learns", "rows learn"), first->algo, first->task, (int)lb_protocol_get(p, "steps"),
                 (int)lb_protocol_get(p, "warmup_steps"));
  return lb_ok();
}

// How many jobs are in this state.
static int count_state(const lb_campaign* c, lb_job_state state) {
  int count = 0;
  for (int i = 0; i < c->njobs; i++) count += c->jobs[i].state == state;
  return count;
}

// Earlier divergences count as well: whoever asks whether all went well gets the same answer the second time.
static int count_failures(const lb_campaign* c) {
  int count = count_state(c, LB_JOB_FAILED) + count_state(c, LB_JOB_DIVERGED);
  for (int i = 0; i < c->nruns; i++) count += c->runs[i].before == LB_END_DIVERGED;
  return count;
}

// Runs what is to do, so many at once.
static lb_status run_jobs(lb_campaign* c, const suite_arguments* a) {
  int workers = workers_of(a);
  work w = {.campaign = c,
            .progress = {.jobs = c->jobs,
                         .n = c->njobs,
                         .before = c->nruns - c->njobs,
                         .workers = workers,
                         .started = lb_wall_seconds()}};
  lb_runner_options options = {.workers = workers,
                               .program = LB_WORKER_PROGRAM,
                               .patience = a->patience,
                               .grace = 20,
                               .ctx = &w,
                               .tick = tick,
                               .ended = ended,
                               .retried = retried};
  lb_status status = lb_runner_run(&options, c->jobs, c->njobs);
  char elapsed[32];
  lb_format_duration(lb_wall_seconds() - w.progress.started, elapsed, sizeof elapsed);
  lb_log_progress_done();
  if (c->njobs > 0 && status.code == LB_OK) {
    lb_log_note("%d %s ended after %s", c->njobs, lb_plural(c->njobs, "run", "runs"), elapsed);
  }
  return status.code == LB_OK ? w.record : status;
}

// Failures that leave no record in a run's folder, because the next call may succeed.
static void print_failures(const lb_campaign* c) {
  for (int i = 0; i < c->njobs; i++) {
    const lb_job* job = &c->jobs[i];
    if (job->state == LB_JOB_FAILED && !job->crashed) printf("  failed: %s: %s\n", job->name, job->reason);
  }
}

// The folders of the suites, in the campaign's arena.
static const char** list_folders(const lb_campaign* c) {
  const char** folders = LB_TAKE(c->arena, const char*, c->nsuites + 1);
  for (int i = 0; i < c->nsuites; i++) folders[i] = c->suites[i].folder;
  return folders;
}

// The reports, and all summaries as one JSON array.
static lb_status write_as_json(const lb_campaign* c, lb_results** results) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_status status = lb_ok();
  lb_json_write_begin_array(&w, NULL);
  for (int i = 0; i < c->nsuites && status.code == LB_OK; i++) {
    status = lb_report_write_suite(results[i]);
    if (status.code == LB_OK) lb_summary_write(&w, results[i]);
  }
  lb_json_write_end_array(&w);
  if (status.code == LB_OK && c->nsuites > 1) status = lb_report_write_page(c->out, results, c->nsuites);
  if (status.code == LB_OK) puts(out.data);
  lb_text_free(&out);
  return status;
}

// The summaries, the reports and the claims.
static lb_status write_as_text(const lb_campaign* c, lb_results** results) {
  for (int i = 0; i < c->nsuites; i++) lb_summary_print(results[i]);
  print_failures(c);
  puts("");
  for (int i = 0; i < c->nsuites; i++) LB_TRY(lb_report_write_suite(results[i]));
  for (int i = 0; i < c->nsuites; i++) printf("%s/report.html\n", c->suites[i].folder);
  if (c->nsuites > 1) {  // one page with all suites, beside their folders
    LB_TRY(lb_report_write_page(c->out, results, c->nsuites));
    printf("%s/report.html\n", c->out);
  }
  lb_summary_print_claims(results, c->nsuites);
  return lb_ok();
}

// Reads what the runs left and writes all that is made of it.
static lb_status write_results(const lb_campaign* c, bool as_json) {
  lb_results** results = LB_TAKE(c->arena, lb_results*, c->nsuites + 1);
  LB_TRY(lb_load_all(results, list_folders(c), c->nsuites));
  lb_status status = as_json ? write_as_json(c, results) : write_as_text(c, results);
  lb_results_free_all(results, c->nsuites);
  return status;
}

// Says how far it came and how to go on; the exit status.
static int end_interrupted(const lb_campaign* c, const char* command, int argc, char** argv) {
  int done = c->nruns - c->njobs + count_state(c, LB_JOB_FINISHED) + count_state(c, LB_JOB_DIVERGED);
  lb_text again = {0};
  add_command(&again, command, argc, argv);
  lb_log_say("bench %s: stopped; %d of %d %s done, the others are kept as far as they came. Go on with", command, done,
             c->nruns, lb_plural(c->nruns, "run is", "runs are"));
  lb_log_say("  %s", again.data);
  lb_text_free(&again);
  return LB_EXIT_INTERRUPT;
}

// Whether the folder is one of the campaign's.
static bool is_own(const lb_campaign* c, const char* folder) {
  for (int i = 0; i < c->nruns; i++) {
    if (strcmp(c->runs[i].folder, folder) == 0) return true;
  }
  return false;
}

// How many of the runs enter no number of the report because something was changed while they ran.
static lb_status count_left_out(int* n, const lb_campaign* c) {
  for (int i = 0; i < c->nsuites; i++) {
    lb_results* results;
    LB_TRY(lb_load_suite(&results, c->suites[i].folder));
    for (int k = 0; k < results->n_runs; k++) {
      lb_run_outcome outcome = results->runs[k].outcome;
      bool out = outcome == LB_OUTCOME_STALE || outcome == LB_OUTCOME_APART || outcome == LB_OUTCOME_DAMAGED;
      *n += out && is_own(c, results->runs[k].folder);
    }
    lb_results_free(results);
  }
  return lb_ok();
}

// From the suites' definitions to their report; the exit status.
static int work_through(lb_campaign* c, const suite_arguments* a, const char* command, int argc, char** argv) {
  lb_status status = lb_campaign_open(c, &a->options);
  if (status.code == LB_OK) status = warn_of_warm_up(c);
  if (status.code == LB_OK && a->dry_run) return lb_command_end(command, print_plan(c, a));
  if (status.code == LB_OK) status = lb_campaign_take(c, &a->options);
  if (status.code == LB_OK) {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);  // a run a core
    status = announce(c, a);
    if (status.code == LB_OK) status = lb_campaign_prepare(c);
    if (status.code == LB_OK) status = run_jobs(c, a);
  }
  if (status.code == LB_INTERRUPT) return end_interrupted(c, command, argc, argv);
  if (status.code == LB_OK) status = write_results(c, a->as_json);
  if (status.code != LB_OK) return lb_command_end(command, status);
  int failures = count_failures(c), left_out = 0;
  status = count_left_out(&left_out, c);
  if (status.code != LB_OK) return lb_command_end(command, status);
  if (failures + left_out == 0) return LB_EXIT_OK;
  fflush(stdout);
  if (left_out > 0) {
    fprintf(stderr,
            "bench %s: %d of %d %s left out of the results: what they were made from (a task, --data, the expert, an "
            "algorithm) changed meanwhile; the same command makes them anew\n",
            command, left_out, c->nruns, lb_plural(c->nruns, "run is", "runs are"));
  }
  if (failures == 0) return LB_EXIT_FAILED;
  fprintf(stderr, "bench %s: %d of %d %s failed or diverged\n", command, failures, c->nruns,
          lb_plural(c->nruns, "run", "runs"));
  return LB_EXIT_FAILED;
}

// Reads the command line and does what it says; the exit status.
static int suite_command(const lb_usage* usage, suite_arguments* a, bool all, int argc, char** argv) {
  lb_operands operands;
  lb_campaign campaign = {0};
  lb_status status = lb_options_read(&operands, usage, argc, argv);
  int exit_status = LB_EXIT_OK;
  lb_arena* arena = lb_arena_new(0);
  char root[LB_BENCH_PATH];
  lb_log_quiet(a->quiet);
  a->options.suites = operands.values;
  a->options.nsuites = operands.n;
  if (status.code == LB_OK && all && a->options.task) {
    status = lb_fail(LB_INPUT, "--task is for 'bench suite'; 'bench all' runs every suite");
  }
  if (status.code == LB_OK && all && !operands.help) {
    const char** names = NULL;
    status = lb_root_find(root, sizeof root);
    if (status.code == LB_OK)
      status = lb_suite_files_of_all(&names, &a->options.nsuites, root, a->options.preset, arena);
    a->options.suites = names;
  }
  if (status.code == LB_OK && a->list && !a->dry_run) {
    status = lb_fail(LB_INPUT, "--list goes with --dry-run; 'bench status DIR' says how far results are");
  }
  if (status.code != LB_OK) {
    exit_status = lb_command_end(usage->command, status);
  } else if (!operands.help) {
    exit_status = work_through(&campaign, a, usage->command, argc, argv);
    lb_campaign_close(&campaign);
  }
  lb_arena_free(arena);
  lb_operands_free(&operands);
  lb_campaign_options_free(&a->options);
  return exit_status;
}

// The options of `bench suite` and `bench all`.
static int suite_main(bool all, int argc, char** argv) {
  suite_arguments a = {.options = lb_campaign_options_default(), .patience = 3600};
  lb_option options[LB_CAMPAIGN_OPTIONS + 16];
  const lb_option own[] = {
      {"jobs", "N", "runs at once (default: one a core)", LB_OPTION_COUNT, &a.jobs},
      {"resume", NULL, "go on with what is there, and fail if nothing is (without it: go on if\nsomething is there)",
       LB_OPTION_FLAG, &a.options.resume},
      {"fresh", NULL, "start over: what is there of these suites is deleted", LB_OPTION_FLAG, &a.options.fresh},
      {"dry-run", NULL, "say what the runs would take (time, memory), and do nothing", LB_OPTION_FLAG, &a.dry_run},
      {"list", NULL, "with --dry-run: list every run's folder and how it ended", LB_OPTION_FLAG, &a.list},
      {"patience", "SECONDS",
       "a run that works for so long without a word is started once more, then given\nup; 0: never (default "
       "3600); time in which it is suspended does not count",
       LB_OPTION_NUMBER, &a.patience},
      {"json", NULL, "the results (an array, an object a suite), or with --dry-run the forecast, as JSON",
       LB_OPTION_FLAG, &a.as_json},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
  };
  int n = lb_campaign_options_list(options, &a.options);
  for (int i = 0; i < LB_COUNT_OF(own); i++) options[n++] = own[i];
  lb_usage usage = {"suite", "SUITE...|--task NAME [OPTION...]", suite_text, suite_examples, 0, -1, options, n};
  if (all) usage = (lb_usage){"all", "[OPTION...]", all_text, all_examples, 0, 0, options, n};
  return suite_command(&usage, &a, all, argc, argv);
}

// The JSON Schema of a suite's definition.
static void print_schema(void) {
  lb_text out = {0}, settings = {0};
  lb_json_writer w = lb_json_writer_on(&settings);
  lb_protocol_schema(&w, NULL);
  w = lb_json_writer_on(&out);
  lb_suite_schema(&w, settings.data);
  puts(out.data);
  lb_text_free(&settings);
  lb_text_free(&out);
}

int lb_command_suite(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "schema") == 0) {
    print_schema();
    return LB_EXIT_OK;
  }
  return suite_main(false, argc, argv);
}

int lb_command_all(int argc, char** argv) {
  return suite_main(true, argc, argv);
}
