// bench run: one run.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "campaign.h"
#include "command.h"
#include "forecasts.h"
#include "io/json_writer.h"
#include "options.h"
#include "outcome.h"
#include "settings.h"
#include "task_suite.h"
#include "worker.h"

static const char text[] =
    "One run: the algorithm learns on the task from the given seed. The folder gets everything: the configuration, a\n"
    "line for each measurement, the final policy. A run that was stopped goes on where it was; one that is done is\n"
    "not run again. The same task, algorithm, seed and settings give the same bytes in metrics.jsonl, however often\n"
    "the run was stopped.\n\n"
    "Which settings --set can change depends on the algorithm: --dry-run lists them with their values, and says what\n"
    "the run would take.";

static const char examples[] =
    "  bench run helicopter-hover --algo lamps\n"
    "  bench run pendulum-swingup --algo sac --set steps=20000 --set width=64 --set batch=128\n"
    "  bench run helicopter-hover --algo sysid --seed 3 --set iterations=5 --set evaluation_rollouts=20\n"
    "  bench run pendulum-swingup --algo lamps --preset quick\n"
    "  bench run hopper --algo bc --data mine.npz --out results/runs/mine\n"
    "  bench run helicopter-hover-2023 --algo lamps-2023 --out /tmp/lamps --fresh --json";

typedef struct run_arguments {
  const char* algo;
  uint64_t seed;
  lb_texts set;
  const char* out;
  const char* suite;
  const char* preset;
  lb_expert_given given;
  double checkpoint;
  bool fresh, json, quiet, worker, dry_run;
} run_arguments;

// What would do nothing is refused, also where it is the setting's default.
static lb_status check_set(const lb_texts* set, const char* root, const char* task, const char* algo) {
  int parts;
  if (set->n == 0) return lb_ok();
  LB_TRY(lb_run_row_parts(&parts, root, task, algo));
  for (int i = 0; i < set->n; i++) LB_TRY(lb_protocol_check_set(set->values[i], parts, algo));
  return lb_ok();
}

// The settings that the suites have for the task, under a preset.
static lb_status take_preset(lb_run_options* o, const run_arguments* a) {
  char suite[128];
  LB_TRY(lb_task_suite_settings(&o->protocol, suite, o->root, o->task, o->algo, a->preset));
  if (o->given.data) lb_protocol_put(&o->protocol, "expert_transitions", 0);
  lb_log_note("settings %s%s, preset %s", *suite ? "of the suite " : "by default", suite, a->preset);
  return lb_ok();
}

// Where the run goes: --out, or its place below the results.
static lb_status choose_folder(char folder[LB_BENCH_PATH], const run_arguments* a, const char* root, const char* task) {
  if (a->out) {
    LB_TRY(*a->suite ? lb_root_check_run(a->out, "--out") : lb_root_check_path(a->out, "--out"));
    snprintf(folder, LB_BENCH_PATH, "%s", a->out);
  } else {
    char results[LB_BENCH_PATH];
    LB_TRY(lb_root_results(results, sizeof results, root));
    const char* name = strrchr(task, '/') ? strrchr(task, '/') + 1 : task;  // of a file
    int n = snprintf(folder, LB_BENCH_PATH, "%s/results/runs/single/%s/%s/seed-%llu", results, name, a->algo,
                     (unsigned long long)a->seed);
    if (n >= LB_BENCH_PATH) return lb_fail(LB_INPUT, "%s: the path of the run is too long; give --out", root);
  }
  return lb_ok();
}

// All that the run is: task, algorithm, seed, settings, folder, and the command that it records.
static lb_status resolve(lb_run_options* o, const run_arguments* a, const char* task, char* root, char* folder,
                         char* command, int command_size) {
  if (!a->algo) return lb_fail(LB_INPUT, "which algorithm? Give --algo NAME; 'bench algos' lists them");
  LB_TRY(lb_root_find(root, LB_BENCH_PATH));
  LB_TRY(lb_campaign_check_task(root, task, NULL));
  LB_TRY(lb_campaign_check_algo(root, a->algo, NULL));
  *o = (lb_run_options){.root = root,
                        .suite = a->suite,
                        .task = task,
                        .algo = a->algo,
                        .seed = a->seed,
                        .protocol = lb_protocol_default(),
                        .given = a->given,
                        .folder = folder,
                        .command = command,
                        .fresh = a->fresh,
                        .checkpoint_seconds = a->checkpoint};
  if (a->given.data) LB_TRY(lb_root_check_path(a->given.data, "--data"));
  if (a->given.policy) LB_TRY(lb_root_check_path(a->given.policy, "--expert"));
  if (a->preset) LB_TRY(take_preset(o, a));
  for (int i = 0; i < a->set.n; i++) LB_TRY(lb_protocol_set(&o->protocol, a->set.values[i]));
  if (!*a->suite) LB_TRY(check_set(&a->set, root, task, a->algo));
  LB_TRY(choose_folder(folder, a, root, task));
  lb_worker_command(command, command_size, o);
  return lb_ok();
}

// How the run ended, and its last numbers.
static void print_json(const lb_run_options* o, const lb_outcome_line* line) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", o->task);
  lb_json_write_string(&w, "algo", o->algo);
  lb_json_write_int(&w, "seed", (int64_t)o->seed);
  lb_json_write_string(&w, "folder", o->folder);
  lb_json_write_string(&w, "status", lb_run_end_word(line->end));
  lb_json_write_string(&w, "message", line->message);
  lb_json_write_int(&w, "iteration", line->iteration);
  char se[16], expert[16];
  snprintf(se, sizeof se, "%s_se", line->measure);
  snprintf(expert, sizeof expert, "expert_%s", line->measure);
  lb_json_write_number(&w, line->measure, line->score);
  lb_json_write_number(&w, se, line->score_se);
  lb_json_write_number(&w, expert, line->expert);
  if (line->by_steps) lb_json_write_number(&w, "return_best", line->best);
  if (line->n_sizes > 0) {
    lb_json_write_begin_array(&w, "by_demonstrations");
    for (int i = 0; i < line->n_sizes; i++) {
      const lb_outcome_size* size = &line->sizes[i];
      lb_json_write_begin_object(&w, NULL);
      lb_json_write_int(&w, "episodes", size->episodes);
      lb_json_write_int(&w, "transitions", size->transitions);
      lb_json_write_number(&w, "return", size->score);
      lb_json_write_number(&w, "return_se", size->score_se);
      lb_json_write_end_object(&w);
    }
    lb_json_write_end_array(&w);
  }
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// A row that only imitates has a result for each size of its data.
static void print_sizes(const lb_run_options* o, const lb_outcome_line* line) {
  printf("%s %s seed %llu: %s  %s\n", o->task, o->algo, (unsigned long long)o->seed, lb_run_end_word(line->end),
         o->folder);
  for (int i = 0; i < line->n_sizes; i++) {
    const lb_outcome_size* size = &line->sizes[i];
    char score[80];
    lb_outcome_score(score, "return", size->score, size->score_se);
    printf("  %d demonstrated %s (%d %s): %s%s\n", size->episodes, lb_plural(size->episodes, "episode", "episodes"),
           size->transitions, lb_plural(size->transitions, "transition", "transitions"), score,
           isfinite(size->score) ? " (s.e.)" : "");
  }
  if (isfinite(line->expert)) printf("  expert: %s %.6g\n", line->measure, line->expert);
}

// The result on stdout, and the exit status.
static int report(const lb_run_options* o, const run_arguments* a, lb_status status) {
  lb_outcome_line line;
  if (status.code == LB_INTERRUPT) {
    lb_log_say("bench run: %s; what was done is kept in %s, the same command goes on from there", status.text,
               o->folder);
    return LB_EXIT_INTERRUPT;
  }
  if (status.code != LB_OK && status.code != LB_DIVERGED) return lb_command_end("run", status);
  lb_status read = lb_outcome_read(&line, o->folder);
  if (read.code == LB_OK) lb_outcome_read_expert(&line, o->root, o->task, o->folder);
  if (read.code != LB_OK) return lb_command_end("run", read);
  if (status.code == LB_DIVERGED && line.end == LB_END_NONE)
    return lb_command_end("run", lb_within(status, "diverged"));
  if (a->json) {
    print_json(o, &line);
  } else if (line.n_sizes > 0) {
    print_sizes(o, &line);
  } else {
    char score[80];
    lb_outcome_score(score, line.measure, line.score, line.score_se);
    printf("%s %s seed %llu: %s", o->task, o->algo, (unsigned long long)o->seed, lb_run_end_word(line.end));
    if (line.iteration > 0) printf(" after %s %d", line.by_steps ? "step" : "iteration", line.iteration);
    printf(", %s%s", score, isfinite(line.score_se) ? " (s.e.)" : "");
    if (isfinite(line.expert)) printf(" (expert %.6g)", line.expert);
    if (!isnan(line.best)) printf(", best %.6g", line.best);
    printf("  %s\n", o->folder);
  }
  fflush(stdout);
  if (line.end == LB_END_FINISHED && line.message[0]) lb_log_say("bench run: %s", line.message);
  if (line.end == LB_END_FINISHED) return LB_EXIT_OK;
  lb_log_say("bench run: %s: %s", lb_run_end_word(line.end), line.message);
  return LB_EXIT_FAILED;
}

// Says where a run would be over before it has learned anything.
static lb_status warn_of_warm_up(const lb_run_options* o) {
  int parts;
  LB_TRY(lb_run_row_parts(&parts, o->root, o->task, o->algo));
  if (!lb_settings_only_warm_up(&o->protocol, parts)) return lb_ok();
  lb_log_warning(
      "%s learns nothing: all of its steps=%d are warm-up (warmup_steps=%d); --set more steps, or fewer of these",
      o->algo, (int)lb_protocol_get(&o->protocol, "steps"), (int)lb_protocol_get(&o->protocol, "warmup_steps"));
  return lb_ok();
}

// Runs it, in this process.
static int run_it(const run_arguments* a, const char* task) {
  char root[LB_BENCH_PATH], folder[LB_BENCH_PATH], command[2048];
  lb_run_options o;
  lb_run_progress last = {0};
  lb_log_quiet(a->quiet || a->worker);
  lb_status status = resolve(&o, a, task, root, folder, command, sizeof command);
  if (status.code != LB_OK) return lb_command_end("run", status);
  if (!a->worker) status = warn_of_warm_up(&o);
  if (status.code != LB_OK) return lb_command_end("run", status);
  if (a->dry_run) return lb_command_end("run", lb_forecasts_run(&o, a->json));
  status = lb_worker_run(&o, a->worker, &last);
  return a->worker ? lb_command_end("run", status) : report(&o, a, status);
}

int lb_command_run(int argc, char** argv) {
  run_arguments a = {.suite = "", .checkpoint = 5};
  const lb_option options[] = {
      {"algo", "NAME", "the algorithm (bench algos lists them); required", LB_OPTION_TEXT, &a.algo},
      {"seed", "N", "of all randomness (default 0)", LB_OPTION_SEED, &a.seed},
      {"preset", "NAME",
       "the settings that the suites have for the task, under quick, evening, standard\nor paper (default: the "
       "program's "
       "own, docs/settings.md)",
       LB_OPTION_TEXT, &a.preset},
      {"set", "KEY=VALUE", "changes a setting (docs/settings.md); may be repeated", LB_OPTION_TEXTS, &a.set},
      {"out", "DIR", "the run's folder\n(default results/runs/single/TASK/ALGO/seed-N)", LB_OPTION_TEXT, &a.out},
      {"data", "FILE", "demonstrations of your own (bench demo) in the place of the\nexpert's", LB_OPTION_TEXT,
       &a.given.data},
      {"expert", "FILE", "a policy network (docs/files.md) in the place of the expert's\npolicy, where one acts",
       LB_OPTION_TEXT, &a.given.policy},
      {"fresh", NULL, "start over, whatever the folder holds of an earlier run", LB_OPTION_FLAG, &a.fresh},
      {"checkpoint", "SECONDS", "least time between two checkpoints; 0: as often as possible\n(default 5)",
       LB_OPTION_NUMBER, &a.checkpoint},
      {"dry-run", NULL, "say what it would take (time, memory), and do nothing", LB_OPTION_FLAG, &a.dry_run},
      {"json", NULL, "the result, or with --dry-run the forecast, as one JSON object", LB_OPTION_FLAG, &a.json},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
      {"suite", "NAME", "the suite that the run is of (lines of bench jobs): it passes over\nsettings of other rows",
       LB_OPTION_TEXT, &a.suite},
      {"worker", NULL, NULL, LB_OPTION_FLAG, &a.worker},
  };
  const lb_usage usage = {"run", "TASK --algo NAME [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  int exit_status = LB_EXIT_OK;
  if (status.code != LB_OK) {
    exit_status = lb_command_end("run", status);
  } else if (!operands.help) {
    exit_status = run_it(&a, operands.values[0]);
  }
  lb_operands_free(&operands);
  lb_texts_free(&a.set);
  return exit_status;
}
